"""Python that lets a stranger do more than they may."""

import re

from ast_grep_py import SgNode

from core.analyzers.rules import sql
from core.analyzers.rules.rule import (
    UNGUESSABLE,
    Rule,
    called,
    children_of,
    enclosing,
    field_text,
    last_name,
    mentions,
)
from core.models import Category, Severity

_LITERAL_KINDS = {"string", "concatenated_string", "integer", "float", "none", "true", "false"}
_FROM_OUTSIDE = (
    r"(?i)request|body|payload|cookie|recv|message|b64decode|response|\.get\(|redis|cache"
    r"|queue|socket|session|upload"
)


def _first_argument(call: SgNode) -> SgNode | None:
    arguments = [a for a in children_of(call, "arguments") if a.kind() != "keyword_argument"]
    return arguments[0] if arguments else None


def _is_literal(node: SgNode | None) -> bool:
    """Tell whether a node is a constant, without any interpolation."""
    if node is None:
        return True
    return node.kind() in _LITERAL_KINDS and node.find(kind="interpolation") is None


def _given_anything(call: SgNode) -> bool:
    return not _is_literal(_first_argument(call))


def _is_put_together(node: SgNode | None) -> bool:
    """Tell whether a string is made of parts, or is a parameter of the function around it."""
    if node is None or _is_literal(node):
        return False
    if node.kind() != "identifier":
        return node.kind() in {"string", "concatenated_string", "binary_operator"} or mentions(
            node, r"\.format\(|\.join\("
        )
    function = enclosing(node, "function_definition")
    parameters = field_text(function, "parameters") if function else ""
    return re.search(rf"(?<![\w=]){re.escape(node.text())}\b", parameters) is not None


def _runs_a_shell_line(call: SgNode) -> bool:
    return _is_put_together(_first_argument(call))


def _lacks_a_safe_loader(call: SgNode) -> bool:
    return not mentions(call.field("arguments"), r"Safe|Base?Loader")


def _comes_from_outside(call: SgNode) -> bool:
    return mentions(call.field("arguments"), _FROM_OUTSIDE)


def _hashes_a_password(call: SgNode) -> bool:
    return mentions(call.field("arguments"), r"(?i)passw(or)?d|passphrase|\bpin\b")


def _names_a_secret(assignment: SgNode) -> bool:
    return re.search(UNGUESSABLE, last_name(field_text(assignment, "left"))) is not None


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
                {"kind": "concatenated_string"},
                {"kind": "binary_operator", "has": {"regex": r"^[+%]$"}},
                {"kind": "call", "has": {"field": "function", "regex": r"\.format$"}},
            ]
        },
        keep=sql.builds_sql,
        needs=sql.NEEDS,
    ),
    Rule(
        id="shell-from-values",
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title="A shell interprets a value that is put into its command",
        body=(
            "A value such as `x; rm -rf ~` becomes a second command of the shell. Pass the program "
            "and its arguments as a list, without `shell=True`: then no character of a value has a "
            "meaning."
        ),
        match={
            "any": [
                {
                    "all": [
                        called(r"subprocess\.(?:run|call|check_call|check_output|Popen)"),
                        {"has": {"field": "arguments", "regex": r"\bshell\s*=\s*True\b"}},
                    ]
                },
                called(r"os\.(?:system|popen)|asyncio\.create_subprocess_shell"),
            ]
        },
        keep=_runs_a_shell_line,
        outside_tests=True,
        needs=r"subprocess|os\.(?:system|popen)|create_subprocess_shell",
    ),
    Rule(
        id="yaml-load",
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title="`yaml.load` builds any Python object the document names",
        body=(
            "A document with `!!python/object/apply:os.system` runs a command while it is being "
            "parsed. Use `yaml.safe_load`, which knows plain data only."
        ),
        match=called(r"yaml\.(?:load|load_all|unsafe_load|full_load)"),
        keep=_lacks_a_safe_loader,
        needs=r"\byaml\.(?:load|unsafe_load|full_load)",
    ),
    Rule(
        id="pickle-from-outside",
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title="Unpickling data from outside runs code of whoever wrote it",
        body=(
            "A pickle names the function to call while it is loaded, so anyone who can write this "
            "data can run any command here. Use JSON, or check a signature over the bytes before "
            "they are loaded."
        ),
        match=called(r"(?:pickle|cPickle|dill|marshal|cloudpickle)\.loads?"),
        keep=_comes_from_outside,
        outside_tests=True,
        needs=r"pickle|dill|marshal",
    ),
    Rule(
        id="eval-of-value",
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title="Text is run as Python code",
        body=(
            "Whoever controls this text runs any code in this process; emptied builtins do not "
            "contain it. For literals use `ast.literal_eval`, for a choice of operations a "
            "dictionary of functions."
        ),
        match=called("eval|exec"),
        keep=_given_anything,
        outside_tests=True,
        needs=r"\b(?:eval|exec)\s*\(",
    ),
    Rule(
        id="tls-not-verified",
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title="The server's certificate is not verified",
        body=(
            "Anyone on the way can answer in the server's place, read the credentials sent and "
            "change the reply. For a private authority pass its certificate with `verify=` or an "
            "`ssl.SSLContext`, and leave verification on."
        ),
        match={
            "any": [
                {
                    "kind": "keyword_argument",
                    "regex": r"^verify(?:_ssl)?\s*=\s*False$",
                    "inside": {
                        "stopBy": "neighbor",
                        "kind": "argument_list",
                        "inside": {
                            "kind": "call",
                            "has": {
                                "field": "function",
                                "regex": r"(?i)requests|http|session|client",
                            },
                        },
                    },
                },
                called(r"ssl\._create_unverified_context"),
                {"kind": "assignment", "regex": r"^[\w.]+\.check_hostname\s*=\s*False$"},
            ]
        },
        outside_tests=True,
        needs=r"verify|_create_unverified_context|check_hostname",
    ),
    Rule(
        id="weak-password-hash",
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title="A fast hash protects a password",
        body=(
            "Graphics cards try billions of these hashes a second, so a stolen table gives the "
            "passwords back within hours. Use `argon2`, `bcrypt` or `hashlib.scrypt` with a salt "
            "for each password."
        ),
        match=called(r"hashlib\.(?:md5|sha1|sha224|sha256|sha512)"),
        keep=_hashes_a_password,
        outside_tests=True,
        needs=r"hashlib\.",
    ),
    Rule(
        id="guessable-secret",
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title="A secret comes from a predictable generator",
        body=(
            "`random` is seeded and made to be reproduced: a few outputs are enough to compute "
            "the next ones, and with them other people's tokens. Use `secrets.token_urlsafe` or "
            "`secrets.choice`."
        ),
        match={
            "kind": "assignment",
            "has": {
                "field": "right",
                "regex": r"\brandom\.(?:choices?|randint|random|sample|randrange|getrandbits)\(",
            },
        },
        keep=_names_a_secret,
        outside_tests=True,
        needs=r"\brandom\.",
    ),
    Rule(
        id="jwt-not-verified",
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title="The token's signature is not checked",
        body=(
            "Without the signature anyone can write a token that claims to be any user. Verify "
            "with the issuer's key and name the expected algorithms."
        ),
        match={
            "all": [
                called(r"(?:\w+\.)?jwt\.decode"),
                {
                    "has": {
                        "field": "arguments",
                        "regex": r"(?i)verify_signature[\"']?\s*[:=]\s*False|\bverify\s*=\s*False"
                        r"|algorithms\s*=\s*\[\s*[\"']none",
                    }
                },
            ]
        },
        outside_tests=True,
        needs=r"jwt\.decode",
    ),
)
