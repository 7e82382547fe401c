"""Stories of who may ask for what in Slack: other owners, other companies, what is not there."""

import asyncio
import re
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import pytest

from bot.adapters.redis_server import EmbeddedRedis
from tests.fakes.github import FakeGitHub, Opened
from tests.flows.teams import SECONDS, Json, Team, at_work, cards, said
from tests.flows.test_pull_request import BASE, SQL, own_reviews, summarised

CHANNEL, SHARED = "reviews", "shared"
NOT_FOUND = "was not found, or you may not ask for it here"
ELSEWHERE = {"changes": {"user_team_id": "T0ELSEWHERE"}}
FOREIGN = "T0FOREIGN"
PEOPLE = {"ada": "octo-ada", "hubot": "octo-hubot"}
REQUEST = re.compile(r"Request [0-9a-f]+")


@pytest.fixture(scope="module")
def team(
    hub: FakeGitHub, own_redis: EmbeddedRedis, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Team]:
    """A workspace that may reach two owners; ada and hubot are known on GitHub, mona is not."""
    environment = {
        "REVIEW_ENABLED_EVENTS": "pull_request.ready_for_review",
        "SLACK_ALLOWED_OWNERS": "octo,friends",
    }
    with at_work(hub, own_redis.url, tmp_path_factory, people=PEOPLE, **environment) as team:
        team.slack.add_person("eve", team_id=FOREIGN)
        team.slack.channel(SHARED, ("mona", "ada", "guest"), external=True)
        yield team


def opened(team: Team, repo: str, **traits: Any) -> Opened:
    return team.hub.open(BASE, {"app/store.py": SQL}, repo=repo, **traits)


def private(team: Team, repo: str, **people: str) -> Opened:
    pull = opened(team, repo, private=True)
    team.hub.change_repo(repo, collaborators={f"octo-{n}": right for n, right in people.items()})
    return pull


def shown_to(message: Json) -> tuple[str, list[str]]:
    """Return what a person sees of an answer, without what is counted up in each."""
    texts = [
        REQUEST.sub("Request …", said(block.get("text") or block["elements"]))
        for block in message["blocks"]
    ]
    return message["text"], texts


def asked_about(team: Team, repo: str) -> list[str]:
    return [row["caller"] for row in team.hub.requests("", rf"^/repos/{repo}(/|$)")]


async def test_what_is_hidden_reads_like_what_is_not_there(team: Team) -> None:
    private(team, "octo/hidden")
    words = ("review octo/{}#1", "status octo/{}#1", "ask octo/{}#1 why?", "subscribe octo/{}")

    async def refused(number: int, user: str, repo: str) -> tuple[str, list[str]]:
        channel = f"{repo}-{number}-{user}"
        team.slack.channel(channel, (user,))
        text = words[number].format(repo)
        return shown_to(await team.told(text, NOT_FOUND, user=user, channel=channel))

    asked = list(product(range(len(words)), ("mona", "ada")))
    there = await asyncio.gather(*(refused(number, user, "hidden") for number, user in asked))
    nowhere = await asyncio.gather(*(refused(number, user, "nowhere") for number, user in asked))

    assert there == nowhere


async def test_whoever_is_known_gets_what_they_may_see_and_others_the_way_to_connect(
    team: Team,
) -> None:
    pull = private(team, "octo/members", ada="read")
    refused, _ = await asyncio.gather(
        *(team.told(f"review {pull.repo}#1", NOT_FOUND, user=user) for user in ("mona", "hubot"))
    )
    assert "lets people link their GitHub accounts" in said(refused)

    await team.told(f"review {pull.repo}#1", "Queued", user="ada")

    shown = await team.hub.until(pull.repo, pull.number, summarised, SECONDS)
    assert len(own_reviews(shown)) == 1
    result = await team.hears("1 important", user="ada")
    assert pull.repo in said(result)
    assert pull.repo not in said({"all": team.slack.messages(CHANNEL)})


async def test_other_owners_are_out_of_reach_and_never_asked_about(team: Team) -> None:
    pull = opened(team, "strangers/shop")
    friend = opened(team, "Friends/shop")
    team.hub.clear_requests()

    refused = await team.told(f"review {pull.repo}#1", NOT_FOUND)
    nowhere = await team.told("review strangers/nowhere#1", NOT_FOUND)

    assert shown_to(refused) == shown_to(nowhere)
    assert asked_about(team, "strangers") == []
    await team.told(f"review {friend.repo}#1", "Queued")


async def test_without_the_app_on_a_public_repository_the_way_to_install_it_is_told(
    team: Team,
) -> None:
    team.hub.create_repo("octo/bare", BASE)
    team.hub.push("octo/bare", "change", {"app/store.py": SQL})
    team.hub.open_pull("octo/bare", "change")

    shown = await team.told("review octo/bare#1", "is not installed there")

    assert f"{team.hub.url}/apps/{team.hub.slug}/installations/new" in said(shown)
    assert "Request " in said(shown)


async def test_person_of_another_company_is_refused_whatever_they_ask(team: Team) -> None:
    pull = opened(team, "octo/public")
    team.hub.clear_requests()
    for words in (f"review {pull.repo}#1", "queue", f"subscribe {pull.repo}", "connect", "help"):
        before = team.heard("guest", SHARED)
        await team.types(words, user="guest", channel=SHARED, **ELSEWHERE)
        await team.hears("own workspace only", user="guest", channel=SHARED, before=before)
    assert asked_about(team, pull.repo) == []
    assert team.slack.messages(SHARED) == []


async def test_outsider_is_refused_where_the_request_does_not_say_whose_they_are(
    team: Team,
) -> None:
    pull, channel = opened(team, "octo/crossing"), "crossing"
    team.slack.channel(channel, ("mona", "eve"), external=True)
    home = {"team_id": team.slack.snapshot()["team"]["id"]}
    await team.told(f"subscribe {pull.repo}", "follows", user="mona", channel=channel)
    team.hub.act(pull.repo, pull.number, "draft")
    team.hub.act(pull.repo, pull.number, "ready")
    shown = await team.shown(channel, lambda all_: cards(all_, f"{pull.repo}#1"))
    (card,) = cards(shown, f"{pull.repo}#1")
    address = f"{team.hub.url}/{pull.repo}/pull/1"
    message = await asyncio.to_thread(team.slack.say, "mona", channel, address)

    async def refused(act: Callable[..., object], *what: str, **how: Any) -> None:
        before = team.heard("eve", channel)
        await asyncio.to_thread(act, "eve", channel, *what, **how)
        await team.hears("own workspace only", user="eve", channel=channel, before=before)

    await refused(team.slack.slash, "queue", changes=home)
    await refused(team.slack.say, f"<@{team.slack.app['user']}> status {pull.repo}#1")
    await refused(team.slack.press, card["ts"], "mute")
    await refused(team.slack.shortcut, message["ts"], "review_pull_request")


async def test_name_of_what_a_channel_follows_is_told_to_nobody_who_may_not_see_it(
    team: Team,
) -> None:
    pull = private(team, "octo/quiet", ada="read")
    team.slack.channel("quiet", ("mona", "ada"))
    await team.told(f"subscribe {pull.repo}", f"follows {pull.repo}", user="ada", channel="quiet")

    followed, nowhere = [
        await team.told(f"unsubscribe {repo}", NOT_FOUND, channel="quiet")
        for repo in (pull.repo, "octo/nowhere")
    ]

    assert shown_to(followed) == shown_to(nowhere)
    assert "`/argus unsubscribe` alone" in said(followed)
    ended = await team.told("unsubscribe", "does not follow 1 repository", channel="quiet")
    assert pull.repo not in said(ended)


async def test_channel_is_told_no_more_once_its_subscriber_may_not_see_it(team: Team) -> None:
    pull = team.hub.open(BASE, {"app/store.py": SQL}, repo="octo/left", private=True, draft=True)
    team.hub.change_repo(pull.repo, collaborators={"octo-ada": "read"})
    team.slack.channel("leaving", ("mona", "ada"))
    await team.told(f"subscribe {pull.repo}", f"follows {pull.repo}", user="ada", channel="leaving")
    team.hub.change_repo(pull.repo, collaborators={"octo-ada": "none"})

    team.hub.act(pull.repo, pull.number, "ready")

    shown = await team.shown(
        "leaving", lambda all_: "follows one repository less" in said({"": all_})
    )
    assert pull.repo not in said({"all": shown})
    await team.told("list", "This channel follows nothing.", user="ada", channel="leaving")
    reviewed = await team.hub.until(pull.repo, pull.number, summarised, SECONDS)
    assert len(own_reviews(reviewed)) == 1
    assert len(team.slack.messages("leaving")) == 1


async def test_where_another_company_reads_a_private_review_stays_with_its_asker(
    team: Team,
) -> None:
    pull = private(team, "octo/ours", ada="write")
    await team.told(
        f"subscribe {pull.repo}", "cannot be followed in this channel", user="ada", channel=SHARED
    )

    await team.told(f"review {pull.repo}#1", "Queued", user="ada", channel=SHARED)

    await team.hears("1 important", user="ada", channel=SHARED)
    assert team.slack.messages(SHARED) == []
    assert team.slack.ephemerals("mona", SHARED) == []


async def test_command_of_a_person_nobody_knows_decides_nothing(team: Team) -> None:
    pull = opened(team, "octo/decided")
    for words in (f"pause {pull.repo}#1", f"resume {pull.repo}#1"):
        shown = await team.told(words, "does not know who you are on GitHub")
        assert "link their GitHub accounts" in said(shown)
    await asyncio.to_thread(team.hub.act, pull.repo, 1, "draft")
    await asyncio.to_thread(team.hub.act, pull.repo, 1, "ready")
    shown = await team.hub.until(pull.repo, 1, summarised, SECONDS)
    assert len(own_reviews(shown)) == 1
