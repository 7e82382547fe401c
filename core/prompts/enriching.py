"""Fills what room a call has left with what explains its hunks, the most telling first.

First the heads around each hunk and its imports, then the functions around them, then excerpts
of other files, then small files whole. Nothing here displaces a changed line.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from core.context import Context, Excerpt
from core.context.enclosing import belongs, bodies, heads
from core.context.outline import Outline, outline
from core.models import FileChange, Hunk
from core.prompts.material import excerpt_line, related_heading, tokens
from core.prompts.pieces import Piece, piece

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
MOST_REASONS = 4
"""Reasons that are given for one file."""

_Around = Callable[[Outline, Sequence[str], Sequence[Hunk]], tuple[frozenset[int], ...]]


@dataclass
class Shelf:
    """The texts of the changed files, and what was found about them; kept for one review."""

    texts: Mapping[str, str]
    context: Context
    _outlines: dict[str, Outline] = field(default_factory=dict)

    def outline(self, path: str) -> Outline:
        """Return a changed file's outline, made once."""
        if path not in self._outlines:
            self._outlines[path] = outline(path, self.texts[path])
        return self._outlines[path]

    def lines(self, file: FileChange) -> list[str] | None:
        """Return a file's lines at the head; None when its text is unknown or another one."""
        text = self.texts.get(file.path)
        if text is None:
            return None
        lines = text.replace("\r\n", "\n").split("\n")
        return lines if belongs(lines, file.hunks or ()) else None


def enrich(
    held: Sequence[Piece], room: int, shelf: Shelf
) -> tuple[tuple[tuple[Piece, ...], str], int]:
    """Return the pieces with their surroundings, the related text, and the tokens added."""
    excerpts = shelf.context.serving(piece.file for piece in held)
    part = FOR_BODIES if excerpts else 1.0
    rich, left = _surrounded(held, room, shelf, heads)
    for_bodies = int(left * part)
    rich, unused = _surrounded(rich, for_bodies, shelf, bodies)
    left += unused - for_bodies
    related = ""
    if excerpts and left >= LEAST_ADDED:
        size = sum(piece.size for piece in held)
        most = min(left, LEAST_CONTEXT + int(CONTEXT_PER_CHANGE * size))
        related, used = _related(excerpts, rich, most)
        left -= used
    rich, left = _surrounded(rich, left, shelf, _small_whole)
    return (tuple(rich), related), room - left


def _surrounded(
    held: Sequence[Piece], room: int, shelf: Shelf, around: _Around
) -> tuple[list[Piece], int]:
    """Show more around each piece's hunks while it fits; return the pieces and the room left."""
    rich: list[Piece] = []
    for each in held:
        lines = shelf.lines(each.file) if room >= LEAST_ADDED else None
        if lines is None:
            rich.append(each)
            continue
        hunks = each.file.hunks or ()
        wider = piece(each.file, lines, around(shelf.outline(each.file.path), lines, hunks))
        fits = each.size < wider.size <= each.size + room
        rich.append(wider if fits else each)
        room -= rich[-1].size - each.size
    return rich, room


def _small_whole(
    _outline: Outline, lines: Sequence[str], hunks: Sequence[Hunk]
) -> tuple[frozenset[int], ...]:
    """Return all lines of a small file, for its first hunk what is above the second, and so on."""
    if len(lines) > SMALL_FILE or not hunks:
        return tuple(frozenset() for _ in hunks)
    end = len(lines) + (1 if lines[-1] else 0)
    starts = [1, *(hunk.new_start for hunk in hunks[1:]), end]
    return tuple(frozenset(range(a, b)) for a, b in pairwise(starts))


@dataclass
class _Shown:
    """What the related part shows of one file."""

    lines: dict[int, str] = field(default_factory=dict)
    reasons: list[str] = field(default_factory=list)


def _related(excerpts: Sequence[Excerpt], pieces: Sequence[Piece], room: int) -> tuple[str, int]:
    """Return the excerpts that fit as text, one file after another, and their tokens."""
    seen: dict[str, frozenset[int]] = {}
    for each in pieces:
        seen[each.file.path] = seen.get(each.file.path, frozenset()) | each.shown
    files: dict[str, _Shown] = {}
    used = 0
    for excerpt in excerpts:
        known = files.get(excerpt.path, _Shown())
        hidden = seen.get(excerpt.path, frozenset())
        new = {n: text for n, text in excerpt.lines if n not in hidden and n not in known.lines}
        if not any(text.strip() for text in new.values()):
            continue
        cost = _cost(excerpt, new, known)
        if used + cost > room:
            continue
        used += cost
        known.lines.update(new)
        if len(known.reasons) < MOST_REASONS:
            known.reasons.append(excerpt.why.reason)
        files[excerpt.path] = known
    text = "\n".join(_written(path, shown) for path, shown in files.items())
    return text, used


def _cost(excerpt: Excerpt, new: Mapping[int, str], known: _Shown) -> int:
    """Bound the tokens that an excerpt adds: its lines, marks of gaps, its reason."""
    lines = sum(tokens(excerpt_line(n, text)) + 1 for n, text in new.items())
    heading = 0 if known.reasons else tokens(related_heading(excerpt.path, ())) + 1
    reason = tokens(excerpt.why.reason) + 2 if len(known.reasons) < MOST_REASONS else 0
    gaps = sum(n - 1 not in new for n in new)
    return lines + heading + reason + 2 * gaps


def _written(path: str, shown: _Shown) -> str:
    written = [related_heading(path, shown.reasons)]
    previous = 0
    for number, text in sorted(shown.lines.items()):
        if previous and number != previous + 1:
            written.append("…")
        written.append(excerpt_line(number, text))
        previous = number
    return "\n".join(written)
