"""The pace of requests for one installation: when a write may go, and when nothing may.

One object a process and installation. Only its two methods are used by the client, so that a
version shared through Redis can take its place.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from github.errors import UNTOLD_WAIT, RateLimited

LONGEST_GUESS = 960.0
"""Seconds; where GitHub names no time, the wait doubles from a minute up to this."""
LONGEST_TURN = 60.0
"""Seconds a write waits for its turn when its caller sets no limit."""
MINUTE, HOUR = 60.0, 3_600.0


@dataclass(frozen=True, slots=True)
class Limits:
    """Writes allowed: a burst, then an even pace, within a minute and within an hour."""

    burst: int = 6
    per_second: float = 1.0
    per_minute: int = 60
    per_hour: int = 450


CONTENT = Limits()
"""Below GitHub's 80 content-creating requests a minute and 500 an hour.

https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api
"""
TOKENS = Limits(burst=100, per_second=10.0, per_minute=600, per_hour=1_900)
"""For minting tokens, of which GitHub allows 2,000 an hour."""


class WritePace:
    """Spaces writes out and keeps everything back while GitHub limits us."""

    def __init__(
        self,
        limits: Limits = CONTENT,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._limits = limits
        self._clock = clock
        self._sleep = sleep
        self._turns: deque[float] = deque(maxlen=max(limits.per_hour, limits.per_minute))
        self._even = 0.0
        """When the next write would be due at the even pace; a burst runs ahead of it."""
        self._closed_until = 0.0
        self._guesses = 0

    async def enter(self, *, write: bool, patience: float = LONGEST_TURN) -> None:
        """Return when a request may be sent; a write waits for its turn up to `patience` seconds.

        Raises RateLimited, with nothing sent, while GitHub keeps us out or when the turn is
        further away than that.
        """
        self._require_open()
        if not write:
            return
        now = self._clock()
        turn = self._next_turn(now)
        if turn - now > patience:
            raise RateLimited("Argus keeps to GitHub's pace for writes.", retry_after=turn - now)
        self._turns.append(turn)
        self._even = max(self._even, turn) + 1.0 / self._limits.per_second
        if turn > now:
            await self._sleep(turn - now)
            self._require_open()

    def close(self, limit: RateLimited) -> RateLimited:
        """Keep everything back as GitHub asked; return the error with the wait that now holds."""
        wait = limit.retry_after
        if not limit.told:
            wait = min(UNTOLD_WAIT * 2.0**self._guesses, LONGEST_GUESS)
            self._guesses += 1
        self._closed_until = max(self._closed_until, self._clock() + wait)
        return RateLimited(limit.reason, retry_after=wait, told=limit.told)

    def succeed(self) -> None:
        """Forget earlier guesses: GitHub answers again."""
        self._guesses = 0

    def _require_open(self) -> None:
        left = self._closed_until - self._clock()
        if left > 0:
            raise RateLimited("GitHub asked Argus to wait.", retry_after=left)

    def _next_turn(self, now: float) -> float:
        """Return the earliest moment at which every limit allows one more write."""
        ahead = (self._limits.burst - 1) / self._limits.per_second
        return max(
            now,
            self._even - ahead,
            self._after(self._limits.per_minute, MINUTE),
            self._after(self._limits.per_hour, HOUR),
        )

    def _after(self, count: int, span: float) -> float:
        """Return when the `count`-th last turn is `span` seconds old."""
        return self._turns[-count] + span if len(self._turns) >= count else 0.0
