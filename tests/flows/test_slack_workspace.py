"""Stories of `SLACK_ACCESS=workspace`: members may ask for all the App sees, guests may not."""

from collections.abc import Iterator

import pytest

from bot.adapters.redis_server import EmbeddedRedis
from tests.fakes.github import FakeGitHub, Opened
from tests.flows.teams import SECONDS, Team, at_work, cards, said
from tests.flows.test_pull_request import BASE, SQL, own_reviews, summarised

CHANNEL, SHARED = "reviews", "shared"
NOT_FOUND = "was not found, or you may not ask for it here"


@pytest.fixture(scope="module")
def team(
    hub: FakeGitHub, own_redis: EmbeddedRedis, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Team]:
    environment = {
        "REVIEW_ENABLED_EVENTS": "pull_request.ready_for_review",
        "SLACK_ACCESS": "workspace",
    }
    with at_work(hub, own_redis.url, tmp_path_factory, **environment) as team:
        team.slack.add_person("visitor", guest=True)
        team.slack.invite(CHANNEL, "visitor")
        team.slack.channel(SHARED, external=True)
        yield team


def private(team: Team, repo: str) -> Opened:
    return team.hub.open(BASE, {"app/store.py": SQL}, repo=repo, private=True)


async def test_member_gets_a_private_review_in_the_channel(team: Team) -> None:
    pull = private(team, "octo/members")
    await team.told(f"review {pull.repo}#1", "Queued")
    shown = await team.hub.until(pull.repo, pull.number, summarised, SECONDS)
    assert len(own_reviews(shown)) == 1
    await team.shown(
        CHANNEL, lambda all_: any("1 important" in said(c) for c in cards(all_, pull.repo))
    )


async def test_guest_is_told_what_is_told_of_what_is_not_there(team: Team) -> None:
    pull = private(team, "octo/guests")
    there = await team.told(f"review {pull.repo}#1", NOT_FOUND, user="visitor")
    nowhere = await team.told("review octo/nowhere#1", NOT_FOUND, user="visitor")
    assert there["text"] == nowhere["text"]
    assert team.hub.snapshot(pull.repo, pull.number)["checks"] == []


async def test_private_review_asked_for_in_a_shared_channel_stays_with_its_asker(
    team: Team,
) -> None:
    pull = private(team, "octo/beside")
    await team.told(f"review {pull.repo}#1", "Queued", channel=SHARED)
    await team.hears("1 important", channel=SHARED)
    assert team.slack.messages(SHARED) == []
