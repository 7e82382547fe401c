"""Which blocks of a change are unread, and the change without what need not be read again."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from core.blocks import Block, blocks_of, unread
from core.models import FileChange, Omission, PullMemory, Strength

MOST_KEYS = 20_000
"""Keys of blocks that are remembered of one pull request; those of the newest head come first."""

_WEAKEST_FIRST = (Strength.STATIC, Strength.DEGRADED, Strength.FULL)


@dataclass(frozen=True, slots=True)
class Agenda:
    """The blocks of a head, and those of them that this round reads."""

    blocks: tuple[Block, ...]
    """Of all files in scope, in the order of the scope."""
    fresh: tuple[Block, ...]
    files: tuple[FileChange, ...]
    """Files with the hunks that hold a fresh block."""

    @property
    def fresh_hunks(self) -> Mapping[str, frozenset[int]]:
        """Return by path the indexes of hunks that are read now."""
        found: dict[str, set[int]] = {}
        for block in self.fresh:
            found.setdefault(block.path, set()).add(block.hunk)
        return {path: frozenset(indexes) for path, indexes in found.items()}


def to_read(
    files: Sequence[FileChange],
    lines: Mapping[str, Sequence[str]],
    memory: PullMemory,
    *,
    strength: Strength,
    again: bool = False,
) -> Agenda:
    """Return what is left to read at the strength that can be had now.

    `lines` are the files at the head, by path, where they are known. `again` reads everything.
    """
    blocks = tuple(block for file in files for block in blocks_of(file, lines.get(file.path)))
    fresh = blocks if again else unread(blocks, _read_at_least(memory, strength))
    agenda = Agenda(blocks, fresh, ())
    hunks = agenda.fresh_hunks
    kept = (_with_hunks(file, hunks.get(file.path, frozenset())) for file in files)
    return replace(agenda, files=tuple(file for file in kept if file is not None))


def read_keys(
    agenda: Agenda, memory: PullMemory, unread_paths: Iterable[str], strength: Strength
) -> dict[Strength, dict[str, int]]:
    """Return what is known as read after this round.

    Of a path that was left out, or only read in part, this round's blocks stay unread. Only
    blocks of the present head are kept, and beside them those of earlier heads, as a change
    may be taken back.
    """
    left_out = frozenset(unread_paths)
    known = {each: Counter(memory.read.get(each, {})) for each in _WEAKEST_FIRST}
    present = Counter(block.key for block in agenda.blocks)
    for key in {block.key for block in agenda.fresh if block.path not in left_out}:
        better = sum(known[each][key] for each in _at_least(strength)[1:])
        known[strength][key] = max(known[strength][key], present[key] - better)
    return _bounded(known, present)


def omitted_paths(omitted: Iterable[Omission]) -> frozenset[str]:
    """Return the paths of which something was not read."""
    return frozenset(each.path for each in omitted if not each.reason.not_reviewable)


def _read_at_least(memory: PullMemory, strength: Strength) -> Mapping[str, int]:
    read: Counter[str] = Counter()
    for each in _at_least(strength):
        read.update(memory.read.get(each, {}))
    return read


def _at_least(strength: Strength) -> tuple[Strength, ...]:
    return _WEAKEST_FIRST[_WEAKEST_FIRST.index(strength) :]


def _with_hunks(file: FileChange, indexes: frozenset[int]) -> FileChange | None:
    if not file.hunks or not indexes:
        return None
    return replace(file, hunks=tuple(h for at, h in enumerate(file.hunks) if at in indexes))


def _bounded(
    known: Mapping[Strength, Counter[str]], present: Mapping[str, int]
) -> dict[Strength, dict[str, int]]:
    """Keep the keys of the present head, then others, up to the limit."""
    room = MOST_KEYS
    kept: dict[Strength, dict[str, int]] = {each: {} for each in _WEAKEST_FIRST}
    for is_present in (True, False):
        for strength in reversed(_WEAKEST_FIRST):
            for key, times in known[strength].items():
                if times > 0 and (key in present) is is_present and room > 0:
                    kept[strength][key] = times
                    room -= 1
    return {strength: keys for strength, keys in kept.items() if keys}
