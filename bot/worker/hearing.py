"""Whether this worker hears the bell, and how it works when it does not.

The bell is only a hint, so a broker that is away or deaf costs seconds: a worker that has slots
to spare and hears nothing, while jobs are overdue, takes them by itself. Who gets which job is
the ledger's to say either way.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable

import structlog

from bot.adapters.figures import RINGS_HEARD, UNRUNG, Figures
from bot.adapters.ledger import RedisLedger

log = structlog.get_logger(__name__)


class Hearing:
    """The hearing of one worker process."""

    def __init__(
        self,
        ledger: RedisLedger,
        run_next: Callable[[], Awaitable[bool]],
        idle: Callable[[], int],
        *,
        figures: Figures,
        deaf_after: float,
    ) -> None:
        self._ledger = ledger
        self._run_next = run_next
        self._idle = idle
        self._figures = figures
        self._deaf_after = deaf_after
        self._started = time.monotonic()
        self._heard: float | None = None
        self._unrung: float | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def hear(self) -> None:
        """Note a ring; called in any thread."""
        self._heard = time.monotonic()
        self._figures.count(RINGS_HEARD)

    @property
    def heard(self) -> float | None:
        """Return the seconds since the last ring."""
        return None if self._heard is None else time.monotonic() - self._heard

    @property
    def unrung(self) -> float | None:
        """Return the seconds since jobs were last taken without a ring."""
        return None if self._unrung is None else time.monotonic() - self._unrung

    @property
    def is_deaf(self) -> bool:
        """Tell whether nothing was heard for longer than a bell in order is silent."""
        return time.monotonic() - (self._heard or self._started) > self._deaf_after

    async def look(self) -> None:
        """Take overdue jobs that nobody rang for. Raises TransientError."""
        if not self.is_deaf or not self._idle():
            return
        counts = await self._ledger.desk.counts()
        if counts.oldest_due_age < self._deaf_after:
            return
        taken = min(self._idle(), counts.due)
        log.warning("bell.unheard", due=counts.due, takes=taken)
        self._unrung = time.monotonic()
        for _ in range(taken):
            task = asyncio.create_task(self._work())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _work(self) -> None:
        """Run one job after another, while nothing is heard."""
        try:
            while self.is_deaf and await self._run_next():
                self._unrung = time.monotonic()
                self._figures.count(UNRUNG)
        except Exception:
            log.exception("worker.failed_unexpectedly")
