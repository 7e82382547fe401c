"""A caller that lost a reply repeats its call: the second one changes nothing more."""

from typing import Any

import pytest
from redis.asyncio import Redis

from bot.adapters import keys
from bot.adapters.ledger import Ending, HourlyLimits, Move, RedisLedger
from bot.adapters.ledger.policy import Policy
from bot.adapters.ledger.scripts import Scripts
from core.models import (
    Cancelled,
    Category,
    Dismiss,
    DismissalScope,
    Dismissed,
    FindingState,
    Job,
    Limit,
    Place,
    PullMemory,
    PullRequestClosed,
    RecordedFinding,
    RememberedFinding,
    RowKind,
    Severity,
)
from tests.bot.asking import A, B, ask, push, reviewed

UNSTABLE = {"updated", "lease_until"}
"""Fields that a repeated call may set to a later time."""
TELLS_WHAT_IT_DID = {"reconcile"}
"""Scripts that answer what they found to do, and find nothing the second time."""


async def state(redis: Redis) -> dict[bytes, Any]:
    """Everything the ledger holds, without the times of the last touch."""
    found: dict[bytes, Any] = {}
    for key in sorted(set(await redis.keys("*")) - {keys.lasting("sweep").encode()}):
        kind = await redis.type(key)
        if kind == b"hash":
            row = await redis.hgetall(key)
            found[key] = {k: v for k, v in row.items() if k.decode() not in UNSTABLE}
        elif kind == b"zset":
            timed = key.endswith((b":jobs", b":leases"))
            found[key] = await redis.zrange(key, 0, -1, withscores=not timed)
        elif kind == b"string":
            found[key] = await redis.get(key)
    return found


class Repeating(Scripts):
    """Calls each script twice, as a caller whose first reply was lost, and compares."""

    def __init__(self, redis: Redis, policy: Policy) -> None:
        super().__init__(redis, policy)
        self.redis = redis
        self.repeated: set[str] = set()

    async def call(self, name: str, **ask: Any) -> Any:
        first = await super().call(name, **ask)
        before = await state(self.redis)
        second = await super().call(name, **ask)
        assert await state(self.redis) == before, name
        assert second == first or name in TELLS_WHAT_IT_DID, name
        self.repeated.add(name)
        return first


@pytest.fixture
def scripts(redis: Redis) -> Repeating:
    return Repeating(redis, Policy(quiet=30.0))


@pytest.fixture
def twice(redis: Redis, scripts: Repeating) -> RedisLedger:
    """A ledger that makes every call twice."""
    return RedisLedger(redis, policy=Policy(quiet=30.0), scripts=scripts)


async def claimed(ledger: RedisLedger) -> Job:
    job = await ledger.claim("w")
    assert job is not None
    return job


async def test_whole_life_of_a_job_with_every_call_made_twice(
    twice: RedisLedger, scripts: Repeating
) -> None:
    await twice.admit(push(A))
    await twice.admit(ask(A))
    job = await claimed(twice)
    await twice.renew(job)
    await twice.remember_review(job, 4)
    assert await twice.release(job, reason="GitHub said 502") is Ending.AGAIN
    job = await claimed(twice)
    assert (job.attempt, job.review_id) == (2, 4)
    move, adopted = await twice.retarget(job, B)
    assert move is Move.ADOPTED
    assert adopted is not None
    assert await twice.commit(adopted, reviewed(B), {RowKind.SUMMARY}) is Ending.IDLE
    sent = await twice.outbox.claim(10)
    await twice.outbox.done(sent[0], "r")
    await twice.outbox.fail(sent[1], "Slack said 429", 5)
    await twice.outbox.drop(sent[2], "gone")
    assert scripts.repeated == {
        "admit", "claim", "renew", "remember_review", "release", "move", "commit",
        "outbox_claim", "outbox_done", "outbox_fail",
    }  # fmt: skip


async def test_ends_of_an_older_head_with_every_call_made_twice(twice: RedisLedger) -> None:
    await twice.admit(ask(A))
    job = await claimed(twice)
    await twice.admit(push(B))
    assert (await twice.retarget(job, B))[0] is Move.AGAIN
    job = await claimed(twice)
    await twice.admit(push(A))
    assert await twice.release(job, counted=False) is Ending.AGAIN
    assert await twice.commit(await claimed(twice), reviewed(A)) is Ending.IDLE


@pytest.mark.parametrize("running", [True, False])
async def test_closing_with_every_call_made_twice(twice: RedisLedger, *, running: bool) -> None:
    await twice.admit(ask(A))
    job = await claimed(twice) if running else None
    closed = PullRequestClosed(ref=push().ref, repo_id=7, closed_at=4e9, delivery="closed")
    assert await twice.cancel(closed) == Cancelled(job_id="7:1")
    assert job is None or await twice.commit(job, reviewed(A)) is Ending.LOST


async def test_six_failures_with_every_call_made_twice(twice: RedisLedger) -> None:
    await twice.admit(push(A))
    endings = [await twice.release(await claimed(twice), reason="no") for _ in range(6)]
    assert endings[-1] is Ending.DEAD


async def test_what_operators_do_with_every_call_made_twice(twice: RedisLedger) -> None:
    await twice.admit(ask(A))
    assert await twice.desk.discard("7:1")
    await twice.admit(push(B))
    await twice.release(await claimed(twice), delay=60)
    assert await twice.desk.retry("7:1")
    assert await twice.desk.discard("7:1")
    assert not await twice.desk.discard("7:1")


async def test_what_people_say_of_findings_with_every_call_made_twice(
    twice: RedisLedger, redis: Redis
) -> None:
    finding = RecordedFinding(
        id="f1", fingerprint="p", path="a.py", line=1, severity=Severity.NIT,
        category=Category.BUG, title="t", body="b", source="static:r", place=Place.SUMMARY,
    )  # fmt: skip
    known = RememberedFinding(finding=finding, lineage="a.py")
    await twice.admit(push(A))
    outcome = reviewed(A).model_copy(update={"memory": PullMemory(findings=(known,))})
    await twice.commit(await claimed(twice), outcome, {RowKind.SUMMARY})
    for scope in DismissalScope:
        for state in (FindingState.DISMISSED, FindingState.OPEN, FindingState.DISMISSED):
            request = Dismiss(job_id="7:1", who="ada", scope=scope, finding_id="f1", state=state)
            assert isinstance(await twice.dismissals.dismiss(request), Dismissed)
    assert await redis.hlen(keys.lasting("words", "7:1")) == 2
    assert await redis.hlen(keys.lasting("words", "7")) == 1


async def test_limits_take_one_turn_for_a_call_made_twice(redis: Redis) -> None:
    policy = Policy(limits=HourlyLimits(repository=0, organisation=0, person=2))
    twice = RedisLedger(redis, policy=policy, scripts=Repeating(redis, policy))
    by_ada = [push(A, number=n).model_copy(update={"author": "ada"}) for n in range(1, 4)]
    admissions = [await twice.admit(request) for request in by_ada]
    assert [getattr(a, "limited_by", None) for a in admissions] == [None, None, Limit.PERSON]
    assert (await twice.desk.totals())["delayed:person"] == 1


async def test_repeated_claim_that_found_nothing_may_find_something(ledger: RedisLedger) -> None:
    assert await ledger.claim("w", token="t") is None
    await ledger.admit(push(A))
    first = await ledger.claim("w", token="t")
    assert first is not None
    assert await ledger.claim("w", token="t") == first
