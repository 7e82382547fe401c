"""What a sender tells the ledger of deliveries that are not simply done or failed."""

import asyncio
from dataclasses import dataclass, field
from itertools import count

import pytest
from redis.asyncio import Redis

from bot.adapters.ledger import Policy, RedisLedger
from bot.worker import Pace
from bot.worker.sender import Sender
from core.errors import TransientError, Withheld
from core.models import Delivery, RowKind, Unfinished
from tests.bot.asking import A, ask
from tests.bot.working import until

PATIENT = Pace(row_backoff=60.0, row_poll=0.02)
"""What counts as a failed attempt does not come back within a test."""


@dataclass
class InParts:
    """Delivers one part a call, and says so until all are there."""

    parts: int
    receipts: list[str] = field(default_factory=list)

    async def deliver(self, delivery: Delivery) -> str | Unfinished:
        self.receipts.append(delivery.row.receipt)
        receipt = f"{len(self.receipts)} of {self.parts}"
        last = len(self.receipts) == self.parts
        return receipt if last else Unfinished(receipt=receipt, wait=0.05)


@dataclass
class Refusing:
    """Raises the errors it was given, then delivers."""

    errors: list[Exception]
    attempts: list[int] = field(default_factory=list)

    async def deliver(self, delivery: Delivery) -> str:
        self.attempts.append(delivery.row.attempts)
        if self.errors:
            raise self.errors.pop(0)
        return "done"


@pytest.fixture
def ledger(redis: Redis) -> RedisLedger:
    return RedisLedger(redis, policy=Policy(card_apart=0.0))


async def sent(ledger: RedisLedger, deliverer: InParts | Refusing) -> None:
    """Let a sender work until nothing is due."""
    await ledger.admit(ask(A))
    sender = Sender(ledger.outbox, {RowKind.SLACK: deliverer}, lease=5.0, pace=PATIENT)
    stop = asyncio.Event()
    serving = asyncio.create_task(sender.serve(stop))

    async def nothing_left() -> bool:
        return (await ledger.desk.counts()).rows == 0

    try:
        await until(nothing_left)
    finally:
        stop.set()
        sender.poke()
        await serving


async def test_a_delivery_in_parts_goes_on_with_what_it_made(ledger: RedisLedger) -> None:
    deliverer = InParts(3)
    await sent(ledger, deliverer)
    assert deliverer.receipts == ["", "1 of 3", "2 of 3"]


async def test_what_waits_for_its_turn_comes_back_then_and_lost_no_attempt(
    ledger: RedisLedger,
) -> None:
    waits = count(1)
    deliverer = Refusing([Withheld("not yet", retry_after=next(waits) / 20) for _ in range(3)])
    await sent(ledger, deliverer)
    assert deliverer.attempts == [0, 0, 0, 0]


async def test_what_failed_waits_longer_than_it_was_told(ledger: RedisLedger) -> None:
    deliverer = Refusing([TransientError("500", retry_after=0.05)])
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(1.0):
            await sent(ledger, deliverer)
    assert deliverer.attempts == [0]
