"""The pace of requests for one installation: when a write may go, and when nothing may.

`WritePace` keeps it for one process. Where several processes act for the same installation,
their host gives the client a `Pace` that they share.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from core.errors import ArgusError, Withheld
from github.errors import UNTOLD_WAIT, RateLimited

LONGEST_GUESS = 960.0
"""Seconds; where GitHub names no time, the wait doubles from a minute up to this."""
LONGEST_TURN = 60.0
"""Seconds a write waits for its turn when its caller sets no limit."""
MINUTE, HOUR = 60.0, 3_600.0
CLOSED = "GitHub asked Argus to wait."
OUT_OF_TURN = "Argus keeps to GitHub's pace for writes."


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


class KeptBack(RateLimited, Withheld):
    """Nothing was sent: GitHub limits us or is in trouble, or it is not our turn for a while."""


class Pace(Protocol):
    """Asked before each request, and told what became of it."""

    async def enter(self, *, write: bool, patience: float = LONGEST_TURN) -> None:
        """Return when a request may be sent; a write waits for its turn up to `patience` seconds.

        Raises KeptBack, with nothing sent, while GitHub is to be left alone or when the turn is
        further away than that.
        """
        ...

    async def failed(self, error: ArgusError) -> ArgusError:
        """Learn from an answer that is an error, or from none; return it with the wait that
        now holds."""
        ...

    async def succeeded(self) -> None:
        """Learn that GitHub answers as it should."""
        ...


class WritePace:
    """Spaces the writes of one process, and keeps everything back while GitHub limits us."""

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
        """Return when a request may be sent. Raises KeptBack."""
        self._require_open()
        if not write:
            return
        now = self._clock()
        turn = self._next_turn(now)
        if turn - now > patience:
            raise KeptBack(OUT_OF_TURN, retry_after=turn - now)
        self._take(turn)
        if turn > now:
            await self._sleep(turn - now)
            self._require_open()

    async def failed(self, error: ArgusError) -> ArgusError:
        """Keep everything back where GitHub limits us; other errors change nothing."""
        if not isinstance(error, RateLimited):
            return error
        now = self._clock()
        if error.told:
            self.close(error.retry_after)
        elif self._closed_until <= now:
            # Requests that were under way together meet one limit: they are one guess.
            self.close(min(UNTOLD_WAIT * 2.0**self._guesses, LONGEST_GUESS))
            self._guesses += 1
        return RateLimited(error.reason, retry_after=self._closed_until - now, told=error.told)

    async def succeeded(self) -> None:
        """Forget earlier guesses; an answer from before the limit tells nothing."""
        if self._closed_until <= self._clock():
            self._guesses = 0

    def close(self, seconds: float) -> None:
        """Keep everything back for so long, or longer where that holds already."""
        self._closed_until = max(self._closed_until, self._clock() + seconds)

    def count(self, ahead: float) -> None:
        """Note a write whose turn, in so many seconds, somebody else gave."""
        self._take(self._clock() + ahead)

    def _take(self, turn: float) -> None:
        self._turns.append(turn)
        self._even = max(self._even, turn) + 1.0 / self._limits.per_second

    def _require_open(self) -> None:
        left = self._closed_until - self._clock()
        if left > 0:
            raise KeptBack(CLOSED, retry_after=left)

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
