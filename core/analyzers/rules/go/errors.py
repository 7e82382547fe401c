"""Go that loses an error."""

import re

from ast_grep_py import SgNode

from core.analyzers.rules.go.nodes import ASSIGNMENTS, CALL, first_value, targets
from core.analyzers.rules.rule import Rule, field_text, statement_after
from core.models import Category, Severity

_WORTH_CHECKING = (
    r"^(?:json\.Unmarshal|xml\.Unmarshal|yaml\.Unmarshal|proto\.Unmarshal"
    r"|json\.NewDecoder\(.*\)\.Decode"
    r"|strconv\.(?:Atoi|Parse\w+)|time\.Parse(?:InLocation|Duration)?|url\.Parse\w*|net\.ParseCIDR"
    r"|os\.(?:Open|OpenFile|Create|ReadFile|WriteFile|Rename|MkdirAll|Mkdir)"
    r"|io\.(?:ReadAll|Copy)|http\.(?:NewRequest\w*|Get|Post\w*)|rand\.Read|uuid\.Parse"
    r"|\w*(?:db|DB|tx|Tx|conn|Conn)\.(?:Exec|ExecContext|Query|QueryContext|Commit))$"
)


def _drops_a_needed_error(assignment: SgNode) -> bool:
    """Tell whether the last target, where Go's functions put the error, is blank."""
    names, value = targets(assignment), first_value(assignment)
    if not names or names[-1] != "_" or value is None or value.kind() != CALL:
        return False
    return _is_worth_checking(value)


def _ignores_a_needed_error(statement: SgNode) -> bool:
    call = statement.named_children()[0]
    return _is_worth_checking(call)


def _is_worth_checking(call: SgNode) -> bool:
    """Leave what a pattern has matched already, and copies between buffers in memory alone."""
    function, given = field_text(call, "function"), field_text(call, "arguments")
    if function == "io.Copy" and re.search(r"\(\s*(?:&|io\.Discard\b)|,\s*&", given):
        return False
    matched = re.match(r"\(\s*(?:m|match|matches|sub\w*)\[", given)
    return matched is None and re.match(_WORTH_CHECKING, function, re.DOTALL) is not None


def _is_overwritten_unread(assignment: SgNode) -> bool:
    """Tell whether the very next statement assigns `err` again without looking at it."""
    following = statement_after(assignment)
    if "err" not in targets(assignment) or following is None:
        return False
    if following.kind() not in ASSIGNMENTS or "err" not in targets(following):
        return False
    return not re.search(r"\berr\b", field_text(following, "right"))


def _comes_before_the_check(statement: SgNode) -> bool:
    before = next((n for n in statement.prev_all() if n.is_named() and n.kind() != "comment"), None)
    if before is None or before.kind() not in ASSIGNMENTS:
        return False
    closed = re.match(r"defer\s+(\w+)\.Body\.Close", statement.text())
    names = targets(before)
    return closed is not None and closed[1] in names and "err" in names


def _drops_a_cancel(assignment: SgNode) -> bool:
    names, value = targets(assignment), first_value(assignment)
    makes = value is not None and re.match(
        r"context\.With(?:Cancel|Timeout|Deadline)", field_text(value, "function")
    )
    return bool(makes) and len(names) == 2 and names[1] == "_"


_ANY_ASSIGNMENT = {"any": [{"kind": kind} for kind in ASSIGNMENTS]}

RULES: tuple[Rule, ...] = (
    Rule(
        id="error-discarded",
        severity=Severity.IMPORTANT,
        category=Category.BUG,
        title="The error of this call is discarded",
        body=(
            "When it fails, the result is a zero value or `nil`, and the code goes on as if that "
            "had been read: bad input becomes 0, a missing file an empty one. Check the error and "
            "return it."
        ),
        match=_ANY_ASSIGNMENT,
        keep=_drops_a_needed_error,
        outside_tests=True,
        needs=r"_\s*:?=",
    ),
    Rule(
        id="error-not-looked-at",
        severity=Severity.IMPORTANT,
        category=Category.BUG,
        title="Nobody looks at the error of this call",
        body=(
            "When it fails, the target stays as it was, half filled or empty, and the code goes on "
            "with it. Check the error and return it."
        ),
        match={"kind": "expression_statement", "has": {"kind": CALL, "nthChild": 1}},
        keep=_ignores_a_needed_error,
        outside_tests=True,
    ),
    Rule(
        id="error-overwritten",
        severity=Severity.IMPORTANT,
        category=Category.BUG,
        title="The error is overwritten before it is read",
        body=(
            "The next statement assigns `err` again, so a failure of this one goes unseen and its "
            "empty result is used. Check `err` between the two."
        ),
        match=_ANY_ASSIGNMENT,
        keep=_is_overwritten_unread,
        needs=r"\berr\b",
    ),
    Rule(
        id="close-before-check",
        severity=Severity.IMPORTANT,
        category=Category.BUG,
        title="The body is closed before the error is checked",
        body=(
            "When the request fails the response is `nil`, and `resp.Body` panics as the function "
            "returns. Check `err` first, then defer the close."
        ),
        match={"kind": "defer_statement", "regex": r"\.Body\.Close\(\)"},
        keep=_comes_before_the_check,
        needs=r"\.Body\.Close",
    ),
    Rule(
        id="cancel-discarded",
        severity=Severity.IMPORTANT,
        category=Category.BUG,
        title="The context's cancel function is discarded",
        body=(
            "Its timer and goroutine live on until the parent ends, so each call leaks. Keep it "
            "and write `defer cancel()` on the next line."
        ),
        match=_ANY_ASSIGNMENT,
        keep=_drops_a_cancel,
        outside_tests=True,
        needs=r"context\.With",
    ),
)
