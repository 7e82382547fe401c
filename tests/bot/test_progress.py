"""Steps of a run on their way to those who follow it in Slack."""

import asyncio

import pytest
from redis.asyncio import Redis

from bot.adapters.ledger import Policy, RedisLedger
from bot.worker.progress import followed
from core.models import Job, OriginKind, Phase, RowKind, Step
from tests.bot.asking import A, ask, push
from tests.bot.working import until

APART = 0.15
"""Seconds."""


def read(done: int) -> Step:
    return Step(phase=Phase.REVIEWING, done=done, total=9)


@pytest.fixture
def ledger(redis: Redis) -> RedisLedger:
    return RedisLedger(redis, policy=Policy(card_apart=APART))


async def running(ledger: RedisLedger, *kinds: OriginKind) -> Job:
    for kind in kinds:
        await ledger.admit(push(A) if kind is OriginKind.WEBHOOK else ask(A, kind=kind))
    job = await ledger.claim("w")
    assert job is not None
    return job


async def generations(ledger: RedisLedger) -> list[tuple[int, Step | None]]:
    """Send what is due in Slack, and return its generations with their steps."""
    found = []
    for row in await ledger.outbox.claim(9):
        await ledger.outbox.done(row, "C1:17.1")
        if row.delivery.row.kind is RowKind.SLACK:
            found.append((row.delivery.row.generation, row.delivery.step))
    return found


async def test_of_many_steps_the_last_is_shown(ledger: RedisLedger) -> None:
    job = await running(ledger, OriginKind.SLACK)
    await generations(ledger)
    seen: list[tuple[int, Step | None]] = []
    async with followed(ledger, job) as progress:
        for done in range(9):
            progress.at(read(done))
            await asyncio.sleep(0)

        async def last_is_shown() -> bool:
            seen.extend(await generations(ledger))
            return bool(seen) and seen[-1][1] == read(8)

        await until(last_is_shown)
    assert len(seen) <= 2


async def test_steps_stop_with_their_run(ledger: RedisLedger) -> None:
    job = await running(ledger, OriginKind.SLACK)
    async with followed(ledger, job) as progress:
        pass
    progress.at(read(3))
    await asyncio.sleep(APART * 2)
    assert [step for _, step in await generations(ledger)] == [None]


async def test_a_run_that_nobody_follows_leaves_no_row_behind(ledger: RedisLedger) -> None:
    job = await running(ledger, OriginKind.WEBHOOK, OriginKind.COMMENT)
    async with followed(ledger, job) as progress:
        progress.at(read(3))
        await asyncio.sleep(APART)
    assert await generations(ledger) == []


async def test_a_ledger_that_is_away_holds_up_no_review() -> None:
    nowhere = Redis(port=9, socket_timeout=0.2, socket_connect_timeout=0.2)
    away = RedisLedger(nowhere, policy=Policy(card_apart=0.0))
    job = Job.model_validate(
        {
            "id": "7:1",
            "ref": {"owner": "o", "repo": "r", "number": 1},
            "repo_id": 7,
            "installation_id": 1,
            "head": A,
            "epoch": 1,
            "generation": 1,
        }
    )
    async with followed(away, job) as progress:
        progress.at(read(1))
        await asyncio.sleep(0.05)
        progress.at(read(2))
        await asyncio.sleep(0.05)
    await nowhere.aclose()
