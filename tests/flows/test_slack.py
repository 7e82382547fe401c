"""Stories that begin in Slack: `/argus review <pr-url>`, followed there until it is done."""

import asyncio
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from redis import Redis

from bot.adapters.redis_server import EmbeddedRedis
from tests.fakes.argus import Argus
from tests.fakes.github import FakeGitHub, Opened
from tests.fakes.slack import FakeSlack
from tests.flows.test_pull_request import BASE, SQL, own_reviews, summarised

ACK_SECONDS = 1.0
"""What the contract promises; Slack itself waits for three."""


@pytest.fixture(scope="module")
def slack() -> Iterator[FakeSlack]:
    fake = FakeSlack.start()
    fake.channel("reviews")
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
    """Web and worker with both front ends; no events, so that only people ask."""
    environment = {
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_SIGNING_SECRET": slack.signing_secret,
        "SLACK_API_URL": slack.api_url,
        "REVIEW_ENABLED_EVENTS": "pull_request.ready_for_review",
    }
    with Argus(hub, own_redis.url, tmp_path_factory.mktemp("logs"), **environment) as running:
        slack.set_request_url(f"{running.url}/slack/events")
        yield running


def address(hub: FakeGitHub, opened: Opened) -> str:
    return f"{hub.url}/{opened.repo}/pull/{opened.number}"


def words(message: dict[str, Any]) -> str:
    return json.dumps(message, ensure_ascii=False)


async def asked(slack: FakeSlack, text: str, channel: str = "reviews") -> dict[str, Any]:
    began = time.monotonic()
    acknowledged = await asyncio.to_thread(slack.slash, "mona", channel, text)
    assert time.monotonic() - began < ACK_SECONDS
    return acknowledged


@pytest.mark.usefixtures("argus")
async def test_a_review_is_asked_for_and_followed_in_one_message(
    hub: FakeGitHub, slack: FakeSlack
) -> None:
    opened = hub.open(BASE, {"app/store.py": SQL}, repo="octo/asked")

    await asked(slack, f"review {address(hub, opened)}")

    shown = await hub.until(opened.repo, opened.number, summarised)
    messages = await slack.until("reviews", lambda m: m and "SQL is built" in words(m[-1]))
    mine = [m for m in messages if "octo/asked" in words(m) and not m.get("thread_ts")]
    assert len(own_reviews(shown)) == 1
    assert len(mine) == 1
    assert "1 important" in words(mine[0])


@pytest.mark.usefixtures("argus")
async def test_the_same_command_again_tells_where_the_review_is(
    hub: FakeGitHub, slack: FakeSlack
) -> None:
    opened = hub.open(BASE, {"app/store.py": SQL}, repo="octo/again")
    await asked(slack, f"review {address(hub, opened)}")
    await hub.until(opened.repo, opened.number, summarised)

    await asked(slack, f"review {opened.repo}#{opened.number}")

    await slack.until_told("mona", lambda told: any("already" in words(m) for m in told))
    assert len(own_reviews(hub.snapshot(opened.repo, opened.number))) == 1


@pytest.mark.usefixtures("argus")
async def test_a_webhook_and_a_command_at_once_make_one_review(
    hub: FakeGitHub, slack: FakeSlack
) -> None:
    opened = hub.open(BASE, {"app/store.py": SQL}, repo="octo/both", draft=True)

    hub.act(opened.repo, opened.number, "ready")
    await asked(slack, f"review {address(hub, opened)}")

    shown = await hub.until(opened.repo, opened.number, summarised)
    await slack.until_told("mona", lambda told: any("octo/both" in words(m) for m in told))
    assert len(own_reviews(shown)) == 1


@pytest.mark.usefixtures("argus")
async def test_a_private_repository_is_not_shown_to_who_is_not_linked(
    hub: FakeGitHub, slack: FakeSlack
) -> None:
    opened = hub.open(BASE, {"app/store.py": SQL}, repo="octo/hidden", private=True)
    hub.clear_requests()

    await asked(slack, f"review {address(hub, opened)}")
    told = await slack.until_told("mona", lambda t: any("was not found" in words(m) for m in t))

    assert told
    # The sweep of open pull requests lists repositories for itself, and asks about none of them.
    asked_about = hub.requests("GET", rf"^/repos/{opened.repo}/pulls/")
    assert {request["caller"] for request in asked_about} == {"anonymous"}
    tokens = hub.requests("POST", r"/access_tokens$")
    assert not any("repository_ids" in (token["body"] or {}) for token in tokens)


@pytest.mark.usefixtures("argus")
async def test_a_mistyped_word_gets_a_suggestion(slack: FakeSlack) -> None:
    await asked(slack, "reveiw octo/asked#1")

    assert await slack.until_told("mona", lambda t: any("review" in words(m) for m in t))


@pytest.mark.usefixtures("argus")
async def test_the_address_to_answer_to_lies_sealed_in_redis(
    hub: FakeGitHub, slack: FakeSlack, own_redis: EmbeddedRedis
) -> None:
    opened = hub.open(BASE, {"app/store.py": SQL}, repo="octo/sealed")
    await asked(slack, f"review {address(hub, opened)}")
    await hub.until(opened.repo, opened.number, summarised)

    with Redis.from_url(own_redis.url) as redis:
        kept = "".join(str(read(redis, key)) for key in redis.scan_iter("*"))

    assert "octo" in kept
    assert f"{slack.server.url}/commands" not in kept
    assert slack.bot_token not in kept


def read(redis: Redis, key: bytes) -> object:
    """Return what a key holds, whatever its type."""
    match redis.type(key):
        case b"string":
            return redis.get(key)
        case b"hash":
            return redis.hgetall(key)
        case b"list":
            return redis.lrange(key, 0, -1)
        case b"set":
            return redis.smembers(key)
        case _:
            return redis.zrange(key, 0, -1)
