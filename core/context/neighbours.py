"""Finds how the neighbours are written: sibling functions, and for a new file the one beside it."""

from collections.abc import Iterator

from core.context.excerpts import Excerpt, Why, excerpt_of
from core.context.index import Index
from core.context.languages import extension
from core.context.outline import Kind, Symbol
from core.models import FileChange, FileStatus

MOST_LINES = 24
"""Lines of a sibling that is shown."""
_SIBLING = 1.2
_BESIDE = 1.5


def neighbours(file: FileChange, index: Index, shown: frozenset[int]) -> Iterator[Excerpt]:
    """Yield what shows the conventions around a file's changes."""
    if file.status is FileStatus.ADDED:
        yield from _beside(file, index)
        return
    functions = [s for s in index.outline(file.path).symbols if s.kind is Kind.FUNCTION]
    for position, symbol in enumerate(functions):
        if not any(symbol.holds(number) for number in shown):
            continue
        for sibling in functions[max(position - 1, 0) : position + 2]:
            if _fits(sibling, symbol, shown):
                numbers = range(sibling.first, sibling.last + 1)
                reason = f"stands beside `{symbol.name}`, which the change touches"
                at = next(number for number in sorted(shown) if symbol.holds(number))
                why = Why(reason, _SIBLING, file.path, at)
                yield excerpt_of(file.path, index.lines(file.path), numbers, why)


def _fits(sibling: Symbol, symbol: Symbol, shown: frozenset[int]) -> bool:
    return (
        sibling is not symbol
        and sibling.depth == symbol.depth
        and sibling.size <= MOST_LINES
        and not any(sibling.holds(number) for number in shown)
    )


def _beside(file: FileChange, index: Index) -> Iterator[Excerpt]:
    """Yield the beginning of the file in the same folder whose name is most alike."""
    folder = file.path.rpartition("/")[0]
    alike = [
        path
        for path in index.texts
        if path.rpartition("/")[0] == folder
        and path != file.path
        and extension(path) == extension(file.path)
    ]
    if alike:
        best = max(alike, key=lambda path: (_common(path, file.path), path))
        reason = f"stands beside {file.path}, which is new"
        why = Why(reason, _BESIDE, file.path, 1)
        yield excerpt_of(best, index.lines(best), range(1, MOST_LINES + 1), why)


def _common(one: str, two: str) -> int:
    """Return how many characters the ends of two paths share."""
    count = 0
    for a, b in zip(reversed(one), reversed(two), strict=False):
        if a != b:
            break
        count += 1
    return count
