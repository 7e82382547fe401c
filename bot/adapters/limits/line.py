"""Asks the scripts of a server, and does without it for a moment when it does not answer.

What is done without it is decided by who asks.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import structlog
from redis.asyncio import Redis

from bot.adapters.ledger.policy import Policy
from bot.adapters.ledger.scripts import RETRY_AFTER, Scripts
from core.errors import TransientError

PATIENCE = 2.0
"""Seconds for one answer: a stalled server must not hold up a request to GitHub for long."""

log = structlog.get_logger(__name__)


class Away(Exception):
    """The server does not answer: this process is on its own for now."""


class Line:
    """One for all limits of a process, so that an outage costs one wait, and one line of log."""

    def __init__(self, redis: Redis, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._scripts = Scripts(redis, Policy())
        self._clock = clock
        self._again = 0.0
        """When a server that was away is asked again."""
        self._away = False

    async def call(self, name: str, **ask: Any) -> Any:
        """Run a script. Raises Away, at once while the server was away a moment ago."""
        if self._clock() < self._again:
            raise Away
        try:
            async with asyncio.timeout(PATIENCE):
                reply = await self._scripts.call(name, **ask)
        except (TransientError, TimeoutError) as error:
            self._lose(error)
            raise Away from error
        self._find()
        return reply

    def _lose(self, error: Exception) -> None:
        self._again = self._clock() + RETRY_AFTER
        if not self._away:
            self._away = True
            log.warning("limits.alone", reason=str(error) or "Redis did not answer in time.")

    def _find(self) -> None:
        if self._away:
            self._away = False
            log.info("limits.shared_again")


def ms(seconds: float) -> int:
    """Return seconds as the scripts count them."""
    return round(seconds * 1000)
