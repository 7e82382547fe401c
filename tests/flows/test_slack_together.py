"""Stories of several who want the same review at the same moment: it is made once, all are told.

The model is held until everybody has asked, so that no story depends on who is faster.
"""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bot.adapters.redis_server import EmbeddedRedis
from tests.fakes.github import FakeGitHub, Opened
from tests.fakes.model_answers import Asked, Says, review
from tests.fakes.model_server import ModelServer
from tests.flows.teams import SECONDS, Json, Team, at_work, cards, said, until
from tests.flows.test_model import BASE, CHANGE, EMPTY_CART
from tests.flows.test_pull_request import own_reviews, summarised

CHANNEL = "reviews"
FOLLOWING = "follows"


@pytest.fixture(scope="module")
def team(
    hub: FakeGitHub,
    own_redis: EmbeddedRedis,
    model: ModelServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Team]:
    with at_work(hub, own_redis.url, tmp_path_factory, **model.environment) as team:
        yield team


@contextmanager
def held(model: ModelServer) -> Iterator[None]:
    """Keep the model thinking until the block is left."""
    goes_on = threading.Event()

    def script(_: Asked) -> Says:
        goes_on.wait(SECONDS)
        return review(EMPTY_CART)

    model.requests.clear()
    model.script = script
    try:
        yield
    finally:
        goes_on.set()


async def is_being_read(model: ModelServer) -> None:
    await until(lambda: list(model.requests), bool)


async def reviewed_once(team: Team, model: ModelServer, pull: Opened) -> Json:
    """Return what stands on a pull request that was read once, with one result everywhere."""
    shown = await team.hub.until(pull.repo, pull.number, summarised, SECONDS)
    name = f"{pull.repo}#{pull.number}"
    await team.told(f"status {name}", "1 important")
    await team.told("queue", "0 reviews under way, 0 waiting")
    shown = team.hub.snapshot(pull.repo, pull.number)
    (check,) = [each for each in shown["checks"] if each["conclusion"] != "skipped"]
    assert (check["status"], check["conclusion"]) == ("completed", "neutral")
    assert [each["commit_id"] for each in own_reviews(shown)] == [pull.head]
    assert len(shown["review_comments"]) == 1
    assert len(model.requests) == 1
    return shown


async def done_in(team: Team, channel: str, pull: Opened) -> list[Json]:
    """Return the cards of a pull request once all of them tell the result."""

    def are_done(shown: list[Json]) -> bool:
        found = cards(shown, pull.repo)
        return bool(found) and all("1 important" in said(each) for each in found)

    return cards(await team.shown(channel, are_done), pull.repo)


async def test_asking_for_what_a_webhook_is_reviewing_makes_one_review_and_tells_both(
    team: Team, model: ModelServer
) -> None:
    with held(model):
        pull = team.hub.open(BASE, CHANGE, repo="octo/webhook-first")
        await is_being_read(model)
        await team.told(f"review {pull.repo}#1", "Already under way")

    await reviewed_once(team, model, pull)
    assert len(await done_in(team, CHANNEL, pull)) == 1


async def test_webhook_for_what_a_person_had_asked_for_joins_their_review(
    team: Team, model: ModelServer
) -> None:
    with held(model):
        pull = team.hub.open(BASE, CHANGE, repo="octo/person-first", draft=True)
        await team.told(f"review {pull.repo}#1", pull.repo)
        await is_being_read(model)
        delivered = len(team.hub.deliveries("pull_request"))
        team.hub.act(pull.repo, pull.number, "ready")
        rows = await until(
            lambda: team.hub.deliveries("pull_request")[delivered:],
            lambda rows: rows and all(row["status"] != "pending" for row in rows),
        )
        assert [row["status_code"] for row in rows] == [202]

    await reviewed_once(team, model, pull)
    assert len(await done_in(team, CHANNEL, pull)) == 1


async def test_webhook_command_comment_and_follower_at_once_share_one_review(
    team: Team, model: ModelServer
) -> None:
    team.slack.channel(FOLLOWING)
    pull = team.hub.open(BASE, CHANGE, repo="octo/everybody", draft=True)
    await team.told(f"subscribe {pull.repo}", f"follows {pull.repo}", channel=FOLLOWING)
    with held(model):
        await asyncio.gather(
            asyncio.to_thread(team.hub.act, pull.repo, pull.number, "ready"),
            team.types(f"review {pull.repo}#1"),
            team.types(f"review {pull.repo}#1", channel=FOLLOWING),
            asyncio.to_thread(team.hub.comment, pull.repo, pull.number, "/argus review"),
        )
        await is_being_read(model)
        await team.hub.until(
            pull.repo,
            pull.number,
            lambda shown: any(c["reactions"]["eyes"] for c in shown["issue_comments"]),
            SECONDS,
        )
        for channel in (CHANNEL, FOLLOWING):
            await team.hears(pull.repo, channel=channel)

    await reviewed_once(team, model, pull)
    for channel in (CHANNEL, FOLLOWING):
        assert len(await done_in(team, channel, pull)) == 1
    shown = await team.hub.until(
        pull.repo,
        pull.number,
        lambda all_: any("See the review" in c["body"] for c in all_["issue_comments"]),
        SECONDS,
    )
    assert sum("See the review" in each["body"] for each in shown["issue_comments"]) == 1
