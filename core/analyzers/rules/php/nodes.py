"""Questions about PHP's syntax that its rules share."""

import re

from ast_grep_py import SgNode

from core.analyzers.rules.rule import enclosing, field_text

CALL = "function_call_expression"
FUNCTIONS = ("function_definition", "method_declaration", "anonymous_function", "arrow_function")
FROM_REQUEST = (
    r"\$_(?:GET|POST|REQUEST|COOKIE|FILES)\b|\$_SERVER\[['\"](?:HTTP_|QUERY_|REQUEST_URI|PHP_SELF)"
)


def function(name: str) -> dict[str, object]:
    """Match calls of a function by its name, with or without the root's backslash."""
    return {"kind": CALL, "has": {"field": "function", "regex": rf"^\\?(?:{name})$"}}


def arguments(call: SgNode) -> list[SgNode]:
    """Return the values that a call is given."""
    given = call.field("arguments")
    inside = [a.named_children() for a in given.named_children()] if given else []
    return [values[-1] for values in inside if values]


def comes_from_request(node: SgNode | None) -> bool:
    """Tell whether an expression holds what a visitor sent."""
    return node is not None and re.search(FROM_REQUEST, node.text()) is not None


def function_around(node: SgNode) -> str:
    """Return the text of the function around a node, or of the whole file outside of one."""
    around = enclosing(node, *FUNCTIONS)
    return (around or node.get_root().root()).text()


def assigned_name(node: SgNode) -> str:
    """Return the name of what a value is assigned to, or of the function that makes it."""
    holder = enclosing(node, "assignment_expression", "array_element_initializer", *FUNCTIONS)
    if holder is None:
        return ""
    if holder.kind() == "array_element_initializer":
        return holder.named_children()[0].text() if len(holder.named_children()) > 1 else ""
    return field_text(holder, "left") or field_text(holder, "name")
