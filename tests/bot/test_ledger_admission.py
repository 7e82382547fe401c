"""What the door of the ledger does with events, pushes and people."""

import asyncio

import pytest
from redis.asyncio import Redis

from bot.adapters import keys
from bot.adapters.ledger import Ending, Hold, Policy, RedisLedger
from bot.adapters.redis_client import connect
from core.errors import TransientError
from core.models import (
    Accepted,
    Duplicate,
    DuplicateOf,
    Job,
    OriginKind,
    Outcome,
    OutcomeKind,
    ReviewRequest,
)
from tests.bot.asking import A, B, C, ask, push, reviewed


async def claim(ledger: RedisLedger) -> Job:
    job = await ledger.claim("w")
    assert job is not None
    return job


async def finish(ledger: RedisLedger, request: ReviewRequest, outcome: Outcome) -> None:
    await ledger.admit(request)
    await ledger.commit(await claim(ledger), outcome)


async def due(redis: Redis) -> list[str]:
    return [i.decode() for i in await redis.zrange(keys.lasting("due"), 0, -1)]


async def test_first_event_is_due_at_once(ledger: RedisLedger) -> None:
    admission = await ledger.admit(push(A, settle=True))
    assert isinstance(admission, Accepted)
    assert (admission.job_id, admission.starts_in, admission.ahead) == ("7:1", 0.0, 0)


async def test_claimed_job_carries_the_request(ledger: RedisLedger) -> None:
    request = push(A)
    await ledger.admit(request)
    job = await claim(ledger)
    assert (job.id, job.ref, job.head, job.ordinal) == ("7:1", request.ref, A, 0)
    assert (job.repo_id, job.installation_id, job.attempt) == (7, 3, 1)
    assert (job.origins, job.correlation_id) == ((request.origin,), request.correlation_id)
    assert (job.first, job.review_id) == (True, None)


async def test_job_without_installation_is_claimed(ledger: RedisLedger) -> None:
    await ledger.admit(push(A, inst=None))
    assert (await claim(ledger)).installation_id is None


async def test_same_delivery_is_a_duplicate_even_with_another_head(ledger: RedisLedger) -> None:
    await ledger.admit(push(A, delivery="d"))
    again = await ledger.admit(push(B, delivery="d"))
    assert again == Duplicate(job_id="7:1", of=DuplicateOf.DELIVERY)


async def test_ten_copies_of_a_delivery_at_once_make_one_job(ledger: RedisLedger) -> None:
    request = push(A)
    answers = await asyncio.gather(*(ledger.admit(request) for _ in range(10)))
    assert sum(isinstance(answer, Accepted) for answer in answers) == 1


async def test_delivery_is_remembered_longer_than_github_redelivers(
    ledger: RedisLedger, redis: Redis
) -> None:
    await ledger.admit(push(A, delivery="d"))
    assert await redis.ttl(keys.lasting("event", "d")) > 3.9 * 86_400


async def test_same_head_in_another_delivery_joins(ledger: RedisLedger) -> None:
    await ledger.admit(push(A))
    assert await ledger.admit(push(A)) == Duplicate(job_id="7:1", of=DuplicateOf.RUNNING)


async def test_person_joins_a_running_review_and_is_one_of_its_origins(
    ledger: RedisLedger,
) -> None:
    await ledger.admit(push(A))
    job = await claim(ledger)
    assert await ledger.admit(ask(A)) == Duplicate(job_id="7:1", of=DuplicateOf.RUNNING)
    assert await ledger.commit(job, reviewed(A)) is Ending.IDLE
    assert [row.delivery.row.kind for row in await ledger.outbox.claim(9)] == ["check", "slack"]


async def test_reviewed_head_is_a_duplicate_with_the_link(ledger: RedisLedger) -> None:
    await finish(ledger, push(A), reviewed(A, url="https://github.test/r/5"))
    assert await ledger.admit(ask(A)) == Duplicate(
        job_id="7:1", of=DuplicateOf.REVIEWED, review_url="https://github.test/r/5"
    )
    assert await ledger.claim("w") is None


async def test_push_back_to_a_reviewed_head_is_looked_at_again(redis: Redis) -> None:
    """What stands on the pull request is about the head that it left."""
    ledger = RedisLedger(redis, policy=Policy(quiet=0.0))
    await finish(ledger, push(A), reviewed(A, url="https://github.test/r/5"))
    await finish(ledger, push(B), reviewed(B))
    assert isinstance(await ledger.admit(push(A, settle=True)), Accepted)
    job = await claim(ledger)
    assert (job.head, job.ordinal) == (A, 0)
    seen = Outcome(kind=OutcomeKind.NOTHING_NEW, head=A)
    await ledger.commit(job, seen)
    assert await ledger.admit(push(A, settle=True)) == Duplicate(
        job_id="7:1", of=DuplicateOf.REVIEWED, review_url="https://github.test/r/5"
    )


@pytest.mark.parametrize(
    "kind",
    [OutcomeKind.SKIPPED, OutcomeKind.CANCELLED, OutcomeKind.FAILED, OutcomeKind.SUPERSEDED],
)
async def test_head_without_a_review_is_looked_at_again(
    ledger: RedisLedger, kind: OutcomeKind
) -> None:
    await finish(ledger, push(A), Outcome(kind=kind, head=A))
    assert isinstance(await ledger.admit(push(A)), Accepted)
    assert (await claim(ledger)).ordinal == 0


async def test_sweep_leaves_a_head_that_has_any_outcome(ledger: RedisLedger) -> None:
    await finish(ledger, push(A), Outcome(kind=OutcomeKind.SKIPPED, head=A))
    swept = push(A)
    origin = swept.origin.model_copy(update={"kind": OriginKind.SWEEP})
    answer = await ledger.admit(swept.model_copy(update={"origin": origin}))
    assert answer == Duplicate(job_id="7:1", of=DuplicateOf.REVIEWED)


async def test_full_raises_the_ordinal_each_time(ledger: RedisLedger) -> None:
    await finish(ledger, push(A), reviewed(A))
    await finish(ledger, ask(A, full=True), reviewed(A))
    await ledger.admit(ask(A, full=True))
    assert (await claim(ledger)).ordinal == 2


async def test_full_during_a_run_of_the_same_head_lets_it_finish(ledger: RedisLedger) -> None:
    await ledger.admit(push(A))
    job = await claim(ledger)
    await ledger.admit(ask(A, full=True))
    assert (await ledger.renew(job))[0] is Hold.HELD
    assert await ledger.commit(job, reviewed(A)) is Ending.AGAIN
    following = await claim(ledger)
    assert (following.head, following.ordinal, following.asked_in_person) == (A, 1, True)


async def test_two_people_asking_for_full_get_one_review(ledger: RedisLedger) -> None:
    await finish(ledger, push(A), reviewed(A))
    await ledger.admit(ask(A, full=True, person="ada"))
    second = await ledger.admit(ask(A, full=True, person="bob"))
    assert second == Duplicate(job_id="7:1", of=DuplicateOf.RUNNING)
    job = await claim(ledger)
    assert (job.ordinal, {o.person for o in job.origins}) == (1, {"ada", "bob"})


async def test_later_push_waits_for_quiet(ledger: RedisLedger) -> None:
    await finish(ledger, push(A), reviewed(A))
    admission = await ledger.admit(push(B, settle=True))
    assert isinstance(admission, Accepted)
    assert 2.9 < admission.starts_in <= 3.0
    assert await ledger.claim("w") is None


async def test_pushes_are_one_job_for_the_last_head(redis: Redis) -> None:
    ledger = RedisLedger(redis, policy=Policy(quiet=0.05, patience=0.2))
    await finish(ledger, push(A), reviewed(A))
    for head in (B, C, B, C):
        await ledger.admit(push(head, settle=True))
    await asyncio.sleep(0.07)
    assert (await claim(ledger)).head == C
    assert await ledger.claim("w") is None


async def test_patience_with_pushes_ends(redis: Redis) -> None:
    ledger = RedisLedger(redis, policy=Policy(quiet=0.2, patience=0.3))
    await finish(ledger, push(A), reviewed(A))
    await ledger.admit(push(B, settle=True))
    await asyncio.sleep(0.15)
    admission = await ledger.admit(push(C, settle=True))
    assert isinstance(admission, Accepted)
    assert admission.starts_in <= 0.15


async def test_push_before_the_first_claim_delays_nothing(ledger: RedisLedger) -> None:
    await ledger.admit(push(A))
    await ledger.admit(push(B, settle=True))
    assert (await claim(ledger)).head == B


async def test_person_makes_a_waiting_push_due(ledger: RedisLedger, redis: Redis) -> None:
    await finish(ledger, push(A), reviewed(A))
    await ledger.admit(push(B, settle=True))
    await ledger.admit(ask(B))
    assert await due(redis) == ["7:1"]


async def test_person_cannot_shorten_a_wait_the_platform_asked_for(ledger: RedisLedger) -> None:
    await ledger.admit(push(A))
    await ledger.release(await claim(ledger), delay=60, binding=True, reason="rate limit")
    await ledger.admit(ask(A))
    await ledger.admit(push(B))
    assert await ledger.claim("w") is None


async def test_person_ends_our_own_backoff(ledger: RedisLedger) -> None:
    await ledger.admit(push(A))
    await ledger.release(await claim(ledger), delay=60, reason="GitHub said 502")
    await ledger.admit(ask(A))
    assert (await claim(ledger)).attempt == 2


async def test_newer_head_moves_the_run_and_takes_its_askers_along(ledger: RedisLedger) -> None:
    await ledger.admit(ask(A))
    job = await claim(ledger)
    await ledger.admit(push(B))
    assert await ledger.renew(job) == (Hold.MOVED, B)
    await ledger.retarget(job, B)
    following = await claim(ledger)
    assert (following.head, following.generation, following.asked_in_person) == (B, 2, True)


async def test_late_event_of_the_running_head_does_not_undo_a_newer_one(
    ledger: RedisLedger,
) -> None:
    await ledger.admit(push(A))
    job = await claim(ledger)
    await ledger.admit(push(B))
    await ledger.admit(push(A))
    assert await ledger.renew(job) == (Hold.MOVED, B)


async def test_focus_of_a_person_reaches_the_run(ledger: RedisLedger) -> None:
    await ledger.admit(push(A))
    await ledger.admit(ask(A, focus="the migration"))
    assert (await claim(ledger)).focus == "the migration"


async def test_dead_job_lives_again_with_the_next_event(ledger: RedisLedger) -> None:
    await ledger.admit(push(A))
    for _ in range(6):
        await ledger.release(await claim(ledger), reason="no model answered")
    assert (await ledger.desk.counts()).dead == 1
    await ledger.admit(push(B))
    assert ((await claim(ledger)).attempt, (await ledger.desk.counts()).dead) == (1, 0)


async def test_absent_server_is_a_transient_error() -> None:
    redis = connect("unix:///nowhere/redis.sock", timeout=0.2)
    with pytest.raises(TransientError, match="Redis did not answer"):
        await RedisLedger(redis).admit(push(A))
    await redis.aclose()
