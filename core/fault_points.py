"""The named instants at which a test may make a process fail; they cost nothing when unused.

What happens at one is decided by whoever arms them, in `bot.fault_injection`; the core only says
where it is. A process that nobody armed looks at an empty list and goes on.
"""

from collections.abc import Awaitable, Callable
from enum import StrEnum


class FaultPoint(StrEnum):
    """An instant after which a crash leaves another state of the world behind."""

    CLAIMING = "claiming"
    """A worker answered the bell and asks the ledger for a job."""
    CLAIMED = "claimed"
    """The job is held; nothing was asked of GitHub yet."""
    CHANGES_FETCHED = "changes_fetched"
    """The diff was read; nothing was asked of a model yet."""
    MODEL_ASKED = "model_asked"
    """The change is about to be read by the model, or by the analyzers alone."""
    MODEL_ANSWERED = "model_answered"
    """The answer is there and nothing was posted yet."""
    POSTING = "posting"
    """The lease was checked and the pending review is about to be sent."""
    POSTED = "posted"
    """GitHub has the pending review; the ledger does not know its id."""
    REMEMBERED = "remembered"
    """The ledger knows the id; the review is not submitted."""
    SUBMITTING = "submitting"
    """Head and lease were checked and the submission is about to be sent."""
    SUBMITTED = "submitted"
    """People see the review; the run does not know how its comments are addressed."""
    COMMITTING = "committing"
    """The outcome is known to the run alone."""
    COMMITTED = "committed"
    """The ledger has the outcome; the bell's message is not acknowledged."""
    SENDING = "sending"
    """An outbox row is held and about to be delivered."""
    SENT = "sent"
    """The row was delivered; the ledger does not know it."""
    ADMITTED = "admitted"
    """The ledger has the job; GitHub has no answer to its delivery."""
    ANSWERED = "answered"
    """GitHub has its answer; no worker was woken."""


Handler = Callable[[FaultPoint], Awaitable[None]]

_handlers: list[Handler] = []


async def reach(point: FaultPoint) -> None:
    """Say that this instant has come."""
    if _handlers:
        await _handlers[0](point)


def arm(handler: Handler | None) -> None:
    """Let a handler decide what happens at every point of this process; None disarms."""
    _handlers[:] = [] if handler is None else [handler]
