"""The lease of a running job: renewed while the work goes on, asked before every write.

Clocks here are monotonic and measure only how long ago a renewal was asked for; when a lease
ends is Redis's to say. What a run does with its time is none of this module's business.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Never, TypeVar

import structlog

from bot.adapters.ledger import Hold, RedisLedger
from bot.worker.pauses import pause
from core.errors import HeadMoved, LeaseLost, TransientError
from core.models import Job, Outcome
from core.ports import Fence

RENEW_EVERY = 1 / 4
"""Of a lease."""
RENEW_AGAIN = 1 / 16
"""Of a lease, after a renewal failed."""
STOP_AFTER = 2 / 3
"""Of a lease without a renewal: all work stops while the lease is still certain."""
NEEDED_AHEAD = 1 / 2
"""Of a lease, at a fence."""
MAX_WRITE_SECONDS = 20.0
WRITE_SHARE = 1 / 3
"""Of a lease, for a single write: shorter than what a fence guarantees."""
SETTLE_SHARE = 1 / 4
"""Of a lease: 15 s of the default minute, in which GitHub's lists may lag behind its writes."""
GRACE = 5.0
"""Seconds that cancelled work may take to stop; after that it is abandoned, fenced off."""

T = TypeVar("T")
Run = Callable[[Job, Fence], Awaitable[Outcome]]

log = structlog.get_logger(__name__)


class Stopping(Exception):
    """The process is told to stop: the job goes back, without blame."""


class HeldLease:
    """The fence of one run; implements `core.ports.Fence`."""

    def __init__(self, ledger: RedisLedger, job: Job, claimed_at: float) -> None:
        self._ledger = ledger
        self.job = job
        self._length = ledger.policy.lease
        self._renewed_at = claimed_at
        self._review_id = job.review_id
        self._closed = False
        self._nudged = asyncio.Event()

    async def check(self) -> None:
        """Renew and require half a lease ahead. Raises LeaseLost, HeadMoved, TransientError."""
        await self._patiently(partial(self._renew, fence=True))
        if self._age() > self._length * (1 - NEEDED_AHEAD):
            raise LeaseLost("less than half of the lease is left")

    async def remember_review(self, review_id: int) -> None:
        """Store a pending review's id before it is submitted. Raises LeaseLost, TransientError."""
        self._require_open()
        store = partial(self._ledger.remember_review, self.job, review_id)
        if not await self._patiently(store):
            raise LeaseLost("another worker holds the job")
        self._review_id = review_id

    @property
    def review_id(self) -> int | None:
        """The review id that an earlier attempt stored, or this one."""
        return self._review_id

    @property
    def write_timeout(self) -> float:
        """Seconds a single write may take."""
        return min(MAX_WRITE_SECONDS, self._length * WRITE_SHARE)

    @property
    def settle_seconds(self) -> float:
        """Seconds after the last attempt's writes in which an empty list proves nothing."""
        return self._length * SETTLE_SHARE

    async def keep(self) -> Never:
        """Renew until the lease or the head is lost. Raises LeaseLost, HeadMoved."""
        share = RENEW_EVERY
        while True:
            await pause(min(self._length * share, self._time_left()), self._nudged)
            self._nudged.clear()
            try:
                async with asyncio.timeout(self._time_left()):
                    await self._renew()
                share = RENEW_EVERY
            except (TransientError, TimeoutError):
                log.warning("lease.not_renewed", job=self.job.id, seconds=round(self._age(), 1))
                share = RENEW_AGAIN
            if self._time_left() <= 0:
                raise LeaseLost("the lease could not be renewed in time")

    def nudge(self) -> None:
        """Renew now: something was heard about this job."""
        self._nudged.set()

    def close(self) -> None:
        """Let no write through any more, whatever still runs."""
        self._closed = True

    async def _patiently(self, step: Callable[[], Awaitable[T]]) -> T:
        """Sit out a ledger that is away for a moment, while the lease is certain."""
        rest = min(1.0, self._length * RENEW_AGAIN)
        while True:
            try:
                return await step()
            except TransientError:
                if self._time_left() <= rest:
                    raise
                await asyncio.sleep(rest)

    async def _renew(self, *, fence: bool = False) -> None:
        self._require_open()
        asked_at = time.monotonic()
        hold, head = await self._ledger.renew(self.job, fence=fence)
        if hold is Hold.LOST:
            raise LeaseLost("another worker holds the job")
        self._renewed_at = asked_at
        if hold is Hold.MOVED:
            raise HeadMoved(head)

    def _require_open(self) -> None:
        if self._closed:
            raise LeaseLost("this run has ended")

    def _age(self) -> float:
        return time.monotonic() - self._renewed_at

    def _time_left(self) -> float:
        return max(0.0, self._length * STOP_AFTER - self._age())


async def run_under_lease(
    run: Run, lease: HeldLease, stop: asyncio.Event, deadline: float
) -> Outcome:
    """Run a job while its lease holds, for at most `deadline` seconds.

    Raises what the run raises, LeaseLost, HeadMoved, Stopping, or TransientError at the
    deadline. When it returns, the run has ended or can write nothing more.
    """
    work = asyncio.ensure_future(run(lease.job, lease))
    keeper = asyncio.ensure_future(lease.keep())
    stopped = asyncio.ensure_future(stop.wait())
    tasks: set[asyncio.Future[Any]] = {work, keeper, stopped}
    try:
        await asyncio.wait(tasks, timeout=deadline, return_when=asyncio.FIRST_COMPLETED)
        if work.done():
            return _result_of(work)
        if keeper.done():
            return keeper.result()
        if stopped.done():
            raise Stopping
        raise TransientError(f"The review took longer than {deadline:.0f} seconds.")
    finally:
        lease.close()
        await _end(tasks, lease.job)


def _result_of(work: asyncio.Future[Outcome]) -> Outcome:
    if work.cancelled():
        raise RuntimeError("the run cancelled itself")
    return work.result()


async def _end(tasks: set[asyncio.Future[Any]], job: Job) -> None:
    for task in tasks:
        task.cancel()
    ended, pending = await asyncio.wait(tasks, timeout=GRACE)
    for task in ended:
        if not task.cancelled():
            task.exception()  # seen: only the first one to end decides
    if pending:
        log.error("run.does_not_stop", job=job.id, correlation_id=job.correlation_id)
