"""Questions about C#'s syntax that its rules share."""

import re

from ast_grep_py import SgNode

from core.analyzers.rules.rule import enclosing, field_text

CALL = "invocation_expression"
FUNCTIONS = ("method_declaration", "constructor_declaration", "local_function_statement")
LAMBDAS = ("lambda_expression", "anonymous_method_expression")


def arguments(call: SgNode) -> list[SgNode]:
    """Return the values that a call or a constructor is given."""
    given = call.field("arguments")
    inside = [a.named_children() for a in given.named_children()] if given else []
    return [values[-1] for values in inside if values]


def created(type_: str) -> dict[str, object]:
    """Match `new T(…)` where the whole name of the type fits the pattern."""
    return {
        "kind": "object_creation_expression",
        "has": {"field": "type", "regex": rf"^(?:[\w.]+\.)?(?:{type_})(?:<.*>)?$"},
    }


def function_around(node: SgNode) -> str:
    """Return the text of the method around a node, or of the whole file outside of one."""
    function = enclosing(node, *FUNCTIONS)
    return (function or node.get_root().root()).text()


def is_async(node: SgNode) -> bool:
    """Tell whether the nearest method or lambda around a node is `async`."""
    function = enclosing(node, *FUNCTIONS, *LAMBDAS)
    if function is None:
        return False
    head = function.text()[:400].partition("{")[0].partition("=>")[0]
    return re.search(r"\basync\b", head) is not None


def assigned_name(node: SgNode) -> str:
    """Return the name of the variable, property or method that a value goes to."""
    holder = enclosing(node, "variable_declarator", "assignment_expression", *FUNCTIONS)
    if holder is None:
        return ""
    return field_text(holder, "name") or field_text(holder, "left")
