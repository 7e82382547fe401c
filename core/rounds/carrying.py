"""What becomes of the findings of earlier rounds at a new head, before anything new is said.

The code decides where it can: a finding whose code is gone is addressed, one whose code is back
is open again. Only where code near it changed is a reader's word on it taken.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from core.blocks import Block, block_at
from core.models import (
    FileChange,
    FindingState,
    PullMemory,
    RecordedFinding,
    RememberedFinding,
    Resolved,
)
from core.rounds.agenda import Agenda
from core.rounds.places import find

FIXED_WORDS = frozenset({"addressed", "fixed", "resolved", "done", "obsolete"})
"""What readers call a finding that no longer holds; any other word leaves it open."""


MOST_ASKED = 3
"""Open findings of a file of which a reader may tell what became."""


@dataclass(frozen=True, slots=True)
class Change:
    """The change at the new head, as far as it can be looked at."""

    head: str
    agenda: Agenda
    files: Sequence[FileChange]
    """All files in scope."""
    omitted: frozenset[str]
    """Paths of the change that were not looked at, whose findings rest as they are."""
    lines: Mapping[str, Sequence[str]]


def carried(
    memory: PullMemory, change: Change, resolved: Iterable[Resolved] = ()
) -> tuple[RememberedFinding, ...]:
    """Return the remembered findings as they stand at the new head, in their old order."""
    fixed = {each.id for each in resolved if each.status.strip().lower() in FIXED_WORDS}
    by_lineage = {file.previous_path or file.path: file for file in change.files}
    by_key: dict[str, Block] = {block.key: block for block in reversed(change.agenda.blocks)}
    touched = {block.path for block in change.agenda.fresh}
    result: list[RememberedFinding] = []
    for each in memory.findings:
        file = by_lineage.get(each.lineage)
        now = _carried(each, file, by_key.get(each.block), change)
        if now.state.is_open and each.finding.id in fixed and now.finding.path in touched:
            now = _settled(now, change.head, gone=False)
        result.append(now)
    return tuple(result)


def near_fresh(
    findings: Iterable[RememberedFinding], agenda: Agenda
) -> tuple[RememberedFinding, ...]:
    """Return the open findings nearest to what is read anew, for a reader to tell what became.

    Of a file a few: each costs as much as some lines of code, and the code itself tells of most.
    """
    fresh: dict[str, list[Block]] = {}
    for block in agenda.fresh:
        fresh.setdefault(block.path, []).append(block)
    near: dict[str, list[tuple[int, RememberedFinding]]] = {}
    for each in findings:
        if each.state.is_open and each.finding.path in fresh:
            away = min(_away(each.finding, block) for block in fresh[each.finding.path])
            near.setdefault(each.finding.path, []).append((away, each))
    nearest = (sorted(of_file, key=lambda pair: pair[0]) for of_file in near.values())
    return tuple(each for of_file in nearest for _, each in of_file[:MOST_ASKED])


def _away(finding: RecordedFinding, block: Block) -> int:
    """Return the lines between a finding and a block, counted on whatever side there is."""
    first, last = block.span(finding.side) or block.added or block.removed or (0, 0)
    return max(first - finding.line, finding.line - last, 0)


def _carried(
    each: RememberedFinding, file: FileChange | None, block: Block | None, change: Change
) -> RememberedFinding:
    if file is None:
        left_out = each.finding.path in change.omitted or each.lineage in change.omitted
        return each if left_out else _gone(each, change.head)
    if block is not None:
        return _stands(each, file.path, _line_in(block, each), block, change.head)
    lines = change.lines.get(file.path)
    place = find(each.quoted, each.finding.side, each.finding.line, file, lines)
    if place is not None and (place.in_change or not each.block):
        at = block_at(change.agenda.blocks, file.path, place.side, place.line)
        return _stands(each, file.path, place.line, at, change.head)
    if place is None and not each.block and lines is None:
        return each  # it never stood in the diff, and its file cannot be read now
    return _gone(each, change.head)


def _stands(
    each: RememberedFinding, path: str, line: int, block: Block | None, head: str
) -> RememberedFinding:
    """Move it to where its code is; what was addressed by being removed is open again."""
    back = each.state is FindingState.ADDRESSED and each.gone
    span = block.span(each.finding.side) if block else None
    return each.model_copy(
        update={
            "finding": _moved(each.finding, path, line),
            "block": block.key if block else "",
            "offset": line - span[0] if span else 0,
            "state": FindingState.REGRESSED if back else each.state,
            "settled_head": head if back else each.settled_head,
            "gone": False,
        }
    )


def _gone(each: RememberedFinding, head: str) -> RememberedFinding:
    if each.state.is_quiet:
        return each.model_copy(update={"gone": True})
    return _settled(each, head, gone=True) if each.state.is_open else each


def _settled(each: RememberedFinding, head: str, *, gone: bool) -> RememberedFinding:
    return each.model_copy(
        update={"state": FindingState.ADDRESSED, "settled_head": head, "gone": gone}
    )


def _moved(finding: RecordedFinding, path: str, line: int) -> RecordedFinding:
    length = (finding.end_line or finding.line) - finding.line
    end = line + length if length else None
    return finding.model_copy(update={"path": path, "line": line, "end_line": end})


def _line_in(block: Block, each: RememberedFinding) -> int:
    span = block.span(each.finding.side)
    return each.finding.line if span is None else span[0] + each.offset
