"""Fills what room a call has left with what explains its hunks, the most telling first.

First the heads around each hunk and its imports, then the functions around them, then excerpts
of other files, then small files whole. Nothing here displaces a changed line.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from core.context import Context
from core.context.enclosing import belongs, bodies, heads
from core.context.outline import EMPTY, Outline, outline
from core.models import FileChange, Hunk
from core.prompts.material import excerpt_line, tokens
from core.prompts.pieces import Piece, piece, shown_by_hunks
from core.prompts.related import Related

LEAST_ADDED = 30
"""Tokens; less room than this holds nothing worth looking for."""
FOR_BODIES = 0.6
"""Part of the room for the functions around hunks, while there are excerpts to show."""
SMALL_FILE = 100
"""Lines of a file that is shown whole where room is left."""
LEAST_CONTEXT = 8_000
"""Tokens of excerpts that any call may hold, however small its hunks."""
CONTEXT_PER_CHANGE = 2.0
"""Tokens of excerpts for each token of the change beyond that."""
OUTLINE_SECONDS = 4.0
"""For files that were not outlined before; a second is enough for what people write."""
_SECTION = 40
"""Tokens that a hunk's own heading may grow by."""

_Around = Callable[[Outline, Sequence[str], Sequence[Hunk]], tuple[frozenset[int], ...]]


@dataclass
class Shelf:
    """The texts of the changed files, and what was found about them; kept for one review."""

    texts: Mapping[str, str]
    context: Context
    _outlines: dict[str, Outline] = field(default_factory=dict)
    _until: float = field(default_factory=lambda: time.monotonic() + OUTLINE_SECONDS)

    def outline(self, path: str) -> Outline:
        """Return a changed file's outline, made once; an empty one when the time is up."""
        known = self._outlines.get(path) or self.context.outlines.get(path)
        if known is None:
            late = time.monotonic() > self._until
            known = self._outlines[path] = EMPTY if late else outline(path, self.texts[path])
        return known

    def lines(self, file: FileChange) -> Sequence[str]:
        """Return a file's lines at the head; none when its text is unknown or another one."""
        text = self.texts.get(file.path)
        if text is None:
            return ()
        lines = text.replace("\r\n", "\n").split("\n")
        return lines if belongs(lines, file.hunks or ()) else ()


@dataclass
class _Surrounded:
    """A piece, and the lines to show around each of its hunks."""

    piece: Piece
    lines: Sequence[str]
    around: list[frozenset[int]]
    shown: set[int]

    def widen(self, wider: Sequence[frozenset[int]], room: int) -> int:
        """Show more around the hunks if all of it fits; return the tokens it takes."""
        new: list[frozenset[int]] = []
        seen: set[int] = set()
        for more in wider:
            new.append(frozenset(n for n in more if n not in self.shown and n not in seen))
            seen |= new[-1]
        cost = sum(tokens(excerpt_line(n, self.lines[n - 1])) + 1 for n in seen)
        cost += _SECTION + sum(n - 1 not in seen for n in seen)
        if not seen or cost > room:
            return 0
        self.around = [have | more for have, more in zip(self.around, new, strict=True)]
        self.shown |= seen
        return cost

    def written(self) -> Piece:
        """Return the piece with what is shown around its hunks."""
        return piece(self.piece.file, self.lines, self.around) if any(self.around) else self.piece


def enrich(held: Sequence[Piece], room: int, shelf: Shelf) -> tuple[tuple[Piece, ...], str, int]:
    """Return the pieces with their surroundings, the related text, and the tokens added."""
    if room < LEAST_ADDED:
        return tuple(held), "", 0
    excerpts = shelf.context.serving(each.file for each in held)
    rich = [_surrounded(each, shelf) for each in held]
    left = room - _widened(rich, room, shelf, heads)
    left -= _widened(rich, int(left * (FOR_BODIES if excerpts else 1.0)), shelf, bodies)
    size = sum(each.size for each in held)
    related = Related(min(left, LEAST_CONTEXT + int(CONTEXT_PER_CHANGE * size)), _seen(rich))
    for excerpt in excerpts:
        related.add(excerpt)
    left -= related.used
    left -= _widened(rich, left, shelf, _small_whole)
    return tuple(each.written() for each in rich), related.text(), room - left


def _surrounded(held: Piece, shelf: Shelf) -> _Surrounded:
    hunks = held.file.hunks or ()
    shown = set(shown_by_hunks(held.file))
    return _Surrounded(held, shelf.lines(held.file), [frozenset()] * len(hunks), shown)


def _widened(rich: Iterable[_Surrounded], room: int, shelf: Shelf, around: _Around) -> int:
    """Show more around each piece's hunks while it fits; return the tokens that takes."""
    used = 0
    for each in rich:
        if each.lines and room - used >= LEAST_ADDED:
            file = each.piece.file
            wider = around(shelf.outline(file.path), each.lines, file.hunks or ())
            used += each.widen(wider, room - used)
    return used


def _small_whole(
    _outline: Outline, lines: Sequence[str], hunks: Sequence[Hunk]
) -> tuple[frozenset[int], ...]:
    """Return all lines of a small file, for its first hunk what is above the second, and so on."""
    if len(lines) > SMALL_FILE or not hunks:
        return tuple(frozenset() for _ in hunks)
    end = len(lines) + (1 if lines[-1] else 0)
    starts = [1, *(hunk.new_start for hunk in hunks[1:]), end]
    return tuple(frozenset(range(a, b)) for a, b in pairwise(starts))


def _seen(rich: Iterable[_Surrounded]) -> Mapping[str, set[int]]:
    seen: dict[str, set[int]] = {}
    for each in rich:
        seen.setdefault(each.piece.file.path, set()).update(each.shown)
    return seen
