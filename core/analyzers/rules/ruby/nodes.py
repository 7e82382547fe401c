"""Questions about Ruby's syntax that its rules share."""

import re

from ast_grep_py import SgNode

from core.analyzers.rules.rule import children_of, enclosing, field_text

FUNCTIONS = ("method", "singleton_method")
FROM_REQUEST = r"\bparams\b|\brequest\.(?!path\b|fullpath\b|env\b|format\b)|\bcookies\b"


def invoked(method: str, on: str = "") -> dict[str, object]:
    """Match calls by the method's name, and by the text before its dot where given."""
    rules: list[dict[str, object]] = [{"has": {"field": "method", "regex": f"^(?:{method})$"}}]
    if on:
        rules.append({"has": {"field": "receiver", "regex": on}})
    return {"kind": "call", "all": rules}


def first_argument(call: SgNode) -> SgNode | None:
    """Return the first argument of a call, without the names of keywords."""
    arguments = children_of(call, "arguments")
    return arguments[0] if arguments else None


def stands_alone(call: SgNode) -> bool:
    """Tell whether a call has no receiver, or Ruby's `Kernel`."""
    return field_text(call, "receiver") in {"", "Kernel"}


def comes_from_request(node: SgNode | None) -> bool:
    """Tell whether an expression holds what a visitor sent."""
    return node is not None and re.search(FROM_REQUEST, node.text()) is not None


def method_around(node: SgNode) -> str:
    """Return the text of the method around a node, empty at the top level."""
    method = enclosing(node, *FUNCTIONS)
    return method.text() if method else ""
