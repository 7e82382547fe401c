"""The sticky summary: one comment that is edited in place. What it is made of is in `sections`."""

from collections.abc import Sequence
from typing import Final

from core.coverage import Verdict
from core.models import Outcome, Paused, ReviewRecord
from github.render import sections
from github.render.proposals import quietly_proposed
from github.render.words import BODY_LIMIT
from github.sanitise import Home, inline

ROOMS: Final = (3_000, 500, 200, 80, 30, 10, 3, 0)
"""Entries a list may have, tried in turn until the whole fits."""


def summary(
    outcome: Outcome,
    verdict: Verdict,
    home: Home,
    marker: str,
    paused: Paused | None = None,
    proposed: Sequence[str] = (),
) -> str:
    """Return the summary's body, at most 65,536 characters, the marker always in it.

    `proposed` are rules that could be turned off.
    """
    facts = sections.facts(outcome, verdict, home, paused)
    head = sections.joined(_title(verdict, home), facts)
    proposal = quietly_proposed(proposed)
    bodies = (_body(outcome.record, head, home, (proposal, marker), room) for room in ROOMS)
    return next(
        (body for body in bodies if len(body) <= BODY_LIMIT),
        sections.joined(_title(verdict, home), marker),
    )


def _body(
    record: ReviewRecord | None, head: str, home: Home, end: tuple[str, str], room: int
) -> str:
    proposal, marker = end
    if record is None:
        return sections.joined(head, marker)
    return sections.joined(
        head,
        sections.findings(record, home, room),
        sections.late(record, home, room),
        sections.elsewhere(record, home, room),
        sections.fixed(record, home, room),
        sections.quiet(record, home, room),
        sections.notes(record, home, room),
        sections.coverage(record, home, room),
        sections.words_of_model(record, home),
        sections.prompt(record, room),
        proposal,
        sections.footer(record),
        marker,
    )


def _title(verdict: Verdict, home: Home) -> str:
    return f"### Argus: {inline(verdict.title, home)}"
