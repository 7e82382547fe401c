"""What is remembered between reviews: written with the outcome, by the holder of the job alone."""

import asyncio

from redis.asyncio import Redis

from bot.adapters import keys
from bot.adapters.ledger import Ending, Policy, RedisLedger
from core.models import (
    CommentState,
    Coverage,
    FindingState,
    Job,
    Outcome,
    OutcomeKind,
    PullMemory,
    ReviewRecord,
    Round,
    RowKind,
    Strength,
)
from tests.bot.asking import A, push

SEEN = PullMemory(round=1, head=A, read={Strength.FULL: {"key": 2}})


async def started(ledger: RedisLedger) -> Job:
    await ledger.admit(push(A))
    job = await ledger.claim("w")
    assert job is not None
    return job


def ended(memory: PullMemory | None, round_: Round | None = None) -> Outcome:
    record = ReviewRecord(
        head=A, base=A, coverage=Coverage(files_total=1, files_read=1), round=round_
    )
    return Outcome(kind=OutcomeKind.CLEAN, head=A, record=record, memory=memory)


async def test_a_new_pull_request_has_an_empty_memory(ledger: RedisLedger) -> None:
    assert await ledger.memory.recall(await started(ledger)) == PullMemory()


async def test_the_memory_comes_with_the_outcome_and_lasts_as_long_as_the_job(
    ledger: RedisLedger, redis: Redis
) -> None:
    job = await started(ledger)
    await ledger.commit(job, ended(SEEN))
    assert await ledger.memory.recall(job) == SEEN
    stored = keys.lasting("memory", job.id)
    assert abs(await redis.ttl(stored) - await redis.ttl(keys.lasting("job", job.id))) < 5


async def test_an_outcome_without_a_memory_leaves_the_old_one(ledger: RedisLedger) -> None:
    job = await started(ledger)
    await ledger.commit(job, ended(SEEN))
    await ledger.admit(push("b" * 40))
    again = await ledger.claim("w")
    assert again is not None
    await ledger.commit(again, ended(None))
    assert await ledger.memory.recall(job) == SEEN


async def test_whoever_lost_the_lease_cannot_change_the_memory(redis: Redis) -> None:
    ledger = RedisLedger(redis, policy=Policy(lease=0.05, row_lease=0.05))
    job = await started(ledger)
    await asyncio.sleep(0.1)
    successor = await ledger.claim("other")
    assert successor is not None
    assert await ledger.commit(job, ended(SEEN)) in {Ending.LOST, Ending.CRASHED}
    assert await ledger.memory.recall(job) == PullMemory()


async def test_a_memory_of_another_kind_counts_as_lost(ledger: RedisLedger, redis: Redis) -> None:
    job = await started(ledger)
    for stored in ("no JSON", SEEN.model_copy(update={"version": 99}).model_dump_json()):
        await redis.set(keys.lasting("memory", job.id), stored)
        assert await ledger.memory.recall(job) == PullMemory()


async def test_comments_are_told_when_a_finding_changed_its_state(ledger: RedisLedger) -> None:
    job = await started(ledger)
    state = CommentState(finding_id="f1", state=FindingState.ADDRESSED, head=A)
    await ledger.commit(job, ended(SEEN, Round(number=2, comments=(state,))))
    rows = {row.delivery.row.kind: row.delivery for row in await ledger.outbox.claim(9)}
    told = rows[RowKind.FINDINGS].outcome
    assert told is not None
    assert told.record is not None
    assert told.record.round is not None
    assert told.record.round.comments == (state,)
