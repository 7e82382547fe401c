"""Which lines around a hunk help to understand it: the function or class that encloses it.

Definitions and callers in other files are no part of this.
"""

from collections.abc import Mapping
from types import MappingProxyType

from ast_grep_py import SgNode, SgRoot

from core.models import Hunk, LineKind

MOST_LINES = 60
"""Lines added on one side of a hunk; a longer function is shown by its head."""
HEAD_LINES = 3
"""Lines of the head of a function that is too long to show."""
LARGEST_TEXT = 500_000
"""Characters that are parsed for this; larger files are read with their hunks alone."""

LANGUAGES: Mapping[str, str] = MappingProxyType(
    {
        "py": "python",
        "js": "javascript",
        "jsx": "javascript",
        "mjs": "javascript",
        "cjs": "javascript",
        "ts": "typescript",
        "mts": "typescript",
        "tsx": "tsx",
        "go": "go",
        "java": "java",
        "rb": "ruby",
        "rs": "rust",
        "cs": "csharp",
        "php": "php",
        "c": "c",
        "h": "c",
        "cc": "cpp",
        "cpp": "cpp",
        "hpp": "cpp",
        "kt": "kotlin",
        "swift": "swift",
        "scala": "scala",
    }
)

_SYMBOLS = (
    "function",
    "method",
    "constructor",
    "func_literal",
    "arrow_function",
    "singleton_method",
)
_TYPES = ("class", "struct", "impl", "interface", "trait", "module", "enum", "object_declaration")


def surroundings(path: str, text: str, hunks: tuple[Hunk, ...]) -> tuple[frozenset[int], ...]:
    """Return for each hunk the line numbers of the head's text worth showing beside it."""
    lines = text.replace("\r\n", "\n").split("\n")
    if len(text) > LARGEST_TEXT or not _belongs(lines, hunks):
        return tuple(frozenset() for _ in hunks)
    root = _parse(path, text)
    if root is None:
        return tuple(frozenset() for _ in hunks)
    return tuple(_around(root, hunk, len(lines)) for hunk in hunks)


def _belongs(lines: list[str], hunks: tuple[Hunk, ...]) -> bool:
    """Tell whether the text is the one that the hunks describe."""
    return all(
        line.new <= len(lines) and lines[line.new - 1].rstrip("\r") == line.text.rstrip("\r")
        for hunk in hunks
        for line in hunk.lines[:1] + hunk.lines[-1:]
        if line.new is not None and line.kind is not LineKind.REMOVED
    )


def _parse(path: str, text: str) -> SgNode | None:
    language = LANGUAGES.get(path.rpartition(".")[2].lower())
    if language is None:
        return None
    return SgRoot(text.encode("utf-8", "replace").decode(), language).root()


def _around(root: SgNode, hunk: Hunk, total: int) -> frozenset[int]:
    first = max(hunk.new_start, 1)
    last = max(hunk.new_start + hunk.new_count - 1, first)
    symbol = _enclosing(root, _middle(hunk) - 1)
    if symbol is None:
        return frozenset()
    start, end = symbol.range().start.line + 1, min(symbol.range().end.line + 1, total)
    before = (
        range(start, first) if first - start <= MOST_LINES else range(start, start + HEAD_LINES)
    )
    after = range(last + 1, min(end, last + MOST_LINES) + 1)
    return frozenset(before) | frozenset(after)


def _middle(hunk: Hunk) -> int:
    """Return the number of the first changed line, where the change is."""
    changed = (line.new for line in hunk.lines if line.kind is LineKind.ADDED)
    return next((n for n in changed if n is not None), max(hunk.new_start, 1))


def _enclosing(root: SgNode, row: int) -> SgNode | None:
    """Descend to the innermost function around a row, else to the innermost type."""
    function = type_ = None
    node: SgNode | None = root
    while node is not None:
        node = next(
            (
                child
                for child in node.children()
                if child.range().start.line <= row <= child.range().end.line and child.is_named()
            ),
            None,
        )
        if node is not None and node.range().start.line != node.range().end.line:
            kind = node.kind()
            if kind.startswith(_SYMBOLS):
                function = node
            elif kind.startswith(_TYPES) and not kind.endswith("_body"):
                type_ = node
    return function or type_
