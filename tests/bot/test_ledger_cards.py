"""Messages in Slack: how often they change, how far a run got, and what shows on them later."""

import asyncio

import pytest
from redis.asyncio import Redis

from bot.adapters import keys
from bot.adapters.ledger import ClaimedRow, Policy, RedisLedger
from core.models import (
    Accepted,
    Dismiss,
    Duplicate,
    FindingState,
    Job,
    OriginKind,
    Outcome,
    OutcomeKind,
    Phase,
    RowKind,
    Stage,
    Step,
)
from tests.bot.asking import A, B, ask, push, reviewed
from tests.bot.test_ledger_dismissals import FOUND, end, memory_of

APART = 0.3
"""Seconds."""
READ_3 = Step(phase=Phase.REVIEWING, done=3, total=8)


@pytest.fixture
def paced(redis: Redis) -> RedisLedger:
    """A ledger that lets a card be, for a moment, after each edit."""
    return RedisLedger(redis, policy=Policy(card_apart=APART))


@pytest.fixture
def quick(redis: Redis) -> RedisLedger:
    return RedisLedger(redis, policy=Policy(card_apart=0.0))


async def claimed(ledger: RedisLedger) -> Job:
    job = await ledger.claim("w")
    assert job is not None
    return job


async def card(ledger: RedisLedger) -> ClaimedRow | None:
    found = await ledger.outbox.claim(20)
    return next((row for row in found if row.delivery.row.kind is RowKind.SLACK), None)


async def sent(ledger: RedisLedger, receipt: str = "C1:17.1") -> ClaimedRow:
    row = await card(ledger)
    assert row is not None
    await ledger.outbox.done(row, receipt)
    return row


async def test_states_between_two_edits_are_one_edit_and_the_last_wins(paced: RedisLedger) -> None:
    await paced.admit(ask(A))
    await sent(paced)
    job = await claimed(paced)
    await paced.show(job, READ_3)
    await paced.commit(job, reviewed(A))
    assert await card(paced) is None
    await asyncio.sleep(APART * 1.2)
    delivery = (await sent(paced)).delivery
    assert delivery.outcome == reviewed(A)
    await asyncio.sleep(APART * 1.2)
    assert await card(paced) is None


async def test_state_that_came_while_an_edit_was_sent_waits_its_turn(paced: RedisLedger) -> None:
    await paced.admit(ask(A))
    row = await card(paced)
    assert row is not None
    await claimed(paced)
    await paced.outbox.done(row, "C1:17.1")
    assert await card(paced) is None
    await asyncio.sleep(APART * 1.2)
    assert (await sent(paced)).delivery.stage is Stage.RUNNING


async def test_only_cards_are_held_back(paced: RedisLedger) -> None:
    await paced.admit(ask(A, kind=OriginKind.COMMENT))
    (row,) = await paced.outbox.claim(9)
    await paced.outbox.done(row, "1")
    await claimed(paced)
    kinds = {row.delivery.row.kind for row in await paced.outbox.claim(9)}
    assert kinds == {RowKind.ANSWER, RowKind.CHECK}


async def test_a_step_shows_as_a_newer_state_of_the_same_run(quick: RedisLedger) -> None:
    await quick.admit(ask(A))
    job = await claimed(quick)
    first = (await sent(quick)).delivery
    assert await quick.show(job, READ_3) == 1
    second = (await sent(quick)).delivery
    assert (first.step, second.step, second.stage) == (None, READ_3, Stage.RUNNING)
    assert second.row.generation == first.row.generation + 1
    await quick.show(job, READ_3)
    assert await card(quick) is None


async def test_a_step_passes_with_its_run(quick: RedisLedger) -> None:
    await quick.admit(ask(A))
    job = await claimed(quick)
    await quick.show(job, READ_3)
    await quick.commit(job, reviewed(A))
    assert (await sent(quick)).delivery.step is None


async def test_whoever_joins_a_run_sees_its_steps(quick: RedisLedger) -> None:
    await quick.admit(push(A))
    job = await claimed(quick)
    assert await quick.show(job, READ_3) == 0
    await quick.admit(ask(A))
    assert await quick.show(job, READ_3) == 1
    assert (await sent(quick)).delivery.step == READ_3


async def test_where_nobody_in_slack_asked_a_step_writes_nothing(
    quick: RedisLedger, redis: Redis
) -> None:
    await quick.admit(push(A))
    await quick.admit(ask(A, kind=OriginKind.COMMENT))
    job = await claimed(quick)
    before = (await redis.info("persistence"))["rdb_changes_since_last_save"]
    assert await quick.show(job, READ_3) == 0
    assert (await redis.info("persistence"))["rdb_changes_since_last_save"] == before


async def test_a_worker_that_lost_its_job_shows_no_step(quick: RedisLedger) -> None:
    await quick.admit(ask(A))
    job = await claimed(quick)
    stale = job.model_copy(update={"epoch": job.epoch - 1})
    assert await quick.show(stale, READ_3) == -1
    assert (await sent(quick)).delivery.step is None


async def test_a_later_round_shows_on_the_card_of_an_earlier_request(quick: RedisLedger) -> None:
    await quick.admit(ask(A))
    await quick.commit(await claimed(quick), reviewed(A))
    await sent(quick)
    await quick.admit(push(B))
    job = await claimed(quick)
    assert await card(quick) is None
    await quick.commit(job, reviewed(B))
    delivery = (await sent(quick)).delivery
    assert (delivery.outcome, delivery.head) == (reviewed(B), B)
    assert delivery.row.receipt == "C1:17.1"


async def test_a_superseded_run_leaves_earlier_cards_as_they_are(quick: RedisLedger) -> None:
    await quick.admit(ask(A))
    await quick.commit(await claimed(quick), reviewed(A))
    await sent(quick)
    await quick.admit(push(B))
    job = await claimed(quick)
    await quick.commit(job, Outcome(kind=OutcomeKind.SUPERSEDED, head=B))
    assert await card(quick) is None


async def test_what_a_person_says_of_a_finding_shows_on_the_card(quick: RedisLedger) -> None:
    await quick.admit(ask(A))
    await end(quick, await claimed(quick), memory_of(*FOUND))
    await sent(quick)
    await quick.dismissals.dismiss(Dismiss(job_id="7:1", who="slack:U1", finding_id="f1"))
    outcome = (await sent(quick)).delivery.outcome
    assert outcome is not None
    assert outcome.record is not None
    assert len(outcome.record.findings) == len(FOUND) - 1
    assert [(each.state, each.who) for each in outcome.record.quiet] == [
        (FindingState.DISMISSED, "slack:U1")
    ]


async def test_the_latest_ten_messages_follow_and_older_ones_rest(quick: RedisLedger) -> None:
    for number in range(12):
        await quick.admit(ask(A, person=f"p{number}", full=True))
        await quick.commit(await claimed(quick), reviewed(A))
    for row in await quick.outbox.claim(50):
        await quick.outbox.done(row, "C1:17.1")
    await quick.admit(push(B))
    await quick.commit(await claimed(quick), reviewed(B))
    shown = [row for row in await quick.outbox.claim(50) if row.delivery.origin]
    assert len(shown) == 10


async def test_a_part_that_was_sent_is_kept_and_the_rest_is_due_when_told(
    quick: RedisLedger,
) -> None:
    await quick.admit(ask(A))
    row = await card(quick)
    assert row is not None
    await quick.outbox.partly(row, "C1:17.1", 0.1)
    assert await card(quick) is None
    await asyncio.sleep(0.15)
    again = await card(quick)
    assert again is not None
    assert (again.delivery.row.receipt, again.delivery.row.attempts) == ("C1:17.1", 0)
    assert again.delivery.row.generation == row.delivery.row.generation


async def test_what_was_not_tried_is_no_attempt(quick: RedisLedger) -> None:
    await quick.admit(ask(A))
    row = await card(quick)
    assert row is not None
    await quick.outbox.fail(row, "not yet", 0.0, counted=False)
    again = await card(quick)
    assert again is not None
    assert again.delivery.row.attempts == 0
    await quick.outbox.fail(again, "away", 0.0)
    assert (await sent(quick)).delivery.row.attempts == 1


async def test_the_wait_is_told_by_how_long_runs_took(quick: RedisLedger, redis: Redis) -> None:
    await redis.hset(keys.lasting("tempo"), "run", 60_000)  # type: ignore[misc]  # sync or async
    for number in (2, 3):
        await quick.admit(push(A, number=number))
    await claimed(quick)
    await quick.admit(ask(A))
    row = await card(quick)
    assert row is not None
    assert (row.delivery.ahead, row.delivery.ready_in) == (1, 120.0)


async def test_where_no_run_was_timed_no_wait_is_told(quick: RedisLedger) -> None:
    await quick.admit(ask(A))
    row = await card(quick)
    assert row is not None
    assert row.delivery.ready_in == 0.0


async def test_who_joins_a_run_is_told_what_is_left_of_it(quick: RedisLedger, redis: Redis) -> None:
    await redis.hset(keys.lasting("tempo"), "run", 60_000)  # type: ignore[misc]  # sync or async
    await quick.admit(ask(A))
    await claimed(quick)
    joined = await quick.admit(ask(A, person="otto"))
    assert isinstance(joined, Duplicate)
    assert 0 < joined.ready_in <= 60.0
    renewed = await quick.admit(ask(B))
    assert isinstance(renewed, Accepted)
    assert 60.0 < renewed.ready_in <= 120.0
