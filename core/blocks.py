"""Change blocks: the unit in which a change is remembered as read.

A block is a maximal run of removed and added lines. Its key is a hash of what it does and in
which function of which file, so a rebase or an edit elsewhere moves it and changes nothing.
Which blocks were read, and how well, is for `core.memory`.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from core.fingerprint import defined_name, enclosing_symbol
from core.models import DiffLine, FileChange, Hunk, LineKind, Side

KEY_LENGTH = 24
"""Hex digits: 96 bits, so that no two blocks of a pull request meet by chance."""


@dataclass(frozen=True, slots=True)
class Block:
    """One block of a file's diff; ranges hold first and last line, None where there is none."""

    key: str
    path: str
    hunk: int
    """Index of its hunk in the file."""
    removed: tuple[int, int] | None
    """Lines before the change."""
    added: tuple[int, int] | None
    """Lines after the change."""

    def span(self, side: Side) -> tuple[int, int] | None:
        """Return first and last line on a side."""
        return self.added if side is Side.RIGHT else self.removed

    @property
    def size(self) -> int:
        """Return how many lines it removes and adds."""
        spans = (span for span in (self.removed, self.added) if span is not None)
        return sum(last - first + 1 for first, last in spans)


def blocks_of(file: FileChange, text: Sequence[str] | None) -> tuple[Block, ...]:
    """Return the blocks of a file in the order of its diff.

    `text` are the file's lines at the head. Where it is not known, less of the surroundings is
    seen, and a key may differ from one made with it: then a block is read once more.
    """
    found: list[Block] = []
    changed_to = 0
    for index, hunk in enumerate(file.hunks or ()):
        for start, end in _runs(hunk):
            run = _Run(file, hunk, start, end, changed_to, text)
            found.append(_block(run, index))
            changed_to = run.below
    return tuple(found)


def unread(blocks: Iterable[Block], read: Mapping[str, int]) -> tuple[Block, ...]:
    """Return the blocks that are more than those read: of n equal ones, m of them read, n - m."""
    left = Counter(read)
    new: list[Block] = []
    for block in blocks:
        if left[block.key] > 0:
            left[block.key] -= 1
        else:
            new.append(block)
    return tuple(new)


def block_at(blocks: Iterable[Block], path: str, side: Side, line: int) -> Block | None:
    """Return the block that removes or adds this line of a file."""
    for block in blocks:
        span = block.span(side)
        if block.path == path and span is not None and span[0] <= line <= span[1]:
            return block
    return None


def _runs(hunk: Hunk) -> Iterator[tuple[int, int]]:
    """Yield where each run of changed lines starts and ends, as positions in the hunk."""
    start: int | None = None
    for at, line in enumerate(hunk.lines):
        if line.kind is not LineKind.CONTEXT:
            start = at if start is None else start
        elif start is not None:
            yield start, at
            start = None
    if start is not None:
        yield start, len(hunk.lines)


@dataclass(frozen=True, slots=True)
class _Run:
    """A run where it stands: in its hunk, and in the file at the head."""

    file: FileChange
    hunk: Hunk
    start: int
    end: int
    changed_to: int
    """The last line at the head that the change before this one ends with, or stands behind."""
    text: Sequence[str] | None

    @property
    def lines(self) -> Sequence[DiffLine]:
        return self.hunk.lines[self.start : self.end]

    @property
    def above(self) -> int:
        """The line at the head above it; 0 at the top of the file."""
        before = [line.new for line in self.hunk.lines[: self.start] if line.new is not None]
        return before[-1] if before else self.hunk.new_start - bool(self.hunk.new_count)

    @property
    def below(self) -> int:
        """The last line at the head that it adds; where it adds none, the line above it."""
        return self.above + sum(line.kind is LineKind.ADDED for line in self.lines)

    def unchanged_above(self) -> Iterator[str]:
        """Yield the unchanged lines above, nearest first, up to the change before it."""
        if self.text is not None:
            between = self.text[self.changed_to : self.above]
            yield from (line.removesuffix("\r") for line in reversed(between))
            return
        for line in reversed(self.hunk.lines[: self.start]):
            if line.kind is not LineKind.CONTEXT:
                return
            yield line.text


def _block(run: _Run, index: int) -> Block:
    removed = [line for line in run.lines if line.kind is LineKind.REMOVED]
    added = [line for line in run.lines if line.kind is LineKind.ADDED]
    texts, moved = _texts(run.lines), 0
    if not (removed and added):
        texts, moved = _slid(texts, run.unchanged_above())
    parts = (
        run.file.previous_path or run.file.path,
        _symbol(run, texts[0], moved),
        *(f"-{text}" for text in _texts(removed) if added),
        *(f"+{text}" for text in _texts(added) if removed),
        *(f"{run.lines[0].kind}{text}" for text in texts if not (removed and added)),
    )
    return Block(
        key=_hashed(parts),
        path=run.file.path,
        hunk=index,
        removed=_span([line.old for line in removed]),
        added=_span([line.new for line in added]),
    )


def _slid(texts: Sequence[str], above: Iterator[str]) -> tuple[list[str], int]:
    """Return the lines at the topmost place where the same change can stand, and how far up.

    Adding `b a` behind an `a` is adding `a b` before it: which of the two a diff shows depends
    on what else it shows.
    """
    size, moved = len(texts), 0
    for line in above:
        if line != texts[-(moved % size) - 1]:
            break
        moved += 1
    turn = size - moved % size
    return [*texts[turn:], *texts[:turn]], moved


def _symbol(run: _Run, first: str, moved: int) -> str:
    """Return the function or class around the first line, where it stands or stood."""
    if run.text is not None:
        above = run.text[: run.above - moved]
        return enclosing_symbol([*above, first], len(above) + 1)
    shown = [line.text for line in run.hunk.lines[: run.start] if line.new is not None]
    shown = [*shown[: len(shown) - moved], first]
    return enclosing_symbol(shown, len(shown)) or defined_name(run.hunk.section)


def _texts(lines: Iterable[DiffLine]) -> list[str]:
    return [line.text for line in lines]


def _span(numbers: Sequence[int | None]) -> tuple[int, int] | None:
    known = [number for number in numbers if number is not None]
    return (known[0], known[-1]) if known else None


def _hashed(parts: Sequence[str]) -> str:
    joined = "\0".join(parts).encode("utf-8", "surrogatepass")
    return hashlib.sha256(joined).hexdigest()[:KEY_LENGTH]
