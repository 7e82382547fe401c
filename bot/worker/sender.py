"""Sends outbox rows: claims what is due, hands it to the deliverer of its kind, keeps receipts.

What a row looks like when it is sent is the deliverer's; that a newer state is never
overwritten by an older one is the ledger's.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import structlog
from structlog.contextvars import bound_contextvars

from bot.adapters.ledger import ClaimedRow
from bot.adapters.ledger.outbox import Outbox
from bot.worker.pace import Pace, backoff
from bot.worker.pauses import pause
from core.errors import ArgusError, PermanentError, TransientError, UserError, Withheld
from core.fault_points import FaultPoint, reach
from core.models import RowKind, Unfinished
from core.ports import Deliverer

AT_ONCE = 8
"""Rows of each kind that one process sends at the same time."""
SOON = 0.1
"""Seconds, at least, until a row is looked at again whose turn had not come."""
TIME_SHARE = 2 / 3
"""Of a row's lease, for its delivery: a slow one ends before another sender may begin."""
log = structlog.get_logger(__name__)


class Sender:
    """Sends the outbox of one worker process, or carries out what people said."""

    def __init__(
        self,
        outbox: Outbox,
        deliverers: Mapping[RowKind, Deliverer],
        *,
        lease: float,
        pace: Pace,
    ) -> None:
        self._pace = pace
        self._outbox = outbox
        self._deliverers = deliverers
        self._row_lease = lease
        self._sending: set[asyncio.Task[None]] = set()
        self._poke = asyncio.Event()

    def poke(self) -> None:
        """Look at once: this process changed something."""
        self._poke.set()

    async def serve(self, stop: asyncio.Event) -> None:
        """Send rows until told to stop, then finish what has begun."""
        while not stop.is_set():
            self._poke.clear()
            await self._take()
            await pause(self._pace.row_poll, self._poke)
        await self._finish()

    async def _take(self) -> None:
        """Start sending what is due; the end of each delivery looks for more."""
        free = AT_ONCE - len(self._sending)
        if free <= 0:
            return
        try:
            rows = await self._outbox.claim(free)
        except TransientError as error:
            log.warning("outbox.away", reason=error.reason)
            return
        for row in rows:
            task = asyncio.create_task(self._send(row))
            self._sending.add(task)
            task.add_done_callback(self._sent)

    async def _finish(self) -> None:
        """Wait for deliveries that have begun; those that take longer are given back."""
        if self._sending:
            _, late = await asyncio.wait(self._sending, timeout=self._pace.end_sending)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def _sent(self, task: asyncio.Task[None]) -> None:
        self._sending.discard(task)
        self._poke.set()

    async def _send(self, row: ClaimedRow) -> None:
        delivery = row.delivery
        with bound_contextvars(
            job=delivery.row.job_id,
            row=delivery.row.kind.value,
            correlation_id=delivery.correlation_id,
        ):
            try:
                step = await self._deliver(row)
            except asyncio.CancelledError:
                await self._persist(lambda: self._outbox.fail(row, "interrupted", 0.0))
                raise
            await self._persist(step)

    async def _deliver(self, row: ClaimedRow) -> Callable[[], Awaitable[None]]:
        """Deliver, and return what the ledger is to be told."""
        deliverer = self._deliverers.get(row.delivery.row.kind)
        if deliverer is None:
            return self._drop(row, "nothing here delivers rows of this kind")
        try:
            async with asyncio.timeout(self._row_lease * TIME_SHARE):
                await reach(FaultPoint.SENDING)
                receipt = await deliverer.deliver(row.delivery)
                await reach(FaultPoint.SENT)
        except Withheld as error:
            return self._not_yet(row, error)
        except TransientError as error:
            return self._again(row, error.reason, error.retry_after)
        except (PermanentError, UserError) as error:
            return self._drop(row, str(error))
        except TimeoutError:
            return self._again(row, "the delivery took too long")
        except ArgusError as error:
            return self._again(row, str(error))
        except Exception as error:
            log.exception("outbox.failed_unexpectedly")
            return self._again(row, type(error).__name__)
        if isinstance(receipt, Unfinished):
            part = receipt
            return lambda: self._outbox.partly(row, part.receipt, part.wait)
        return lambda: self._outbox.done(row, receipt)

    def _not_yet(self, row: ClaimedRow, error: Withheld) -> Callable[[], Awaitable[None]]:
        """Send it when its turn has come; nothing was tried."""
        log.debug("outbox.not_yet", reason=error.reason, seconds=round(error.retry_after, 1))
        delay = max(error.retry_after, SOON)
        return lambda: self._outbox.fail(row, error.reason, delay, counted=False)

    def _again(
        self, row: ClaimedRow, reason: str, retry_after: float = 0.0
    ) -> Callable[[], Awaitable[None]]:
        delay = max(retry_after, backoff(row.delivery.row.attempts + 1, self._pace.row_backoff))
        log.warning("outbox.later", reason=reason, seconds=round(delay, 1))
        return lambda: self._outbox.fail(row, reason, delay)

    def _drop(self, row: ClaimedRow, reason: str) -> Callable[[], Awaitable[None]]:
        log.error("outbox.dropped", reason=reason)
        return lambda: self._outbox.drop(row, reason)

    async def _persist(self, step: Callable[[], Awaitable[None]]) -> None:
        """Tell the ledger while the row is surely ours; else its lease runs out and it is sent
        again."""
        loop = asyncio.get_running_loop()
        give_up_at = loop.time() + self._row_lease * (1 - TIME_SHARE)
        while True:
            try:
                return await step()
            except TransientError as error:
                log.warning("outbox.away", reason=error.reason)
                if loop.time() > give_up_at:
                    return None
                await asyncio.sleep(min(1.0, self._row_lease / 16))
