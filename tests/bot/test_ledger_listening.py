"""Comments of open pull requests are read again while nothing happens there, ever more seldom."""

import asyncio

import pytest
from redis.asyncio import Redis

from bot.adapters.keys import lasting
from bot.adapters.ledger import ClaimedRow, Policy, RedisLedger
from bot.adapters.ledger.marks import Marks
from core.models import Outcome, OutcomeKind, RowKind
from tests.bot.asking import A, B, push
from tests.bot.test_ledger_closing import closing
from tests.bot.test_ledger_dismissals import FOUND, memory_of, one

SOON = 0.05
"""Seconds."""
LOOKS = 3
JOB = "7:1"


@pytest.fixture
def policy() -> Policy:
    return Policy(listen=(SOON,) * LOOKS)


@pytest.fixture
def ledger(redis: Redis, policy: Policy) -> RedisLedger:
    return RedisLedger(redis, policy=policy)


@pytest.fixture
def marks(redis: Redis, policy: Policy) -> Marks:
    return Marks(redis, policy)


async def review(ledger: RedisLedger, head: str = A, *, number: int = 1, found: int = 1) -> None:
    """Review a head, with so many findings on lines."""
    await ledger.admit(push(head, number=number))
    job = await ledger.claim("w")
    assert job is not None
    memory = memory_of(*FOUND[:found])
    await ledger.commit(job, Outcome(kind=OutcomeKind.REVIEWED, head=head, memory=memory))
    await read(ledger)


async def read(ledger: RedisLedger) -> list[ClaimedRow]:
    """Send what is due; return what reads comments."""
    claimed = await ledger.outbox.claim(50)
    for row in claimed:
        await ledger.outbox.done(row, "")
    return [row for row in claimed if row.delivery.row.kind is RowKind.FEEDBACK]


async def due(marks: Marks) -> int:
    await asyncio.sleep(2 * SOON)
    return await marks.listen_again(10)


async def test_idle_pull_request_is_read_again_so_often_and_no_more(
    ledger: RedisLedger, marks: Marks, redis: Redis
) -> None:
    await review(ledger)
    assert await read(ledger) == []
    for _ in range(LOOKS):
        assert await due(marks) == 1
        [row] = await read(ledger)
        assert row.delivery.row.job_id == JOB
        assert row.delivery.ended == ""
    assert await due(marks) == 0
    assert not await redis.exists(lasting("listening"))


async def test_it_is_not_read_before_its_time(redis: Redis) -> None:
    policy = Policy(listen=(60.0,))
    await review(RedisLedger(redis, policy=policy))
    assert await due(Marks(redis, policy)) == 0


async def test_review_without_comments_gives_nothing_to_read(
    ledger: RedisLedger, marks: Marks
) -> None:
    await review(ledger, found=0)
    assert await due(marks) == 0


async def test_another_review_begins_the_looks_anew(ledger: RedisLedger, marks: Marks) -> None:
    await review(ledger)
    for _ in range(LOOKS):
        await due(marks)
    await review(ledger, B)
    assert await due(marks) == 1


async def test_pull_request_under_review_is_left_to_its_run(
    ledger: RedisLedger, marks: Marks
) -> None:
    await review(ledger)
    await ledger.admit(push(B))
    assert await due(marks) == 0
    job = await ledger.claim("w")
    assert job is not None
    assert await due(marks) == 0
    await ledger.commit(job, Outcome(kind=OutcomeKind.SUPERSEDED, head=B))
    assert await due(marks) == 1


async def test_ended_pull_request_is_not_read_again(
    ledger: RedisLedger, marks: Marks, redis: Redis
) -> None:
    await review(ledger)
    await ledger.cancel(closing(merged=True))
    [row] = await read(ledger)
    assert row.delivery.ended == "merged"
    assert await due(marks) == 0
    assert not await redis.exists(lasting("listening"))


async def test_one_look_is_bounded_and_takes_those_that_wait_longest(
    ledger: RedisLedger, marks: Marks
) -> None:
    for number in (1, 2, 3):
        await review(ledger, number=number)
    await asyncio.sleep(2 * SOON)
    assert await marks.listen_again(2) == 2
    assert {row.delivery.ref.number for row in await read(ledger)} == {1, 2}
    assert await marks.listen_again(2) >= 1
    assert 3 in {row.delivery.ref.number for row in await read(ledger)}


async def test_dismissal_is_counted_at_once(ledger: RedisLedger) -> None:
    await review(ledger)
    await ledger.dismissals.dismiss(one())
    assert len(await read(ledger)) == 1
    await ledger.dismissals.dismiss(one())
    assert await read(ledger) == []


async def test_pull_request_that_was_forgotten_is_left_alone(
    ledger: RedisLedger, marks: Marks, redis: Redis
) -> None:
    await review(ledger)
    await redis.delete(lasting("job", JOB))
    assert await due(marks) == 0
    assert not await redis.exists(lasting("listening"))
