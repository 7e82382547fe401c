"""Shows how far a run got to those who follow it in Slack: the latest step, once in a while.

Whether anybody follows is the ledger's to know; without a follower nothing is written.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from bot.adapters.ledger import RedisLedger
from core.errors import TransientError
from core.models import Job, Step

log = structlog.get_logger(__name__)


class Follower:
    """Hears of steps and shows the last of them; implements `core.ports.Progress`."""

    def __init__(self, ledger: RedisLedger, job: Job) -> None:
        self._ledger = ledger
        self._job = job
        self._step: Step | None = None
        self._changed = asyncio.Event()

    def at(self, step: Step) -> None:
        """Learn how far it got; what was not shown yet is not shown any more."""
        if step != self._step:
            self._step = step
            self._changed.set()

    async def show(self) -> None:
        """Show steps until the job is another's, no faster than a card may be edited."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            if not await self._shown():
                return
            await asyncio.sleep(self._ledger.policy.card_apart)

    async def _shown(self) -> bool:
        """Show the last step; False when another worker holds the job."""
        assert self._step is not None
        try:
            return await self._ledger.show(self._job, self._step) >= 0
        except TransientError as error:
            log.info("progress.not_shown", reason=error.reason)
            return True


@asynccontextmanager
async def followed(ledger: RedisLedger, job: Job) -> AsyncIterator[Follower]:
    """Show how far a run gets while it lasts; its end is not waited for and not held up."""
    follower = Follower(ledger, job)
    showing = asyncio.create_task(follower.show())
    try:
        yield follower
    finally:
        showing.cancel()
        await asyncio.gather(showing, return_exceptions=True)
