"""PHP that does not do what it says."""

import re

from ast_grep_py import SgNode

from core.analyzers.rules.php.nodes import FUNCTIONS, function
from core.analyzers.rules.rule import Rule, enclosing
from core.models import Category, Severity

_POSITION = "strpos|stripos|mb_strpos|array_search"
_LOOSELY_COMPARED = r"(?i)[^!=][!=]=\s*(?:false|true)\b|\b(?:false|true)\s*[!=]=[^=]"
_CONSTANTS = ("string", "integer", "float", "boolean", "null")
_CONDITIONS = ("if_statement", "while_statement", "else_if_clause")


def _is_taken_for_truth(call: SgNode) -> bool:
    """Tell whether a position stands alone as a condition, or next to a loose comparison."""
    parent = call.parent()
    given = call.field("arguments")
    if parent is None or given is None or re.match(r"\(\s*(?:' '|\" \")\s*\.", given.text()):
        return False
    if parent.kind() == "unary_op_expression":
        return parent.text().startswith("!")
    if parent.kind() == "parenthesized_expression":
        above = parent.parent()
        return above is not None and above.kind() in {"if_statement", "while_statement"}
    if parent.kind() != "binary_expression":
        return False
    operators = {child.kind() for child in parent.children() if not child.is_named()}
    joined = not operators.isdisjoint({"&&", "||", "and", "or"})
    return joined or re.search(_LOOSELY_COMPARED, parent.text()) is not None


def _leaks_its_reference(loop: SgNode) -> bool:
    """Tell whether the loop's reference is used again as a plain variable, and never unset."""
    reference = loop.find(kind="by_ref")
    if reference is None:
        return False
    name = re.escape(reference.text().lstrip("& "))
    scope = enclosing(loop, *FUNCTIONS) or loop.get_root().root()
    after = scope.text()[loop.range().end.index - scope.range().start.index :]
    again = re.search(
        rf"unset\(\s*{name}\b|\bfunction\b|as\s+(?:\$\w+\s*=>\s*)?&\s*{name}\b"
        rf"|(?P<used>as\s+(?:\$\w+\s*=>\s*)?{name}\s*\)|(?<![\w$]){name}\s*=(?!\s*&|=))",
        after,
    )
    return again is not None and again["used"] is not None


RULES: tuple[Rule, ...] = (
    Rule(
        id="position-as-boolean",
        severity=Severity.NIT,
        category=Category.BUG,
        title="Position 0 counts as not found",
        body=(
            "The function gives 0 for a match at the start, and 0 is false, so exactly that match "
            "is missed. Compare with `=== false` or `!== false`, or use `str_contains`."
        ),
        match=function(_POSITION),
        keep=_is_taken_for_truth,
        outside_tests=True,
        needs=rf"\b(?:{_POSITION})\b",
    ),
    Rule(
        id="assigned-in-condition",
        severity=Severity.IMPORTANT,
        category=Category.BUG,
        title="The condition assigns instead of comparing",
        body=(
            "One `=` changes the variable, and with a constant on its right the branch is always "
            "the same. Use `===`."
        ),
        match={
            "kind": "assignment_expression",
            "has": {
                "field": "right",
                "any": [
                    {"kind": kind} for kind in ("string", "integer", "float", "boolean", "null")
                ],
            },
            "inside": {
                "kind": "parenthesized_expression",
                "inside": {"any": [{"kind": kind} for kind in _CONDITIONS]},
            },
        },
        needs=r"\((?:[^=()]*[^=!<>()])?=[^=>]",
    ),
    Rule(
        id="reference-left-over",
        severity=Severity.IMPORTANT,
        category=Category.BUG,
        title="The loop's reference still points at the last item",
        body=(
            "After `foreach (… as &$x)` the variable stays bound, so the next loop or assignment "
            "with its name overwrites the last item of the array. Write `unset($x);` after the "
            "loop."
        ),
        match={"kind": "foreach_statement", "regex": r"^foreach\s*\([^{]*\bas\b[^{]*&"},
        keep=_leaks_its_reference,
        needs=r"\bas\b[^{;]*&\s*\$",
    ),
)
