"""When each duty at GitHub is looked at, and by whom: one leader, marks in Redis, an even pace.

What a duty does is its own; that it failed is said once in words, and stops no other.
"""

import asyncio
import os
import socket
import time
from collections.abc import Awaitable, Callable, Collection, Sequence
from secrets import token_hex
from typing import Protocol

import structlog

from bot.adapters.ledger.marks import Marks
from bot.worker.pace import Pace
from bot.worker.pauses import pause
from core.errors import PermanentError, TransientError

REMEMBERED = 1_000
"""Sentences that are not said again."""

log = structlog.get_logger(__name__)


class Over(Exception):
    """The look ends here: the process stops, or another worker leads."""


class Turn:
    """One look of the leader: asked before each step whether to go on, and how fast."""

    def __init__(
        self, lead: Callable[[], Awaitable[bool]], stop: asyncio.Event, told: set[str]
    ) -> None:
        self._lead = lead
        self._stop = stop
        self._told = told
        self._last = float("-inf")

    async def step(self, seconds: float = 0.0) -> None:
        """Return when the next step may be taken, `seconds` after the last. Raises Over."""
        await pause(max(0.0, self._last + seconds - time.monotonic()), self._stop)
        if self._stop.is_set() or not await self._lead():
            raise Over
        self._last = time.monotonic()

    def tell(self, event: str, error: PermanentError, **facts: str) -> None:
        """Say once that GitHub does not let us: an older server, or a right that is missing."""
        words = " ".join((event, error.reason, *facts.values()))
        if words not in self._told:
            if len(self._told) >= REMEMBERED:
                self._told.clear()
            self._told.add(words)
            log.warning(event, reason=error.reason, **facts)


class Duty(Protocol):
    """Something to look at again and again."""

    @property
    def name(self) -> str:
        """Return its name in Redis and in the log."""
        ...

    @property
    def every(self) -> float:
        """Return the seconds between two looks."""
        ...

    @property
    def eager(self) -> bool:
        """Tell whether it is looked at soon after a start and after the ledger was in trouble."""
        ...

    async def look(self, turn: Turn) -> None:
        """Look once. Raises Over, PermanentError, TransientError."""
        ...


class Leads(Protocol):
    """Who leads a duty; `bot.adapters.ledger.presence.Presence` knows."""

    async def lead(self, duty: str, worker: str, term: float) -> bool:
        """Take or keep the lead for `term` seconds; False when another has it."""
        ...

    async def leave(self, worker: str, duties: Collection[str]) -> None:
        """Give the lead up."""
        ...


class Remote:
    """The duties of one worker process; of each, only the leader's is done."""

    def __init__(self, leads: Leads, marks: Marks, duties: Sequence[Duty], *, pace: Pace) -> None:
        self._me = f"{socket.gethostname()}:{os.getpid()}:{token_hex(3)}"
        self._leads = leads
        self._watches = [_Watch(leads, marks, duty, self._me, pace) for duty in duties]

    async def serve(self, stop: asyncio.Event) -> None:
        """Do the duties until told to stop, then leave the lead to others."""
        await asyncio.gather(*(watch.serve(stop) for watch in self._watches))
        try:
            await self._leads.leave(self._me, [watch.duty.name for watch in self._watches])
        except TransientError as error:
            log.warning("remote.redis_away", reason=error.reason)


class _Watch:
    """Looks at one duty when it is due."""

    def __init__(self, leads: Leads, marks: Marks, duty: Duty, worker: str, pace: Pace) -> None:
        self.duty = duty
        self._leads = leads
        self._marks = marks
        self._me = worker
        self._pace = pace
        self._begins = time.monotonic() + pace.soon
        """Nothing is looked at before: whoever starts has other work first."""
        self._overdue = duty.eager
        """The mark does not count: nobody knows what was missed."""
        self._told: set[str] = set()
        self._refused: int | None = None
        """Deliveries refused by web when this was last asked."""

    async def serve(self, stop: asyncio.Event) -> None:
        """Look when it is due until told to stop."""
        while not stop.is_set():
            try:
                if time.monotonic() >= self._begins and await self._lead() and await self._due():
                    await self._look(stop)
            except TransientError as error:
                log.warning("remote.redis_away", duty=self.duty.name, reason=error.reason)
                self._hurry()
            await pause(self._pace.tick, stop)

    async def _lead(self) -> bool:
        return await self._leads.lead(self.duty.name, self._me, self._pace.term)

    async def _due(self) -> bool:
        if self.duty.eager and await self._was_in_trouble():
            self._hurry()
            return False
        return self._overdue or await self._marks.is_due(self.duty.name)

    async def _was_in_trouble(self) -> bool:
        """Tell whether the ledger was away for web, which this process may not have noticed."""
        before, self._refused = self._refused, await self._marks.refused()
        return before is not None and before != self._refused

    def _hurry(self) -> None:
        """Look soon, where it matters what was missed; not at once, so that GitHub has it all."""
        self._overdue = self._overdue or self.duty.eager
        self._begins = time.monotonic() + self._pace.soon

    async def _look(self, stop: asyncio.Event) -> None:
        """Look once, and note when to look again. Raises TransientError for the ledger."""
        again = self.duty.every
        turn = Turn(self._lead, stop, self._told)
        try:
            await self.duty.look(turn)
        except Over:
            return
        except PermanentError as error:
            turn.tell("remote.not_possible", error, duty=self.duty.name)
        except TransientError as error:
            log.info("remote.later", duty=self.duty.name, reason=error.reason)
            again = min(again, max(error.retry_after, self._pace.retry))
        except Exception:
            log.exception("remote.failed_unexpectedly", duty=self.duty.name)
        await self._marks.postpone(self.duty.name, again)
        self._overdue = False
