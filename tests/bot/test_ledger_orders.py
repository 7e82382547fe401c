"""What people say is kept once, carried out by one worker at a time, and tried again."""

import asyncio

import pytest
from redis.asyncio import Redis

from bot.adapters.ledger import ClaimedRow, Policy, RedisLedger
from bot.adapters.ledger import orders as order_desk
from core.models import Order, OrderTaken, Origin, OriginKind, PullRequestRef, RowKind
from tests.bot.asking import A, ask


def said(words: str = "status", comment: int = 5, number: int = 1) -> Order:
    """Return what Ada said in a comment."""
    return Order(
        ref=PullRequestRef(owner="acme", repo="shop", number=number),
        repo_id=7,
        origin=Origin(kind=OriginKind.COMMENT, id=f"comment:{comment}", person="ada"),
        words=words,
        installation_id=99,
        comment_id=comment,
        correlation_id="c-1",
    )


async def only(ledger: RedisLedger) -> ClaimedRow:
    (row,) = await ledger.orders.claim(9)
    return row


async def test_order_is_kept_as_it_was_said_for_a_pull_request_without_a_job(
    ledger: RedisLedger,
) -> None:
    assert await ledger.take(said()) is OrderTaken.NEW
    delivery = (await only(ledger)).delivery
    assert delivery.order == said()
    assert (delivery.row.kind, delivery.row.job_id) == (RowKind.ORDER, "7:1")
    assert (delivery.installation_id, delivery.correlation_id) == (99, "c-1")


async def test_order_that_was_taken_before_is_known_even_after_its_answer(
    ledger: RedisLedger,
) -> None:
    assert await ledger.take(said()) is OrderTaken.NEW
    assert await ledger.take(said()) is OrderTaken.KNOWN
    await ledger.orders.done(await only(ledger), "answer-1")
    assert await ledger.take(said("review")) is OrderTaken.KNOWN
    assert await ledger.orders.claim(9) == ()


async def test_orders_and_the_outbox_do_not_see_each_other(ledger: RedisLedger) -> None:
    await ledger.take(said())
    await ledger.admit(ask(A))
    assert [row.delivery.row.kind for row in await ledger.outbox.claim(9)] == [RowKind.SLACK]
    assert [row.delivery.row.kind for row in await ledger.orders.claim(9)] == [RowKind.ORDER]


async def test_order_that_failed_is_tried_again_and_counts_attempts(ledger: RedisLedger) -> None:
    await ledger.take(said())
    await ledger.orders.fail(await only(ledger), "GitHub said 502", 0.0)
    assert (await only(ledger)).delivery.row.attempts == 1


async def test_order_of_a_silent_worker_passes_to_another(redis: Redis) -> None:
    ledger = RedisLedger(redis, policy=Policy(row_lease=0.05, order_leases=2))
    await ledger.take(said())
    await only(ledger)
    assert await ledger.orders.claim(9) == ()
    await asyncio.sleep(0.15)
    assert (await only(ledger)).delivery.row.attempts == 1


async def test_order_that_is_dropped_is_gone(ledger: RedisLedger) -> None:
    await ledger.take(said())
    await ledger.orders.drop(await only(ledger), "nobody hears orders")
    assert await ledger.orders.claim(9) == ()


async def test_more_than_workers_can_answer_is_refused(
    ledger: RedisLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(order_desk, "MOST_ORDERS", 2)
    taken = [await ledger.take(said(comment=n, number=n)) for n in range(1, 4)]
    assert taken == [OrderTaken.NEW, OrderTaken.NEW, OrderTaken.FULL]


async def test_repeated_claim_gets_the_same_orders(ledger: RedisLedger) -> None:
    await ledger.take(said())
    first = await ledger.orders.claim(9, token="t")
    assert await ledger.orders.claim(9, token="t") == first
