"""Rows of other versions: older ones are read and go on, newer ones wait and are told about.

`rows_v1.json` holds every key of a ledger as the first version left it: jobs at every stage,
rows sent, unsent and held, duplicates, claims, a worker.
"""

import json
from collections.abc import Awaitable
from pathlib import Path
from typing import Any, cast

import pytest
from redis.asyncio import Redis

from bot.adapters import keys
from bot.adapters.ledger import Ending, Hold, Move, RedisLedger
from bot.adapters.ledger.rows import SCHEMA
from core.errors import TransientError
from core.models import (
    Accepted,
    Cancelled,
    Duplicate,
    DuplicateOf,
    Job,
    OutcomeKind,
    PullRequestClosed,
    RowKind,
    Stage,
)
from tests.bot.asking import A, B, C, ask, push, reviewed

ROWS = Path(__file__).with_name("rows_v1.json")
NEWER = SCHEMA + 1


@pytest.fixture
async def upgraded(redis: Redis) -> RedisLedger:
    """A ledger of this version on what the first one left."""
    for key, row in json.loads(ROWS.read_text()).items():
        await write(redis, key, row["type"], row["value"])
        if row["ttl"] > 0:
            await redis.expire(key, row["ttl"])
    return RedisLedger(redis)


async def write(redis: Redis, key: str, kind: str, value: Any) -> None:
    match kind:
        case "hash":
            await cast("Awaitable[int]", redis.hset(key, mapping=value))
        case "zset":
            await redis.zadd(key, value)
        case "list":
            await cast("Awaitable[int]", redis.rpush(key, *value))
        case _:
            await redis.set(key, value)


async def all_claimed(ledger: RedisLedger) -> dict[str, Job]:
    found = {}
    while job := await ledger.claim("w-2"):
        found[job.id] = job
    return found


async def test_every_old_job_is_listed_with_its_stage(upgraded: RedisLedger) -> None:
    stages = {entry.id: entry.stage for entry in await upgraded.desk.list()}
    assert stages == {
        "7:1": Stage.WAITING,
        "7:2": Stage.RUNNING,
        "7:3": Stage.DEAD,
        "7:4": Stage.WAITING,
        "9:5": Stage.IDLE,
        "9:6": Stage.RUNNING,
        "9:8": Stage.IDLE,
        "11:9": Stage.WAITING,
    }
    done = await upgraded.desk.show("9:5")
    assert done is not None
    assert done.outcome == reviewed(B)


async def test_old_jobs_are_claimed_with_all_that_belongs_to_them(upgraded: RedisLedger) -> None:
    jobs = await all_claimed(upgraded)
    assert {job_id: job.head for job_id, job in jobs.items()} == {
        "7:1": A,
        "7:2": A,
        "7:4": C,
        "9:6": B,
        "11:9": A,
    }
    crashed = jobs["7:2"]
    assert (crashed.review_id, crashed.focus) == (44, "the migration")
    assert {origin.person for origin in crashed.origins} == {"", "bob"}
    assert {origin.person for origin in jobs["7:1"].origins} == {"", "ada"}
    assert (jobs["7:4"].installation_id, jobs["9:6"].installation_id) == (5, None)
    assert (jobs["7:4"].first, jobs["11:9"].first) == (False, True)


async def test_old_jobs_end_and_are_written_in_this_version(
    upgraded: RedisLedger, redis: Redis
) -> None:
    jobs = await all_claimed(upgraded)
    endings = {await upgraded.commit(job, reviewed(job.head)) for job in jobs.values()}
    assert endings == {Ending.IDLE}
    versions = {await redis.hget(keys.lasting("job", job_id), "v") for job_id in jobs}
    assert versions == {str(SCHEMA).encode()}
    sent = [row.delivery for row in await upgraded.outbox.claim(50)]
    heads = {(d.row.job_id, d.head) for d in sent if d.row.kind is RowKind.CHECK and d.outcome}
    assert heads >= {(job.id, job.head) for job in jobs.values()}


async def test_old_run_that_lives_on_is_renewed_and_ended_by_its_epoch(
    upgraded: RedisLedger, redis: Redis
) -> None:
    await redis.zadd(keys.lasting("leases"), {"7:2": 4e12})
    seen = await upgraded.desk.show("7:2")
    assert seen is not None
    row = await redis.hgetall(keys.lasting("job", "7:2"))
    job = (await all_claimed(upgraded))["11:9"].model_copy(
        update={"id": "7:2", "epoch": int(row[b"epoch"]), "head": A, "ref": seen.ref}
    )
    assert (await upgraded.renew(job))[0] is Hold.HELD
    assert await upgraded.release(job, reason="GitHub said 502") is Ending.AGAIN


async def test_old_rows_are_sent(upgraded: RedisLedger, redis: Redis) -> None:
    rows = keys.lasting("rows")
    for row in await redis.zrange(rows, 0, -1):
        await redis.zadd(rows, {row: 0})
    claimed = await upgraded.outbox.claim(50)
    found = {(row.delivery.row.job_id, row.delivery.row.kind) for row in claimed}
    assert {("9:5", RowKind.CHECK), ("9:5", RowKind.SUMMARY), ("7:3", RowKind.SLACK)} <= found
    for row in claimed:
        await upgraded.outbox.done(row, "receipt")
    assert await redis.zcard(rows) == 0
    assert (await upgraded.desk.totals())["rows_sent"] == len(claimed)


async def test_old_deliveries_and_outcomes_are_still_known(upgraded: RedisLedger) -> None:
    again = await upgraded.admit(push(C, number=1, delivery="seen-1"))
    assert again == Duplicate(job_id="7:1", of=DuplicateOf.DELIVERY)
    known = await upgraded.admit(push(B, number=5, repo_id=9))
    assert isinstance(known, Duplicate)
    assert known.of is DuplicateOf.REVIEWED
    assert known.review_url == reviewed(B).review_url


async def test_old_dead_job_is_retried_and_old_waiting_one_is_closed(
    upgraded: RedisLedger,
) -> None:
    assert await upgraded.desk.retry("7:3")
    closed = PullRequestClosed(
        ref=push(number=4).ref, repo_id=7, closed_at=4e9, delivery="closed-4"
    )
    assert await upgraded.cancel(closed) == Cancelled(job_id="7:4")
    jobs = await all_claimed(upgraded)
    assert "7:3" in jobs
    assert "7:4" not in jobs


async def test_old_job_takes_new_wishes(upgraded: RedisLedger) -> None:
    assert isinstance(await upgraded.admit(push(B, number=9, repo_id=11)), Accepted)
    assert (await all_claimed(upgraded))["11:9"].head == B


async def make_newer(redis: Redis, *names: str) -> None:
    for name in names:
        await cast("Awaitable[int]", redis.hset(name, "v", NEWER))


async def test_newer_job_is_a_dead_letter_until_a_version_that_reads_it_comes(
    ledger: RedisLedger, redis: Redis
) -> None:
    await ledger.admit(push(A))
    await ledger.admit(push(A, number=2))
    row = keys.lasting("job", "7:1")
    await make_newer(redis, row)

    assert set(await all_claimed(ledger)) == {"7:2"}

    (dead,) = await ledger.desk.list(Stage.DEAD)
    assert (dead.id, "newer version" in dead.reason) == ("7:1", True)
    await ledger.reconcile()
    assert await ledger.claim("w") is None
    await cast("Awaitable[int]", redis.hset(row, "v", SCHEMA))
    await redis.zadd(keys.lasting("aside"), {"7:1": SCHEMA})
    await ledger.reconcile()
    assert set(await all_claimed(ledger)) == {"7:1"}
    assert await ledger.desk.list(Stage.DEAD) == ()


async def test_newer_job_is_found_when_it_becomes_due_or_crashes(
    ledger: RedisLedger, redis: Redis
) -> None:
    await ledger.admit(push(A))
    await ledger.claim("w")
    await ledger.admit(push(A, number=2))
    waiting = await ledger.claim("w")
    assert waiting is not None
    await ledger.release(waiting, delay=60)
    await make_newer(redis, keys.lasting("job", "7:1"), keys.lasting("job", "7:2"))
    await redis.zadd(keys.lasting("leases"), {"7:1": 0})
    await redis.zadd(keys.lasting("later"), {"7:2": 0})

    await ledger.reconcile()

    assert {entry.id for entry in await ledger.desk.list(Stage.DEAD)} == {"7:1", "7:2"}
    counts = await ledger.desk.counts()
    assert (counts.due, counts.waiting, counts.running, counts.dead) == (0, 0, 0, 2)


async def test_request_for_a_newer_job_is_refused_in_words_and_can_come_again(
    ledger: RedisLedger, redis: Redis
) -> None:
    await ledger.admit(push(A))
    await make_newer(redis, keys.lasting("job", "7:1"))
    with pytest.raises(TransientError, match="newer version of Argus"):
        await ledger.admit(push(B, delivery="later"))
    assert await redis.exists(keys.lasting("event", "later")) == 0


async def test_holder_of_a_job_that_became_newer_has_lost_it(
    ledger: RedisLedger, redis: Redis
) -> None:
    await ledger.admit(push(A))
    job = await ledger.claim("w")
    assert job is not None
    await make_newer(redis, keys.lasting("job", "7:1"))
    before = await redis.hgetall(keys.lasting("job", "7:1"))
    assert (await ledger.renew(job))[0] is Hold.LOST
    assert await ledger.remember_review(job, 5) is False
    assert await ledger.retarget(job, B) == (Move.LOST, None)
    assert await ledger.release(job, reason="no") is Ending.LOST
    assert await ledger.commit(job, reviewed(A)) is Ending.LOST
    closed = PullRequestClosed(ref=job.ref, repo_id=7, closed_at=4e9, delivery="closed")
    assert await ledger.cancel(closed) is None
    assert not await ledger.desk.retry("7:1")
    assert not await ledger.desk.discard("7:1")
    assert await redis.hgetall(keys.lasting("job", "7:1")) == before


async def test_newer_row_is_left_to_the_version_that_wrote_it(
    ledger: RedisLedger, redis: Redis
) -> None:
    await ledger.admit(ask(A))
    row = "7:1|slack|slack-ada"
    await make_newer(redis, keys.lasting("row", row))
    assert await ledger.outbox.claim(9) == ()
    assert await redis.zscore(keys.lasting("rows"), row) is not None
    await cast("Awaitable[int]", redis.hset(keys.lasting("row", row), "v", SCHEMA))
    await redis.zadd(keys.lasting("rows"), {row: 0})
    assert len(await ledger.outbox.claim(9)) == 1


async def test_job_that_cannot_be_read_at_all_is_shown_as_such(
    ledger: RedisLedger, redis: Redis
) -> None:
    mapping = {"v": NEWER, "stage": "elsewhere", "head": A}
    await cast("Awaitable[int]", redis.hset(keys.lasting("job", "7:1"), mapping=mapping))
    entry = await ledger.desk.show("7:1")
    assert entry is not None
    assert (entry.stage, "newer version" in entry.reason) == (Stage.DEAD, True)


async def test_outcomes_have_a_version(ledger: RedisLedger, redis: Redis) -> None:
    await ledger.admit(ask(A))
    job = await ledger.claim("w")
    assert job is not None
    await ledger.commit(job, reviewed(A), {RowKind.SUMMARY})
    for name in (
        keys.lasting("job", "7:1"),
        keys.lasting("done", "7:1", A),
        keys.lasting("row", f"7:1|check|{A}:0"),
        keys.lasting("row", "7:1|summary|"),
        keys.lasting("row", "7:1|slack|slack-ada"),
    ):
        assert await redis.hget(name, "v") == str(SCHEMA).encode(), name
    entry = await ledger.desk.show("7:1")
    assert entry is not None
    assert entry.outcome is not None
    assert entry.outcome.kind is OutcomeKind.REVIEWED
