"""Stories of a team's channel: it follows a repository, is spared some of it, asks where it stands.

Through real processes and both local platforms; what one command answers is told in tests/slack.
"""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from bot.adapters.redis_server import EmbeddedRedis
from tests.fakes.argus import Argus
from tests.fakes.github import FakeGitHub, Opened
from tests.fakes.slack import FakeSlack
from tests.flows.test_pull_request import BASE, SQL, own_reviews, summarised

SECONDS = 90.0
"""For what takes a few when nothing else runs: a story waits for what it tells, not for time."""


@pytest.fixture(scope="module")
def slack() -> Iterator[FakeSlack]:
    fake = FakeSlack.start()
    try:
        yield fake
    finally:
        fake.stop()


@pytest.fixture(scope="module")
def argus(
    hub: FakeGitHub,
    own_redis: EmbeddedRedis,
    slack: FakeSlack,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Argus]:
    environment = {
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_SIGNING_SECRET": slack.signing_secret,
        "SLACK_API_URL": slack.api_url,
    }
    with Argus(hub, own_redis.url, tmp_path_factory.mktemp("logs"), **environment) as running:
        slack.set_request_url(f"{running.url}/slack/events")
        yield running


def words(message: dict[str, Any]) -> str:
    return json.dumps(message, ensure_ascii=False)


async def said(slack: FakeSlack, channel: str, text: str, answer: str) -> None:
    """Type a command and wait for its answer."""
    sent = await asyncio.to_thread(slack.slash, "mona", channel, text)
    assert sent["status"] == httpx.codes.OK
    await slack.until_told("mona", lambda told: any(answer in words(m) for m in told), SECONDS)


async def followed(hub: FakeGitHub, slack: FakeSlack, channel: str, repo: str) -> Opened:
    """Open a draft, which is not reviewed, and let a new channel follow its repository."""
    slack.channel(channel)
    opened = hub.open(BASE, {"app/store.py": SQL}, repo=repo, draft=True)
    await said(slack, channel, f"subscribe {repo}", f"follows {repo}")
    return opened


def about(messages: list[dict[str, Any]], repo: str) -> list[dict[str, Any]]:
    """Return the cards that show a repository: what stands in the channel and in no thread."""
    return [m for m in messages if repo in words(m) and not m.get("thread_ts")]


@pytest.mark.usefixtures("argus")
async def test_channel_follows_a_repository_in_one_card_until_it_is_merged(
    hub: FakeGitHub, slack: FakeSlack
) -> None:
    opened = await followed(hub, slack, "follows", "octo/followed")

    hub.act(opened.repo, opened.number, "ready")
    await hub.until(opened.repo, opened.number, summarised, SECONDS)
    messages = await slack.until("follows", lambda m: "1 important" in words(m), SECONDS)
    pings = await slack.until("follows", lambda m: "new important" in words(m), SECONDS)
    # GitHub tells in whole seconds when it was merged, and what was asked for since is not ended.
    await asyncio.sleep(1.1)
    hub.act(opened.repo, opened.number, "merge")
    merged = await slack.until("follows", lambda m: "Merged" in words(m), SECONDS)

    assert len(about(messages, "octo/followed")) == 1
    found, ping = (each for each in pings if each.get("thread_ts"))
    assert "Explain" in words(found)
    assert "1 new important finding" in words(ping)
    assert len(about(merged, "octo/followed")) == 1


@pytest.mark.usefixtures("argus")
async def test_muted_pull_requests_show_no_card(hub: FakeGitHub, slack: FakeSlack) -> None:
    opened = await followed(hub, slack, "spared", "octo/spared")
    await said(slack, "spared", "mute octo/spared for 2h", "for 2 hours")

    hub.act(opened.repo, opened.number, "ready")
    await hub.until(opened.repo, opened.number, summarised, SECONDS)

    assert about(slack.messages("spared"), "octo/spared#") == []


@pytest.mark.usefixtures("argus")
async def test_person_and_webhook_at_once_make_one_review_that_both_are_told(
    hub: FakeGitHub, slack: FakeSlack
) -> None:
    opened = await followed(hub, slack, "both", "octo/same")

    hub.act(opened.repo, opened.number, "ready")
    await asyncio.to_thread(slack.slash, "mona", "both", f"review octo/same#{opened.number}")

    shown = await hub.until(opened.repo, opened.number, summarised, SECONDS)
    messages = await slack.until("both", lambda m: "1 important" in words(m), SECONDS)
    await slack.until_told("mona", lambda t: any("octo/same#" in words(m) for m in t), SECONDS)
    assert len(own_reviews(shown)) == 1
    assert len(about(messages, "octo/same")) == 1


@pytest.mark.usefixtures("argus")
async def test_mention_under_a_card_knows_its_pull_request(
    hub: FakeGitHub, slack: FakeSlack
) -> None:
    opened = await followed(hub, slack, "talks", "octo/talked")
    hub.act(opened.repo, opened.number, "ready")
    messages = await slack.until("talks", lambda m: "1 important" in words(m), SECONDS)
    (card,) = about(messages, f"octo/talked#{opened.number}")

    await asyncio.to_thread(
        slack.say, "mona", "talks", f"<@{slack.app['user']}> status", card["ts"]
    )

    told = await slack.until_told(
        "mona", lambda t: any("important" in words(m) and "talked" in words(m) for m in t), SECONDS
    )
    assert told[-1]["thread_ts"] == card["ts"]


@pytest.mark.usefixtures("argus")
async def test_slack_that_is_away_costs_no_review_and_catches_up(
    hub: FakeGitHub, slack: FakeSlack
) -> None:
    opened = await followed(hub, slack, "later", "octo/later")
    slack.fault("chat.postMessage", "internal_error", times=2)

    hub.act(opened.repo, opened.number, "ready")

    shown = await hub.until(opened.repo, opened.number, summarised, SECONDS)
    await slack.until("later", lambda m: "1 important" in words(m), SECONDS)
    assert len(own_reviews(shown)) == 1


@pytest.mark.parametrize("spoilt", [{"secret": "another"}, {"skew": -400.0}, {"skew": 400.0}])
@pytest.mark.usefixtures("argus")
async def test_unproven_command_is_refused(slack: FakeSlack, spoilt: dict[str, Any]) -> None:
    slack.channel("proven")
    sent = await asyncio.to_thread(slack.slash, "mona", "proven", "queue", **spoilt)
    assert sent["status"] == httpx.codes.UNAUTHORIZED
