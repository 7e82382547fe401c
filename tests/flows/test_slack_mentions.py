"""Stories of the other ways to the same commands: mentions, in threads too, and the shortcut."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from bot.adapters.redis_server import EmbeddedRedis
from tests.fakes.github import FakeGitHub, Opened
from tests.flows.teams import SECONDS, Json, Team, at_work, below, cards, said, until
from tests.flows.test_pull_request import BASE, SQL, own_reviews, summarised

CHANNEL = "reviews"
SHORTCUT = "review_pull_request"
CLAIM = "SQL is built from a value"
PEOPLE = {"mona": "octo-mona", "ada": "octo-ada"}


@pytest.fixture(scope="module")
def team(
    hub: FakeGitHub, own_redis: EmbeddedRedis, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Team]:
    """A team of whom only people ask, without a model; mona may write, ada may read."""
    quiet = {"REVIEW_ENABLED_EVENTS": "pull_request.ready_for_review"}
    with at_work(hub, own_redis.url, tmp_path_factory, people=PEOPLE, **quiet) as team:
        yield team


def opened(team: Team, repo: str) -> Opened:
    pull = team.hub.open(BASE, {"app/store.py": SQL}, repo=repo)
    team.hub.change_repo(repo, collaborators={"octo-mona": "write", "octo-ada": "read"})
    return pull


def address(team: Team, pull: Opened) -> str:
    return f"{team.hub.url}/{pull.repo}/pull/{pull.number}"


async def mentions(team: Team, text: str, thread: str = "", user: str = "mona") -> None:
    await asyncio.to_thread(team.mention, text, CHANNEL, thread, user)


async def card_of(team: Team, pull: Opened) -> Json:
    """Return the card of a pull request, once its finding stands below."""

    def is_done(shown: list[Json]) -> bool:
        return any(
            CLAIM in said(reply) for c in cards(shown, pull.repo) for reply in below(shown, c)
        )

    shown = await team.shown(CHANNEL, is_done)
    (card,) = cards(shown, pull.repo)
    return card


def finding_of(team: Team, card: Json) -> Json:
    return next(m for m in below(team.slack.messages(CHANNEL), card) if CLAIM in said(m))


async def chosen(team: Team, text: str, **how: Any) -> str:
    """Choose the shortcut on a message of somebody's, and return its trigger."""
    message = await asyncio.to_thread(team.slack.say, "ada", CHANNEL, text, **how)
    sent = await asyncio.to_thread(team.slack.shortcut, "mona", CHANNEL, message["ts"], SHORTCUT)
    assert (sent["status"], sent["error"]) == (200, "")
    return str(sent["id"])


async def test_mention_in_a_channel_is_a_command_that_is_carried_out_once(team: Team) -> None:
    pull = opened(team, "octo/mentioned")
    await mentions(team, f"review <{address(team, pull)}>")
    await team.hears("Queued")
    assert "1 important" in said(await card_of(team, pull))
    (event,) = [e for e in team.slack.sent("event")[-1:] if e["status"] == 200]
    before = team.heard("mona", CHANNEL)

    await asyncio.to_thread(team.slack.resend, event["id"])
    await team.told("list", "This channel follows")

    fresh = [m for m in team.slack.ephemerals("mona", CHANNEL) if m["ts"] not in before]
    assert [each for each in fresh if pull.repo in said(each)] == []
    assert len(cards(team.slack.messages(CHANNEL), pull.repo)) == 1


async def test_thread_of_a_card_knows_its_pull_request(team: Team) -> None:
    pull = opened(team, "octo/threads")
    await mentions(team, f"review {pull.repo}#{pull.number}")
    card = await card_of(team, pull)

    for words, answer, user in (
        ("status", "1 important", "ada"),
        ("configuration", f"configuration of {pull.repo}", "ada"),
        ("pause", "You may not do that", "ada"),
        ("pause", "are paused", "mona"),
        ("resume", "run again", "mona"),
        ("review", "reviewed at this commit already", "ada"),
    ):
        before = team.heard(user, CHANNEL)
        await mentions(team, words, card["ts"], user)
        shown = await team.hears(answer, user=user, before=before)
        assert shown["thread_ts"] == card["ts"]


async def test_finding_is_explained_and_set_aside_from_its_card(team: Team) -> None:
    pull = opened(team, "octo/settled")
    await mentions(team, f"review {pull.repo}#{pull.number}")
    card = await card_of(team, pull)

    await mentions(team, "explain", card["ts"], "ada")
    explained = await team.shown(
        CHANNEL, lambda all_: any("The static rule" in said(m) for m in below(all_, card))
    )
    assert sum("The static rule" in said(m) for m in explained) == 1

    await mentions(team, "ignore because names are checked before", card["ts"], "ada")
    await team.hears("You may not do that", user="ada")
    assert "Dismissed" not in said(finding_of(team, card))

    await mentions(team, "ignore because names are checked before", card["ts"])
    await team.shown(CHANNEL, lambda all_: any("Dismissed" in said(m) for m in below(all_, card)))
    assert "names are checked before" in said(finding_of(team, card))
    shown = await team.hub.until(
        pull.repo,
        pull.number,
        lambda all_: "names are checked before" in said(all_),
        SECONDS,
    )
    assert "1 finding set aside" in said(shown)


async def test_which_of_several_findings_is_meant_is_said_by_a_button(team: Team) -> None:
    pull = team.hub.open(BASE, {"app/store.py": SQL, "app/stock.py": SQL}, repo="octo/which")
    team.hub.change_repo(pull.repo, collaborators={"octo-mona": "write"})
    await mentions(team, f"review {pull.repo}#{pull.number}")
    card = await card_of(team, pull)

    await mentions(team, "ignore because names are checked before", card["ts"])
    asked = await team.hears("2 findings are open, and this thread names none of them")
    button = next(b["accessory"] for b in asked["blocks"] if "stock.py" in said(b))
    press = (team.slack.press, "mona", CHANNEL, asked["ts"], button["action_id"])
    await asyncio.to_thread(*press)

    def is_settled(shown: list[Json]) -> bool:
        return any("Dismissed" in said(reply) for reply in below(shown, card))

    shown = await team.shown(CHANNEL, is_settled)
    (settled,) = [each for each in below(shown, card) if "Dismissed" in said(each)]
    assert "app/stock.py" in said(settled)
    assert "names are checked before" in said(settled)


async def test_shortcut_reviews_the_one_link_of_a_message(team: Team) -> None:
    pull = opened(team, "octo/one-link")
    await chosen(team, f"please look at <{address(team, pull)}/files|this one>, thanks")
    await team.hears(f"Queued: the review of {pull.repo}")
    shown = await team.hub.until(pull.repo, pull.number, summarised, SECONDS)
    assert len(own_reviews(shown)) == 1


async def test_shortcut_reads_what_another_app_announced(team: Team) -> None:
    pull = opened(team, "octo/announced")
    announced = {
        "fallback": f"[{pull.repo}] Pull request opened",
        "pretext": "Pull request opened",
        "title": f"*<{address(team, pull)}|#{pull.number} Take it from the store>*",
    }
    await chosen(team, "", attachments=[announced])
    await team.hears(f"Queued: the review of {pull.repo}")


async def test_shortcut_lets_a_person_pick_of_several_and_two_clicks_are_one(team: Team) -> None:
    pulls = [opened(team, f"octo/several-{n}") for n in range(3)]
    await chosen(team, " and ".join(address(team, pull) for pull in pulls))
    (view,) = await until(team.slack.views, bool)
    options = view["blocks"][0]["element"]["options"]
    assert [each["value"] for each in options] == [f"{pull.repo}#1" for pull in pulls]
    picked = {"pulls": {"pulls": {"selected_options": options[:2]}}}

    sent = await asyncio.to_thread(team.slack.submit, view["id"], picked)
    again = await asyncio.to_thread(team.slack.resend, sent["id"])

    assert (sent["error"], again["error"]) == ("", "")
    for pull in pulls[:2]:
        shown = await team.hub.until(pull.repo, pull.number, summarised, SECONDS)
        assert len(own_reviews(shown)) == 1
    told = [m for m in team.slack.ephemerals("mona", CHANNEL) if "octo/several" in said(m)]
    assert len(told) == 2
    assert team.hub.snapshot(pulls[2].repo, 1)["checks"] == []


async def test_shortcut_on_a_message_without_a_link_says_what_it_looks_for(team: Team) -> None:
    await chosen(team, "please look at https://github.example.com/octo/shop/pull/1")
    shown = await team.hears("names no pull request")
    assert f"{team.hub.url}/owner/repo/pull/12" in said(shown)
