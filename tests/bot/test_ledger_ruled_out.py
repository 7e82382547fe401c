"""A run that was ruled out answers nobody who came while it looked."""

import asyncio

import pytest

from bot.adapters.ledger import Ending, RedisLedger
from core.models import Duplicate, Job, Outcome, OutcomeKind, ReviewRequest, RowKind
from tests.bot.asking import A, ask, push, reviewed

SKIPPED = Outcome(kind=OutcomeKind.SKIPPED, head=A, reason="It is a draft.")


async def running(ledger: RedisLedger) -> Job:
    job = await ledger.claim("w")
    assert job is not None
    await asyncio.sleep(0.01)
    return job


@pytest.mark.parametrize("late", [push(A), ask(A)])
async def test_whoever_joined_a_run_that_is_ruled_out_gets_another_look(
    ledger: RedisLedger, late: ReviewRequest
) -> None:
    await ledger.admit(push(A))
    job = await running(ledger)
    assert isinstance(await ledger.admit(late), Duplicate)

    assert await ledger.commit(job, SKIPPED) is Ending.AGAIN

    again = await running(ledger)
    assert again.head == A
    assert late.origin.kind in {origin.kind for origin in again.origins}
    assert await ledger.commit(again, reviewed(A)) is Ending.IDLE


async def test_run_that_nobody_joined_ends_as_it_was_ruled(ledger: RedisLedger) -> None:
    await ledger.admit(push(A))
    job = await running(ledger)

    assert await ledger.commit(job, SKIPPED) is Ending.IDLE

    rows = [row.delivery for row in await ledger.outbox.claim(9)]
    check = next(row for row in rows if row.row.kind is RowKind.CHECK)
    assert check.outcome is not None
    assert check.outcome.kind is OutcomeKind.SKIPPED


async def test_second_look_that_is_ruled_out_as_well_is_the_end(ledger: RedisLedger) -> None:
    await ledger.admit(push(A))
    job = await running(ledger)
    await ledger.admit(push(A))
    await ledger.commit(job, SKIPPED)

    again = await running(ledger)

    assert await ledger.commit(again, SKIPPED) is Ending.IDLE


async def test_repeated_commit_tells_the_same(ledger: RedisLedger) -> None:
    await ledger.admit(push(A))
    job = await running(ledger)
    await ledger.admit(push(A))

    assert await ledger.commit(job, SKIPPED) is Ending.AGAIN
    assert await ledger.commit(job, SKIPPED) is Ending.AGAIN
