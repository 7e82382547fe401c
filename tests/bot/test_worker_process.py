"""Workers that die: killed, told to stop, taken down by a job. Nothing is lost, nothing stays."""

import asyncio
import signal
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from redis.asyncio import Redis

from bot.adapters.ledger import JobEntry, RedisLedger
from core.models import OutcomeKind, Stage
from tests.bot.asking import A, B, push, reviewed
from tests.bot.worker_process import POLICY
from tests.bot.working import until

Start = Callable[[str], Awaitable[asyncio.subprocess.Process]]


@pytest.fixture
def ledger(redis: Redis) -> RedisLedger:
    """The ledger as the worker processes see it."""
    return RedisLedger(redis, policy=POLICY)


@pytest.fixture
async def start(redis_url: str) -> AsyncIterator[Start]:
    """Start worker processes; those that a test left are killed, each by its own id."""
    started: list[asyncio.subprocess.Process] = []

    async def start_worker(mode: str) -> asyncio.subprocess.Process:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.bot.worker_process", redis_url, mode
        )
        started.append(process)
        return process

    yield start_worker
    for process in started:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def stage_becomes(ledger: RedisLedger, stage: Stage, within: float = 20.0) -> JobEntry:
    async def reached() -> bool:
        entry = await ledger.desk.show("7:1")
        return entry is not None and entry.stage is stage

    await until(reached, within)
    entry = await ledger.desk.show("7:1")
    assert entry is not None
    return entry


async def test_killed_workers_job_is_reviewed_elsewhere(ledger: RedisLedger, start: Start) -> None:
    victim = await start("hang")
    await ledger.admit(push(A))
    await stage_becomes(ledger, Stage.RUNNING)
    survivor = await start("review")
    await asyncio.sleep(1.0)
    victim.send_signal(signal.SIGKILL)
    killed_at = time.monotonic()
    entry = await stage_becomes(ledger, Stage.IDLE)
    assert time.monotonic() - killed_at < POLICY.lease + 5  # 1.5 on an idle machine
    assert (entry.outcome, entry.crashes) == (reviewed(A), 0)
    assert survivor.returncode is None


async def test_stopped_worker_gives_its_job_back_and_exits(
    ledger: RedisLedger, start: Start
) -> None:
    worker = await start("hang")
    await ledger.admit(push(A))
    await stage_becomes(ledger, Stage.RUNNING)
    told_at = time.monotonic()
    worker.send_signal(signal.SIGTERM)
    await asyncio.sleep(0.05)
    worker.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(worker.wait(), 10) == 0
    assert time.monotonic() - told_at < 5
    entry = await stage_becomes(ledger, Stage.WAITING)
    assert entry.attempts == 0


async def test_frozen_worker_loses_its_job_and_writes_nothing_more(
    ledger: RedisLedger, start: Start
) -> None:
    frozen = await start("hang")
    await ledger.admit(push(A))
    first = await stage_becomes(ledger, Stage.RUNNING)
    frozen.send_signal(signal.SIGSTOP)
    await start("review")
    entry = await stage_becomes(ledger, Stage.IDLE)
    frozen.send_signal(signal.SIGCONT)
    await ledger.admit(push(B))
    await asyncio.sleep(0.5)
    assert entry.worker != first.worker
    after = await ledger.desk.show("7:1")
    assert after is not None
    assert after.outcome is None or after.outcome.head == B


async def test_job_that_takes_workers_down_is_given_up_and_others_flow(
    ledger: RedisLedger, start: Start
) -> None:
    await ledger.admit(push(A))
    for crashes in range(1, 4):
        victim = await start("poison")
        assert await asyncio.wait_for(victim.wait(), 10) == 139
        entry = await ledger.desk.show("7:1")
        assert entry is not None
        assert entry.attempts == crashes
        await asyncio.sleep(POLICY.lease)
    await start("review")
    entry = await stage_becomes(ledger, Stage.DEAD)
    assert entry.outcome is not None
    assert (entry.outcome.kind, entry.crashes) == (OutcomeKind.FAILED, 3)
    await ledger.admit(push(A, number=2))

    async def other_is_reviewed() -> bool:
        other = await ledger.desk.show("7:2")
        return other is not None and other.stage is Stage.IDLE

    await until(other_is_reviewed, within=10)
