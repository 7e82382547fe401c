"""Which channels are told of a run: those that follow, those the configuration names, webhooks."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest
from redis.asyncio import Redis

from bot.adapters.ledger import Policy, RedisLedger
from bot.worker.announcing import BELIEVED, Announcing
from core.errors import ArgusError, TransientError
from core.models import Job, Muted, QuietKind, RowKind, Severity, Subscription
from slack.errors import SlackRefused
from slack.replies import Reply, unsealed
from slack.seal import Seal
from tests.bot.asking import A, ask
from tests.fakes.core import a_pull_request

C1, C2 = "C0000000001", "C0000000002"
REPO_ID = 7
PULL = a_pull_request(repo_id=REPO_ID, base_branch="main", labels=("risky",))
SEAL = Seal(["a key of this test"])


@dataclass
class Directory:
    """A workspace that tells its channels, and counts how often it was asked."""

    known: Mapping[str, str] = field(default_factory=lambda: {"team": C2})
    error: ArgusError | None = None
    asked: int = 0

    async def channels(self) -> Mapping[str, str]:
        self.asked += 1
        await asyncio.sleep(0)
        if self.error is not None:
            raise self.error
        return self.known


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def ledger(redis: Redis) -> RedisLedger:
    return RedisLedger(redis, policy=Policy(card_apart=0.0))


@pytest.fixture
def directory() -> Directory:
    return Directory()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def announcing(ledger: RedisLedger, directory: Directory, clock: Clock) -> Announcing:
    return Announcing(ledger.subscriptions, ledger.mutes, SEAL, names=directory, clock=clock)


def following(channel: str = C1, **filters: object) -> Subscription:
    values = {"channel": channel, "repository": "o/r", "repo_id": REPO_ID}
    return Subscription.model_validate(values | filters)


async def running(ledger: RedisLedger) -> Job:
    await ledger.admit(ask(A))
    job = await ledger.claim("w")
    assert job is not None
    return job


async def told(ledger: RedisLedger) -> dict[str, Reply]:
    """Return what channels are told, by channel as the row names it."""
    rows = [row.delivery for row in await ledger.outbox.claim(20)]
    return {
        row.row.target.removeprefix("channel:"): unsealed(row.origin.reply, SEAL)
        for row in rows
        if row.row.kind is RowKind.CHANNEL and row.origin is not None
    }


async def test_follower_is_told_of_the_pull_request_with_its_filters(
    ledger: RedisLedger, announcing: Announcing
) -> None:
    await ledger.subscriptions.subscribe(following(minimum=Severity.IMPORTANT))
    await announcing.announce(await running(ledger), PULL, "")
    (reply,) = (await told(ledger)).values()
    assert (reply.channel, reply.title, reply.minimum) == (C1, PULL.title, Severity.IMPORTANT)
    assert reply.user == reply.response_url == ""


@pytest.mark.parametrize("named", ["#team", "team", C2])
async def test_channel_that_the_configuration_names_is_told_by_its_id(
    ledger: RedisLedger, announcing: Announcing, named: str
) -> None:
    await announcing.announce(await running(ledger), PULL, named)
    assert set(await told(ledger)) == {C2}


async def test_whoever_subscribed_is_named_to_those_who_ask_again_what_they_may_see(
    ledger: RedisLedger, announcing: Announcing
) -> None:
    await ledger.subscriptions.subscribe(following(who="U0ADA"))
    await announcing.announce(await running(ledger), PULL, "#team")
    subscribers = {channel: reply.subscriber for channel, reply in (await told(ledger)).items()}
    assert subscribers == {C1: "U0ADA", C2: ""}


async def test_subscription_of_the_named_channel_keeps_its_filters(
    ledger: RedisLedger, announcing: Announcing
) -> None:
    await ledger.subscriptions.subscribe(following(C2, branch="release"))
    await announcing.announce(await running(ledger), PULL, "#team")
    assert await told(ledger) == {}


async def test_channel_that_muted_the_pull_request_gets_no_card(
    ledger: RedisLedger, announcing: Announcing
) -> None:
    await ledger.subscriptions.subscribe(following())
    await ledger.mutes.mute(Muted(channel=C1, kind=QuietKind.LABEL, what="risky"))
    await announcing.announce(await running(ledger), PULL, "")
    assert await told(ledger) == {}


async def test_names_are_asked_for_once_however_many_runs_begin_together(
    ledger: RedisLedger, announcing: Announcing, directory: Directory
) -> None:
    job = await running(ledger)
    await asyncio.gather(*(announcing.announce(job, PULL, "#team") for _ in range(5)))
    assert set(await told(ledger)) == {C2}
    assert directory.asked == 1


async def test_names_are_asked_for_again_after_a_while(
    ledger: RedisLedger, announcing: Announcing, directory: Directory, clock: Clock
) -> None:
    job = await running(ledger)
    for clock.now in (0.0, BELIEVED - 1, BELIEVED, BELIEVED + 1):
        await announcing.announce(job, PULL, "#team")
    assert directory.asked == 2


@pytest.mark.parametrize("error", [TransientError("away"), SlackRefused("missing_scope")])
async def test_slack_that_is_away_costs_the_id_and_not_the_run(
    ledger: RedisLedger, announcing: Announcing, directory: Directory, error: ArgusError
) -> None:
    directory.error = error
    await ledger.subscriptions.subscribe(following())
    await announcing.announce(await running(ledger), PULL, "#team")
    assert set(await told(ledger)) == {C1, "#team"}


async def test_without_an_app_the_webhooks_alone_are_told(ledger: RedisLedger) -> None:
    announcing = Announcing(ledger.subscriptions, ledger.mutes, SEAL, always=("webhook:slack",))
    await announcing.announce(await running(ledger), PULL, "#team")
    assert set(await told(ledger)) == {"webhook:slack"}


async def test_run_of_another_repository_is_told_to_nobody(
    ledger: RedisLedger, announcing: Announcing, directory: Directory
) -> None:
    await ledger.subscriptions.subscribe(following())
    other = a_pull_request(repo_id=REPO_ID + 1)
    await announcing.announce(await running(ledger), other, "")
    assert await told(ledger) == {}
    assert directory.asked == 0
