"""The end of a round: what is open now, what was fixed, and the memory for the next one."""

from collections.abc import Iterable, Mapping, Sequence

from core.blocks import Block, block_at
from core.findings import Placed, recorded
from core.models import (
    Category,
    CommentState,
    Dismissal,
    FileChange,
    Finding,
    FindingState,
    Place,
    PullMemory,
    RecordedFinding,
    RememberedFinding,
    Round,
    Severity,
    Side,
    Strength,
)
from core.rounds.agenda import read_keys
from core.rounds.carrying import Change
from core.rounds.matching import NEAR_LINES, Sorted, code_of

MOST_FINDINGS = 500
"""Findings that are remembered of one pull request; addressed ones are forgotten first."""

MOST_COMMENTS = 200
"""Comments whose state is told; older ones keep what was last said on them."""


def speaks_inline(finding: Finding, change: Change, *, first: bool, verified: bool) -> bool:
    """Tell whether a finding may stand on a line: later rounds speak of what they read.

    Outside of it only a verified, important security hole is worth a new remark on old code.
    """
    if first or _is_on_fresh(finding, change):
        return True
    candidate = finding.candidate
    grave = candidate.severity is Severity.IMPORTANT and candidate.category is Category.SECURITY
    return grave and verified


def settled(
    memory: PullMemory,
    carried: Sequence[RememberedFinding],
    sorted_: Sorted,
    said: Mapping[str, tuple[Finding, RecordedFinding]],
    change: Change,
    *,
    verified: frozenset[str],
    unread: Iterable[str],
    strength: Strength,
) -> PullMemory:
    """Return the memory after a round; `said` are its findings by id, as they were recorded.

    `unread` are paths of which something was left out, `verified` the ids that a second look
    confirmed.
    """
    number = memory.round + 1
    old = [_continued(each, sorted_, said, change, verified) for each in carried]
    replaced = {finding.id for finding in sorted_.back.values()}
    fresh = [
        remember(finding, record, change, number, verified=finding.id in verified)
        for finding, record in said.values()
        if finding.id not in replaced
    ]
    ruled = [_ruled(finding, rule, change, number) for finding, rule in sorted_.ruled]
    found = [*old, *fresh, *ruled]
    kept = _most_needed(found)
    return PullMemory(
        round=number,
        head=change.head,
        read=read_keys(change.agenda, memory, unread, strength),
        findings=kept,
        forgotten=memory.forgotten + len(found) - len(kept),
    )


def told(memory: PullMemory, before: PullMemory, sorted_: Sorted) -> Round:
    """Return what a round changed, for people."""
    known = {each.finding.id: each.state for each in before.findings}
    addressed = [each for each in memory.findings if each.state is FindingState.ADDRESSED]
    back = [each for each in memory.findings if each.state is FindingState.REGRESSED]
    # one that was restored from its comment was open, whatever the memory had lost
    return Round(
        number=memory.round,
        new=sum(each.first_round == memory.round for each in memory.findings if each.state.is_open),
        regressed=sum(
            each.finding.id not in known or known[each.finding.id] is FindingState.ADDRESSED
            for each in back
        ),
        dismissed=len(sorted_.dismissed) + len(sorted_.ruled),
        fixed=tuple(
            each.finding
            for each in addressed
            if each.settled_head == memory.head
            and known.get(each.finding.id, FindingState.OPEN).is_open
        ),
        comments=tuple(
            CommentState(finding_id=each.finding.id, state=each.state, head=each.settled_head)
            for each in (*addressed, *back)
            if each.finding.url
        )[-MOST_COMMENTS:],
    )


def remember(
    finding: Finding, record: RecordedFinding, change: Change, number: int, *, verified: bool
) -> RememberedFinding:
    """Return a finding that round `number` made, with the hash of its code and its place."""
    file = _file_of(finding, change)
    return RememberedFinding(
        finding=record,
        lineage=(file.previous_path or file.path) if file else record.path,
        first_round=number,
        first_head=change.head,
        late=record.place is Place.LATE,
        verified=verified,
    ).model_copy(update=_place_of(finding, change))


def _ruled(finding: Finding, rule: Dismissal, change: Change, number: int) -> RememberedFinding:
    """Return a finding that is kept quiet, so that it can be spoken of should the rule return."""
    [record] = recorded(Placed(summary=(finding,)), {})
    now = remember(finding, record, change, number, verified=False)
    return now.model_copy(update={"state": rule.state, "who": rule.who, "reason": rule.reason})


def _continued(
    each: RememberedFinding,
    sorted_: Sorted,
    said: Mapping[str, tuple[Finding, RecordedFinding]],
    change: Change,
    verified: frozenset[str],
) -> RememberedFinding:
    """Return an earlier finding after this round's claims were held against it."""
    again = sorted_.back.get(each.finding.id)
    if again is not None and again.id in said:
        finding, record = said[again.id]
        now = remember(finding, record, change, each.first_round, verified=finding.id in verified)
        kept = {
            "first_head": each.first_head,
            "settled_head": change.head,
            "state": FindingState.REGRESSED,
        }
        return now.model_copy(update=kept)
    repeated = sorted_.repeated.get(each.finding.id)
    if repeated is None:
        return _standing(each)
    place = _place_of(repeated, change)
    return _standing(each).model_copy(update=place if repeated.anchor is not None else {})


def _standing(each: RememberedFinding) -> RememberedFinding:
    """Say of a finding of an earlier round where it stands now."""
    where = each.finding.place
    if where in {Place.INLINE, Place.STANDING}:
        where = Place.STANDING if each.finding.url else Place.SUMMARY
    return each.model_copy(update={"finding": each.finding.model_copy(update={"place": where})})


def _place_of(finding: Finding, change: Change) -> dict[str, object]:
    block = _block_of(finding, change)
    start = _first_line(finding)
    span = block.span(_side(finding)) if block else None
    return {
        "block": block.key if block else "",
        "offset": start - span[0] if span else 0,
        "quoted": code_of(finding, _file_of(finding, change)),
    }


def _block_of(finding: Finding, change: Change) -> Block | None:
    """Return the block that holds the finding's first line, or else its last."""
    anchor = finding.anchor
    if anchor is None:
        return None
    blocks = change.agenda.blocks
    first = block_at(blocks, anchor.path, anchor.side, anchor.start_line or anchor.line)
    return first or block_at(blocks, anchor.path, anchor.side, anchor.line)


def _is_on_fresh(finding: Finding, change: Change) -> bool:
    """Tell whether it stands on a block that was read in this round, or right beside one."""
    anchor = finding.anchor
    if anchor is None:
        return False
    first = anchor.start_line or anchor.line
    return any(
        _distance(block, anchor.side, first, anchor.line) <= NEAR_LINES
        for block in change.agenda.fresh
        if block.path == anchor.path
    )


def _distance(block: Block, side: Side, first: int, last: int) -> int:
    span = block.span(side)
    if span is None:
        return NEAR_LINES + 1
    return max(span[0] - last, first - span[1], 0)


def _file_of(finding: Finding, change: Change) -> FileChange | None:
    path = finding.candidate.path
    return next((file for file in change.files if file.path == path), None)


def _first_line(finding: Finding) -> int:
    anchor = finding.anchor
    return finding.candidate.line if anchor is None else (anchor.start_line or anchor.line)


def _side(finding: Finding) -> Side:
    return finding.candidate.side if finding.anchor is None else finding.anchor.side


def _most_needed(findings: Sequence[RememberedFinding]) -> tuple[RememberedFinding, ...]:
    """Keep all that fit: open and dismissed ones before addressed ones, newer before older."""
    if len(findings) <= MOST_FINDINGS:
        return tuple(findings)
    addressed = [at for at, each in enumerate(findings) if each.state is FindingState.ADDRESSED]
    others = [at for at in range(len(findings)) if at not in set(addressed)]
    kept = set([*addressed, *others][-MOST_FINDINGS:])
    return tuple(each for at, each in enumerate(findings) if at in kept)
