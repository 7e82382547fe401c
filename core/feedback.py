"""What people made of findings, read off what is remembered and off their comments; pure.

How often which came of which rule is counted by the ledger, for each repository.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from core.models import (
    FindingState,
    PullMemory,
    Received,
    Reception,
    RecordedFinding,
    RememberedFinding,
    ReviewRecord,
)

PROPOSED_AFTER: Final = 3
"""Dismissals of what one rule found, after which it is proposed to configure it away."""
_BY_STATE: Final = {
    FindingState.ADDRESSED: Reception.ADDRESSED,
    FindingState.DISMISSED: Reception.DISMISSED,
    FindingState.ACCEPTED: Reception.ACCEPTED,
}

Counts = Mapping[str, Mapping[Reception, int]]
"""By rule: how often which came of its findings."""
CountsOf = Callable[[int], Awaitable[Counts]]
"""Returns what became of a repository's findings."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What the comment of a finding shows, beside what is remembered of it."""

    votes: int = 0
    """People who put 👍 on it, less those who put 👎."""
    resolved: bool = False
    """A person resolved its thread."""
    changed: bool = False
    """Later commits changed its lines, as GitHub tells it."""


UNSEEN: Final = Seen()


def rule_name(finding: RecordedFinding) -> str:
    """Return what made a finding: `static:<rule>`, or of a model's `model:<category>`.

    So there are few of them, however much models find.
    """
    return f"model:{finding.category}" if finding.source == "model" else finding.source


def received(memory: PullMemory, seen: Mapping[str, Seen], *, ended: bool) -> tuple[Received, ...]:
    """Return what became of each finding that stands on a line; `seen` is by finding."""
    return tuple(
        Received(
            finding_id=each.finding.id,
            rule=rule_name(each.finding),
            words=tuple(_words(each, seen.get(each.finding.id, UNSEEN), ended=ended)),
        )
        for each in memory.findings
        if each.finding.url
    )


def proposals(counts: Counts) -> tuple[str, ...]:
    """Return the rules that people dismiss again and again, and hardly ever act on."""
    return tuple(
        rule
        for rule, of in sorted(counts.items())
        if of.get(Reception.DISMISSED, 0) >= PROPOSED_AFTER
        and of.get(Reception.DISMISSED, 0) > of.get(Reception.ADDRESSED, 0)
    )


def proposed_beside(record: ReviewRecord, counts: Counts) -> tuple[str, ...]:
    """Return the proposals that a review gives occasion for: their rules found something in it.

    A rule that is dismissed in the whole repository leaves nothing open, and is settled.
    """
    occasions = {rule_name(each) for each in record.findings}
    occasions |= {
        rule_name(each.finding) for each in record.quiet if each.finding.source == "model"
    }
    return tuple(rule for rule in proposals(counts) if rule in occasions)


def _words(each: RememberedFinding, seen: Seen, *, ended: bool) -> Iterator[Reception]:
    yield Reception.FOUND
    if word := _BY_STATE.get(each.state):
        yield word
    elif ended:
        yield _at_the_end(seen)
    if seen.resolved:
        yield Reception.RESOLVED
    if seen.votes:
        yield Reception.LIKED if seen.votes > 0 else Reception.DISLIKED


def _at_the_end(seen: Seen) -> Reception:
    """Return what became of a finding that is open at the end.

    People resolve threads of what they mended, and of what they do not want to hear of: only
    changed code tells these apart, where the last commits were not reviewed.
    """
    return Reception.ADDRESSED if seen.resolved and seen.changed else Reception.IGNORED
