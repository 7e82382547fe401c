"""PHP that loses a failure, and data with it."""

import re

from ast_grep_py import SgNode

from core.analyzers.rules.rule import Rule
from core.models import Category, Severity

_WRITES = "file_put_contents|rename|copy|move_uploaded_file|mysqli_query|pg_query|ftp_put"


def _hides_any_failure(clause: SgNode) -> bool:
    caught = clause.find(kind="type_list")
    name = caught.text() if caught else ""
    meant = re.search(r"\$(?:ignored?|expected|unused)\b", clause.text().partition("{")[0])
    return (
        meant is None
        and re.search(r"(?:^|[|\s\\])(?:Exception|Throwable|Error)\b", name) is not None
    )


RULES: tuple[Rule, ...] = (
    Rule(
        id="any-failure-hidden",
        severity=Severity.IMPORTANT,
        category=Category.BUG,
        title="Every failure is swallowed",
        body=(
            "A call on null or a failed write looks like success from now on, and nothing is "
            "logged. Catch what is expected here, and log or rethrow the rest; if nothing is to be "
            "done, say why in a comment."
        ),
        match={"kind": "catch_clause", "regex": r"\{\s*\}$"},
        keep=_hides_any_failure,
        outside_tests=True,
        needs=r"\bcatch\b",
    ),
    Rule(
        id="write-silenced",
        severity=Severity.IMPORTANT,
        category=Category.BUG,
        title="Nobody learns when this write fails",
        body=(
            "`@` hides the warning and the result is not looked at: with a full disk or without "
            "the right to write, the data is lost in silence. Check the result, and log the "
            "failure."
        ),
        match={
            "kind": "expression_statement",
            "regex": rf"^@\\?(?:{_WRITES})\(",
        },
        outside_tests=True,
        needs=rf"@\\?(?:{_WRITES})\(",
    ),
)
