"""Reviews an hour: over a limit a request is delayed and coalesced, and nobody else's is."""

import pytest
from redis.asyncio import Redis

from bot.adapters import keys
from bot.adapters.ledger import HourlyLimits, Policy, RedisLedger
from core.models import Accepted, Admission, Duplicate, DuplicateOf, Job, Limit, ReviewRequest
from tests.bot.asking import A, B, ask, push

HOUR = 3600.0
"""Seconds."""


def by(author: str, number: int = 1, repo_id: int = 7, inst: int = 3) -> ReviewRequest:
    """A first push of a pull request."""
    request = push(A, number=number, repo_id=repo_id, inst=inst)
    return request.model_copy(update={"author": author})


def limited(redis: Redis, **limits: int) -> RedisLedger:
    """A ledger with these limits and no others."""
    none = {"repository": 0, "organisation": 0, "person": 0}
    return RedisLedger(redis, limits=HourlyLimits(**none | limits))


def wait_of(admission: Admission) -> tuple[int, Limit | None]:
    """Minutes until it starts, and why."""
    assert isinstance(admission, Accepted | Duplicate)
    return round(admission.starts_in / 60), admission.limited_by


async def claimed(ledger: RedisLedger) -> Job:
    job = await ledger.claim("w")
    assert job is not None
    return job


async def hours_pass(redis: Redis, hours: float = 1.0) -> None:
    """Move every bucket and every wait into the past."""
    for index in ("limits", "later"):
        for member, score in await redis.zrange(keys.lasting(index), 0, -1, withscores=True):
            await redis.zadd(keys.lasting(index), {member: score - hours * HOUR * 1000})


async def test_five_hundred_pull_requests_of_one_author_start_at_once(
    ledger: RedisLedger,
) -> None:
    admissions = [
        await ledger.admit(by("ada", n, repo_id=n % 50 + 1, inst=n % 10 + 1)) for n in range(1, 501)
    ]
    assert {wait_of(admission) for admission in admissions} == {(0, None)}


async def test_thousand_events_of_one_author_leave_others_unaffected(ledger: RedisLedger) -> None:
    for n in range(1, 1001):
        await ledger.admit(by("mallory", n))
    others = [by(f"person-{n}", 2000 + n, repo_id=7 + n % 3) for n in range(30)]
    assert {wait_of(await ledger.admit(other)) for other in others} == {(0, None)}

    served = {(await claimed(ledger)).ref.number for _ in range(40)}

    assert {other.ref.number for other in others} <= served
    assert (await ledger.desk.totals())["delayed:person"] == 1000 - 600


@pytest.mark.parametrize("limit", list(Limit))
async def test_what_is_over_a_limit_waits_its_turn_and_says_why(redis: Redis, limit: Limit) -> None:
    ledger = limited(redis, **{limit.value: 2})
    authors = ["ada"] * 4 if limit is Limit.PERSON else ["ada", "bob", "cy", "di"]
    waits = [wait_of(await ledger.admit(by(who, n))) for n, who in enumerate(authors, start=1)]
    assert waits == [(0, None), (0, None), (30, limit), (60, limit)]
    assert (await ledger.desk.totals())[f"delayed:{limit.value}"] == 2


async def test_letter_case_makes_no_other_person_or_organisation(redis: Redis) -> None:
    ledger = limited(redis, organisation=4, person=2)
    for number, author in enumerate(("ada", "Ada"), start=1):
        await ledger.admit(by(author, number))
    assert wait_of(await ledger.admit(by("ADA", 3))) == (30, Limit.PERSON)
    other = by("bob", 4).model_copy(
        update={"ref": by("bob", 4).ref.model_copy(update={"owner": "O"})}
    )
    await ledger.admit(by("cy", 5))
    await ledger.admit(by("di", 6))
    assert wait_of(await ledger.admit(other)) == (15, Limit.ORGANISATION)


async def test_one_person_gets_half_of_a_repository_and_of_an_organisation(redis: Redis) -> None:
    ledger = limited(redis, repository=4, organisation=12)
    ada = [wait_of(await ledger.admit(by("ada", number))) for number in range(1, 4)]
    bob = [wait_of(await ledger.admit(by("bob", number))) for number in range(4, 6)]
    assert ada == [(0, None), (0, None), (30, Limit.PERSON)]
    assert bob == [(0, None), (0, None)]
    elsewhere = [wait_of(await ledger.admit(by("ada", 1, repo_id=n)))[0] for n in range(20, 24)]
    assert elsewhere == [0, 0, 0, 10]


async def test_pushes_to_a_delayed_review_keep_its_turn_and_take_no_other(redis: Redis) -> None:
    ledger = limited(redis, person=1)
    await ledger.admit(by("ada", 1))
    assert wait_of(await ledger.admit(by("ada", 2))) == (60, Limit.PERSON)
    for head in (B, A, B):
        again = push(head, number=2, settle=True).model_copy(update={"author": "ada"})
        assert wait_of(await ledger.admit(again)) == (60, Limit.PERSON)
    assert wait_of(await ledger.admit(by("ada", 3))) == (120, Limit.PERSON)


async def test_delayed_review_of_the_last_head_starts_when_its_time_comes(redis: Redis) -> None:
    ledger = limited(redis, person=1)
    await ledger.admit(by("ada", 1))
    await ledger.admit(by("ada", 2))
    await ledger.admit(push(B, number=2, settle=True).model_copy(update={"author": "ada"}))
    await claimed(ledger)
    assert await ledger.claim("w") is None
    await hours_pass(redis)
    job = await claimed(ledger)
    assert (job.id, job.head) == ("7:2", B)


async def test_newer_head_of_a_running_review_takes_a_turn(redis: Redis) -> None:
    ledger = limited(redis, person=1)
    await ledger.admit(by("ada"))
    job = await claimed(ledger)
    newer = push(B, settle=True).model_copy(update={"author": "ada"})
    assert wait_of(await ledger.admit(newer)) == (60, Limit.PERSON)
    await ledger.retarget(job, B)
    assert await ledger.claim("w") is None


async def test_author_who_waits_takes_nothing_from_the_repository_yet(redis: Redis) -> None:
    ledger = limited(redis, repository=4)
    for number in range(1, 6):
        await ledger.admit(by("ada", number))
    assert wait_of(await ledger.admit(by("bob", 6))) == (0, None)
    assert wait_of(await ledger.admit(by("cy", 7))) == (0, None)


async def test_author_whose_time_came_meets_the_limit_of_the_repository(redis: Redis) -> None:
    ledger = limited(redis, repository=4)
    for number in range(1, 4):
        await ledger.admit(by("ada", number))
    await ledger.admit(by("bob", 4))
    await ledger.admit(by("bob", 5))
    assert len([await claimed(ledger) for _ in range(4)]) == 4
    await redis.zadd(keys.lasting("later"), {"7:3": 0})
    await ledger.reconcile()
    assert await ledger.claim("w") is None
    totals = await ledger.desk.totals()
    assert (totals["delayed:person"], totals["delayed:repository"]) == (1, 1)
    await hours_pass(redis)
    assert (await claimed(ledger)).id == "7:3"


async def test_buckets_fill_again(redis: Redis) -> None:
    ledger = limited(redis, person=2)
    for number in (1, 2):
        await ledger.admit(by("ada", number))
    await hours_pass(redis, 0.5)
    waits = [wait_of(await ledger.admit(by("ada", number))) for number in (3, 4)]
    assert waits == [(0, None), (30, Limit.PERSON)]


async def test_person_is_told_when_it_starts_and_why(redis: Redis) -> None:
    ledger = limited(redis, person=1)
    await ledger.admit(ask(A))
    full = await ledger.admit(ask(A, full=True))
    assert isinstance(full, Accepted)
    job = await claimed(ledger)
    assert job.ordinal == 1
    assert wait_of(await ledger.admit(ask(B))) == (60, Limit.PERSON)


async def test_person_may_ask_for_what_the_limit_of_another_delays(redis: Redis) -> None:
    ledger = limited(redis, person=1)
    await ledger.admit(by("mallory", 9))
    await ledger.admit(by("mallory", 1))
    joined = await ledger.admit(ask(A, person="bob"))
    assert joined == Duplicate(job_id="7:1", of=DuplicateOf.RUNNING)
    assert {(await claimed(ledger)).id for _ in range(2)} == {"7:9", "7:1"}


async def test_person_who_joins_over_the_limit_is_told_the_earlier_time(redis: Redis) -> None:
    ledger = limited(redis, person=1)
    await ledger.admit(by("mallory", 9))
    await ledger.admit(by("mallory", 1))
    assert wait_of(await ledger.admit(ask(A, person="bob"))) == (0, None)
    await ledger.admit(by("mallory", 2))
    request = ask(A, person="bob")
    over = request.model_copy(
        update={"ref": request.ref.model_copy(update={"number": 2}), "delivery": "other"}
    )
    assert wait_of(await ledger.admit(over)) == (60, Limit.PERSON)


async def test_operator_overrules_a_limit(redis: Redis) -> None:
    ledger = limited(redis, person=1)
    await ledger.admit(by("ada", 1))
    await ledger.admit(by("ada", 2))
    assert await ledger.desk.retry("7:2")
    assert {(await claimed(ledger)).id for _ in range(2)} == {"7:1", "7:2"}


async def test_nobody_is_limited_where_nobody_is_named_or_limits_are_off(redis: Redis) -> None:
    ledger = limited(redis, person=1)
    assert {wait_of(await ledger.admit(push(A, number=n))) for n in range(1, 9)} == {(0, None)}
    free = limited(redis)
    assert {wait_of(await free.admit(by("ada", n))) for n in range(9, 19)} == {(0, None)}
    assert await redis.exists(keys.lasting("limits")) == 0


async def test_repeated_request_takes_one_turn(redis: Redis) -> None:
    ledger = limited(redis, person=2)
    for _ in range(5):
        await ledger.admit(by("ada", 1).model_copy(update={"delivery": "d"}))
        await ledger.admit(by("ada", 1))
    assert wait_of(await ledger.admit(by("ada", 2))) == (0, None)


def test_negative_limit_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        Policy(limits=HourlyLimits(person=-1))
