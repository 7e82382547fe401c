"""Work that goes on after Slack was answered: one task for each request, and words for failures.

Slack waits three seconds for an acknowledgement and for nothing else, so whatever asks GitHub or
the ledger is an errand. What an errand does is the business of whoever sends it.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import structlog

from core.errors import PermanentError, TransientError, UserError
from slack import blocks
from slack.blocks import Message

DRAIN_SECONDS: Final = 8.0
"""For errands under way at shutdown; the whole process has 25."""
ASK_OPERATOR: Final = "If that surprises you, give the request id to whoever runs Argus."

log = structlog.get_logger(__name__)


class Errands:
    """Runs errands, each in a task of its own."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def send(self, errand: Callable[[], Awaitable[None]]) -> None:
        """Carry an errand out after this call returned; it must not raise."""
        task = asyncio.create_task(_run(errand))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def drain(self, seconds: float = DRAIN_SECONDS) -> None:
        """Wait for errands under way, at most so long; cancel what is left."""
        if not self._tasks:
            return
        _, late = await asyncio.wait(self._tasks, timeout=seconds)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)


async def _run(errand: Callable[[], Awaitable[None]]) -> None:
    await errand()


def in_words(error: Exception, request_id: str) -> Message:
    """Return what a person is told; what nobody expected is logged with the request's id."""
    match error:
        case UserError():
            return blocks.problem(error, request_id)
        case TransientError():
            log.warning("slack.away", reason=error.reason)
            words = error.words
            return blocks.problem(words, request_id) if words else blocks.away(request_id)
        case PermanentError():
            log.warning("slack.refused", reason=error.reason)
            return blocks.problem(UserError(error.reason, next_step=ASK_OPERATOR), request_id)
        case _:
            log.error("slack.failed_unexpectedly", exc_info=error)
            return blocks.unexpected(request_id)
