"""A breaker that all processes share: a side that fails is left alone, then tried by one call.

Closed: calls pass, failures in a row are counted. Open: no call passes. Half-open, when the pause
is over: one call passes and decides. The states live in Redis, on its time; a process looks at
them once a second at most.
"""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from secrets import token_hex

from bot.adapters.limits.line import Line, ms

FRESH = 1.0
"""Seconds for which what was seen is believed."""
ASK_AGAIN = 3.0
"""Seconds after which to ask again, at most, while another call finds out."""


@dataclass(frozen=True, slots=True)
class Rules:
    """When a breaker opens, and for how long; times in seconds."""

    failures: int
    """In a row."""
    pause: float
    """After the first opening; doubled for each that follows, with up to a fifth on top."""
    longest: float
    """Of these pauses; a wait that the other side asked for may be longer."""
    probe: float
    """Until the one call that tries is given up for lost."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why no call passes, and for how many seconds."""

    why: str
    wait: float


class SharedBreaker:
    """The breaker of one side. Every method raises Away when Redis is."""

    def __init__(
        self,
        line: Line,
        kind: str,
        name: str,
        rules: Rules,
        *,
        under: str = "",
        clock: Callable[[], float] = time.monotonic,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        """`under` names the credentials: a failure with others says nothing about these."""
        self._line = line
        self._id = {"kind": kind, "side": name, "under": under}
        self._rules = rules
        self._clock = clock
        self._jitter = jitter
        self._why = ""
        self._until = 0.0
        """No call passes before."""
        self._looked = -FRESH
        self._doubtful = False
        """A success is worth telling."""

    async def refusal(self) -> Refusal | None:
        """Return why a call may not pass; None when it may, and then it has to tell how it went."""
        if self._clock() - self._looked >= FRESH:
            return await self._look()
        return self._seen()

    async def failed(self, why: str, *, wait: float = 0.0) -> None:
        """Note a failure; one that asks for a longer `wait` than a pause opens at once."""
        opened = await self._line.call(
            "breaker_fail",
            **self._id,
            token=token_hex(8),
            why=why,
            hold=ms(wait) if wait > self._rules.pause else 0,
            failures=self._rules.failures,
            pause=ms(self._rules.pause),
            longest=ms(self._rules.longest),
            jitter=self._jitter(),
        )
        self._note(why, opened / 1000, doubtful=True)

    async def succeeded(self) -> None:
        """Note a success; costs nothing when there was no failure."""
        if self._doubtful:
            await self._line.call("breaker_pass", **self._id)
            self._note("", 0.0, doubtful=False)

    async def _look(self) -> Refusal | None:
        state, wait, why, doubtful = await self._line.call(
            "breaker_ask",
            **self._id,
            token=token_hex(8),
            probe=ms(self._rules.probe),
            again=ms(ASK_AGAIN),
        )
        if state == b"half-open":
            # Of this process, too, one call passes.
            self._note("One call finds out whether it is back.", FRESH, doubtful=True)
            return None
        self._note(why.decode(), wait / 1000, doubtful=bool(doubtful))
        return self._seen()

    def _note(self, why: str, seconds: float, *, doubtful: bool) -> None:
        self._looked = self._clock()
        self._why, self._until, self._doubtful = why, self._looked + seconds, doubtful

    def _seen(self) -> Refusal | None:
        left = self._until - self._clock()
        return Refusal(self._why, left) if left > 0 else None
