"""Workers for tests: real brokers, a real server, and reviews that tests control."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

from bot.adapters.ledger import RedisLedger
from bot.adapters.queue import make_broker
from bot.worker import Pace, Run, Worker
from core.models import Delivery, Job, Outcome, RowKind
from core.ports import Deliverer, Fence
from tests.bot.asking import reviewed


class Review:
    """A run that a test steers: each head answers at once, or when it is told to."""

    def __init__(self) -> None:
        self.started: list[Job] = []
        self.cancelled: list[str] = []
        self.held: set[str] = set()
        self.errors: dict[str, list[Exception]] = {}
        self.fences: dict[str, Fence] = {}
        self.seconds: list[float] = []
        self._go = asyncio.Event()

    def go(self) -> None:
        """Let held heads end."""
        self._go.set()

    async def __call__(self, job: Job, fence: Fence) -> Outcome:
        self.started.append(job)
        self.fences[job.head] = fence
        self.seconds.append(time.time())
        if errors := self.errors.get(job.head):
            raise errors.pop(0)
        try:
            if job.head in self.held:
                await self._go.wait()
        except asyncio.CancelledError:
            self.cancelled.append(job.head)
            raise
        await fence.check()
        return reviewed(job.head)

    @property
    def heads(self) -> list[str]:
        """The heads that were started, in order."""
        return [job.head for job in self.started]


class Board:
    """A deliverer that shows what stands: the latest delivery of each row."""

    def __init__(self) -> None:
        self.shown: dict[str, Delivery] = {}
        self.sent: list[Delivery] = []
        self.errors: list[Exception] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def deliver(self, delivery: Delivery) -> str:
        await self.gate.wait()
        if self.errors:
            raise self.errors.pop(0)
        self.sent.append(delivery)
        self.shown[f"{delivery.row.kind.value}|{delivery.row.target}"] = delivery
        return delivery.row.receipt or f"receipt-{len(self.sent)}"


QUICK = Pace(
    tick=0.1,
    heads=0.1,
    job_backoff=0.02,
    row_backoff=0.02,
    look_again=0.05,
    beat=0.2,
    row_poll=0.05,
)
"""A worker that is as quick as tests should be."""


class Service:
    """A worker that serves in the background."""

    def __init__(self, worker: Worker) -> None:
        self.worker = worker
        self._stop = asyncio.Event()
        self._serving = asyncio.create_task(worker.serve(self._stop))

    async def stop(self) -> None:
        """Stop it properly; harmless when it has stopped."""
        self._stop.set()
        await asyncio.wait_for(self._serving, 20)


@contextlib.asynccontextmanager
async def working(
    ledger: RedisLedger,
    url: str,
    run: Run,
    deliverers: Mapping[RowKind, Deliverer] | None = None,
    *,
    pace: Pace = QUICK,
) -> AsyncIterator[Service]:
    """Serve in the background; stop properly at the end."""
    worker = Worker(ledger, make_broker(url), run, deliverers or {}, concurrency=4, pace=pace)
    service = Service(worker)
    try:
        yield service
    finally:
        await service.stop()


async def until(
    holds: Callable[[], bool] | Callable[[], Awaitable[bool]], within: float = 5.0
) -> None:
    """Wait until something holds; fails when it does not in time."""
    async with asyncio.timeout(within):
        while True:
            found = holds()
            if found if isinstance(found, bool) else await found:
                return
            await asyncio.sleep(0.005)
