"""What the ledger counts: once for what happened once."""

import asyncio

from redis.asyncio import Redis

from bot.adapters.ledger import Policy, RedisLedger
from core.models import Job, Outcome, OutcomeKind, PullRequestClosed, RowKind
from tests.bot.asking import A, B, ask, push, reviewed


async def claimed(ledger: RedisLedger) -> Job:
    job = await ledger.claim("w")
    assert job is not None
    return job


async def test_nothing_happened_yet(ledger: RedisLedger) -> None:
    assert await ledger.desk.totals() == {}


async def test_requests_are_admitted_joined_or_duplicates(ledger: RedisLedger) -> None:
    await ledger.admit(push(A, delivery="d"))
    await ledger.admit(push(A, delivery="d"))
    await ledger.admit(push(A))
    await ledger.admit(ask(A))
    await ledger.commit(await claimed(ledger), reviewed(A))
    await ledger.admit(push(A))
    assert await ledger.desk.totals() == {
        "admitted": 1,
        "duplicates": 2,
        "joined": 2,
        "claims": 1,
        "outcome:reviewed": 1,
    }


async def test_runs_fail_and_end_in_the_dead_letters(ledger: RedisLedger) -> None:
    await ledger.admit(push(A))
    await ledger.release(await claimed(ledger), counted=False)
    for _ in range(6):
        await ledger.release(await claimed(ledger), reason="no")
    assert await ledger.desk.totals() == {
        "admitted": 1,
        "claims": 7,
        "attempts_failed": 6,
        "dead": 1,
        "outcome:failed": 1,
    }


async def test_crashes_are_counted_and_the_last_is_a_death(redis: Redis) -> None:
    ledger = RedisLedger(redis, policy=Policy(lease=0.02))
    await ledger.admit(push(A))
    for _ in range(3):
        await claimed(ledger)
        await asyncio.sleep(0.03)
        await ledger.reconcile()
    totals = await ledger.desk.totals()
    assert (totals["crashes"], totals["dead"], totals["claims"]) == (3, 1, 3)


async def test_every_head_has_its_outcome(ledger: RedisLedger) -> None:
    await ledger.admit(push(A))
    job = await claimed(ledger)
    await ledger.admit(push(B))
    await ledger.retarget(job, B)
    await ledger.commit(await claimed(ledger), Outcome(kind=OutcomeKind.CLEAN, head=B))
    await ledger.admit(push(A, number=2))
    await ledger.cancel(
        PullRequestClosed(ref=push(number=2).ref, repo_id=7, closed_at=4e9, delivery="c")
    )
    totals = await ledger.desk.totals()
    kinds = {name: n for name, n in totals.items() if name.startswith("outcome:")}
    assert kinds == {"outcome:superseded": 1, "outcome:clean": 1, "outcome:cancelled": 1}


async def test_rows_are_sent_failed_or_dropped(ledger: RedisLedger) -> None:
    await ledger.admit(ask(A))
    await ledger.commit(await claimed(ledger), reviewed(A), {RowKind.SUMMARY})
    sent, failed, dropped = await ledger.outbox.claim(9)
    await ledger.outbox.done(sent, "r")
    await ledger.outbox.done(sent, "r")
    await ledger.outbox.fail(failed, "GitHub said 502", 5)
    await ledger.outbox.drop(dropped, "channel_not_found")
    totals = await ledger.desk.totals()
    assert {name: n for name, n in totals.items() if name.startswith("rows")} == {
        "rows_sent": 1,
        "rows_failed": 1,
        "rows_dropped": 1,
    }
