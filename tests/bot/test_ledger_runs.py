"""Claims, leases and endings: who holds a job, and what becomes of it."""

import asyncio
from collections import Counter

import pytest
from redis.asyncio import Redis

from bot.adapters.ledger import Ending, Hold, Move, Policy, RedisLedger
from core.models import Duplicate, Job, Outcome, OutcomeKind, RowKind, Stage
from tests.bot.asking import A, B, C, ask, push, reviewed

LEASE = 0.1
"""Seconds."""


@pytest.fixture
def brief(redis: Redis) -> RedisLedger:
    """A ledger whose leases, quiet and doubt are short."""
    return RedisLedger(redis, policy=Policy(lease=LEASE, row_lease=LEASE, quiet=0.02, doubt=0.05))


async def started(ledger: RedisLedger, head: str = A) -> Job:
    await ledger.admit(push(head))
    return await claimed(ledger)


async def claimed(ledger: RedisLedger) -> Job:
    job = await ledger.claim("w")
    assert job is not None
    return job


async def outcome_of(ledger: RedisLedger, head: str, job_id: str = "7:1") -> OutcomeKind | None:
    rows = [row.delivery for row in await ledger.outbox.claim(99)]
    kinds = [
        d.outcome.kind for d in rows if d.row.kind is RowKind.CHECK and d.outcome and d.head == head
    ]
    return kinds[0] if kinds else None


async def test_held_job_is_not_claimed_twice(ledger: RedisLedger) -> None:
    await started(ledger)
    assert await ledger.claim("other") is None


async def test_expired_lease_is_claimed_with_a_higher_epoch(brief: RedisLedger) -> None:
    first = await started(brief)
    await asyncio.sleep(LEASE * 1.3)
    second = await claimed(brief)
    assert second.epoch > first.epoch
    assert second.attempt == 2
    assert (await brief.renew(first))[0] is Hold.LOST
    assert await brief.commit(first, reviewed(A)) is Ending.CRASHED


async def test_holder_from_before_a_server_was_emptied_holds_no_later_claim(
    ledger: RedisLedger, redis: Redis
) -> None:
    before = await started(ledger)
    await redis.flushall()
    after = await started(ledger)
    assert (await ledger.renew(before))[0] is Hold.LOST
    assert await ledger.commit(before, reviewed(A)) is Ending.LOST
    assert (await ledger.renew(after))[0] is Hold.HELD


async def test_renewed_lease_does_not_expire(brief: RedisLedger) -> None:
    job = await started(brief)
    for _ in range(4):
        await asyncio.sleep(LEASE / 2)
        assert (await brief.renew(job))[0] is Hold.HELD
    assert await brief.claim("other") is None


async def test_stale_epoch_changes_nothing(brief: RedisLedger) -> None:
    stale = await started(brief)
    await asyncio.sleep(LEASE * 1.3)
    holder = await claimed(brief)
    assert await brief.remember_review(stale, 5) is False
    assert await brief.retarget(stale, B) == (Move.LOST, None)
    await brief.release(stale, reason="late")
    await brief.commit(stale, reviewed(A))
    assert (await brief.renew(holder))[0] is Hold.HELD


async def test_job_that_takes_its_neighbours_along_dies_alone(brief: RedisLedger) -> None:
    """One of four jobs kills its worker, and with it the others that run there."""
    for number in range(1, 5):
        await brief.admit(push(A, number=number))
    for _ in range(2):
        assert len([await claimed(brief) for _ in range(4)]) == 4
        await asyncio.sleep(LEASE * 1.3)

    for _ in range(40):
        job = await brief.claim("w")
        if job is None:
            await asyncio.sleep(LEASE / 4)
            continue
        assert await brief.claim("other") is None
        if job.ref.number == 2:
            await asyncio.sleep(LEASE * 1.3)
        else:
            await brief.commit(job, reviewed(A))

    entries = {entry.id: entry.stage for entry in await brief.desk.list()}
    assert entries == {
        "7:1": Stage.IDLE,
        "7:2": Stage.DEAD,
        "7:3": Stage.IDLE,
        "7:4": Stage.IDLE,
    }


async def test_others_run_beside_a_job_that_is_kept_apart(brief: RedisLedger) -> None:
    await brief.admit(push(A, number=1))
    for _ in range(2):
        await claimed(brief)
        await asyncio.sleep(LEASE * 1.3)
    assert (await claimed(brief)).ref.number == 1
    await brief.admit(push(A, number=2))
    assert (await claimed(brief)).ref.number == 2


async def test_three_crashes_are_the_end(brief: RedisLedger) -> None:
    await brief.admit(ask(A))
    for _ in range(3):
        await claimed(brief)
        await asyncio.sleep(LEASE * 1.3)
    assert await brief.claim("w") is None
    entry = await brief.desk.show("7:1")
    assert entry is not None
    assert (entry.stage, entry.crashes) == (Stage.DEAD, 3)
    assert entry.outcome is not None
    assert entry.outcome.kind is OutcomeKind.FAILED
    answers = [
        r.delivery for r in await brief.outbox.claim(9) if r.delivery.row.kind is RowKind.SLACK
    ]
    assert [(d.stage, d.outcome) for d in answers] == [(Stage.DEAD, entry.outcome)]


async def test_crash_of_a_superseded_run_ends_it_and_starts_the_newer_head(
    brief: RedisLedger,
) -> None:
    await started(brief, A)
    await brief.admit(push(B))
    await asyncio.sleep(LEASE * 1.3)
    job = await claimed(brief)
    assert (job.head, job.attempt) == (B, 1)
    assert await outcome_of(brief, A) is OutcomeKind.SUPERSEDED


async def test_review_id_is_handed_to_the_next_attempt_of_the_same_head(
    brief: RedisLedger,
) -> None:
    job = await started(brief)
    assert await brief.remember_review(job, 42)
    await brief.release(job, reason="GitHub said 502")
    assert (await claimed(brief)).review_id == 42


async def test_review_id_of_an_older_head_is_not_handed_on(ledger: RedisLedger) -> None:
    job = await started(ledger, A)
    await ledger.remember_review(job, 42)
    await ledger.admit(push(B))
    await ledger.retarget(job, B)
    assert (await claimed(ledger)).review_id is None


async def test_released_job_waits_and_then_runs_again(brief: RedisLedger) -> None:
    job = await started(brief)
    assert await brief.release(job, reason="GitHub said 502", delay=0.05) is Ending.AGAIN
    assert await brief.claim("w") is None
    await asyncio.sleep(0.06)
    assert (await claimed(brief)).attempt == 2


async def test_sixth_failure_is_a_visible_dead_letter(ledger: RedisLedger) -> None:
    await ledger.admit(push(A))
    endings = [
        await ledger.release(await claimed(ledger), reason="No model answered.") for _ in range(6)
    ]
    assert endings == [*[Ending.AGAIN] * 5, Ending.DEAD]
    (entry,) = await ledger.desk.list(Stage.DEAD)
    assert (entry.attempts, entry.reason) == (6, "No model answered.")
    assert await outcome_of(ledger, A) is OutcomeKind.FAILED


async def test_uncounted_release_is_due_at_once_and_costs_no_attempt(ledger: RedisLedger) -> None:
    job = await started(ledger)
    await ledger.release(job, counted=False)
    again = await claimed(ledger)
    assert again.attempt == job.attempt
    assert again.epoch > job.epoch


async def test_commit_of_the_wanted_head_rests_the_job(ledger: RedisLedger) -> None:
    job = await started(ledger)
    assert await ledger.commit(job, reviewed(A)) is Ending.IDLE
    counts = await ledger.desk.counts()
    assert (counts.due, counts.waiting, counts.running, counts.dead) == (0, 0, 0, 0)


async def test_second_head_is_no_longer_the_first(ledger: RedisLedger) -> None:
    await ledger.commit(await started(ledger, A), reviewed(A))
    assert (await started(ledger, B)).first is False


async def test_commit_beside_a_newer_wish_makes_it_due(ledger: RedisLedger) -> None:
    job = await started(ledger, A)
    await ledger.admit(push(B))
    assert await ledger.commit(job, reviewed(A)) is Ending.AGAIN
    assert (await claimed(ledger)).head == B


async def test_head_that_comes_back_before_the_run_ends_is_answered_by_it(
    ledger: RedisLedger,
) -> None:
    job = await started(ledger, A)
    await ledger.admit(push(B))
    await ledger.admit(ask(A))
    assert (await ledger.renew(job))[0] is Hold.HELD
    assert await ledger.commit(job, reviewed(A)) is Ending.IDLE
    answers = [
        r.delivery for r in await ledger.outbox.claim(9) if r.delivery.row.kind is RowKind.SLACK
    ]
    assert [d.outcome.kind for d in answers if d.outcome] == [OutcomeKind.REVIEWED]


async def test_unknown_live_head_is_adopted_under_the_same_lease(ledger: RedisLedger) -> None:
    job = await started(ledger, A)
    move, adopted = await ledger.retarget(job, B)
    assert move is Move.ADOPTED
    assert adopted is not None
    assert (adopted.head, adopted.epoch, adopted.generation) == (B, job.epoch, 2)
    assert (await ledger.renew(adopted))[0] is Hold.HELD
    assert await ledger.commit(adopted, reviewed(B)) is Ending.IDLE
    assert isinstance(await ledger.admit(push(B)), Duplicate)


async def test_adopting_ends_the_head_that_was_left_behind(ledger: RedisLedger) -> None:
    await ledger.retarget(await started(ledger, A), B)
    assert await outcome_of(ledger, A) is OutcomeKind.SUPERSEDED


async def test_live_head_that_was_just_left_behind_is_doubted(ledger: RedisLedger) -> None:
    await ledger.admit(push(A))
    await ledger.admit(push(B))
    job = await claimed(ledger)
    assert await ledger.retarget(job, A) == (Move.DOUBTFUL, None)
    assert (await ledger.renew(job))[0] is Hold.HELD


async def test_doubt_ends_and_the_live_head_is_believed(brief: RedisLedger) -> None:
    await brief.admit(push(A))
    await brief.admit(push(B))
    job = await claimed(brief)
    await asyncio.sleep(0.06)
    move, adopted = await brief.retarget(job, A)
    assert move is Move.ADOPTED
    assert adopted is not None
    assert adopted.head == A


async def test_live_head_with_an_outcome_answers_everyone(brief: RedisLedger) -> None:
    await brief.commit(await started(brief, A), reviewed(A))
    await brief.admit(ask(B))
    job = await claimed(brief)
    await asyncio.sleep(0.06)
    assert await brief.retarget(job, A) == (Move.SETTLED, None)
    answers = [
        r.delivery for r in await brief.outbox.claim(9) if r.delivery.row.kind is RowKind.SLACK
    ]
    assert [(d.head, d.outcome.kind) for d in answers if d.outcome] == [(A, OutcomeKind.REVIEWED)]
    assert await brief.claim("w") is None


async def test_peek_tells_lost_and_moved_without_renewing(ledger: RedisLedger) -> None:
    moved = await started(ledger, A)
    await ledger.admit(push(B))
    await ledger.admit(push(C, number=2))
    lost = await claimed(ledger)
    await ledger.desk.discard(lost.id)
    await ledger.admit(push(C, number=3))
    held = await claimed(ledger)
    found = await ledger.peek([moved, lost, held])
    assert found == {moved.id: (Hold.MOVED, B), lost.id: (Hold.LOST, "")}


async def test_installations_and_repositories_take_turns(ledger: RedisLedger) -> None:
    for number in range(1, 31):
        await ledger.admit(push(A, number=number, repo_id=1, inst=1))
    for repo_id in (2, 3):
        await ledger.admit(push(A, number=1, repo_id=repo_id, inst=1))
    for number in range(1, 4):
        await ledger.admit(push(A, number=number, repo_id=4, inst=2))
    order = [(await claimed(ledger)).id for _ in range(8)]
    assert order == ["1:1", "4:1", "2:1", "4:2", "3:1", "4:3", "1:2", "1:3"]


async def test_newcomer_is_served_after_one_job_of_a_hog(ledger: RedisLedger) -> None:
    for number in range(1, 21):
        await ledger.admit(push(A, number=number, repo_id=1, inst=1))
    for _ in range(10):
        await claimed(ledger)
    await ledger.admit(push(A, repo_id=9, inst=9))
    assert "9:1" in [(await claimed(ledger)).id for _ in range(2)]


async def test_every_one_of_500_jobs_is_claimed_once(ledger: RedisLedger) -> None:
    for n in range(500):
        await ledger.admit(push(A, number=n + 1, repo_id=n % 50 + 1, inst=n % 10 + 1))
    claims: Counter[str] = Counter()
    while jobs := [j for j in await asyncio.gather(*(ledger.claim("w") for _ in range(20))) if j]:
        claims.update(job.id for job in jobs)
    assert (len(claims), set(claims.values())) == (500, {1})


async def test_cancelled_outcome_shortens_the_memory(ledger: RedisLedger, redis: Redis) -> None:
    job = await started(ledger)
    await ledger.commit(job, Outcome(kind=OutcomeKind.CANCELLED, head=A, reason="closed"))
    assert await redis.ttl("argus:v1:s:job:7:1") <= 90 * 86_400


async def test_repository_of_two_installations_is_served_under_both(ledger: RedisLedger) -> None:
    await ledger.admit(push(A, number=1, inst=1))
    await ledger.admit(push(A, number=2, inst=2))
    await ledger.admit(push(B, number=1, inst=2))
    assert {(await claimed(ledger)).id for _ in range(2)} == {"7:1", "7:2"}
    assert await ledger.claim("w") is None


async def test_a_job_that_is_kept_back_without_blame_says_why(ledger: RedisLedger) -> None:
    job = await started(ledger)
    await ledger.release(job, reason="GitHub asked Argus to wait.", delay=60, counted=False)
    entry = await ledger.desk.show(job.id)
    assert entry is not None
    assert (entry.stage, entry.attempts) == (Stage.WAITING, 0)
    assert entry.reason == "GitHub asked Argus to wait."


async def test_a_successor_knows_when_the_last_fence_was_passed(brief: RedisLedger) -> None:
    first = await started(brief)
    await brief.renew(first)
    await asyncio.sleep(LEASE * 1.3)
    second = await claimed(brief)
    assert (first.fenced_ago, second.fenced_ago) == (None, None)
    await brief.renew(second, fence=True)
    await asyncio.sleep(LEASE * 1.3)
    third = await claimed(brief)
    assert third.fenced_ago is not None
    assert LEASE <= third.fenced_ago < 10 * LEASE


async def test_a_fence_of_another_head_says_nothing(brief: RedisLedger) -> None:
    await brief.renew(await started(brief), fence=True)
    await brief.admit(push(B))
    await asyncio.sleep(LEASE * 1.3)
    assert (await claimed(brief)).fenced_ago is None
