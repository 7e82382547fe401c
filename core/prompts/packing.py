"""Packs files into calls: a file's hunks together, the riskiest files first.

A file is split only when alone it is too large for a call, and a hunk only when alone it is.
What is over the bound of the review is named, never dropped silently.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from core.models import FileChange, Hunk, LineKind, Omission, OmissionReason
from core.prompts.material import LONGEST_LINE, file_heading, hunk_text, tokens
from core.prompts.surroundings import surroundings

LEAST_ADDED = 30
"""Tokens; less room than this holds no surroundings worth parsing a file for."""
LEAST_ROOM = 200
"""Tokens; a model with less room for files than this cannot read any."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a review may use."""

    call: int
    """Tokens of files in one call."""
    calls: int
    total: int
    """Tokens of files in all calls."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A file, or some of its hunks, and their text."""

    file: FileChange
    """With only the hunks that the text holds."""
    text: str
    size: int


@dataclass(slots=True)
class _Call:
    room: int
    pieces: list[Piece] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Packed:
    """The pieces of each call, and what found no place."""

    calls: tuple[tuple[Piece, ...], ...]
    unread: tuple[Omission, ...]


def pack(files: Sequence[FileChange], texts: Mapping[str, str], bounds: Bounds) -> Packed:
    """Place each file, in the order given, into the first call with room for it.

    What surrounds the hunks is added where room is left: it never displaces a changed line.
    """
    calls: list[_Call] = []
    left_out: list[Piece] = []
    left = bounds.total
    for file in files:
        if _least_size(file) > left:
            left_out.append(Piece(file, "", _least_size(file)))
            continue
        for piece in _pieces(file, bounds.call):
            if piece.size <= left and _placed(piece, calls, bounds):
                left -= piece.size
            else:
                left_out.append(piece)
    for call in calls:
        left -= _enrich(call, texts, left)
    cut = [omission for file in files if (omission := _cut_lines(file))]
    return Packed(
        tuple(tuple(call.pieces) for call in calls), (*_over_budget(left_out, files), *cut)
    )


def _least_size(file: FileChange) -> int:
    """Bound from below what the smallest hunk takes, without writing it: one byte a character."""
    characters = (
        sum(len(line.text[:LONGEST_LINE]) + 3 for line in hunk.lines) for hunk in file.hunks or ()
    )
    return min(characters, default=0) // 3


def _placed(piece: Piece, calls: list[_Call], bounds: Bounds) -> bool:
    call = next((c for c in calls if c.room >= piece.size), None)
    if call is None:
        if len(calls) >= bounds.calls or piece.size > bounds.call:
            return False
        call = _Call(bounds.call)
        calls.append(call)
    call.pieces.append(piece)
    call.room -= piece.size
    return True


def _enrich(call: _Call, texts: Mapping[str, str], left: int) -> int:
    """Show the surroundings of a call's pieces, in order, while they fit; return their size."""
    added = 0
    for index, piece in enumerate(call.pieces):
        if min(call.room, left - added) < LEAST_ADDED:
            break
        text = texts.get(piece.file.path)
        rich = _piece(piece.file, text) if text is not None else piece
        more = rich.size - piece.size
        if 0 < more <= min(call.room, left - added):
            call.pieces[index] = rich
            call.room -= more
            added += more
    return added


def _pieces(file: FileChange, room: int) -> Iterator[Piece]:
    """Yield the file whole, or in parts that fit."""
    if not file.hunks:
        return
    whole = _piece(file, None)
    if whole.size <= room or room < LEAST_ROOM:
        yield whole
    else:
        yield from _parts(file, room)


def _piece(file: FileChange, text: str | None) -> Piece:
    hunks = file.hunks or ()
    lines: Sequence[str] = ()
    around: tuple[frozenset[int], ...] = tuple(frozenset() for _ in hunks)
    if text is not None:
        lines = text.replace("\r\n", "\n").split("\n")
        around = surroundings(file.path, text, hunks)
    written = [file_heading(file)]
    already: frozenset[int] = frozenset(
        line.new for hunk in hunks for line in hunk.lines if line.new is not None
    )
    for hunk, beside in zip(hunks, around, strict=True):
        written.append(hunk_text(hunk, lines, beside, already))
        already |= beside
    whole = "\n".join(written)
    return Piece(file, whole, tokens(whole))


def _parts(file: FileChange, room: int) -> Iterator[Piece]:
    """Fill parts with whole hunks, and cut only a hunk that no part can hold."""
    space = room - tokens(file_heading(file))
    part: list[Hunk] = []
    size = 0
    for hunk in _cut_hunks(file.hunks or (), space):
        needed = tokens(hunk_text(hunk)) + 1
        if part and size + needed > space:
            yield _piece(replace(file, hunks=tuple(part)), None)
            part, size = [], 0
        part.append(hunk)
        size += needed
    if part:
        yield _piece(replace(file, hunks=tuple(part)), None)


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
            yield _part_of(hunk, start, index)
            start, size = index, 0
        size += needed
    yield _part_of(hunk, start, len(hunk.lines))


def _part_of(hunk: Hunk, start: int, end: int) -> Hunk:
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


def _over_budget(left_out: Sequence[Piece], files: Sequence[FileChange]) -> Iterator[Omission]:
    """Name each file that found no place, with the number of its hunks where it is a part."""
    whole = {file.path: len(file.hunks or ()) for file in files}
    for path, pieces in groupby(left_out, key=lambda piece: piece.file.path):
        hunks = sum(len(piece.file.hunks or ()) for piece in pieces)
        yield Omission(
            path=path,
            reason=OmissionReason.OVER_BUDGET,
            hunks=0 if hunks >= whole[path] else hunks,
        )


def _cut_lines(file: FileChange) -> Omission | None:
    """Name a file with changed lines too long to be shown whole."""
    hunks = sum(
        any(len(x.text) > LONGEST_LINE and x.kind is not LineKind.CONTEXT for x in hunk.lines)
        for hunk in file.hunks or ()
    )
    detail = f"lines of more than {LONGEST_LINE:,} characters were cut"
    return (
        Omission(path=file.path, reason=OmissionReason.TOO_LARGE, detail=detail, hunks=hunks)
        if hunks
        else None
    )
