"""Shell whose condition asks something else than it seems to."""

import re

from ast_grep_py import SgNode

from core.analyzers.rules.bash.nodes import name_of
from core.analyzers.rules.rule import Rule
from core.models import Category, Severity

_DECLARED = r"(?:local|export|readonly|declare|typeset)\s+(?:-\w+\s+)*\w+=\"?(?:\$\(|`)"
_OWNED_BY_ROOT = r"^>>?\s*\"?/(?:etc|usr|root|sys|boot)\b"
_PATTERN = r"^[\"'](?:\^[^\"'$]*|[^\"'$]*(?:\.[*+]|\[[^\]]+\]|\\[dws])[^\"']*|[^\"'$]+\$)[\"']$"
"""Text in quotes with marks that mean something in a pattern alone."""


def _asks_after_another(node: SgNode) -> bool:
    """Tell whether `$?` stands behind a statement that nobody meant to ask about."""
    around = node.parent()
    if around is None or around.kind() not in {"if_statement", "list"}:
        return False
    before = next((n for n in around.prev_all() if n.is_named() and n.kind() != "comment"), None)
    first = next((child for child in around.named_children()), None)
    if before is None or first is None or first.range().start != node.range().start:
        return False
    if before.kind() == "declaration_command":
        return "$(" in before.text() or "`" in before.text()
    return before.kind() == "command" and name_of(before) in {"echo", "printf", "logger"}


def _loses_the_status(listed: SgNode) -> bool:
    """Judge `local x=$(command) || exit`, whose status is that of `local`."""
    first = listed.named_children()[0]
    operators = {child.kind() for child in listed.children() if not child.is_named()}
    declares = re.match(_DECLARED, first.text()) is not None
    return first.kind() == "declaration_command" and "||" in operators and declares


RULES: tuple[Rule, ...] = (
    Rule(
        id="status-of-declaration",
        severity=Severity.IMPORTANT,
        category=Category.BUG,
        title="This asks whether the declaration worked, which it always does",
        body=(
            "`local x=$(command)` gives the status of `local`, so a failure of the command is "
            "never seen. Declare on one line and assign on the next."
        ),
        match={"kind": "list"},
        keep=_loses_the_status,
        needs=r"\b(?:local|export|readonly|declare|typeset)\b",
    ),
    Rule(
        id="status-of-another",
        severity=Severity.IMPORTANT,
        category=Category.BUG,
        title="`$?` is the status of the line above, not of the command before",
        body=(
            "`echo`, `printf`, and declarations such as `local x=$(…)` succeed and set it to 0, so "
            "the failure is never noticed. Ask at once: `if ! command; then`."
        ),
        match={
            "any": [{"kind": "test_command"}, {"kind": "command"}],
            "regex": r"^(?:\[\[?|test|\(\()\s*\"?\$\?",
        },
        keep=_asks_after_another,
        needs=r"\$\?",
    ),
    Rule(
        id="comparison-writes-file",
        severity=Severity.IMPORTANT,
        category=Category.BUG,
        title="This writes a file instead of comparing",
        body=(
            "Inside `[ … ]` a bare `>` redirects: the test is true whenever the left side is not "
            "empty, and a file named like the right side appears. Use `-gt`, or `[[ … ]]` for text."
        ),
        match={
            "kind": "test_command",
            "regex": r"^\[\s+[^\[]",
            "has": {
                "kind": "binary_expression",
                "has": {"field": "operator", "regex": "^[<>]$"},
            },
        },
        needs=r"\[\s.*[<>]",
    ),
    Rule(
        id="pattern-quoted",
        severity=Severity.IMPORTANT,
        category=Category.BUG,
        title="In quotes this pattern is plain text",
        body=(
            "Bash takes what is quoted after `=~` literally, so `^`, `.*` and brackets match only "
            "themselves. Write the pattern without quotes, or put it into a variable."
        ),
        match={
            "kind": "binary_expression",
            "all": [
                {"has": {"field": "operator", "regex": "^=~$"}},
                {"has": {"field": "right", "regex": _PATTERN}},
            ],
        },
        needs=r"=~\s*[\"']",
    ),
    Rule(
        id="redirect-without-rights",
        severity=Severity.IMPORTANT,
        category=Category.BUG,
        title="The file is opened without the rights of `sudo`",
        body=(
            "Your own shell opens the target before `sudo` starts, so it fails with `Permission "
            "denied`. Write `… | sudo tee /etc/file >/dev/null`."
        ),
        match={
            "kind": "redirected_statement",
            "all": [
                {"has": {"kind": "command", "regex": r"^sudo\s+(?:-\S+\s+)*(?:echo|cat|printf)\b"}},
                {"has": {"kind": "file_redirect", "regex": _OWNED_BY_ROOT}},
            ],
        },
        outside_tests=True,
        needs=r"\bsudo\b.*>",
    ),
)
