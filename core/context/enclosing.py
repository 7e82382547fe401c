"""Which lines of its own file help to understand a hunk: what encloses it, what it imports."""

import re
from collections.abc import Iterator, Sequence

from core.context.names import is_import
from core.context.outline import Kind, Outline, Symbol
from core.models import Hunk, LineKind

MOST_LINES = 60
"""Lines added on one side of a hunk; a longer function is shown by its head."""
HEAD_LINES = 3
"""Lines of the head of what encloses it."""
BESIDE = 12
"""Lines shown beside a hunk in a type, or in a function that is too long."""
MOST_IMPORTS = 12
_WORD = re.compile(r"[A-Za-z_]\w*")
IMPORTS_WITHIN = 200
"""Lines of a file in which its imports are looked for."""


def belongs(lines: Sequence[str], hunks: Sequence[Hunk]) -> bool:
    """Tell whether a text is the one that the hunks describe."""
    return all(
        line.new <= len(lines) and lines[line.new - 1].rstrip("\r") == line.text.rstrip("\r")
        for hunk in hunks
        for line in hunk.lines[:1] + hunk.lines[-1:]
        if line.new is not None and line.kind is not LineKind.REMOVED
    )


def heads(
    outline: Outline, lines: Sequence[str], hunks: Sequence[Hunk]
) -> tuple[frozenset[int], ...]:
    """Return for each hunk the heads of what encloses it and the imports that it uses."""
    imported = tuple(_imports(lines))
    return tuple(
        frozenset(_heads(outline, hunk)) | frozenset(_used(imported, hunk)) for hunk in hunks
    )


def bodies(
    outline: Outline, lines: Sequence[str], hunks: Sequence[Hunk]
) -> tuple[frozenset[int], ...]:
    """Return for each hunk its heads, and the functions around it as far as they are near."""
    found = heads(outline, lines, hunks)
    return tuple(
        more | frozenset(_bodies(outline, hunk)) for more, hunk in zip(found, hunks, strict=True)
    )


def _rows(hunk: Hunk) -> Iterator[int]:
    """Yield the line at the head at which each run of changed lines begins."""
    number, before = max(hunk.new_start, 1), LineKind.CONTEXT
    for line in hunk.lines:
        if line.kind is not LineKind.CONTEXT and before is LineKind.CONTEXT:
            yield number
        before = line.kind
        if line.new is not None:
            number = line.new + 1


def _heads(outline: Outline, hunk: Hunk) -> Iterator[int]:
    for row in _rows(hunk):
        for symbol in outline.around(row):
            yield from range(symbol.first, min(symbol.head, symbol.first + HEAD_LINES - 1) + 1)


def _bodies(outline: Outline, hunk: Hunk) -> Iterator[int]:
    first = max(hunk.new_start, 1)
    last = max(hunk.new_start + hunk.new_count - 1, first)
    for row in _rows(hunk):
        symbol = outline.enclosing(row)
        if symbol is not None:
            yield from _near(symbol, first, last)


def _near(symbol: Symbol, first: int, last: int) -> Iterator[int]:
    """Yield what lies around lines of a symbol, the whole of it where that is near."""
    reach = MOST_LINES if symbol.kind is Kind.FUNCTION else BESIDE
    near = first - symbol.first <= reach
    yield from range(symbol.first if near else max(first - BESIDE, symbol.first), first)
    yield from range(last + 1, min(symbol.last, last + reach) + 1)


def _imports(lines: Sequence[str]) -> Iterator[tuple[int, frozenset[str]]]:
    """Yield the lines that import, with their words, and the lines that continue them."""
    closing = ""
    for number, line in enumerate(lines[:IMPORTS_WITHIN], 1):
        if closing:
            closing = "" if closing in line else closing
        elif is_import(line):
            bare = line.rstrip()
            closing = {"(": ")", "{": "}"}.get(bare[-1:], "")
        else:
            continue
        yield number, frozenset(_WORD.findall(line))


def _used(imported: Sequence[tuple[int, frozenset[str]]], hunk: Hunk) -> Iterator[int]:
    words = {word for line in hunk.lines for word in _WORD.findall(line.text[:1_000])}
    used = [number for number, names in imported if not words.isdisjoint(names - _PREFIXES)]
    yield from used[:MOST_IMPORTS]


_PREFIXES = frozenset({"import", "from", "use", "using", "require", "include", "const", "static"})
"""Words of the statement itself."""
