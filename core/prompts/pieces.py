"""Files as pieces of a call: whole, in parts where alone they are too large, with their numbers.

A file is split only when alone it is too large for a call, and a hunk only when alone it is.
Which call a piece goes to is decided in `core.prompts.packing`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from core.models import FileChange, Hunk, LineKind
from core.prompts.material import LONGEST_LINE, file_heading, hunk_text, tokens

BESIDE = 1
"""Unchanged lines kept beside a change where otherwise a part of it would not be shown."""
LEAST_ROOM = 200
"""Tokens; a model with less room for files than this cannot read any."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A file, or some of its hunks, and their text."""

    file: FileChange
    """With only the hunks that the text holds."""
    text: str
    size: int


def pieces(file: FileChange, room: int) -> Iterator[Piece]:
    """Yield the file whole, or in parts that fit."""
    if not file.hunks:
        return
    whole = piece(file)
    if whole.size <= room or room < LEAST_ROOM:
        yield whole
    else:
        yield from _parts(file, room)


def piece(
    file: FileChange, lines: Sequence[str] = (), around: Sequence[frozenset[int]] = ()
) -> Piece:
    """Return a file's hunks as text, each with the lines of the file to show around it."""
    hunks = file.hunks or ()
    beside = around or [frozenset()] * len(hunks)
    written = [file_heading(file, split=_is_part(file))]
    written += [hunk_text(hunk, lines, more) for hunk, more in zip(hunks, beside, strict=True)]
    whole = "\n".join(written)
    return Piece(file, whole, tokens(whole))


def fitting(held: Piece, room: int) -> tuple[Piece | None, Piece | None]:
    """Cut a piece that no call can hold whole: what fits into this room, and the rest."""
    taken: list[Hunk] = []
    left: list[Hunk] = []
    space = room - tokens(file_heading(held.file, split=True))
    for hunk in held.file.hunks or ():
        needed = tokens(hunk_text(hunk)) + 1
        if needed <= space:
            taken.append(hunk)
            space -= needed
        else:
            left.append(hunk)
    parts = (replace(held.file, hunks=tuple(hunks)) if hunks else None for hunks in (taken, left))
    first, rest = (piece(part) if part else None for part in parts)
    return first, rest


def trimmed(file: FileChange) -> FileChange:
    """Return a file with less unchanged lines at the ends of its hunks."""
    return replace(file, hunks=tuple(_trimmed(hunk) for hunk in file.hunks or ()))


def shown_by_hunks(file: FileChange) -> frozenset[int]:
    """Return the lines at the head that the file's hunks show."""
    return frozenset(
        line.new for hunk in file.hunks or () for line in hunk.lines if line.new is not None
    )


def part_of(hunk: Hunk, start: int, end: int) -> Hunk:
    """Return a hunk with some of its lines, numbered as they were."""
    lines = hunk.lines[start:end]
    old = [line.old for line in lines if line.old is not None]
    new = [line.new for line in lines if line.new is not None]
    return replace(
        hunk,
        old_start=old[0] if old else hunk.old_start,
        old_count=len(old),
        new_start=new[0] if new else hunk.new_start,
        new_count=len(new),
        lines=lines,
    )


def least_size(file: FileChange) -> int:
    """Bound from below what the smallest hunk takes, without writing it: one byte a character."""
    characters = (
        sum(len(line.text[:LONGEST_LINE]) + 3 for line in hunk.lines) for hunk in file.hunks or ()
    )
    return min(characters, default=0) // 3


def _trimmed(hunk: Hunk) -> Hunk:
    changed = [n for n, line in enumerate(hunk.lines) if line.kind is not LineKind.CONTEXT]
    if not changed:
        return hunk
    start, end = max(changed[0] - BESIDE, 0), min(changed[-1] + BESIDE + 1, len(hunk.lines))
    return hunk if end - start == len(hunk.lines) else part_of(hunk, start, end)


def _is_part(file: FileChange) -> bool:
    """Tell whether the hunks hold fewer changed lines than the file's counts say."""
    shown = sum(line.new is None or line.old is None for h in file.hunks or () for line in h.lines)
    return 0 < shown < file.additions + file.deletions


def _parts(file: FileChange, room: int) -> Iterator[Piece]:
    """Fill parts with whole hunks, and cut only a hunk that no part can hold."""
    space = room - tokens(file_heading(file, split=True))
    part: list[Hunk] = []
    size = 0
    for hunk in _cut_hunks(file.hunks or (), space):
        needed = tokens(hunk_text(hunk)) + 1
        if part and size + needed > space:
            yield piece(replace(file, hunks=tuple(part)))
            part, size = [], 0
        part.append(hunk)
        size += needed
    if part:
        yield piece(replace(file, hunks=tuple(part)))


def _cut_hunks(hunks: Sequence[Hunk], space: int) -> Iterator[Hunk]:
    for hunk in hunks:
        if tokens(hunk_text(hunk)) + 1 <= space:
            yield hunk
        else:
            yield from _cut_hunk(hunk, space)


def _cut_hunk(hunk: Hunk, space: int) -> Iterator[Hunk]:
    """Cut a hunk between lines; each part keeps the numbers of its lines."""
    start, size = 0, 0
    for index, line in enumerate(hunk.lines):
        needed = tokens(line.text[:LONGEST_LINE]) + 12
        if index > start and size + needed > space:
            yield part_of(hunk, start, index)
            start, size = index, 0
        size += needed
    yield part_of(hunk, start, len(hunk.lines))
