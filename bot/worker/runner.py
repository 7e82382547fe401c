"""Takes the fairest due job, runs it under its lease, and tells the ledger how it ended.

Which job that is the ledger decides; what a review is the core decides.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from functools import partial
from secrets import token_hex
from typing import TypeVar

import structlog
from structlog.contextvars import bound_contextvars

from bot.adapters.ledger import Ending, Move, RedisLedger
from bot.worker.lease import HeldLease, Run, Stopping, run_under_lease
from bot.worker.pace import Pace, backoff
from bot.worker.verdicts import (
    Finish,
    Follow,
    GiveBack,
    LetGo,
    TryAgain,
    Verdict,
    rows_for,
    verdict_on,
)
from core.errors import ArgusError, TransientError
from core.fault_points import FaultPoint, reach
from core.models import Job, Outcome
from core.ports import Bell

CLAIM_TRIES = 3
"""With one token, so that a claim whose reply was lost is found again."""
MAX_MOVES = 3
"""Live heads followed under one lease; a head that keeps moving comes back later."""
PATIENCE = 2.0
"""Leases for which the end of a run is offered to a ledger that is away."""

T = TypeVar("T")

log = structlog.get_logger(__name__)


class Runner:
    """Runs jobs of one worker process, as many at once as it is asked to."""

    def __init__(
        self,
        ledger: RedisLedger,
        run: Run,
        bell: Bell,
        *,
        worker: str,
        slots: int,
        on_claim: Callable[[Job], None],
        on_change: Callable[[], None],
        pace: Pace,
    ) -> None:
        self._ledger = ledger
        self._run = run
        self._bell = bell
        self._worker = worker
        self._slots = slots
        self._on_claim = on_claim
        self._on_change = on_change
        self._pace = pace
        self._leases: dict[str, HeldLease] = {}
        self._stop = asyncio.Event()
        self._ended = asyncio.Condition()
        self._busy = 0

    @property
    def busy(self) -> int:
        """Return how many jobs are being claimed, run or settled."""
        return self._busy

    @property
    def idle(self) -> int:
        """Return how many more jobs may be claimed."""
        return 0 if self._stop.is_set() else max(0, self._slots - self._busy)

    async def run_next(self) -> bool:
        """Claim a job and run it to its end.

        Returns False at once when nothing is due, or no slot is free: the reconciler rings
        again for what is left.
        """
        if not self.idle:
            return False
        self._busy += 1
        try:
            await reach(FaultPoint.CLAIMING)
            claimed_at = time.monotonic()
            job = await self._claim()
            if job is None:
                return False
            self._on_claim(job)
            await self._run_and_settle(job, claimed_at)
            return True
        finally:
            self._busy -= 1
            async with self._ended:
                self._ended.notify_all()

    async def check_heads(self) -> None:
        """Ask once whether a running job is lost or wants a newer head, and nudge its lease."""
        found = await self._ledger.peek([lease.job for lease in self._leases.values()])
        for job_id in found:
            if job_id in self._leases:
                self._leases[job_id].nudge()

    async def stop(self, within: float) -> bool:
        """Cancel what runs and give it back; True when all of it ended `within` seconds."""
        self._stop.set()
        try:
            async with asyncio.timeout(within), self._ended:
                await self._ended.wait_for(lambda: self._busy == 0)
        except TimeoutError:
            return False
        return True

    async def _claim(self) -> Job | None:
        token = token_hex(8)
        for attempt in range(CLAIM_TRIES):
            try:
                return await self._ledger.claim(self._worker, token)
            except TransientError as error:
                log.warning("claim.failed", reason=error.reason)
                await asyncio.sleep(0.1 * 2**attempt)
        return None

    async def _run_and_settle(self, job: Job, claimed_at: float) -> None:
        """Run a job, and again for each live head that it turns out to be about."""
        with bound_contextvars(job=job.id, correlation_id=job.correlation_id):
            self._on_change()
            await reach(FaultPoint.CLAIMED)
            for move in range(MAX_MOVES + 1):
                verdict = await self._attempt(job, claimed_at)
                if isinstance(verdict, Follow) and move == MAX_MOVES:
                    verdict = TryAgain("The head keeps moving.")
                claimed_at = time.monotonic()
                adopted = await self._settle(job, verdict)
                if adopted is None:
                    break
                job = adopted
            self._on_change()

    async def _attempt(self, job: Job, claimed_at: float) -> Verdict:
        lease = HeldLease(self._ledger, job, claimed_at)
        self._leases[job.id] = lease
        log.info("run.started", head=job.head, ordinal=job.ordinal, attempt=job.attempt)
        try:
            return Finish(await run_under_lease(self._run, lease, self._stop, self._pace.deadline))
        except Stopping:
            return GiveBack()
        except ArgusError as error:
            return verdict_on(error, job)
        except Exception as error:
            log.exception("run.failed_unexpectedly")
            return verdict_on(error, job)
        finally:
            del self._leases[job.id]

    async def _settle(self, job: Job, verdict: Verdict) -> Job | None:
        """Tell the ledger; returns the job to go on with when the head was followed."""
        match verdict:
            case Finish(outcome):
                await self._end(job, lambda: self._commit(job, outcome))
            case TryAgain(reason, retry_after, counted):
                delay = max(retry_after, backoff(job.attempt, self._pace.job_backoff))
                log.info("run.tries_again", reason=reason, seconds=round(delay, 1))
                await self._end(
                    job,
                    lambda: self._ledger.release(
                        job,
                        reason=reason,
                        delay=delay,
                        counted=counted,
                        binding=retry_after > 0,
                    ),
                )
            case Follow(live_head):
                return await self._follow(job, live_head)
            case GiveBack():
                log.info("run.given_back")
                await self._end(job, lambda: self._ledger.release(job, counted=False))
            case LetGo(why):
                log.warning("run.let_go", why=why)
        return None

    async def _commit(self, job: Job, outcome: Outcome) -> Ending:
        await reach(FaultPoint.COMMITTING)
        ending = await self._ledger.commit(job, outcome, rows_for(job, outcome))
        await reach(FaultPoint.COMMITTED)
        log.info("run.ended", outcome=outcome.kind.value, reason=outcome.reason, then=ending.value)
        return ending

    async def _follow(self, job: Job, live_head: str) -> Job | None:
        moved = await self._persist(job, lambda: self._ledger.retarget(job, live_head))
        move, adopted = moved or (Move.LOST, None)
        log.info("run.head_moved", live=live_head, move=move.value)
        if move is Move.DOUBTFUL:
            again = partial(self._ledger.release, job, delay=self._pace.look_again, counted=False)
            await self._end(job, again)
        elif move is Move.AGAIN:
            await self._bell.ring(job.id)
        return adopted

    async def _end(self, job: Job, step: Callable[[], Awaitable[Ending]]) -> None:
        ending = await self._persist(job, step)
        if ending is Ending.AGAIN:
            await self._bell.ring(job.id)

    async def _persist(self, job: Job, step: Callable[[], Awaitable[T]]) -> T | None:
        """Offer a step to the ledger until it takes it; the epoch makes a late one harmless."""
        give_up_at = time.monotonic() + PATIENCE * self._ledger.policy.lease
        while True:
            try:
                return await step()
            except TransientError as error:
                gives_up = time.monotonic() > give_up_at or self._stop.is_set()
                log.warning("ledger.away", job=job.id, reason=error.reason, gives_up=gives_up)
                if gives_up:
                    return None
                await asyncio.sleep(min(1.0, self._ledger.policy.lease / 8))
