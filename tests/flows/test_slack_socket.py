"""Stories without an address for Slack: the worker opens a socket, and all comes through it."""

import asyncio
import secrets
from collections.abc import Iterator

import pytest

from bot.adapters.redis_server import EmbeddedRedis
from tests.fakes.github import FakeGitHub, Opened
from tests.flows.teams import Json, Team, at_work, cards, said, until
from tests.flows.test_pull_request import BASE, SQL, own_reviews, summarised

CHANNEL = "reviews"


@pytest.fixture(scope="module")
def team(
    hub: FakeGitHub, own_redis: EmbeddedRedis, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Team]:
    """A team of whom only people ask, at a Slack that knows no address of ours."""
    token = f"xapp-{secrets.token_hex(16)}"
    quiet = {"REVIEW_ENABLED_EVENTS": "pull_request.ready_for_review"}
    with at_work(hub, own_redis.url, tmp_path_factory, app_token=token, **quiet) as team:
        yield team


@pytest.fixture(autouse=True)
async def connected(team: Team) -> None:
    await until(lambda: is_connected(team), bool)


def is_connected(team: Team) -> bool:
    return team.slack.server.slack.world.sockets.are_open


def opened(team: Team, repo: str) -> Opened:
    return team.hub.open(BASE, {"app/store.py": SQL}, repo=repo)


async def reviewed(team: Team, pull: Opened) -> list[Json]:
    """Return the cards once the one review of a pull request is told of."""
    shown = await team.hub.until(pull.repo, pull.number, summarised, 90)
    assert len(own_reviews(shown)) == 1
    messages = await team.shown(
        CHANNEL, lambda all_: any("1 important" in said(c) for c in cards(all_, pull.repo))
    )
    return cards(messages, pull.repo)


async def test_command_through_the_socket_is_one_job_however_often_it_comes(team: Team) -> None:
    pull = opened(team, "octo/envelope")
    before = team.heard("mona", CHANNEL)
    sent = await team.types(f"review {pull.repo}#{pull.number}")

    again = await asyncio.gather(
        *(asyncio.to_thread(team.slack.resend, sent["id"]) for _ in range(3))
    )

    assert {(each["status"], each["error"]) for each in again} == {(200, "")}
    assert len(await reviewed(team, pull)) == 1
    await team.told("help", "subscribe")
    fresh = [m for m in team.slack.ephemerals("mona", CHANNEL) if m["ts"] not in before]
    assert sum(pull.repo in said(each) for each in fresh) == 1


async def test_socket_that_slack_replaces_is_opened_again(team: Team) -> None:
    pull = opened(team, "octo/replaced")
    before = len(team.slack.calls("apps.connections.open"))
    await asyncio.to_thread(team.slack.drop_sockets)
    await until(lambda: team.slack.calls("apps.connections.open")[before:], bool)
    await until(lambda: is_connected(team), bool)
    await team.told(f"review {pull.repo}#{pull.number}", "Queued")
    assert len(await reviewed(team, pull)) == 1


async def test_mention_and_button_come_through_the_socket_as_well(team: Team) -> None:
    pull = opened(team, "octo/everything")
    await asyncio.to_thread(team.mention, f"review {pull.repo}#{pull.number}", CHANNEL)
    (card,) = await reviewed(team, pull)

    pressed = await asyncio.to_thread(team.slack.press, "mona", CHANNEL, card["ts"], "mute")

    assert pressed["error"] == ""
    await team.hears(f"spared {pull.repo}")
