"""Hunks from two texts, for files whose patch GitHub leaves out; pure and bounded in time.

They are for reading: GitHub takes no comment on a diff that it does not show.
https://docs.github.com/en/repositories/creating-and-managing-repositories/repository-limits
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import islice
from typing import Final

from core.models import DiffLine, Hunk, LineKind

CONTEXT: Final = 3
"""Unchanged lines around a change, as git shows them."""
MAX_STEPS: Final = 40_000_000
"""A bound on difflib's inner loop, some two seconds; beyond it a file counts as not read."""
POPULAR_FROM: Final = 200
"""Lines from which difflib skips those that make up more than a hundredth of the text."""
BINARY_PROBE: Final = 8_000
"""Bytes that git looks at for a NUL before it calls a file binary."""

Opcode = tuple[str, int, int, int, int]


def is_binary(content: bytes) -> bool:
    """Tell a binary file from a text as git does."""
    return b"\0" in content[:BINARY_PROBE]


def diff_texts(old: str, new: str) -> tuple[Hunk, ...] | None:
    """Return the hunks that lead from one text to the other, None when they cost too much."""
    before, after = _lines(old), _lines(new)
    start, end = _common(before, after)
    start, end = max(0, start - CONTEXT), max(0, end - CONTEXT)
    before_part = before[start : len(before) - end]
    after_part = after[start : len(after) - end]
    if not _affordable(before_part, after_part):
        return None
    matcher = SequenceMatcher(None, before_part, after_part)
    return tuple(
        _hunk(group, before_part, after_part, start)
        for group in matcher.get_grouped_opcodes(CONTEXT)
        if any(tag != "equal" for tag, *_ in group)
    )


def _lines(text: str) -> list[str]:
    """Split at line feeds alone, as git does."""
    return text.removesuffix("\n").split("\n") if text else []


def _common(before: Sequence[str], after: Sequence[str]) -> tuple[int, int]:
    """Count the lines that both share at the start, and behind those at the end."""
    start = _shared(before, after)
    rest = min(len(before), len(after)) - start
    return start, min(rest, _shared(before[::-1], after[::-1]))


def _shared(one: Sequence[str], other: Sequence[str]) -> int:
    pairs = zip(one, other, strict=False)
    return next((index for index, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def _affordable(before: Sequence[str], after: Sequence[str]) -> bool:
    """Bound difflib's work: equal pairs of lines, looked at once for each block it can find."""
    counts = Counter(after)
    popular = len(after) // 100 + 1 if len(after) >= POPULAR_FROM else len(after)
    pairs = sum(counts[line] for line in before if counts[line] <= popular)
    return (pairs + len(before)) * min(len(before), len(after)) <= MAX_STEPS


def _hunk(group: Sequence[Opcode], before: Sequence[str], after: Sequence[str], at: int) -> Hunk:
    """Build one hunk; `at` is where the two parts begin in their files."""
    _, old_from, _, new_from, _ = group[0]
    _, _, old_to, _, new_to = group[-1]
    old_count, new_count = old_to - old_from, new_to - new_from
    return Hunk(
        # An empty side is named by the line before it, which is 0 for an empty file.
        old_start=at + old_from + (1 if old_count else 0),
        old_count=old_count,
        new_start=at + new_from + (1 if new_count else 0),
        new_count=new_count,
        section="",
        lines=tuple(line for opcode in group for line in _diff_lines(opcode, before, after, at)),
        given=False,
    )


def _diff_lines(
    opcode: Opcode, before: Sequence[str], after: Sequence[str], at: int
) -> Iterator[DiffLine]:
    tag, old_from, old_to, new_from, new_to = opcode
    removed = enumerate(islice(before, old_from, old_to), at + old_from + 1)
    added = enumerate(islice(after, new_from, new_to), at + new_from + 1)
    if tag == "equal":
        for (old, text), (new, _) in zip(removed, added, strict=True):
            yield _diff_line(LineKind.CONTEXT, old, new, text)
        return
    for old, text in removed:
        yield _diff_line(LineKind.REMOVED, old, None, text)
    for new, text in added:
        yield _diff_line(LineKind.ADDED, None, new, text)


def _diff_line(kind: LineKind, old: int | None, new: int | None, text: str) -> DiffLine:
    return DiffLine(kind, old, new, text.removesuffix("\r"))
