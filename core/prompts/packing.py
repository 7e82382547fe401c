"""Packs files into calls: a file's hunks together, the riskiest files first.

What is over the bound of the review is named, never dropped silently.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from core.context import NO_CONTEXT, Context
from core.models import FileChange, LineKind, Omission, OmissionReason
from core.prompts.enriching import Shelf, enrich
from core.prompts.material import LONGEST_LINE, tokens
from core.prompts.pieces import LEAST_ROOM, Piece, fitting, least_size, pieces, trimmed
from core.prompts.pieces import piece as piece_of

RESERVED = 0.25
"""Part of a call kept for what explains the change, where the review's calls still hold it all."""
LEAST_RESERVED_FROM = 12_000
"""Tokens; a smaller call is better filled with the change itself."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a review may use."""

    call: int
    """Tokens of files in one call."""
    calls: int
    total: int
    """Tokens of files in all calls."""


@dataclass(slots=True)
class _Call:
    room: int
    pieces: list[Piece] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Placed:
    calls: Sequence[_Call]
    left_out: Sequence[Piece]
    left: int
    """Tokens of the review that are not used."""


@dataclass(frozen=True, slots=True)
class Load:
    """What one call holds: pieces of the change, and the text that explains them."""

    pieces: tuple[Piece, ...]
    related: str = ""
    aside: str = ""
    """Changes that are shown and not reviewed."""


@dataclass(frozen=True, slots=True)
class Packed:
    """The load of each call, and what found no place."""

    calls: tuple[Load, ...]
    unread: tuple[Omission, ...]


def pack(
    files: Sequence[FileChange],
    texts: Mapping[str, str],
    bounds: Bounds,
    context: Context = NO_CONTEXT,
) -> Packed:
    """Place each file, in the order given, into the first call with room for it.

    What explains the hunks is added where room is left: it never displaces a changed line.
    """
    cut = [omission for file in files if (omission := _cut_lines(file))]
    reserved = _reserve(bounds) if context.excerpts else 0
    placed = _placed_all(files, bounds, bounds.call - reserved)
    if reserved and placed.left_out:
        reserved = 0
        placed = _placed_all(files, bounds, bounds.call)
    left = placed.left
    shelf = Shelf(texts, context)
    loads: list[Load] = []
    for call in placed.calls:
        rich, related, added = enrich(call.pieces, min(call.room + reserved, left), shelf)
        left -= added
        spare = min(call.room + reserved - added, left)
        aside = _aside(context, spare) if not loads else ""
        left -= tokens(aside)
        loads.append(Load(rich, related, aside))
    return Packed(tuple(loads), (*_over_budget(placed.left_out, files), *cut))


def _aside(context: Context, room: int) -> str:
    """Return the changes that are not reviewed, as far as they fit."""
    written: list[str] = []
    for file in context.aside:
        shown = piece_of(file)
        if shown.size + 1 < room:
            written.append(shown.text)
            room -= shown.size + 1
    return "\n\n".join(written)


def _reserve(bounds: Bounds) -> int:
    if bounds.calls < 2 or bounds.call < LEAST_RESERVED_FROM:
        return 0
    return int(bounds.call * RESERVED)


def _placed_all(files: Sequence[FileChange], bounds: Bounds, room: int) -> _Placed:
    calls: list[_Call] = []
    left_out: list[Piece] = []
    left = bounds.total
    for file in files:
        if least_size(file) > left:
            left_out.append(Piece(file, "", least_size(file)))
            continue
        for piece in pieces(file, room):
            if piece.size <= left and _placed(piece, calls, bounds.calls, room):
                left -= piece.size
            else:
                left_out.append(piece)
    if calls and len(calls) >= bounds.calls:
        left_out, left = _filled(calls, left_out, left)
    return _Placed(calls, left_out, left)


def _filled(
    calls: Sequence[_Call], left_out: Sequence[Piece], left: int
) -> tuple[list[Piece], int]:
    """Place the hunks that still fit where there can be no further call; return the others."""
    unplaced: list[Piece] = []
    for piece in left_out:
        rest: Piece | None = piece_of(trimmed(piece.file)) if piece.text else piece
        for call in calls:
            room = min(call.room, left)
            if rest is None or room < LEAST_ROOM:
                continue
            part, rest = fitting(rest, room)
            if part is not None:
                call.pieces.append(part)
                call.room -= part.size
                left -= part.size
        if rest is not None:
            unplaced.append(rest)
    return unplaced, left


def _placed(piece: Piece, calls: list[_Call], most: int, room: int) -> bool:
    call = next((c for c in calls if c.room >= piece.size), None)
    if call is None:
        if len(calls) >= most or piece.size > room:
            return False
        call = _Call(room)
        calls.append(call)
    call.pieces.append(piece)
    call.room -= piece.size
    return True


def _over_budget(left_out: Sequence[Piece], files: Sequence[FileChange]) -> Iterator[Omission]:
    """Name each file that found no place, with the number of its hunks where it is a part."""
    whole = {file.path: len(file.hunks or ()) for file in files}
    for path, parts in groupby(left_out, key=lambda piece: piece.file.path):
        hunks = sum(len(part.file.hunks or ()) for part in parts)
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
