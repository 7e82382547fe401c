"""Questions about Go's syntax that its rules share."""

from ast_grep_py import SgNode

from core.analyzers.rules.rule import enclosing

CALL = "call_expression"
FUNCTIONS = ("function_declaration", "method_declaration", "func_literal")
ASSIGNMENTS = ("short_var_declaration", "assignment_statement")


def function_around(node: SgNode) -> str:
    """Return the text of the function or closure around a node, empty at the top level."""
    function = enclosing(node, *FUNCTIONS)
    return function.text() if function else ""


def targets(assignment: SgNode) -> list[str]:
    """Return the names on the left of an assignment."""
    left = assignment.field("left")
    return [child.text() for child in left.named_children()] if left else []


def first_value(assignment: SgNode) -> SgNode | None:
    """Return the first expression on the right of an assignment."""
    right = assignment.field("right")
    values = right.named_children() if right else []
    return values[0] if values else None
