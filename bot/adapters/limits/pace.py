"""The pace at GitHub of one installation, or of the App itself, that all processes share.

Implements `github.pace.Pace`: the next turn is given in Redis, on its time. While Redis is away
a process keeps its own pace, which knows what this process did before.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from secrets import token_hex

from bot.adapters.limits.breaker import Rules, SharedBreaker
from bot.adapters.limits.line import Away, Line, ms
from core.errors import ArgusError, TransientError
from github.errors import UNTOLD_WAIT, RateLimited
from github.pace import (
    CLOSED,
    LONGEST_GUESS,
    LONGEST_TURN,
    OUT_OF_TURN,
    KeptBack,
    Limits,
    WritePace,
)

KIND = "github"
LEFT_ALONE = "Argus leaves GitHub alone for now."
RULES = Rules(failures=5, pause=10.0, longest=120.0, probe=30.0)
"""A request may take 20 seconds; trouble at GitHub is over within minutes, or lasts for hours."""


class SharedPace:
    """The pace of all processes for one scope."""

    def __init__(
        self,
        line: Line,
        scope: str,
        limits: Limits,
        breaker: SharedBreaker,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._line = line
        self._scope = scope
        self._limits = {
            "burst": limits.burst,
            "apart": ms(1 / limits.per_second),
            "minute": limits.per_minute,
            "hour": limits.per_hour,
        }
        self._breaker = breaker
        self._sleep = sleep
        self._alone = WritePace(limits, sleep=sleep)
        self._guessed = False
        """GitHub limited us without a time: that it answers again is worth telling."""

    async def enter(self, *, write: bool, patience: float = LONGEST_TURN) -> None:
        """Return when a request may be sent. Raises KeptBack."""
        try:
            await self._enter(token_hex(8), write, patience)
        except Away:
            await self._alone.enter(write=write, patience=patience)

    async def failed(self, error: ArgusError) -> ArgusError:
        """Tell everyone what GitHub asked for, or that it is in trouble."""
        error = await self._alone.failed(error)
        with suppress(Away):
            if isinstance(error, RateLimited):
                return await self._close(error)
            if isinstance(error, TransientError):
                await self._breaker.failed(error.reason, wait=error.retry_after)
            else:
                await self._answered()
        return error

    async def succeeded(self) -> None:
        """Tell everyone that GitHub answers again, where that was in doubt."""
        await self._alone.succeeded()
        with suppress(Away):
            await self._answered()

    async def _enter(self, token: str, write: bool, patience: float) -> None:
        refusal = await self._breaker.refusal()
        if refusal is not None:
            raise KeptBack(f"{refusal.why} {LEFT_ALONE}", retry_after=refusal.wait)
        wait = await self._turn(token, write, patience)
        if write:
            self._alone.count(wait)
        while wait > 0:
            # GitHub may limit us while a write waits.
            await self._sleep(wait)
            wait = await self._turn(token, write, patience)

    async def _turn(self, token: str, write: bool, patience: float) -> float:
        """Return the seconds until the turn that this request has. Raises KeptBack."""
        state, wait, guesses = await self._line.call(
            "pace",
            scope=self._scope,
            token=token,
            write=write,
            patience=ms(patience),
            limits=self._limits,
        )
        self._guessed = guesses > 0
        if state == b"go":
            return float(wait / 1000)
        if state == b"far":
            raise KeptBack(OUT_OF_TURN, retry_after=wait / 1000)
        self._alone.close(wait / 1000)
        raise KeptBack(CLOSED, retry_after=wait / 1000)

    async def _close(self, limit: RateLimited) -> RateLimited:
        wait = await self._line.call(
            "pace_close",
            scope=self._scope,
            token=token_hex(8),
            told=limit.told,
            wait=ms(limit.retry_after if limit.told else UNTOLD_WAIT),
            longest=ms(LONGEST_GUESS),
            why=limit.reason,
        )
        self._guessed = self._guessed or not limit.told
        return RateLimited(limit.reason, retry_after=wait / 1000, told=limit.told)

    async def _answered(self) -> None:
        await self._breaker.succeeded()
        if self._guessed:
            await self._line.call("pace_open", scope=self._scope)
            self._guessed = False
