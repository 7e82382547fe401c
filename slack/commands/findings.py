"""Which finding a thread means, where it does not name one: the only one that it can be."""

from core.commands import Verb
from core.desk import Standing
from core.errors import UserError
from core.models import RecordedFinding


def open_findings(standing: Standing) -> tuple[RecordedFinding, ...]:
    """Return what is open after the last review, as people's words leave it."""
    outcome = standing.job.outcome if standing.job else None
    return outcome.record.findings if outcome and outcome.record else ()


def only_finding(standing: Standing, verb: Verb) -> RecordedFinding:
    """Return the one finding that can be meant. Raises UserError where it is none or several."""
    found = open_findings(standing)
    if not found:
        raise UserError(
            "Nothing is open on that pull request.",
            why="Its last review left no finding, or it has none yet.",
            next_step="`status` says where it stands.",
        )
    if len(found) > 1:
        raise UserError(
            f"{len(found)} findings are open, and this thread names none of them.",
            next_step=f"Press `{'Explain' if verb is Verb.EXPLAIN else 'Dismiss'}` under the one "
            "that you mean.",
        )
    return found[0]


def only_dismissed(standing: Standing) -> RecordedFinding:
    """Return the one dismissed finding that can be meant. Raises UserError as above."""
    outcome = standing.job.outcome if standing.job else None
    found = outcome.record.quiet if outcome and outcome.record else ()
    if not found:
        raise UserError(
            "Nothing is dismissed on that pull request.",
            next_step="`status` says where it stands.",
        )
    if len(found) > 1:
        raise UserError(
            f"{len(found)} findings are dismissed, and this thread names none of them.",
            next_step="`ignore all off` takes back what was dismissed all at once; reply in a"
            " finding's thread on the pull request for one.",
        )
    return found[0].finding


def no_finding_here(verb: Verb) -> UserError:
    """Return that a verb needs the thread of a card."""
    return UserError(
        f"`{verb}` is about a finding, and none is meant here.",
        next_step=f"Mention Argus with `{verb}` in the thread of a review's card.",
    )
