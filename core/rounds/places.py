"""A finding's code found again in a later head, by the hash of its lines.

No code is remembered, so a hash of lines without their whitespace is compared with every run of
as many lines. Whether the code still deserves the finding is for a reader to say.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.models import Anchor, DiffLine, FileChange, LineKind, Quoted, Side

LONGEST = 60
"""Lines of code that are hashed; a finding about more is told by its first."""
_DIGITS = 32


@dataclass(frozen=True, slots=True)
class Found:
    """Where the code stands now."""

    side: Side
    line: int
    end_line: int
    in_change: bool
    """On lines that the change adds or removes."""


def quoted(lines: Sequence[str]) -> Quoted:
    """Return the hash of some lines of code; nothing for lines without a word."""
    bare = [_bare(line) for line in lines[:LONGEST]]
    if not any(bare):
        return Quoted()
    return Quoted(digest=_hash("\n".join(bare)), first=_hash(bare[0]), lines=len(bare))


def quoted_at(anchor: Anchor, file: FileChange) -> Quoted:
    """Return the hash of the lines that an anchor names."""
    first = anchor.start_line or anchor.line
    sides = ((_number(line, anchor.side), line.text) for line in _lines(file))
    return quoted([text for at, text in sides if at is not None and first <= at <= anchor.line])


def find(
    code: Quoted, side: Side, near: int, file: FileChange, text: Sequence[str] | None
) -> Found | None:
    """Return where the code stands now: in the change first, then in the file, nearest first.

    What was removed is looked for among what is removed.
    """
    if not code.digest:
        return None
    changed = [line for line in _lines(file) if _number(line, side) is not None]
    best = _nearest(_matches(code, [(_at(line, side), line.text) for line in changed]), near)
    if best is not None:
        kinds = {line.kind for line in changed if best <= _at(line, side) < best + code.lines}
        return Found(side, best, best + code.lines - 1, kinds != {LineKind.CONTEXT})
    if side is Side.LEFT or text is None:
        return None
    best = _nearest(_matches(code, list(enumerate(text, 1))), near)
    return None if best is None else Found(side, best, best + code.lines - 1, in_change=False)


def _matches(code: Quoted, lines: Sequence[tuple[int, str]]) -> Iterator[int]:
    """Yield the first line of each run of consecutive lines with this hash."""
    for at in range(len(lines) - code.lines + 1):
        if _hash(_bare(lines[at][1])) != code.first:
            continue
        run = lines[at : at + code.lines]
        together = run[-1][0] - run[0][0] == code.lines - 1
        if together and quoted([line for _, line in run]).digest == code.digest:
            yield run[0][0]


def _nearest(numbers: Iterator[int], near: int) -> int | None:
    return min(numbers, key=lambda number: (abs(number - near), number), default=None)


def _lines(file: FileChange) -> Iterator[DiffLine]:
    return (line for hunk in file.hunks or () for line in hunk.lines)


def _number(line: DiffLine, side: Side) -> int | None:
    return line.new if side is Side.RIGHT else line.old


def _at(line: DiffLine, side: Side) -> int:
    number = _number(line, side)
    assert number is not None
    return number


def _bare(line: str) -> str:
    return "".join(line.split())


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]
