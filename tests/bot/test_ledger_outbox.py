"""Outbox rows: what they ask for, who sends them, and that older never overwrites newer."""

import asyncio

import pytest
from redis.asyncio import Redis

from bot.adapters.ledger import ClaimedRow, Policy, RedisLedger
from core.models import (
    Coverage,
    Job,
    OriginKind,
    Outcome,
    OutcomeKind,
    ReviewRecord,
    RowKind,
    Stage,
)
from tests.bot.asking import A, B, ask, push, reviewed

ROW_LEASE = 0.1
"""Seconds."""


@pytest.fixture
def brief(redis: Redis) -> RedisLedger:
    """A ledger whose senders lose their rows quickly."""
    return RedisLedger(redis, policy=Policy(row_lease=ROW_LEASE, card_apart=0.0))


async def claimed(ledger: RedisLedger) -> Job:
    job = await ledger.claim("w")
    assert job is not None
    return job


async def rows(ledger: RedisLedger) -> dict[RowKind, ClaimedRow]:
    return {row.delivery.row.kind: row for row in await ledger.outbox.claim(20)}


async def only(ledger: RedisLedger) -> ClaimedRow:
    (row,) = await ledger.outbox.claim(20)
    return row


async def test_person_in_slack_has_a_row_as_soon_as_it_is_admitted(ledger: RedisLedger) -> None:
    await ledger.admit(push(B, number=9))
    await ledger.admit(ask(A))
    delivery = (await only(ledger)).delivery
    assert (delivery.row.kind, delivery.row.target) == (RowKind.SLACK, "slack-ada")
    assert (delivery.stage, delivery.ahead, delivery.outcome) == (Stage.WAITING, 1, None)
    assert delivery.origin is not None
    assert (delivery.origin.reply, delivery.head) == ("C1", A)


async def test_comment_gets_an_answer_row_and_an_api_caller_none(ledger: RedisLedger) -> None:
    await ledger.admit(ask(A, kind=OriginKind.COMMENT))
    await ledger.admit(ask(A, kind=OriginKind.API))
    assert (await only(ledger)).delivery.row.kind is RowKind.ANSWER


async def test_event_has_no_row_before_it_is_claimed(ledger: RedisLedger) -> None:
    await ledger.admit(push(A))
    assert await rows(ledger) == {}


async def test_claim_shows_the_check_in_progress(ledger: RedisLedger) -> None:
    await ledger.admit(push(A))
    await claimed(ledger)
    delivery = (await only(ledger)).delivery
    assert (delivery.row.kind, delivery.row.target) == (RowKind.CHECK, f"{A}:0")
    assert (delivery.stage, delivery.asked_in_person) == (Stage.RUNNING, False)


async def test_commit_announces_everywhere_it_should(ledger: RedisLedger) -> None:
    await ledger.admit(ask(A))
    job = await claimed(ledger)
    await ledger.commit(job, reviewed(A), {RowKind.SUMMARY})
    found = await rows(ledger)
    assert set(found) == {RowKind.CHECK, RowKind.SUMMARY, RowKind.SLACK}
    for row in found.values():
        delivery = row.delivery
        assert (delivery.outcome, delivery.stage) == (reviewed(A), Stage.IDLE)
        assert (delivery.head, delivery.asked_in_person) == (A, True)
        assert delivery.correlation_id == job.correlation_id


async def test_summary_is_only_put_when_asked_for(ledger: RedisLedger) -> None:
    await ledger.admit(push(A))
    await ledger.commit(await claimed(ledger), reviewed(A))
    assert set(await rows(ledger)) == {RowKind.CHECK}


async def test_standing_summary_is_kept_current(ledger: RedisLedger) -> None:
    await ledger.admit(push(A))
    await ledger.commit(await claimed(ledger), reviewed(A), {RowKind.SUMMARY})
    summary = (await rows(ledger))[RowKind.SUMMARY]
    await ledger.outbox.done(summary, "comment-1")
    await ledger.admit(push(B))
    record = ReviewRecord(head=B, base=A, coverage=Coverage(files_total=1, files_read=1))
    await ledger.commit(
        await claimed(ledger), Outcome(kind=OutcomeKind.CLEAN, head=B, record=record)
    )
    row = (await rows(ledger))[RowKind.SUMMARY].delivery
    assert (row.head, row.row.receipt, row.row.generation) == (B, "comment-1", 2)


async def test_sent_row_rests_and_keeps_its_receipt_for_the_next_state(
    brief: RedisLedger,
) -> None:
    await brief.admit(ask(A))
    await brief.outbox.done(await only(brief), "1700.1")
    assert await rows(brief) == {}
    await claimed(brief)
    row = (await rows(brief))[RowKind.SLACK].delivery.row
    assert (row.receipt, row.generation) == ("1700.1", 2)


async def test_row_has_one_sender_at_a_time(ledger: RedisLedger) -> None:
    await ledger.admit(ask(A))
    await only(ledger)
    await claimed(ledger)
    assert RowKind.SLACK not in await rows(ledger)


async def test_state_that_changed_while_sending_is_sent_next(brief: RedisLedger) -> None:
    await brief.admit(ask(A))
    sending = await only(brief)
    await brief.commit(await claimed(brief), reviewed(A))
    await brief.outbox.done(sending, "1700.1")
    row = (await rows(brief))[RowKind.SLACK].delivery
    assert (row.outcome, row.row.receipt) == (reviewed(A), "1700.1")


async def test_a_sender_that_fell_silent_counts_as_an_attempt(brief: RedisLedger) -> None:
    """It may have delivered: the next one has to look before it makes anything."""
    await brief.admit(ask(A))
    assert (await only(brief)).delivery.row.attempts == 0
    await asyncio.sleep(ROW_LEASE * 1.5)
    assert (await only(brief)).delivery.row.attempts == 1


async def test_silent_sender_loses_its_row(brief: RedisLedger) -> None:
    await brief.admit(ask(A))
    await only(brief)
    await asyncio.sleep(ROW_LEASE * 1.3)
    assert (await only(brief)).delivery.row.kind is RowKind.SLACK


async def test_late_sender_of_an_older_state_makes_the_newer_one_be_sent_again(
    brief: RedisLedger,
) -> None:
    await brief.admit(ask(A))
    late = await only(brief)
    await asyncio.sleep(ROW_LEASE * 1.3)
    await claimed(brief)
    for row in await brief.outbox.claim(9):
        await brief.outbox.done(row, "1700.1")
    await brief.outbox.done(late, "1699.9")
    again = (await only(brief)).delivery
    assert (again.stage, again.row.receipt) == (Stage.RUNNING, "1700.1")


async def test_failed_row_waits_and_counts_its_attempts(brief: RedisLedger) -> None:
    await brief.admit(ask(A))
    await brief.outbox.fail(await only(brief), "Slack said 429", 0.05)
    assert await rows(brief) == {}
    await asyncio.sleep(0.06)
    assert (await only(brief)).delivery.row.attempts == 1


async def test_dropped_row_returns_with_its_next_state(ledger: RedisLedger) -> None:
    await ledger.admit(ask(A))
    await ledger.outbox.drop(await only(ledger), "channel_not_found")
    assert await rows(ledger) == {}
    await claimed(ledger)
    assert RowKind.SLACK in await rows(ledger)


async def test_asker_whose_head_is_superseded_waits_on(ledger: RedisLedger) -> None:
    await ledger.admit(ask(A))
    job = await claimed(ledger)
    await ledger.admit(push(B))
    await ledger.retarget(job, B)
    found = await rows(ledger)
    check, slack = found[RowKind.CHECK].delivery, found[RowKind.SLACK].delivery
    assert check.outcome is not None
    assert (check.head, check.outcome.kind) == (A, OutcomeKind.SUPERSEDED)
    assert (slack.head, slack.stage, slack.outcome) == (B, Stage.WAITING, None)


async def test_second_run_of_a_superseded_head_shows_in_progress_again(
    ledger: RedisLedger,
) -> None:
    await ledger.admit(push(A))
    job = await claimed(ledger)
    await ledger.admit(push(B))
    await ledger.commit(job, Outcome(kind=OutcomeKind.SUPERSEDED, head=A))
    await ledger.commit(await claimed(ledger), Outcome(kind=OutcomeKind.CANCELLED, head=B))
    await ledger.admit(push(A))
    await claimed(ledger)
    checks = {r.delivery.head: r.delivery for r in await ledger.outbox.claim(9)}
    assert (checks[A].stage, checks[A].outcome) == (Stage.RUNNING, None)


async def test_check_of_a_head_that_waited_for_a_retry_is_completed_when_another_replaces_it(
    ledger: RedisLedger,
) -> None:
    await ledger.admit(push(A))
    await ledger.release(await claimed(ledger), reason="GitHub said 502", delay=60)
    await ledger.admit(push(B))
    delivery = (await only(ledger)).delivery
    assert delivery.outcome is not None
    assert (delivery.head, delivery.outcome.kind) == (A, OutcomeKind.SUPERSEDED)


async def test_wish_that_never_ran_is_superseded_without_a_check(ledger: RedisLedger) -> None:
    await ledger.admit(push(A))
    await ledger.admit(push(B))
    assert await rows(ledger) == {}
    await ledger.desk.discard("7:1")
    assert {r.delivery.head for r in await ledger.outbox.claim(9)} == {B}
