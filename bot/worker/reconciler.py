"""Sets right what time changed: wakes workers for jobs that became due or were left behind.

One worker leads. It decides nothing about a job; it only rings, and never more often than there
are workers with nothing to do.
"""

import asyncio
from collections.abc import Callable

import structlog

from bot.adapters.ledger import Beat, RedisLedger
from bot.worker.pauses import pause
from core.errors import TransientError
from core.ports import Bell

DUTY = "reconcile"
TERM = 3.0
"""Ticks for which the lead is taken: a leader that died is replaced after that."""
SHORTEST = 0.02
"""Seconds between two looks, at least."""

log = structlog.get_logger(__name__)


class Reconciler:
    """The reconciler of one worker process; only the leader's does anything."""

    def __init__(
        self,
        ledger: RedisLedger,
        bell: Bell,
        *,
        worker: str,
        report: Callable[[], Beat],
        tick: float,
    ) -> None:
        self._ledger = ledger
        self._bell = bell
        self._worker = worker
        self._report = report
        self._tick = tick
        self._poke = asyncio.Event()

    def poke(self) -> None:
        """Look at once: this process changed something."""
        self._poke.set()

    async def serve(self, stop: asyncio.Event) -> None:
        """Look again and again until told to stop."""
        while not stop.is_set():
            self._poke.clear()
            wait = await self._look()
            await pause(wait, self._poke)

    async def _look(self) -> float:
        """Ring for what needs it, if this worker leads; returns seconds until the next look."""
        try:
            term = self._tick * TERM
            if not await self._ledger.presence.lead(DUTY, self._worker, term):
                return self._tick
            rings, wait = await self._ledger.reconcile()
            if rings:
                await self._ring(rings)
        except TransientError as error:
            log.warning("reconciler.away", reason=error.reason)
            return self._tick
        return max(SHORTEST, min(self._tick, self._tick if wait is None else wait))

    async def _ring(self, wanted: int) -> None:
        others = [b for b in await self._ledger.presence.workers() if b.worker != self._worker]
        idle = sum(beat.idle for beat in (*others, self._report()))
        rings = min(wanted, idle)
        log.info("reconciler.rings", due=wanted, rings=rings)
        for _ in range(rings):
            await self._bell.ring("any")
