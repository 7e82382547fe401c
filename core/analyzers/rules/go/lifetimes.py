"""Go that keeps something too long, or never gives it back."""

import re

from ast_grep_py import SgNode

from core.analyzers.rules.go.nodes import (
    ASSIGNMENTS,
    CALL,
    FUNCTIONS,
    first_value,
    function_around,
    targets,
)
from core.analyzers.rules.rule import Rule, called, enclosing, field_text
from core.models import Category, Severity


def _runs_per_iteration(statement: SgNode) -> bool:
    """Tell whether a loop is nearer than the function around it."""
    nearest = enclosing(statement, "for_statement", *FUNCTIONS)
    return nearest is not None and nearest.kind() == "for_statement"


def _never_closes_body(assignment: SgNode) -> bool:
    value = first_value(assignment)
    function = field_text(value, "function") if value else ""
    opens = re.match(r"http\.(?:Get|Post|PostForm|Head)$|\w*[cC]lient\.(?:Do|Get|Post)$", function)
    names = targets(assignment)
    return bool(opens) and _is_let_go(assignment, names[0] if names else "_", r"\.Body\b")


def _never_closes_rows(assignment: SgNode) -> bool:
    value = first_value(assignment)
    function = field_text(value, "function") if value else ""
    names = targets(assignment)
    opens = re.search(r"(?:^|\.)\w*(?:db|DB|tx|Tx|stmt|Stmt)\.Query(?:Context)?$", function)
    return bool(opens) and _is_let_go(assignment, names[0] if names else "_", r"\.Close\(")


def _is_let_go(assignment: SgNode, name: str, closing: str) -> bool:
    """Tell whether a value is neither closed nor handed on in the function around it."""
    if name == "_" or not re.fullmatch(r"\w+", name):
        return False
    text = function_around(assignment)
    handed_on = rf"(?:\breturn\b[^\n]*\b|[=:]\s*){name}\b(?!\.)|[(,]\s*{name}\s*[,)]"
    return not re.search(rf"\b{name}{closing}", text) and not re.search(handed_on, text)


def _never_unlocks(statement: SgNode) -> bool:
    locked = re.match(r"([\w.]+)\.(R?)Lock\(\)", statement.text())
    function = enclosing(statement, *FUNCTIONS)
    if locked is None or function is None or re.search(r"(?i)lock", field_text(function, "name")):
        return False
    unlock = f"{locked[1]}.{locked[2]}Unlock"
    outermost = [a for a in statement.ancestors() if a.kind() in FUNCTIONS][-1]
    return unlock not in outermost.text()


def _is_nil_map(assignment: SgNode) -> bool:
    """Tell whether a map declared by `var` is written to without ever having been made."""
    left = assignment.field("left")
    written = re.match(r"(\w+)\[", left.text()) if left else None
    if written is None:
        return False
    name, text = written[1], function_around(assignment)
    declared = re.search(rf"\bvar\s+{name}\s+map\[[^\n=]*$", text, re.MULTILINE)
    made = re.search(rf"\b{name}\b\s*(?:,\s*\w+\s*)?:?=(?!=)|&{name}\b", text)
    return declared is not None and made is None


RULES: tuple[Rule, ...] = (
    Rule(
        id="defer-in-loop",
        severity=Severity.IMPORTANT,
        category=Category.BUG,
        title="This defer runs when the function ends, not the iteration",
        body=(
            "Every iteration adds one more: with 10,000 files all of them stay open until the end, "
            "and the process runs out of descriptors; a lock deferred twice deadlocks. Move the "
            "body into a function of its own."
        ),
        match={"kind": "defer_statement", "inside": {"kind": "for_statement", "stopBy": "end"}},
        keep=_runs_per_iteration,
        outside_tests=True,
        needs=r"\bdefer\b",
    ),
    Rule(
        id="body-not-closed",
        severity=Severity.IMPORTANT,
        category=Category.BUG,
        title="The response's body is never closed",
        body=(
            "The connection goes back to the pool only after its body was closed, so each call "
            "leaks one and the process ends at its limit of descriptors. Add "
            "`defer resp.Body.Close()` after the check of the error."
        ),
        match={"any": [{"kind": kind} for kind in ASSIGNMENTS]},
        keep=_never_closes_body,
        outside_tests=True,
        needs=r"\.(?:Get|Post|PostForm|Head|Do)\(",
    ),
    Rule(
        id="rows-not-closed",
        severity=Severity.IMPORTANT,
        category=Category.BUG,
        title="The rows are never closed",
        body=(
            "When the loop is left early, or a scan fails, the rows hold their connection for ever "
            "and the pool runs dry. Add `defer rows.Close()` after the check of the error."
        ),
        match={"any": [{"kind": kind} for kind in ASSIGNMENTS]},
        keep=_never_closes_rows,
        outside_tests=True,
        needs=r"\.Query",
    ),
    Rule(
        id="lock-not-released",
        severity=Severity.IMPORTANT,
        category=Category.BUG,
        title="The lock is taken and never released here",
        body=(
            "No path of this function unlocks it, so the next caller waits for ever. Add the "
            "deferred unlock on the next line."
        ),
        match={"kind": "expression_statement", "regex": r"^[\w.]+\.R?Lock\(\)$"},
        keep=_never_unlocks,
        outside_tests=True,
        needs=r"\.R?Lock\(",
    ),
    Rule(
        id="waitgroup-add-inside",
        severity=Severity.IMPORTANT,
        category=Category.BUG,
        title="`Add` may run after `Wait`",
        body=(
            "The goroutine starts at some later time; until then the counter is 0 and `Wait` "
            "returns at once, with the work not begun. Call `Add` before the `go` statement."
        ),
        match={
            "kind": "expression_statement",
            "regex": r"^[\w.]*(?:wg|[wW]ait[gG]roup)\.Add\(",
            "inside": {
                "kind": "statement_list",
                "inside": {
                    "kind": "block",
                    "inside": {
                        "kind": "func_literal",
                        "inside": {"kind": CALL, "inside": {"kind": "go_statement"}},
                    },
                },
            },
        },
        needs=r"\.Add\(",
    ),
    Rule(
        id="nil-map-write",
        severity=Severity.IMPORTANT,
        category=Category.BUG,
        title="The map is written to before it is made",
        body=(
            "A map declared with `var` is `nil`; reading it works, the first write panics with "
            '"assignment to entry in nil map". Declare it with `make`.'
        ),
        match={"kind": "assignment_statement", "has": {"field": "left", "regex": r"^\w+\["}},
        keep=_is_nil_map,
        needs=r"\bmap\[",
    ),
    Rule(
        id="timer-in-loop",
        severity=Severity.NIT,
        category=Category.PERFORMANCE,
        title="Every turn of the loop makes a new timer",
        body=(
            "The deadline starts anew whenever another case fires, so it may never be reached, and "
            "before Go 1.23 each timer stays in memory until it fires. Make one `time.NewTimer` "
            "before the loop and reset it."
        ),
        match={
            **called(r"time\.After", CALL),
            "inside": {"kind": "communication_case", "stopBy": "end"},
        },
        keep=_runs_per_iteration,
        outside_tests=True,
        needs=r"time\.After",
    ),
)
