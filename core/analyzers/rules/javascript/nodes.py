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
_MADE_OF_PARTS = {"binary_expression", "parenthesized_expression", "ternary_expression"}
_LITERAL_KINDS = {"string", "number", "null", "undefined", "true", "false", "regex"}


def is_constant(expression: SgNode | None) -> bool:
    """Tell whether a node is a literal, or a template or sum made of literals."""
    waiting = [expression] if expression else []
    while waiting:
        node = waiting.pop()
        if node.kind() in _MADE_OF_PARTS:
            waiting += node.named_children()[node.kind() == "ternary_expression" :]
        elif node.kind() == "template_string":
            if node.find(kind="template_substitution") is not None:
                return False
        elif node.kind() not in _LITERAL_KINDS:
            return False
    return True


def argument(call: SgNode, index: int) -> SgNode | None:
    """Return an argument of a call by its position."""
    arguments = children_of(call, "arguments")
    return arguments[index] if index < len(arguments) else None


def is_async(function: SgNode) -> bool:
    """Tell whether a function is marked `async`."""
    return any(child.kind() == "async" for child in function.children())
