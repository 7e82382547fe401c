"""What the ledger forgets, and when: nothing in it grows without bound."""

from collections.abc import Awaitable
from typing import cast

import pytest
from redis.asyncio import Redis

from bot.adapters import keys
from bot.adapters.ledger import Beat, Policy, RedisLedger
from core.models import Job, PullRequestClosed, RowKind, Stage
from tests.bot.asking import A, B, ask, push, reviewed

DAY = 86_400
ALWAYS = Policy(sweep_apart=0.0)
STANDING = {"jobs", "later", "due", "leases", "dead", "rows", "workers", "limits", "totals"}
"""Indexes and numbers, which are as large as what they hold."""
BAGS = ("asked:", "run:", "ring")
"""Emptied by the run that answers, or by the claim that takes the last job."""


async def claimed(ledger: RedisLedger) -> Job:
    job = await ledger.claim("w")
    assert job is not None
    return job


@pytest.fixture
async def lived(ledger: RedisLedger) -> RedisLedger:
    """Jobs at every stage, their rows, outcomes and deliveries, a worker."""
    await ledger.admit(push(A, number=1))
    await ledger.admit(ask(A))
    await ledger.commit(await claimed(ledger), reviewed(A), {RowKind.SUMMARY})
    await ledger.admit(push(B, number=1, settle=True))
    await ledger.admit(push(A, number=2))
    await claimed(ledger)
    await ledger.admit(push(A, number=3))
    for _ in range(6):
        await ledger.release(await claimed(ledger), reason="no")
    await ledger.admit(push(A, number=4))
    await ledger.commit(await claimed(ledger), reviewed(A))
    await ledger.cancel(closing(4))
    await ledger.admit(push(A, number=5).model_copy(update={"author": "ada"}))
    await ledger.outbox.claim(9)
    await ledger.presence.beat(Beat(worker="w", slots=4, busy=1, started=1.0))
    return ledger


def closing(number: int) -> PullRequestClosed:
    return PullRequestClosed(
        ref=push(number=number).ref, repo_id=7, closed_at=4e9, delivery=f"closed-{number}"
    )


async def lifetimes(redis: Redis) -> dict[str, int]:
    """Seconds that each key lives, by its name without the prefix; -1 is for ever."""
    names = [key.decode() for key in await redis.keys("*")]
    return {name.removeprefix(keys.LASTING): await redis.ttl(name) for name in names}


async def test_every_key_passes_or_is_an_index(lived: RedisLedger, redis: Redis) -> None:
    lasting = {name for name, ttl in (await lifetimes(redis)).items() if ttl < 0}
    assert {name for name in lasting if not name.startswith(BAGS)} <= STANDING


async def test_lifetimes_are_those_of_the_policy(lived: RedisLedger, redis: Redis) -> None:
    days = {name: ttl / DAY for name, ttl in (await lifetimes(redis)).items() if ttl > 0}
    longest: dict[str, float] = {}
    for name, ttl in days.items():
        kind = name.partition(":")[0]
        longest[kind] = max(longest.get(kind, 0.0), round(ttl, 2))
    assert longest == {
        "job": 400,
        "row": 400,
        "done": 90,
        "event": 4,
        "tempo": 4,
        "told": 90,
        "claim": 0,
        "worker": 0,
    }
    assert round(days["job:7:4"]) == 90
    assert {round(ttl) for name, ttl in days.items() if "|check|" in name} == {90}
    assert {round(ttl) for name, ttl in days.items() if "|summary|" in name} == {400}


async def test_summary_of_a_closed_pull_request_passes_with_it(
    ledger: RedisLedger, redis: Redis
) -> None:
    await ledger.admit(push(A))
    await ledger.commit(await claimed(ledger), reviewed(A), {RowKind.SUMMARY})
    await ledger.cancel(closing(1))
    row = keys.lasting("row", "7:1|summary|")
    assert round(await redis.ttl(row) / DAY) == 90
    await ledger.admit(push(B))
    await cast("Awaitable[int]", redis.hset(row, "kept_at", 0))
    await ledger.commit(await claimed(ledger), reviewed(B), {RowKind.SUMMARY})
    assert round(await redis.ttl(row) / DAY) == 400


async def test_what_happens_to_a_job_lengthens_its_life_once_a_day(
    ledger: RedisLedger, redis: Redis
) -> None:
    job = keys.lasting("job", "7:1")
    await ledger.admit(push(A))
    await redis.expire(job, 500)
    await ledger.admit(push(A))
    assert await redis.ttl(job) <= 500
    await cast("Awaitable[int]", redis.hincrby(job, "kept_until", -DAY * 1000 - 1000))
    await ledger.admit(push(A))
    assert round(await redis.ttl(job) / DAY) == 400


async def test_nothing_is_left_of_jobs_that_passed(lived: RedisLedger, redis: Redis) -> None:
    ledger = RedisLedger(redis, policy=ALWAYS)
    for name, ttl in (await lifetimes(redis)).items():
        if ttl >= 0:
            await redis.delete(f"{keys.LASTING}{name}")
    for index in ("limits", "workers", "rows", "later", "leases"):
        for member in await redis.zrange(keys.lasting(index), 0, -1):
            await redis.zadd(keys.lasting(index), {member: 1})

    await ledger.reconcile()
    assert await ledger.claim("w") is None
    assert await ledger.outbox.claim(9) == ()
    await ledger.reconcile()

    assert set(await lifetimes(redis)) <= {"totals", "sweep"}


async def test_sweep_gets_to_every_job_in_time(redis: Redis) -> None:
    ledger = RedisLedger(redis, policy=ALWAYS)
    for number in range(1, 131):
        await ledger.admit(push(A, number=number))
    gone = [f"7:{number}" for number in range(1, 131, 3)]
    await redis.delete(*(keys.lasting("job", job_id) for job_id in gone))
    for _ in range(4):
        await ledger.reconcile()
    left = {job_id.decode() for job_id in await redis.zrange(keys.lasting("jobs"), 0, -1)}
    assert left == {f"7:{number}" for number in range(1, 131)} - set(gone)


async def test_sweep_takes_its_time(ledger: RedisLedger, redis: Redis) -> None:
    await ledger.admit(push(A))
    await ledger.reconcile()
    await redis.delete(keys.lasting("job", "7:1"))
    await ledger.reconcile()
    assert await redis.zcard(keys.lasting("jobs")) == 1


async def test_dead_letter_that_nobody_wanted_rests_after_ninety_days(
    lived: RedisLedger, redis: Redis
) -> None:
    dead = keys.lasting("dead")
    (when,) = [score for _, score in await redis.zrange(dead, 0, -1, withscores=True)]
    await redis.zadd(dead, {"7:3": when - 89 * DAY * 1000})
    await lived.reconcile()
    assert [entry.id for entry in await lived.desk.list(Stage.DEAD)] == ["7:3"]
    await redis.zadd(dead, {"7:3": when - 91 * DAY * 1000})
    await lived.reconcile()
    entry = await lived.desk.show("7:3")
    assert entry is not None
    assert entry.outcome is not None
    assert (entry.stage, entry.outcome.kind.value) == (Stage.IDLE, "failed")
    assert await redis.zcard(dead) == 0


async def test_job_of_a_pull_request_with_many_heads_does_not_grow(
    ledger: RedisLedger, redis: Redis
) -> None:
    sizes = []
    for n in range(60):
        head = f"{n:040x}"
        await ledger.admit(push(head, delivery=f"d{n}"))
        await ledger.commit(await claimed(ledger), reviewed(head), {RowKind.SUMMARY})
        for row in await ledger.outbox.claim(9):
            await ledger.outbox.done(row, "r")
        sizes.append(await redis.hlen(keys.lasting("job", "7:1")))
    assert sizes[-1] == sizes[1]
    assert await redis.zcard(keys.lasting("rows")) == 0
    assert len((await redis.hget(keys.lasting("job", "7:1"), "past")) or b"") <= 410
