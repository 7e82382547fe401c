"""Questions about Rust's syntax that its rules share."""

import re

from ast_grep_py import SgNode

from core.analyzers.rules.rule import enclosing, field_text

CALL = "call_expression"
SCOPES = ("function_item", "closure_expression", "async_block")
"""What code is run by: the nearest of them decides whether it runs on an executor's thread."""


def is_test_code(node: SgNode) -> bool:
    """Tell whether a node stands in a unit test beside the code it tests."""
    for above in node.ancestors():
        if above.kind() not in {"mod_item", "function_item"}:
            continue
        for before in above.prev_all():
            if before.kind() not in {"attribute_item", "line_comment", "block_comment"}:
                break
            if re.match(r"#\[(?:cfg\((?:all\()?test\b|(?:\w+::)*test\b)", before.text()):
                return True
    return False


def scope_around(node: SgNode) -> SgNode | None:
    """Return the function, closure or asynchronous block that runs a node."""
    return enclosing(node, *SCOPES)


def runs_on_executor(node: SgNode) -> bool:
    """Tell whether a node is run by an asynchronous function or block."""
    scope = scope_around(node)
    return scope is not None and is_async(scope)


def is_async(scope: SgNode) -> bool:
    """Tell whether a function or block gives a future."""
    if scope.kind() == "function_item":
        return any(
            child.kind() == "function_modifiers" and "async" in child.text()
            for child in scope.children()
        )
    return scope.kind() == "async_block"


def function_around(node: SgNode) -> str:
    """Return the text of the function around a node, empty outside of one."""
    function = enclosing(node, "function_item")
    return function.text() if function else ""


def function_name(node: SgNode) -> str:
    """Return the name of the function around a node."""
    function = enclosing(node, "function_item")
    return field_text(function, "name") if function else ""


def file_mentions(node: SgNode, pattern: str) -> bool:
    """Tell whether the pattern occurs anywhere in the file."""
    return re.search(pattern, node.get_root().root().text()) is not None
