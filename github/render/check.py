"""The check run in every state: waiting, reading, and ended, with counts and reasons in words."""

from dataclasses import dataclass
from typing import Final

from core.coverage import Verdict
from core.models import Outcome, Paused
from github.render import sections
from github.render.summary import ROOMS
from github.render.words import BODY_LIMIT, count
from github.sanitise import Home, plain

TITLE_LIMIT: Final = 140
"""Characters; GitHub shows about as many."""


@dataclass(frozen=True, slots=True)
class CheckText:
    """The output of a check run."""

    title: str
    summary: str
    text: str = ""
    """Details below the summary; at most 65,535 characters, like the summary."""


def waiting(ahead: int) -> CheckText:
    """Return what is said until a worker takes the job."""
    before = f"{count(ahead, 'review')} before it." if ahead else "It is next."
    return CheckText("Waiting for a worker", f"The review is queued. {before}")


def reading() -> CheckText:
    """Return what is said while the review runs."""
    return CheckText("Reading the change", "The review is running; its result will stand here.")


def passed_over() -> CheckText:
    """Return what is said of a commit that ended without an outcome of its own."""
    return CheckText(
        "A newer commit took its place",
        "This commit was not reviewed: a newer one arrived first. Its own check says how it fared.",
    )


def lost() -> CheckText:
    """Return what is said when the request behind a check is not known any more."""
    return CheckText(
        "This request was lost",
        "Argus lost track of it when its storage failed. It asked again by itself: the next "
        "check says how that went.",
    )


def given_up() -> CheckText:
    """Return what is said when every attempt failed and none could say why."""
    return CheckText(
        "The review failed",
        "Argus gave up after several attempts. Ask again with `review full`; the operator finds "
        "the reason in the list of dead jobs.",
    )


def ended(
    outcome: Outcome, verdict: Verdict, home: Home, paused: Paused | None = None
) -> CheckText:
    """Return the result, with the same details as the sticky summary."""
    facts = sections.facts(outcome, verdict, home, paused)
    review = home.allowed(outcome.review_url) if outcome.review_url else None
    link = f"[See the review]({review})" if review else ""
    details = (_details(outcome, home, room) for room in ROOMS)
    return CheckText(
        plain(verdict.title, limit=TITLE_LIMIT),
        sections.joined(facts, link),
        next((text for text in details if len(text) < BODY_LIMIT), ""),
    )


def _details(outcome: Outcome, home: Home, room: int) -> str:
    record = outcome.record
    if record is None:
        return ""
    return sections.joined(
        sections.findings(record, home, room),
        sections.late(record, home, room),
        sections.elsewhere(record, home, room),
        sections.fixed(record, home, room),
        sections.quiet(record, home, room),
        sections.notes(record, home, room),
        sections.coverage(record, home, room),
        sections.footer(record),
    )
