"""What a syntax rule is, and the few questions about a node that several rules ask.

The rules themselves live beside this file, one module a language; matching is in
`core.analyzers.syntax`.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ast_grep_py import SgNode

from core.models import Category, Severity

UNGUESSABLE = (
    r"(?i)(?:^|_|\b|(?<=[a-z]))(?:passw(?:or)?d|secret|token|otp|nonce|salt|session_?id|api_?key"
    r"|csrf|reset_?code|verification_?code)"
)
"""Names of values that nobody may be able to guess."""


def always(_node: SgNode) -> bool:
    """Keep every match."""
    return True


@dataclass(frozen=True, slots=True)
class Rule:
    """A mistake worth a reviewer's time, recognised by its syntax alone."""

    id: str
    severity: Severity
    category: Category
    title: str
    body: str
    """Why it breaks, with the concrete case, and what to write instead; at most 60 words."""
    match: Mapping[str, Any]
    """An ast-grep rule object: https://ast-grep.github.io/reference/rule.html"""
    keep: Callable[[SgNode], bool] = always
    """Asked about matches on added lines for what the rule object cannot say."""
    outside_tests: bool = False
    """Silent in tests, where the mistake is harmless."""
    needs: str = ""
    """A regular expression that every file with a match contains. Most files do not, and are
    then neither parsed nor searched for this rule, which costs a hundred times as much."""


def called(function: str, kind: str = "call") -> dict[str, object]:
    """Match calls whose whole function expression fits the pattern."""
    return {"kind": kind, "has": {"field": "function", "regex": f"^(?:{function})$"}}


def enclosing(node: SgNode, *kinds: str) -> SgNode | None:
    """Return the nearest ancestor of one of these kinds."""
    return next((above for above in node.ancestors() if above.kind() in kinds), None)


def field_text(node: SgNode, name: str) -> str:
    """Return the text of a field, empty when the node has none."""
    child = node.field(name)
    return child.text() if child else ""


def children_of(node: SgNode, field: str) -> list[SgNode]:
    """Return the named children of a field without comments."""
    child = node.field(field)
    if child is None:
        return []
    return [c for c in child.named_children() if "comment" not in c.kind()]


def statement_after(node: SgNode) -> SgNode | None:
    """Return the next named sibling that is no comment."""
    return next((n for n in node.next_all() if n.is_named() and "comment" not in n.kind()), None)


def mentions(node: SgNode | None, pattern: str) -> bool:
    """Tell whether the pattern occurs in the node's text."""
    return node is not None and re.search(pattern, node.text()) is not None


def last_name(text: str) -> str:
    """Return the last name of a dotted path: `save` of `self.store.save`."""
    return re.split(r"\.|->|::", text)[-1].strip()
