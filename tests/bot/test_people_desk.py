"""The desk over a real ledger: where pull requests stand, pauses, the queue, bounded turns."""

import asyncio

import pytest

from bot.adapters.ledger import RedisLedger
from bot.parts.ledger import open_desk
from core.desk import Desk, Turn
from core.models import (
    Category,
    Coverage,
    Dismiss,
    Dismissed,
    Job,
    Outcome,
    OutcomeKind,
    Place,
    PullMemory,
    PullRequestRef,
    RecordedFinding,
    RememberedFinding,
    ReviewRecord,
    RowKind,
    Severity,
    Stage,
)
from tests.bot.asking import A, B, push

REF = PullRequestRef(owner="o", repo="r7", number=1)
FOUND = RecordedFinding(
    id="f1",
    fingerprint="p1",
    path="shop/cart.py",
    line=3,
    severity=Severity.IMPORTANT,
    category=Category.BUG,
    title="An empty cart divides by zero",
    body="It was found.",
    place=Place.SUMMARY,
)


@pytest.fixture
def desk(ledger: RedisLedger) -> Desk:
    return open_desk(ledger)


async def run(ledger: RedisLedger, head: str = A, *, number: int = 1) -> Job:
    await ledger.admit(push(head, number=number))
    job = await ledger.claim("w")
    assert job is not None
    return job


async def review(ledger: RedisLedger) -> None:
    """Review a head with one finding, and send everything that this says."""
    job = await run(ledger)
    record = ReviewRecord(
        head=A, base=B, coverage=Coverage(files_total=1, files_read=1), findings=(FOUND,)
    )
    memory = PullMemory(
        round=1, head=A, findings=(RememberedFinding(finding=FOUND, lineage=FOUND.path),)
    )
    outcome = Outcome(kind=OutcomeKind.REVIEWED, head=A, record=record, memory=memory)
    await ledger.commit(job, outcome, {RowKind.SUMMARY})
    for row in await ledger.outbox.claim(9):
        await ledger.outbox.done(row, "1")


async def test_unknown_pull_request_stands_nowhere(desk: Desk) -> None:
    standing = await desk.status(REF, 7)
    assert (standing.job, standing.paused, dict(standing.open)) == (None, None, {})


async def test_status_follows_a_job_from_waiting_over_running_to_its_outcome(
    ledger: RedisLedger, desk: Desk
) -> None:
    await ledger.admit(push(A, number=2))
    await ledger.admit(push(A))
    waiting = (await desk.status(REF, 7)).job
    assert waiting is not None
    assert (waiting.stage, waiting.ahead, waiting.head) == (Stage.WAITING, 1, A)
    await ledger.claim("w")
    await ledger.claim("w")
    running = (await desk.status(REF, 7)).job
    assert running is not None
    assert (running.stage, running.ahead, running.outcome) == (Stage.RUNNING, 0, None)


async def test_dismissed_finding_is_not_open_in_the_status(ledger: RedisLedger, desk: Desk) -> None:
    await review(ledger)
    assert (await desk.status(REF, 7)).open == {Severity.IMPORTANT: 1}
    said = await desk.ignore(Dismiss(job_id="7:1", who="ada", finding_id="f1"))
    assert isinstance(said, Dismissed)
    standing = await desk.status(REF, 7)
    assert standing.open == {}
    assert standing.job is not None
    assert standing.job.outcome is not None
    assert standing.job.outcome.record is not None
    assert standing.job.outcome.record.findings == ()


async def test_finding_is_found_by_its_id_in_its_own_pull_request_alone(
    ledger: RedisLedger, desk: Desk
) -> None:
    await review(ledger)
    assert await desk.finding("7:1", "f1") == FOUND
    assert await desk.finding("7:1", "f2") is None
    assert await desk.finding("7:2", "f1") is None


async def test_first_who_paused_is_named_until_somebody_resumes(desk: Desk) -> None:
    first = await desk.pause(REF, 7, "ada")
    assert await desk.pause(REF, 7, "bob") == first
    assert (await desk.status(REF, 7)).paused == first
    assert await desk.resume(REF, 7) == first
    assert await desk.resume(REF, 7) is None
    assert (await desk.status(REF, 7)).paused is None


async def test_pause_shows_on_the_check_and_the_summary_that_stand(
    ledger: RedisLedger, desk: Desk
) -> None:
    await review(ledger)
    paused = await desk.pause(REF, 7, "ada")
    rows = await ledger.outbox.claim(9)
    shown = {row.delivery.row.kind: row.delivery.paused for row in rows}
    assert shown[RowKind.CHECK] == shown[RowKind.SUMMARY] == paused
    for row in rows:
        await ledger.outbox.done(row, "1")
    await desk.pause(REF, 7, "bob")
    assert await ledger.outbox.claim(9) == ()


async def test_pause_shows_on_the_check_of_a_clean_head_that_has_no_summary(
    ledger: RedisLedger, desk: Desk
) -> None:
    job = await run(ledger)
    await ledger.commit(job, Outcome(kind=OutcomeKind.CLEAN, head=A))
    for row in await ledger.outbox.claim(9):
        await ledger.outbox.done(row, "1")
    await desk.pause(REF, 7, "ada")
    rows = await ledger.outbox.claim(9)
    assert [row.delivery.row.kind for row in rows] == [RowKind.CHECK]


async def test_queue_shows_what_runs_before_what_waits_and_counts_the_rest(
    ledger: RedisLedger, desk: Desk
) -> None:
    for number in (1, 2, 3, 4):
        await ledger.admit(push(A, number=number))
    await ledger.claim("w")
    queue = await desk.queue(2)
    assert (queue.running, queue.waiting) == (1, 3)
    assert [job.stage for job in queue.jobs] == [Stage.RUNNING, Stage.WAITING]


async def test_turns_are_given_once_each_and_only_the_first_over_the_limit_is_told(
    ledger: RedisLedger,
) -> None:
    async def take(turn: str) -> Turn:
        return await ledger.turns.take("7:1", turn, most=2, seconds=60)

    taken = [await take(turn) for turn in ("a", "b", "a", "c", "d", "c", "b")]
    given, told, over = Turn.GIVEN, Turn.TOLD, Turn.OVER
    assert taken == [given, given, given, told, over, told, given]
    assert await ledger.turns.take("7:2", "a", most=2, seconds=60) is given


async def test_turns_come_back_when_their_time_is_over(ledger: RedisLedger) -> None:
    async def take(turn: str) -> Turn:
        return await ledger.turns.take("7:1", turn, most=1, seconds=0.1)

    assert await take("a") is Turn.GIVEN
    async with asyncio.timeout(10):
        while await take("b") is not Turn.GIVEN:
            await asyncio.sleep(0.02)
