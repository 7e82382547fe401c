"""What people made of findings, read off what is remembered and off reactions; pure.

How often which came of which rule is counted by the ledger, for each repository.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from core.models import (
    FindingState,
    PullMemory,
    Received,
    Reception,
    RecordedFinding,
    RememberedFinding,
)

PROPOSED_AFTER: Final = 3
"""Dismissals of what one rule found, after which it is proposed to configure it away."""
_BY_STATE: Final = {
    FindingState.ADDRESSED: Reception.ADDRESSED,
    FindingState.DISMISSED: Reception.DISMISSED,
    FindingState.ACCEPTED: Reception.ACCEPTED,
}

Votes = Mapping[str, int]
"""By finding: people who put 👍 on its comment, less those who put 👎."""
Counts = Mapping[str, Mapping[Reception, int]]
"""By rule: how often which came of its findings."""


def rule_name(finding: RecordedFinding) -> str:
    """Return what made a finding: `static:<rule>`, or of a model's `model:<category>`.

    So there are few of them, however much models find.
    """
    return f"model:{finding.category}" if finding.source == "model" else finding.source


def received(memory: PullMemory, votes: Votes, *, ended: bool) -> tuple[Received, ...]:
    """Return what became of each finding that stands on a line."""
    return tuple(
        Received(
            finding_id=each.finding.id,
            rule=rule_name(each.finding),
            words=tuple(_words(each, votes.get(each.finding.id, 0), ended=ended)),
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


def _words(each: RememberedFinding, votes: int, *, ended: bool) -> Iterator[Reception]:
    if word := _BY_STATE.get(each.state):
        yield word
    elif ended:
        yield Reception.IGNORED
    if votes:
        yield Reception.LIKED if votes > 0 else Reception.DISLIKED
