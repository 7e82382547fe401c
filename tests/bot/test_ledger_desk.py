"""What operators see and do, and which workers live."""

import asyncio

import pytest
from redis.asyncio import Redis

from bot.adapters.ledger import Beat, Hold, Policy, RedisLedger
from core.models import Job, OutcomeKind, Stage
from tests.bot.asking import A, B, ask, push, reviewed


async def claimed(ledger: RedisLedger) -> Job:
    job = await ledger.claim("w-1")
    assert job is not None
    return job


@pytest.fixture
async def busy(ledger: RedisLedger) -> RedisLedger:
    """One job running, one dead, one idle, one due, one waiting for quiet."""
    await ledger.admit(push(A, number=1))
    await claimed(ledger)
    await ledger.admit(push(A, number=2))
    for _ in range(6):
        await ledger.release(await claimed(ledger), reason="No model answered.")
    await ledger.admit(push(A, number=3))
    await ledger.commit(await claimed(ledger), reviewed(A))
    await ledger.admit(push(A, number=5))
    await ledger.commit(await claimed(ledger), reviewed(A))
    await ledger.admit(push(B, number=5, settle=True))
    await ledger.admit(push(A, number=4))
    return ledger


async def test_jobs_are_listed_by_stage(busy: RedisLedger) -> None:
    stages = {stage: [e.id for e in await busy.desk.list(stage)] for stage in Stage}
    assert stages == {
        Stage.WAITING: ["7:4", "7:5"],
        Stage.RUNNING: ["7:1"],
        Stage.DEAD: ["7:2"],
        Stage.IDLE: ["7:3"],
    }
    assert len(await busy.desk.list()) == 5


async def test_counts_add_up(busy: RedisLedger) -> None:
    counts = await busy.desk.counts()
    assert (counts.due, counts.waiting, counts.running, counts.dead) == (1, 1, 1, 1)
    assert 0 <= counts.oldest_due_age < 5
    assert counts.rows > 0


async def test_job_is_shown_with_who_runs_it_and_its_outcome(busy: RedisLedger) -> None:
    running, idle = await busy.desk.show("7:1"), await busy.desk.show("7:3")
    assert running is not None
    assert (running.worker, running.stage, running.attempts) == ("w-1", Stage.RUNNING, 1)
    assert running.lease_until is not None
    assert idle is not None
    assert idle.outcome == reviewed(A)
    assert await busy.desk.show("9:9") is None


async def test_dead_job_is_retried_with_all_its_attempts(busy: RedisLedger) -> None:
    assert await busy.desk.retry("7:2")
    assert {(await claimed(busy)).id, (again := await claimed(busy)).id} == {"7:2", "7:4"}
    assert again.attempt == 1
    assert (await busy.desk.counts()).dead == 0


async def test_only_dead_and_waiting_jobs_can_be_retried(busy: RedisLedger) -> None:
    assert [await busy.desk.retry(i) for i in ("7:1", "7:3", "9:9", "7:5")] == [
        False,
        False,
        False,
        True,
    ]


@pytest.mark.parametrize("job_id", ["7:1", "7:2", "7:4", "7:5"])
async def test_discarded_job_ends_as_cancelled(busy: RedisLedger, job_id: str) -> None:
    assert await busy.desk.discard(job_id)
    entry = await busy.desk.show(job_id)
    assert entry is not None
    assert entry.outcome is not None
    assert (entry.stage, entry.outcome.kind) == (Stage.IDLE, OutcomeKind.CANCELLED)
    assert not await busy.desk.discard(job_id)


async def test_discarding_takes_the_lease_from_a_runner(ledger: RedisLedger) -> None:
    await ledger.admit(ask(A))
    job = await claimed(ledger)
    await ledger.admit(push(B))
    await ledger.desk.discard(job.id)
    assert (await ledger.renew(job))[0] is Hold.LOST
    ended = {r.delivery.head: r.delivery.outcome for r in await ledger.outbox.claim(9)}
    assert {head: o.kind for head, o in ended.items() if o} == {
        A: OutcomeKind.SUPERSEDED,
        B: OutcomeKind.CANCELLED,
    }


async def test_discarded_waiting_job_is_never_claimed(ledger: RedisLedger) -> None:
    await ledger.admit(push(A))
    await ledger.desk.discard("7:1")
    assert await ledger.claim("w") is None


async def test_reconcile_counts_what_needs_a_ring(redis: Redis) -> None:
    ledger = RedisLedger(redis, policy=Policy(quiet=0.05, overdue=0.1, lease=0.2))
    await ledger.admit(push(A))
    assert await ledger.reconcile() == (0, None)
    job = await claimed(ledger)
    rings, wait = await ledger.reconcile()
    assert rings == 0
    assert wait is not None
    assert 0.1 < wait <= 0.2
    await ledger.commit(job, reviewed(A))
    await ledger.admit(push(B, settle=True))
    await asyncio.sleep(0.06)
    assert (await ledger.reconcile())[0] == 1
    assert (await ledger.reconcile())[0] == 0
    await asyncio.sleep(0.12)
    assert (await ledger.reconcile())[0] == 1


async def test_living_workers_are_known_until_their_heart_stops(redis: Redis) -> None:
    ledger = RedisLedger(redis, policy=Policy(beat_lifetime=0.1))
    beat = Beat(worker="w-1", slots=4, busy=3, started=1.0)
    await ledger.presence.beat(beat)
    assert await ledger.presence.workers() == (beat,)
    assert (beat.idle, (await ledger.desk.counts()).workers) == (1, 1)
    await asyncio.sleep(0.12)
    assert await ledger.presence.workers() == ()
    assert (await ledger.desk.counts()).workers == 0


async def test_one_worker_leads_until_it_leaves_or_falls_silent(ledger: RedisLedger) -> None:
    presence = ledger.presence
    assert await presence.lead("reconcile", "w-1", 0.1)
    assert not await presence.lead("reconcile", "w-2", 0.1)
    assert await presence.lead("reconcile", "w-1", 0.1)
    await asyncio.sleep(0.12)
    assert await presence.lead("reconcile", "w-2", 5)
    await presence.leave("w-2", ["reconcile"])
    assert await presence.lead("reconcile", "w-1", 0.1)
