"""One worker process: the doorman, the runner, the sender, the reconciler, a heartbeat, and what
is set right at GitHub.

Everything asynchronous lives on the loop of the main thread; Dramatiq's threads only hand over
to it and wait. Signals are the caller's: see `bot.worker.signals`.
"""

import asyncio
import os
import socket
import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from secrets import token_hex

import structlog

from bot import __version__
from bot.adapters.figures import QUEUEING, REVIEWING, Figures
from bot.adapters.ledger import Beat, RedisLedger
from bot.adapters.queue import Broker, Doorman, DramatiqBell
from bot.worker.hearing import Hearing
from bot.worker.lease import Run
from bot.worker.pace import Pace
from bot.worker.pauses import pause
from bot.worker.reconciler import DUTY, Reconciler
from bot.worker.remote import Remote
from bot.worker.runner import Runner
from bot.worker.sender import Sender
from core.errors import TransientError
from core.models import Job, Outcome, RowKind
from core.ports import Deliverer, Fence

SLACK = 1.0
"""Seconds on top of a part's own limit before it is cut off."""

log = structlog.get_logger(__name__)


class Worker:
    """Runs up to `concurrency` jobs at once, and sends what they leave in the outbox."""

    def __init__(
        self,
        ledger: RedisLedger,
        broker: Broker,
        run: Run,
        deliverers: Mapping[RowKind, Deliverer],
        concurrency: int = 32,
        *,
        pace: Pace | None = None,
        figures: Figures | None = None,
        remote: Remote | None = None,
    ) -> None:
        self.id = f"{socket.gethostname()}:{os.getpid()}:{token_hex(3)}"
        self._ledger = ledger
        self._pace = pace = pace or Pace()
        self._concurrency = concurrency
        self._started = time.time()
        self._figures = figures or Figures()
        self._bell = DramatiqBell(broker, figures=self._figures)
        self._doorman = Doorman(broker, self._answer, concurrency)
        self._runner = Runner(
            ledger,
            self._timed(run),
            self._bell,
            worker=self.id,
            slots=concurrency,
            on_claim=self._claimed,
            on_change=self._changed,
            pace=pace,
        )
        self._hearing = Hearing(
            ledger,
            self._runner.run_next,
            lambda: self._runner.idle,
            figures=self._figures,
            deaf_after=pace.deaf_after,
        )
        policy = ledger.policy
        self._senders = (
            Sender(ledger.outbox, deliverers, lease=policy.row_lease, pace=pace),
            Sender(ledger.orders, deliverers, lease=policy.order_lease, pace=pace),
        )
        self._reconciler = Reconciler(
            ledger, self._bell, worker=self.id, report=self._report, tick=pace.tick
        )
        self._remote = remote
        self._stop = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    async def serve(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set; then give back what runs and return within 20 seconds."""
        self._loop = asyncio.get_running_loop()
        self._doorman.start()
        log.info("worker.started", worker=self.id, concurrency=self._concurrency)
        duties = [
            asyncio.create_task(duty)
            for duty in (
                *(sender.serve(self._stop) for sender in self._senders),
                self._reconciler.serve(self._stop),
                self._every(self._pace.beat, self._beat),
                self._every(self._pace.heads, self._runner.check_heads),
                self._every(self._pace.tick, self._hearing.look),
                *([self._remote.serve(self._stop)] if self._remote else []),
            )
        ]
        stopped = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({stopped, *duties}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopped.cancel()
            await self._shut_down(duties)
        for duty in duties:
            if not duty.cancelled():
                duty.result()

    def _answer(self, hint: str) -> None:
        """Take the fairest due job; called in a thread of Dramatiq's, holds it to the end."""
        if self._loop is None or self._stop.is_set():
            return
        log.debug("bell.rung", hint=hint)
        self._hearing.hear()
        asyncio.run_coroutine_threadsafe(self._runner.run_next(), self._loop).result()

    def _changed(self) -> None:
        for sender in self._senders:
            sender.poke()
        self._reconciler.poke()

    def _claimed(self, job: Job) -> None:
        if job.attempt == 1:
            self._figures.observe(QUEUEING, job.waited)

    def _timed(self, run: Run) -> Run:
        """Time the runs that end with an outcome."""

        async def timed(job: Job, fence: Fence) -> Outcome:
            began = time.monotonic()
            outcome = await run(job, fence)
            self._figures.observe(REVIEWING, time.monotonic() - began)
            return outcome

        return timed

    def _report(self) -> Beat:
        return Beat(
            worker=self.id,
            slots=self._concurrency,
            busy=self._runner.busy,
            started=self._started,
            version=__version__,
            heard=self._hearing.heard,
            unrung=self._hearing.unrung,
        )

    async def _beat(self) -> None:
        await self._ledger.presence.beat(self._report())
        await self._figures.store(self._ledger.health)

    async def _every(self, seconds: float, step: Callable[[], Awaitable[None]]) -> None:
        while not self._stop.is_set():
            try:
                await step()
            except TransientError as error:
                log.warning("worker.redis_away", reason=error.reason)
            await pause(seconds, self._stop)

    async def _shut_down(self, duties: Collection[asyncio.Task[None]]) -> None:
        log.info("worker.stops", running=self._runner.busy)
        self._stop.set()
        if not await self._runner.stop(self._pace.give_back):
            log.error("worker.left_running", running=self._runner.busy)
        self._changed()
        _, late = await asyncio.wait(duties, timeout=self._pace.end_sending + SLACK)
        for duty in late:
            duty.cancel()
        await asyncio.to_thread(self._doorman.stop, self._pace.end_listening)
        await self._hand_over()
        await asyncio.to_thread(self._bell.close)
        await self._figures.store(self._ledger.health)
        log.info("worker.stopped", worker=self.id)

    async def _hand_over(self) -> None:
        """Ring for what is due: our own jobs, and those whose ring this process swallowed."""
        try:
            await self._ledger.presence.leave(self.id, [DUTY])
            due = (await self._ledger.desk.counts()).due
            idle = sum(beat.idle for beat in await self._ledger.presence.workers())
        except TransientError as error:
            log.warning("worker.redis_away", reason=error.reason)
            return
        for _ in range(min(due, idle)):
            await self._bell.ring("any")
