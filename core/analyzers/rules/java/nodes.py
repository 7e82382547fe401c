"""Questions about Java's syntax that its rules share."""

from ast_grep_py import SgNode

from core.analyzers.rules.rule import enclosing, field_text

CALL = "method_invocation"


def method_around(node: SgNode) -> str:
    """Return the text of the method around a node, or of the class for a field."""
    method = enclosing(node, "method_declaration", "constructor_declaration", "class_declaration")
    return method.text() if method else ""


def method_name(node: SgNode) -> str:
    """Return the name of the method around a node, empty outside of one."""
    method = enclosing(node, "method_declaration", "constructor_declaration")
    return field_text(method, "name") if method else ""


def invoked(name: str, on: str = "") -> dict[str, object]:
    """Match calls by the method's name, and by the text before its dot where given."""
    rules: list[dict[str, object]] = [{"has": {"field": "name", "regex": f"^(?:{name})$"}}]
    if on:
        rules.append({"has": {"field": "object", "regex": on}})
    return {"kind": CALL, "all": rules}
