"""A closed pull request ends its job, and nothing that was asked for afterwards."""

import time

import pytest
from redis.asyncio import Redis

from bot.adapters.keys import lasting
from bot.adapters.ledger import Ending, Hold, RedisLedger
from core.models import (
    Accepted,
    Cancelled,
    Job,
    OutcomeKind,
    PullRequestClosed,
    ReviewRequest,
    RowKind,
    Stage,
)
from tests.bot.asking import A, B, ask, push, reviewed

DAY = 86_400


def closing(
    *, after: float = 60.0, merged: bool = False, delivery: str = "closed-1"
) -> PullRequestClosed:
    """A closing, by default a minute after everything that a test asked for."""
    request = push(A)
    return PullRequestClosed(
        ref=request.ref,
        repo_id=request.repo_id,
        closed_at=time.time() + after,
        delivery=delivery,
        merged=merged,
    )


async def claimed(ledger: RedisLedger) -> Job:
    job = await ledger.claim("w")
    assert job is not None
    return job


async def outcomes(ledger: RedisLedger) -> dict[tuple[RowKind, str], tuple[OutcomeKind, str]]:
    """Return what the rows announce, by kind and head."""
    rows = [claimed.delivery for claimed in await ledger.outbox.claim(9)]
    return {
        (row.row.kind, row.head): (row.outcome.kind, row.outcome.reason)
        for row in rows
        if row.outcome
    }


async def test_waiting_job_ends_as_cancelled_and_everyone_is_told(ledger: RedisLedger) -> None:
    await ledger.admit(push(A))
    await ledger.admit(ask(A))

    assert await ledger.cancel(closing()) == Cancelled(job_id="7:1")

    ended = (OutcomeKind.CANCELLED, "It was closed.")
    assert await outcomes(ledger) == {(RowKind.CHECK, A): ended, (RowKind.SLACK, A): ended}
    assert await ledger.claim("w") is None


async def test_running_job_loses_its_lease_and_can_end_nothing(ledger: RedisLedger) -> None:
    await ledger.admit(push(A))
    job = await claimed(ledger)

    assert await ledger.cancel(closing(merged=True)) == Cancelled(job_id="7:1")

    assert await ledger.peek([job]) == {"7:1": (Hold.LOST, "")}
    assert (await ledger.renew(job))[0] is Hold.LOST
    assert await ledger.commit(job, reviewed(A)) is Ending.LOST
    assert await outcomes(ledger) == {(RowKind.CHECK, A): (OutcomeKind.CANCELLED, "It was merged.")}


async def test_both_heads_have_an_outcome_when_a_newer_one_waited(ledger: RedisLedger) -> None:
    await ledger.admit(push(A))
    await claimed(ledger)
    await ledger.admit(push(B, settle=True))

    await ledger.cancel(closing())

    kinds = {head: kind for (_, head), (kind, _) in (await outcomes(ledger)).items()}
    assert kinds == {A: OutcomeKind.SUPERSEDED, B: OutcomeKind.CANCELLED}


async def test_run_that_is_posting_its_review_ends_by_itself(ledger: RedisLedger) -> None:
    await ledger.admit(push(A))
    job = await claimed(ledger)
    await ledger.remember_review(job, 9)

    assert await ledger.cancel(closing()) is None

    assert await ledger.commit(job, reviewed(A)) is Ending.IDLE


async def test_closing_without_a_job_writes_nothing(ledger: RedisLedger, redis: Redis) -> None:
    assert await ledger.cancel(closing()) is None
    assert await redis.dbsize() == 0


async def test_closing_ends_nothing_that_is_at_rest(ledger: RedisLedger) -> None:
    await ledger.admit(push(A))
    await ledger.commit(await claimed(ledger), reviewed(A))

    assert await ledger.cancel(closing()) is None

    entry = await ledger.desk.show("7:1")
    assert entry is not None
    assert entry.outcome == reviewed(A)


async def test_dead_job_of_a_closed_pull_request_needs_nobody(ledger: RedisLedger) -> None:
    await ledger.admit(push(A))
    for _ in range(6):
        await ledger.release(await claimed(ledger), reason="no")

    assert await ledger.cancel(closing()) is None

    entry = await ledger.desk.show("7:1")
    assert entry is not None
    assert entry.outcome is not None
    assert (entry.stage, entry.outcome.kind) == (Stage.IDLE, OutcomeKind.FAILED)
    assert (await ledger.desk.counts()).dead == 0


@pytest.mark.parametrize("again", [push(A), push(B), ask(A, person="bob")])
async def test_closing_that_arrives_after_a_later_request_ends_nothing(
    ledger: RedisLedger, redis: Redis, again: ReviewRequest
) -> None:
    """Reopened, pushed or asked for since: the worker looks at the live pull request."""
    await ledger.admit(push(A))
    await claimed(ledger)
    late = closing(after=-0.05)
    await redis.hset(lasting("job", "7:1"), "wished_at", 1)
    await redis.hset(lasting("job", "7:1"), "asked_at", 1)
    await ledger.admit(again)

    assert await ledger.cancel(late) is None


async def test_job_of_an_earlier_version_is_judged_by_its_wish(
    ledger: RedisLedger, redis: Redis
) -> None:
    await ledger.admit(push(A))
    await redis.hdel(lasting("job", "7:1"), "asked_at")
    await redis.hset(lasting("job", "7:1"), "v", 1)

    assert await ledger.cancel(closing(after=-60.0)) is None
    assert await ledger.cancel(closing(delivery="closed-2")) == Cancelled(job_id="7:1")


async def test_reopened_pull_request_is_reviewed_again(ledger: RedisLedger) -> None:
    await ledger.admit(push(A))
    await claimed(ledger)
    closed = closing()
    await ledger.cancel(closed)

    assert isinstance(await ledger.admit(push(A)), Accepted)

    assert (await claimed(ledger)).head == A


async def test_redelivered_closing_ends_no_reopened_pull_request(ledger: RedisLedger) -> None:
    await ledger.admit(push(A))
    closed = closing()
    await ledger.cancel(closed)
    await ledger.admit(push(A))

    assert await ledger.cancel(closed) == Cancelled(job_id="7:1")

    assert (await claimed(ledger)).head == A


async def test_state_passes_ninety_days_after_the_closing_unless_reopened(
    ledger: RedisLedger, redis: Redis
) -> None:
    async def days() -> int:
        return round(await redis.ttl(lasting("job", "7:1")) / DAY)

    await ledger.admit(push(A))
    assert await days() == 400
    await ledger.cancel(closing())
    assert await days() == 90
    await ledger.admit(push(A))
    assert await days() == 400
    await ledger.commit(await claimed(ledger), reviewed(A))
    await ledger.cancel(closing(delivery="closed-2"))
    assert await days() == 90
