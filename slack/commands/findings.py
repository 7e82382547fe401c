"""Which findings a thread can mean, where it does not name one."""

from collections.abc import Sequence

from core.commands import Verb
from core.desk import Standing
from core.errors import UserError
from core.models import RecordedFinding
from slack.blocks.finding import by_weight


def open_findings(standing: Standing) -> Sequence[RecordedFinding]:
    """Return what is open after the last review, important first. Raises UserError for nothing."""
    outcome = standing.job.outcome if standing.job else None
    found = by_weight(outcome.record) if outcome and outcome.record else ()
    if not found:
        raise UserError(
            "Nothing is open on that pull request.",
            why="Its last review left no finding, or it has none yet.",
            next_step="`status` says where it stands.",
        )
    return found


def dismissed_findings(standing: Standing) -> Sequence[RecordedFinding]:
    """Return what people set aside. Raises UserError for nothing."""
    outcome = standing.job.outcome if standing.job else None
    quiet = outcome.record.quiet if outcome and outcome.record else ()
    if not quiet:
        raise UserError(
            "Nothing is dismissed on that pull request.",
            next_step="`status` says where it stands.",
        )
    return [each.finding for each in quiet]


def no_finding_here(verb: Verb) -> UserError:
    """Return that a verb needs the thread of a card."""
    return UserError(
        f"`{verb}` is about a finding, and none is meant here.",
        next_step=f"Mention Argus with `{verb}` in the thread of a review's card.",
    )


def too_many_questions() -> UserError:
    """Return that a question found no room."""
    return UserError(
        "Your question was not taken.",
        why="More questions wait already than Argus can answer soon.",
        next_step="Ask again in a few minutes; `/argus review` works all the same.",
    )
