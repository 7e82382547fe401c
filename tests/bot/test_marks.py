"""What is remembered in Redis of setting things right: marks, failed deliveries, doubts."""

import asyncio

import pytest
from redis.asyncio import Redis

from bot.adapters.ledger import Policy, RedisLedger
from bot.adapters.ledger.marks import Doubt, Marks
from core.models import Outcome, OutcomeKind
from github.open_pulls import OpenPull
from tests.bot.asking import A, B, push, reviewed

POLICY = Policy(lease=5.0)
REF = push().ref
DOUBT = Doubt(job_id="7:1", ref=REF, repo_id=7, installation_id=3)


@pytest.fixture
def marks(redis: Redis) -> Marks:
    return Marks(redis, POLICY)


@pytest.fixture
def ledger(redis: Redis) -> RedisLedger:
    return RedisLedger(redis, policy=POLICY)


def an_open_pull(head: str = A, number: int = 1) -> OpenPull:
    ref = REF.model_copy(update={"number": number})
    return OpenPull(ref, 7, 3, head, "mona", by_bot=False, created_at=1.0, updated_at=2.0)


async def end(ledger: RedisLedger, outcome: Outcome) -> None:
    job = await ledger.claim("w")
    assert job is not None
    await ledger.commit(job, outcome)


async def test_a_duty_is_due_until_it_was_done_and_again_later(marks: Marks) -> None:
    assert await marks.is_due("sweep")
    await marks.postpone("sweep", 0.1)
    assert not await marks.is_due("sweep")
    assert await marks.is_due("deliveries")
    await asyncio.sleep(0.15)
    assert await marks.is_due("sweep")


async def test_an_emptied_server_makes_everything_due(marks: Marks, redis: Redis) -> None:
    await marks.postpone("deliveries", 300)
    await marks.reach(123.5)
    await marks.attend("g1")
    await redis.flushall()
    assert await marks.is_due("deliveries")
    assert await marks.reached() == 0
    assert await marks.unattended(["g1"]) == {"g1"}


async def test_a_failed_delivery_is_seen_to_once(marks: Marks) -> None:
    await marks.reach(123.5)
    await marks.attend("g1")
    assert await marks.reached() == 123.5
    assert await marks.unattended(["g1", "g2"]) == {"g2"}
    assert await marks.unattended([]) == frozenset()


async def test_deliveries_that_github_forgot_are_forgotten(redis: Redis) -> None:
    marks = Marks(redis, Policy(keep_events=0))
    await marks.attend("g1")
    await asyncio.sleep(0.01)
    await marks.attend("g2")
    assert await marks.unattended(["g1"]) == {"g1"}


async def test_a_head_without_a_trace_is_unknown(marks: Marks) -> None:
    pulls = [an_open_pull(number=n) for n in (1, 2)]
    assert await marks.unknown(pulls) == tuple(pulls)
    assert await marks.unknown([]) == ()


async def test_a_job_under_way_makes_its_pull_request_known(
    marks: Marks, ledger: RedisLedger
) -> None:
    await ledger.admit(push(A))
    assert await marks.unknown([an_open_pull(A), an_open_pull(B)]) == ()
    await ledger.claim("w")
    assert await marks.unknown([an_open_pull(A), an_open_pull(B)]) == ()


@pytest.mark.parametrize(
    ("kind", "known"),
    [(kind, kind is not OutcomeKind.SUPERSEDED) for kind in OutcomeKind],
)
async def test_an_outcome_makes_its_head_known_unless_it_was_passed_over(
    marks: Marks, ledger: RedisLedger, kind: OutcomeKind, known: bool
) -> None:
    await ledger.admit(push(A))
    await end(ledger, Outcome(kind=kind, head=A, reason="because"))
    unknown = await marks.unknown([an_open_pull(A), an_open_pull(B)])
    assert [pull.head for pull in unknown] == ([B] if known else [A, B])


async def test_a_doubt_waits_until_its_job_has_rested(marks: Marks, ledger: RedisLedger) -> None:
    await ledger.admit(push(A))
    await marks.doubt(DOUBT, 0)
    assert await marks.take_doubts(9, rest=0.1, again=0) == []
    await end(ledger, reviewed(A))
    assert await marks.take_doubts(9, rest=0.1, again=0) == []
    await asyncio.sleep(0.15)
    (taken,) = await marks.take_doubts(9, rest=0.1, again=5)
    assert (taken.doubt, taken.rested >= 0.1) == (DOUBT, True)


async def test_a_doubt_comes_again_until_it_is_cleared(marks: Marks) -> None:
    await marks.doubt(DOUBT, 0)
    assert len(await marks.take_doubts(9, rest=0, again=0)) == 1
    (taken,) = await marks.take_doubts(9, rest=0, again=0)
    await marks.clear(taken)
    assert await marks.take_doubts(9, rest=0, again=0) == []


async def test_a_review_posted_meanwhile_is_looked_at_too(marks: Marks) -> None:
    await marks.doubt(DOUBT, 0)
    (taken,) = await marks.take_doubts(9, rest=0, again=5)
    await marks.doubt(DOUBT, 0)
    await marks.clear(taken)
    assert len(await marks.take_doubts(9, rest=0, again=0)) == 1


async def test_a_doubt_is_not_due_before_its_time(marks: Marks) -> None:
    await marks.doubt(DOUBT, 0.2)
    assert await marks.take_doubts(9, rest=0, again=0) == []
    await asyncio.sleep(0.25)
    assert len(await marks.take_doubts(9, rest=0, again=0)) == 1
