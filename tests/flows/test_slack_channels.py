"""Stories of what a channel is told of: filters, pings, mutes, and the repository's own channel.

Each is told with a channel beside it that is told of everything: once that one shows the end, the
others had their turn.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from bot.adapters.redis_server import EmbeddedRedis
from tests.fakes.github import FakeGitHub, Opened
from tests.flows.teams import Json, Team, at_work, below, cards, said
from tests.flows.test_pull_request import BASE, CLEAN, SQL

EVERYTHING = "everything"
CHANGE = {"app/store.py": SQL}
HARMLESS = {"app/store.py": CLEAN}


@pytest.fixture(scope="module")
def team(
    hub: FakeGitHub, own_redis: EmbeddedRedis, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Team]:
    with at_work(hub, own_redis.url, tmp_path_factory) as team:
        team.slack.channel(EVERYTHING)
        yield team


async def opened(team: Team, repo: str, change: dict[str, str] = CHANGE, **traits: Any) -> Opened:
    """Open a draft, which is not reviewed, of a repository that one channel follows whole."""
    made = team.hub.open(traits.pop("base", BASE), change, repo=repo, draft=True, **traits)
    await follows(team, EVERYTHING, repo)
    return made


async def follows(team: Team, channel: str, repo: str, filters: str = "") -> None:
    team.slack.channel(channel)
    await team.told(f"subscribe {repo} {filters}", f"follows {repo}", channel=channel)


async def ended(team: Team, pull: Opened, words: str, channel: str = EVERYTHING) -> Json:
    """Return the card of a channel once its review has ended in these words."""
    name = f"{pull.repo}#{pull.number}"
    shown = await team.shown(channel, lambda all_: any(words in said(c) for c in cards(all_, name)))
    (card,) = cards(shown, name)
    return card


def pings(messages: list[Json], card: Json) -> list[str]:
    """Return what the channel was told of beside the card and its findings."""
    told = ("new important finding", "Nothing is open any more")
    return [each["text"] for each in below(messages, card) if any(t in each["text"] for t in told)]


def stands(team: Team, channel: str, pull: Opened) -> bool:
    return bool(cards(team.slack.messages(channel), f"{pull.repo}#{pull.number}"))


async def test_channel_waits_with_the_card_until_a_finding_matters(team: Team) -> None:
    pull = await opened(team, "octo/minimum", HARMLESS)
    await follows(team, "serious", pull.repo, "min:important")
    team.hub.act(pull.repo, pull.number, "ready")
    await ended(team, pull, "read by static analysis")
    assert not stands(team, "serious", pull)

    team.hub.push(pull.repo, "change", CHANGE)

    card = await ended(team, pull, "1 important", "serious")
    assert card["edits"] == 0


async def test_filters_of_branch_and_label_let_through_what_they_name(team: Team) -> None:
    pull = await opened(team, "octo/filters", labels=["Risky"])
    for channel, filters in (
        ("right-branch", "branch:main"),
        ("wrong-branch", "branch:release"),
        ("right-label", "label:risky"),
        ("wrong-label", "label:docs"),
        ("one-of-both", "branch:main label:docs"),
    ):
        await follows(team, channel, pull.repo, filters)

    team.hub.act(pull.repo, pull.number, "ready")

    await ended(team, pull, "1 important")
    await ended(team, pull, "1 important", "right-branch")
    await ended(team, pull, "1 important", "right-label")
    assert not stands(team, "wrong-branch", pull)
    assert not stands(team, "wrong-label", pull)
    assert not stands(team, "one-of-both", pull)


async def test_card_is_edited_quietly_and_pings_for_what_is_important_or_settled(
    team: Team,
) -> None:
    pull = await opened(team, "octo/rounds", HARMLESS)
    team.hub.act(pull.repo, pull.number, "ready")
    card = await ended(team, pull, "read by static analysis")

    team.hub.push(pull.repo, "change", CHANGE)
    await team.shown(EVERYTHING, lambda all_: pings(all_, card))
    team.hub.push(pull.repo, "change", {"README.md": "# The shop\n"})
    await ended(team, pull, "round 3")
    team.hub.push(pull.repo, "change", HARMLESS)
    shown = await team.shown(EVERYTHING, lambda all_: len(pings(all_, card)) > 1)
    important, settled = pings(shown, card)
    assert "1 new important finding" in important
    assert "Nothing is open any more" in settled
    loud = [m["text"] for m in below(shown, card) if m.get("subtype") == "thread_broadcast"]
    assert loud == [important, settled]

    team.hub.act(pull.repo, pull.number, "close")
    closed = await ended(team, pull, "Closed")
    assert closed["ts"] == card["ts"]
    assert len(pings(team.slack.messages(EVERYTHING), card)) == 2


async def test_channel_is_spared_what_it_muted_until_it_takes_that_back(team: Team) -> None:
    team.hub.add_person("helper[bot]", "Bot")
    pull = await opened(team, "octo/muted", author="helper[bot]", labels=["Noise"])
    muted = {
        "without-pull": f"{pull.repo}#{pull.number}",
        "without-repository": pull.repo,
        "without-author": "@helper[bot]",
        "without-bots": "bots",
        "without-label": "label:noise",
    }
    for channel, what in muted.items():
        await follows(team, channel, pull.repo)
        await team.told(f"mute {what} for 2h", "for 2 hours", channel=channel)
    shown = await team.told("list", "This channel follows 1 repository", channel="without-bots")
    assert "bots until" in said(shown)

    team.hub.act(pull.repo, pull.number, "ready")
    await ended(team, pull, "1 important")
    assert [channel for channel in muted if stands(team, channel, pull)] == []

    await team.told("mute bots off", "hears of bots again", channel="without-bots")
    team.hub.push(pull.repo, "change", {"README.md": "# The shop\n"})
    await ended(team, pull, "1 important", "without-bots")
    await ended(team, pull, "round 2")
    del muted["without-bots"]
    assert [channel for channel in muted if stands(team, channel, pull)] == []


async def test_channel_that_follows_no_longer_keeps_nothing_new(team: Team) -> None:
    pull = await opened(team, "octo/stopped")
    await follows(team, "stopping", pull.repo)
    await team.told(f"unsubscribe {pull.repo}", "any more", channel="stopping")
    await team.told("list", "This channel follows nothing.", channel="stopping")

    team.hub.act(pull.repo, pull.number, "ready")

    await ended(team, pull, "1 important")
    assert not stands(team, "stopping", pull)


async def test_base_branch_names_a_channel_whose_own_filters_go_before(team: Team) -> None:
    def named(channel: str) -> dict[str, str]:
        return {**BASE, ".argus.yaml": f'notify: {{slack: "#{channel}"}}\n'}

    team.slack.channel("named")
    simple = await opened(team, "octo/named", base=named("named"))
    choosy = await opened(team, "octo/choosy", base=named("choosy"))
    waiting = await opened(team, "octo/waiting", HARMLESS, base=named("waiting"))
    await follows(team, "choosy", choosy.repo, "branch:release")
    await follows(team, "waiting", waiting.repo, "min:important")

    for pull in (simple, choosy, waiting):
        team.hub.act(pull.repo, pull.number, "ready")

    await ended(team, simple, "1 important", "named")
    await ended(team, choosy, "1 important")
    await ended(team, waiting, "read by static analysis")
    assert not stands(team, "choosy", choosy)
    assert not stands(team, "waiting", waiting)
