"""Channels that follow repositories: kept both ways, bounded, told once, told of the end."""

import asyncio
import time

import pytest
from redis.asyncio import Redis

from bot.adapters.keys import lasting
from bot.adapters.ledger import ClaimedRow, Policy, RedisLedger, mutes, subscriptions
from bot.adapters.ledger.subscriptions import Announced
from core.following import Hushed, Taken, Talk
from core.models import (
    Job,
    Muted,
    Origin,
    OriginKind,
    OutcomeKind,
    PullRequestClosed,
    QuietKind,
    RowKind,
    Severity,
    Stage,
    Subscription,
)
from tests.bot.asking import A, B, ask, push, reviewed

C1, C2 = "C0000000001", "C0000000002"


@pytest.fixture
def ledger(redis: Redis) -> RedisLedger:
    """A ledger that lets a card be edited at once."""
    return RedisLedger(redis, policy=Policy(card_apart=0.0))


def following(channel: str = C1, repo_id: int = 7, **filters: object) -> Subscription:
    values = {"channel": channel, "repository": f"o/r{repo_id}", "repo_id": repo_id, "who": "U1"}
    return Subscription.model_validate(values | filters)


def told(channel: str = C1, *, only_known: bool = False) -> Announced:
    origin = Origin(kind=OriginKind.CHANNEL, id=f"channel:{channel}", reply="sealed")
    return Announced(origin, only_known)


async def running(ledger: RedisLedger) -> Job:
    job = await ledger.claim("w")
    assert job is not None
    return job


async def cards(ledger: RedisLedger) -> list[ClaimedRow]:
    """Take what is due, and return what channels are to be shown."""
    rows = await ledger.outbox.claim(20)
    for row in rows:
        await ledger.outbox.done(row, "C1:17.1")
    return [row for row in rows if row.delivery.row.kind is RowKind.CHANNEL]


def merging(*, merged: bool = True) -> PullRequestClosed:
    request = push(A)
    return PullRequestClosed(
        ref=request.ref,
        repo_id=request.repo_id,
        closed_at=time.time() + 60,
        delivery="closed-1",
        merged=merged,
    )


async def test_subscription_is_found_from_the_channel_and_from_the_repository(
    ledger: RedisLedger,
) -> None:
    filtered = following(minimum=Severity.IMPORTANT, branch="main", label="x")

    assert await ledger.subscriptions.subscribe(filtered) is Taken.NEW

    (of_channel,) = await ledger.subscriptions.of_channel(C1)
    (of_repository,) = await ledger.subscriptions.of_repository(7)
    assert of_channel == of_repository
    assert of_channel.model_copy(update={"at": 0.0}) == filtered
    assert abs(of_channel.at - time.time()) < 60


async def test_second_subscription_changes_the_filters(ledger: RedisLedger) -> None:
    await ledger.subscriptions.subscribe(following(branch="main"))

    assert await ledger.subscriptions.subscribe(following(label="x")) is Taken.CHANGED

    (only,) = await ledger.subscriptions.of_repository(7)
    assert (only.branch, only.label) == ("", "x")


async def test_channel_stops_following_one_repository_or_all(ledger: RedisLedger) -> None:
    for repo_id in (7, 8, 9):
        await ledger.subscriptions.subscribe(following(repo_id=repo_id))
    await ledger.subscriptions.subscribe(following(C2))

    assert await ledger.subscriptions.unsubscribe(C1, 8) == 1
    assert await ledger.subscriptions.unsubscribe(C1, 8) == 0
    assert await ledger.subscriptions.unsubscribe(C1) == 2

    assert await ledger.subscriptions.of_channel(C1) == ()
    assert [each.channel for each in await ledger.subscriptions.of_repository(7)] == [C2]


async def test_one_repository_too_many_is_refused_and_a_known_one_is_not(
    ledger: RedisLedger,
) -> None:
    for repo_id in range(subscriptions.MOST_OF_CHANNEL):
        await ledger.subscriptions.subscribe(following(repo_id=repo_id + 1))

    assert await ledger.subscriptions.subscribe(following(repo_id=9_999)) is Taken.FULL
    assert await ledger.subscriptions.subscribe(following(repo_id=1)) is Taken.CHANGED
    assert await ledger.subscriptions.of_repository(9_999) == ()


async def test_form_of_another_version_is_passed_over(ledger: RedisLedger, redis: Redis) -> None:
    await ledger.subscriptions.subscribe(following())
    await redis.hset(lasting("followers", "7"), "C3", '1\n{"channel": 3}')

    assert [each.channel for each in await ledger.subscriptions.of_repository(7)] == [C1]


async def test_channel_is_shown_a_run_from_its_start_to_its_outcome(ledger: RedisLedger) -> None:
    await ledger.admit(push(A))
    job = await running(ledger)

    assert await ledger.subscriptions.announce(job, [told()])
    (begun,) = await cards(ledger)
    await ledger.commit(job, reviewed(A))
    (ended,) = await cards(ledger)

    assert (begun.delivery.stage, begun.delivery.outcome) == (Stage.RUNNING, None)
    assert begun.delivery.head == A
    assert ended.id == begun.id
    assert ended.delivery.row.receipt == "C1:17.1"
    assert ended.delivery.outcome is not None
    assert ended.delivery.outcome.kind is OutcomeKind.REVIEWED
    assert not ended.delivery.asked_in_person


async def test_repeated_announcement_changes_nothing(ledger: RedisLedger) -> None:
    await ledger.admit(push(A))
    job = await running(ledger)
    await ledger.subscriptions.announce(job, [told()])
    await cards(ledger)

    assert await ledger.subscriptions.announce(job, [told()])

    assert await cards(ledger) == []


async def test_later_head_is_shown_in_the_same_card(ledger: RedisLedger) -> None:
    await ledger.admit(push(A))
    first = await running(ledger)
    await ledger.subscriptions.announce(first, [told()])
    (card,) = await cards(ledger)
    await ledger.commit(first, reviewed(A))
    await cards(ledger)

    await ledger.admit(push(B))
    second = await running(ledger)
    await ledger.subscriptions.announce(second, [told()])
    (again,) = await cards(ledger)

    assert again.id == card.id
    assert again.delivery.head == B
    assert again.delivery.row.receipt == "C1:17.1"


async def test_channel_that_is_left_alone_is_told_where_its_card_stands_already(
    ledger: RedisLedger,
) -> None:
    await ledger.admit(push(A))
    first = await running(ledger)
    await ledger.subscriptions.announce(first, [told(C1), told(C2, only_known=True)])
    assert [row.delivery.row.target for row in await cards(ledger)] == [f"channel:{C1}"]
    await ledger.commit(first, reviewed(A))
    await cards(ledger)

    await ledger.admit(push(B))
    second = await running(ledger)
    await ledger.subscriptions.announce(second, [told(C1, only_known=True)])

    assert len(await cards(ledger)) == 1


async def test_lost_lease_announces_nothing(ledger: RedisLedger) -> None:
    await ledger.admit(push(A))
    job = await running(ledger)
    stale = job.model_copy(update={"epoch": job.epoch - 1})

    assert not await ledger.subscriptions.announce(stale, [told()])

    assert await cards(ledger) == []


async def test_no_person_waits_where_a_channel_follows(ledger: RedisLedger) -> None:
    await ledger.admit(push(A))
    job = await running(ledger)
    await ledger.subscriptions.announce(job, [told()])
    await ledger.release(job, counted=False)

    again = await running(ledger)

    assert {origin.kind for origin in again.origins} == {OriginKind.WEBHOOK, OriginKind.CHANNEL}
    assert not again.asked_in_person
    await ledger.commit(again, reviewed(A))
    assert not any(row.delivery.asked_in_person for row in await ledger.outbox.claim(20))


async def test_asker_and_follower_are_both_told(ledger: RedisLedger) -> None:
    await ledger.admit(push(A))
    job = await running(ledger)
    await ledger.subscriptions.announce(job, [told()])
    await ledger.admit(ask(A))

    await ledger.commit(job, reviewed(A))

    rows = [row.delivery for row in await ledger.outbox.claim(20)]
    ends = {row.row.kind: row.outcome for row in rows if row.origin}
    assert set(ends) == {RowKind.SLACK, RowKind.CHANNEL}
    assert all(ends.values())


@pytest.mark.parametrize(("merged", "word"), [(True, "merged"), (False, "closed")])
async def test_closing_marks_the_card_and_keeps_its_outcome(
    ledger: RedisLedger, merged: bool, word: str
) -> None:
    await ledger.admit(push(A))
    job = await running(ledger)
    await ledger.subscriptions.announce(job, [told()])
    await ledger.commit(job, reviewed(A))
    await cards(ledger)

    await ledger.cancel(merging(merged=merged))
    (marked,) = await cards(ledger)

    assert marked.delivery.ended == word
    assert marked.delivery.outcome is not None
    assert marked.delivery.outcome.kind is OutcomeKind.REVIEWED


async def test_closing_while_a_review_is_posted_shows_with_its_outcome(
    ledger: RedisLedger,
) -> None:
    await ledger.admit(push(A))
    job = await running(ledger)
    await ledger.subscriptions.announce(job, [told()])
    await ledger.remember_review(job, 9)
    await ledger.cancel(merging())

    await ledger.commit(job, reviewed(A))

    (card,) = await cards(ledger)
    assert (card.delivery.ended, bool(card.delivery.outcome)) == ("merged", True)


async def test_reopened_pull_request_is_closed_no_longer(ledger: RedisLedger) -> None:
    await ledger.admit(push(A))
    job = await running(ledger)
    await ledger.subscriptions.announce(job, [told()])
    await ledger.cancel(merging(merged=False))
    await cards(ledger)

    await ledger.admit(push(B))
    again = await running(ledger)
    await ledger.subscriptions.announce(again, [told()])

    (card,) = await cards(ledger)
    assert (card.delivery.ended, card.delivery.stage) == ("", Stage.RUNNING)


def quiet(what: str = "mona", kind: QuietKind = QuietKind.AUTHOR) -> Muted:
    return Muted(channel=C1, kind=kind, what=what, shown=f"@{what}", who="U1")


async def test_mute_holds_until_it_is_taken_back(ledger: RedisLedger) -> None:
    assert await ledger.mutes.mute(quiet()) is Hushed.MUTED
    assert await ledger.mutes.of(C1) == (quiet(),)
    assert await ledger.mutes.of(C2) == ()

    assert await ledger.mutes.unmute(quiet()) is Hushed.OFF
    assert await ledger.mutes.unmute(quiet()) is Hushed.UNKNOWN
    assert await ledger.mutes.of(C1) == ()


async def test_mute_ends_with_its_time(ledger: RedisLedger, redis: Redis) -> None:
    await ledger.mutes.mute(quiet(), 0.05)
    (held,) = await ledger.mutes.of(C1)
    assert held.ends > 0

    await asyncio.sleep(0.1)

    assert await ledger.mutes.of(C1) == ()
    await ledger.mutes.mute(quiet("ada"))
    assert await redis.hlen(lasting("mutes", C1)) == 1


async def test_one_mute_too_many_is_refused(ledger: RedisLedger) -> None:
    for number in range(mutes.MOST_OF_CHANNEL):
        await ledger.mutes.mute(quiet(f"a{number}"))

    assert await ledger.mutes.mute(quiet("one-more")) is Hushed.FULL
    assert await ledger.mutes.mute(quiet("a1"), 60) is Hushed.MUTED


async def test_thread_is_remembered_by_its_first_message(ledger: RedisLedger) -> None:
    talk = Talk(ref=push(A).ref, repo_id=7, finding_id="f1")

    await ledger.threads.remember(C1, "17.000001", talk)

    assert await ledger.threads.of(C1, "17.000001") == talk
    assert await ledger.threads.of(C2, "17.000001") is None


async def test_event_is_new_once(ledger: RedisLedger) -> None:
    both = await asyncio.gather(*(ledger.heard.is_new("Ev1") for _ in range(5)))
    assert sorted(both) == [False, False, False, False, True]
