"""One worker process, end to end: from the ring to the outcome and what announces it."""

import asyncio
import time
from dataclasses import replace

import pytest
from redis.asyncio import Redis

from bot.adapters.ledger import Policy, RedisLedger
from bot.adapters.queue import DramatiqBell
from core.errors import (
    HeadMoved,
    LeaseLost,
    PermanentError,
    PullRequestGone,
    TransientError,
    UserError,
)
from core.models import (
    Accepted,
    DuplicateOf,
    Job,
    Outcome,
    OutcomeKind,
    ReviewRequest,
    RowKind,
    Stage,
)
from core.ports import Fence
from tests.bot.asking import A, B, C, ask, push, reviewed
from tests.bot.working import QUICK, Board, Review, until, working

SLOW_TICK = replace(QUICK, tick=30.0)
"""The reconciler helps nobody."""


@pytest.fixture
def brief(redis: Redis) -> RedisLedger:
    """A ledger that is as quick as tests should be."""
    policy = Policy(lease=2.0, row_lease=2.0, quiet=0.3, patience=0.6, overdue=0.2, doubt=0.2)
    return RedisLedger(redis, policy=policy)


@pytest.fixture
def review() -> Review:
    return Review()


async def outcome(ledger: RedisLedger, job_id: str = "7:1") -> Outcome | None:
    entry = await ledger.desk.show(job_id)
    return entry.outcome if entry and entry.stage in {Stage.IDLE, Stage.DEAD} else None


async def ended(ledger: RedisLedger, job_id: str = "7:1", within: float = 5.0) -> Outcome:
    async def has_outcome() -> bool:
        return await outcome(ledger, job_id) is not None

    await until(has_outcome, within)
    found = await outcome(ledger, job_id)
    assert found is not None
    return found


async def admit_and_ring(ledger: RedisLedger, url: str, request: ReviewRequest) -> None:
    await ledger.admit(request)
    bell = DramatiqBell.at(url)
    await bell.ring("7:1")
    bell.close()


async def test_rung_job_is_reviewed_and_announced(
    brief: RedisLedger, redis_url: str, review: Review
) -> None:
    board = Board()
    deliverers = dict.fromkeys(RowKind, board)
    async with working(brief, redis_url, review, deliverers):
        await admit_and_ring(brief, redis_url, ask(A))
        assert await ended(brief) == reviewed(A)
        await until(lambda: len([d for d in board.shown.values() if d.outcome]) == 3)
    assert set(board.shown) == {f"check|{A}:0", "summary|", "slack|slack-ada"}
    assert {d.outcome for d in board.shown.values()} == {reviewed(A)}


async def test_rung_job_starts_soon(brief: RedisLedger, redis_url: str, review: Review) -> None:
    waits = []
    async with working(brief, redis_url, review, pace=SLOW_TICK):
        for number in range(1, 8):
            await asyncio.sleep(0.1)
            rung = time.time()
            await admit_and_ring(brief, redis_url, push(A, number=number))
            await until(lambda number=number: len(review.started) == number)
            waits.append(review.seconds[-1] - rung)
    assert sorted(waits)[len(waits) // 2] < 0.2  # 45 ms on an idle machine


async def test_job_whose_ring_was_lost_is_run_by_the_reconciler(
    brief: RedisLedger, redis_url: str, review: Review
) -> None:
    await brief.admit(push(A))
    async with working(brief, redis_url, review):
        assert (await ended(brief)).kind is OutcomeKind.REVIEWED


async def test_push_starts_soon_after_its_quiet(
    brief: RedisLedger, redis_url: str, review: Review
) -> None:
    async with working(brief, redis_url, review, pace=replace(QUICK, tick=0.25)):
        await admit_and_ring(brief, redis_url, push(A))
        await ended(brief)
        admission = await brief.admit(push(B, settle=True))
        due = time.time() + (admission.starts_in if isinstance(admission, Accepted) else 0)
        await until(lambda: B in review.heads)
    assert -0.05 < review.seconds[-1] - due < 0.5  # 0.1 s on an idle machine


async def test_newer_head_interrupts_the_run_of_an_older_one(
    brief: RedisLedger, redis_url: str, review: Review
) -> None:
    review.held = {A}
    async with working(brief, redis_url, review):
        await admit_and_ring(brief, redis_url, push(A))
        await until(lambda: review.heads == [A])
        await brief.admit(push(B, settle=True))
        assert (await ended(brief)).head == B
    assert (review.heads, review.cancelled) == ([A, B], [A])


async def test_twenty_pushes_in_a_burst_take_two_runs_at_most(
    brief: RedisLedger, redis_url: str, review: Review
) -> None:
    review.held = {f"{n:040x}" for n in range(19)}
    async with working(brief, redis_url, review):
        await admit_and_ring(brief, redis_url, push(f"{0:040x}"))
        for n in range(1, 20):
            await asyncio.sleep(0.02)
            await brief.admit(push(f"{n:040x}", settle=True))
        assert (await ended(brief)).head == f"{19:040x}"
    assert len(review.started) <= 2


async def test_live_head_that_differs_is_followed_under_the_same_lease(
    brief: RedisLedger, redis_url: str, review: Review
) -> None:
    review.errors = {A: [HeadMoved(B)]}
    async with working(brief, redis_url, review):
        await admit_and_ring(brief, redis_url, ask(A))
        assert (await ended(brief)).head == B
    assert [job.head for job in review.started] == [A, B]
    assert len({job.epoch for job in review.started}) == 1
    again = await brief.admit(push(B))
    assert getattr(again, "of", None) is DuplicateOf.REVIEWED


async def test_doubtful_live_head_is_looked_at_again(
    redis: Redis, redis_url: str, review: Review
) -> None:
    ledger = RedisLedger(redis, policy=Policy(overdue=0.1))
    review.errors = {B: [HeadMoved(A)]}
    await ledger.admit(push(A))
    await ledger.admit(push(B))
    async with working(ledger, redis_url, review):
        assert (await ended(ledger)).head == B
    assert [(job.head, job.attempt) for job in review.started] == [(B, 1), (B, 1)]


@pytest.mark.parametrize(
    ("error", "kind", "reason"),
    [
        (PullRequestGone("The pull request was closed."), OutcomeKind.CANCELLED, "closed"),
        (PermanentError("The model is retired."), OutcomeKind.FAILED, "retired"),
        (UserError("No.", why="Because."), OutcomeKind.FAILED, "Because"),
    ],
)
async def test_permanent_error_is_a_stated_outcome_and_not_tried_again(
    brief: RedisLedger,
    redis_url: str,
    review: Review,
    error: Exception,
    kind: OutcomeKind,
    reason: str,
) -> None:
    review.errors = {A: [error]}
    async with working(brief, redis_url, review):
        await admit_and_ring(brief, redis_url, push(A))
        found = await ended(brief)
    assert (found.kind, reason in found.reason, len(review.started)) == (kind, True, 1)


async def test_transient_error_is_tried_again(
    brief: RedisLedger, redis_url: str, review: Review
) -> None:
    review.errors = {A: [TransientError("GitHub said 502.")] * 2}
    async with working(brief, redis_url, review):
        await admit_and_ring(brief, redis_url, push(A))
        assert await ended(brief) == reviewed(A)
    assert [job.attempt for job in review.started] == [1, 2, 3]


async def test_platform_is_not_asked_before_the_time_it_named(
    brief: RedisLedger, redis_url: str, review: Review
) -> None:
    review.errors = {A: [TransientError("rate limited", retry_after=0.6)]}
    async with working(brief, redis_url, review):
        await admit_and_ring(brief, redis_url, push(A))
        await until(lambda: len(review.started) == 1)
        await admit_and_ring(brief, redis_url, ask(A))
        await ended(brief)
    assert review.seconds[1] - review.seconds[0] > 0.6


async def test_unexpected_error_counts_and_ends_in_the_dead_letters(
    brief: RedisLedger, redis_url: str, review: Review
) -> None:
    review.errors = {A: [ZeroDivisionError("secret")] * 6}
    async with working(brief, redis_url, review):
        await admit_and_ring(brief, redis_url, push(A))
        found = await ended(brief, within=15)
    assert (found.kind, found.reason) == (
        OutcomeKind.FAILED,
        "An unexpected error (ZeroDivisionError).",
    )
    assert (len(review.started), (await brief.desk.counts()).dead) == (6, 1)


async def test_run_over_its_deadline_is_stopped_and_tried_again(
    brief: RedisLedger, redis_url: str, review: Review
) -> None:
    review.held = {A}
    async with working(brief, redis_url, review, pace=replace(QUICK, deadline=0.2)):
        await admit_and_ring(brief, redis_url, push(A))
        await until(lambda: review.cancelled == [A])
        review.held = set()
        assert await ended(brief) == reviewed(A)


async def test_long_run_keeps_its_lease(redis: Redis, redis_url: str, review: Review) -> None:
    ledger = RedisLedger(redis, policy=Policy(lease=0.4))
    review.held = {A}
    async with working(ledger, redis_url, review):
        await admit_and_ring(ledger, redis_url, push(A))
        await asyncio.sleep(1.2)
        review.go()
        assert await ended(ledger) == reviewed(A)
    assert len(review.started) == 1


async def test_run_that_cannot_renew_stops_before_its_lease_ends(
    redis: Redis, redis_url: str, review: Review
) -> None:
    ledger = RedisLedger(redis, policy=Policy(lease=1.2))
    review.held = {A}
    async with working(ledger, redis_url, review):
        await admit_and_ring(ledger, redis_url, push(A))
        await until(lambda: review.heads == [A])
        await redis.client_pause(1500)
        started = time.monotonic()
        await until(lambda: review.cancelled == [A])
        assert time.monotonic() - started < 1.2
        with pytest.raises(LeaseLost):
            await review.fences[A].check()
        review.held = set()
        assert await ended(ledger) == reviewed(A)
    first, second = review.started
    assert first.epoch < second.epoch


async def test_discarded_run_is_cancelled(
    brief: RedisLedger, redis_url: str, review: Review
) -> None:
    review.held = {A}
    async with working(brief, redis_url, review):
        await admit_and_ring(brief, redis_url, push(A))
        await until(lambda: review.heads == [A])
        await brief.desk.discard("7:1")
        await until(lambda: review.cancelled == [A])
    found = await outcome(brief)
    assert found is not None
    assert found.kind is OutcomeKind.CANCELLED


async def test_fence_tells_what_a_write_needs_to_know(brief: RedisLedger, redis_url: str) -> None:
    seen: dict[str, object] = {}

    async def run(job: Job, fence: Fence) -> Outcome:
        seen["before"] = fence.review_id
        await fence.remember_review(42)
        seen["after"] = fence.review_id
        seen["write"], seen["settle"] = fence.write_timeout, fence.settle_seconds
        if job.attempt == 1:
            raise TransientError("GitHub said 502.")
        return reviewed(job.head)

    async with working(brief, redis_url, run):
        await admit_and_ring(brief, redis_url, push(A))
        await ended(brief)
    assert seen == {"before": 42, "after": 42, "write": 2.0 / 3, "settle": 0.5}


async def test_stop_gives_running_jobs_back_without_blame(
    brief: RedisLedger, redis_url: str, review: Review
) -> None:
    review.held = {A}
    async with working(brief, redis_url, review):
        for number in (1, 2, 3):
            await admit_and_ring(brief, redis_url, push(A, number=number))
        await until(lambda: len(review.started) == 3)
        stopped_at = time.monotonic()
    assert time.monotonic() - stopped_at < 3
    entries = await brief.desk.list(Stage.WAITING)
    assert [(e.attempts, e.due_at is not None) for e in entries] == [(0, True)] * 3
    assert await brief.presence.workers() == ()


async def test_stopped_work_resumes_elsewhere_at_once(
    brief: RedisLedger, redis_url: str, review: Review
) -> None:
    other = Review()
    review.held = other.held = {A}
    async with (
        working(brief, redis_url, review, pace=SLOW_TICK) as first,
        working(brief, redis_url, other, pace=SLOW_TICK) as second,
    ):
        await admit_and_ring(brief, redis_url, push(A))
        await until(lambda: review.heads + other.heads == [A])
        await (first if review.started else second).stop()
        await until(lambda: review.heads == other.heads == [A], within=1.0)


async def test_failing_slack_harms_no_review(
    brief: RedisLedger, redis_url: str, review: Review
) -> None:
    slack, checks = Board(), Board()
    slack.errors = [TransientError("Slack said 500."), RuntimeError("surprise")] * 20
    deliverers = {RowKind.SLACK: slack, RowKind.CHECK: checks, RowKind.SUMMARY: checks}
    async with working(brief, redis_url, review, deliverers):
        await admit_and_ring(brief, redis_url, ask(A))
        await ended(brief)
        await until(lambda: any(d.outcome for d in checks.shown.values()))
    assert slack.sent == []


async def test_row_is_sent_again_until_it_is_delivered(
    brief: RedisLedger, redis_url: str, review: Review
) -> None:
    board = Board()
    board.errors = [TransientError("502"), RuntimeError("surprise"), TransientError("502")]
    async with working(brief, redis_url, review, dict.fromkeys(RowKind, board)):
        await admit_and_ring(brief, redis_url, push(A))
        await until(lambda: any(d.outcome for d in board.shown.values()))


async def test_row_that_cannot_be_delivered_is_dropped(
    brief: RedisLedger, redis_url: str, review: Review
) -> None:
    board = Board()
    board.errors = [PermanentError("channel_not_found")]
    await brief.admit(ask(A))
    async with working(brief, redis_url, review, {RowKind.SLACK: board}):
        await ended(brief)

        async def nothing_left() -> bool:
            return (await brief.desk.counts()).rows == 0

        await until(nothing_left)


async def test_state_that_changes_during_a_delivery_is_shown_last(
    brief: RedisLedger, redis_url: str, review: Review
) -> None:
    board = Board()
    board.gate.clear()
    async with working(brief, redis_url, review, dict.fromkeys(RowKind, board)):
        await admit_and_ring(brief, redis_url, ask(A))
        await ended(brief)
        board.gate.set()
        await until(lambda: len([d for d in board.shown.values() if d.outcome]) == 3)
    generations = [d.row.generation for d in board.sent if d.row.kind is RowKind.SLACK]
    assert generations == sorted(generations)


async def test_heartbeat_tells_how_busy_a_worker_is(
    brief: RedisLedger, redis_url: str, review: Review
) -> None:
    async with working(brief, redis_url, review) as service:

        async def alive() -> bool:
            return [b.worker for b in await brief.presence.workers()] == [service.worker.id]

        await until(alive)


async def test_hundred_jobs_flow_through_two_workers_once_each(
    brief: RedisLedger, redis_url: str, review: Review
) -> None:
    for n in range(100):
        await brief.admit(push(C, number=n + 1, repo_id=n % 10 + 1, inst=n % 3 + 1))
    async with working(brief, redis_url, review), working(brief, redis_url, review):

        async def all_done() -> bool:
            counts = await brief.desk.counts()
            return counts.due + counts.running == 0

        await until(all_done, within=15)
    ids = [job.id for job in review.started]
    assert (len(ids), len(set(ids))) == (100, 100)
