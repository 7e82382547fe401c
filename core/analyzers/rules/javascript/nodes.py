"""Questions about JavaScript's and TypeScript's syntax that their rules share."""

from ast_grep_py import SgNode

from core.analyzers.rules.rule import children_of

CALL = "call_expression"
FUNCTIONS = (
    "function_declaration",
    "function_expression",
    "arrow_function",
    "method_definition",
    "generator_function_declaration",
)
_LITERAL_KINDS = {"string", "number", "null", "undefined", "true", "false", "regex"}


def is_constant(node: SgNode | None) -> bool:
    """Tell whether a node is a literal, or a template or sum made of literals."""
    if node is None or node.kind() in _LITERAL_KINDS:
        return True
    if node.kind() == "template_string":
        return node.find(kind="template_substitution") is None
    if node.kind() in {"binary_expression", "parenthesized_expression", "ternary_expression"}:
        parts = node.named_children()
        return all(is_constant(part) for part in parts[node.kind() == "ternary_expression" :])
    return False


def argument(call: SgNode, index: int) -> SgNode | None:
    """Return an argument of a call by its position."""
    arguments = children_of(call, "arguments")
    return arguments[index] if index < len(arguments) else None


def is_async(function: SgNode) -> bool:
    """Tell whether a function is marked `async`."""
    return any(child.kind() == "async" for child in function.children())
