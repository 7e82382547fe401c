"""Stories of what people make of findings: heard wherever they say it, undone, counted, proposed.

Through real processes and both local platforms, with a model that makes the claims.
"""

import asyncio
import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from bot.adapters.keys import lasting
from bot.adapters.redis_client import connect
from bot.adapters.redis_server import EmbeddedRedis
from core.models import Received, Reception
from tests.fakes.github import FakeGitHub
from tests.fakes.model_server import ModelServer
from tests.flows.rounds import CHANGE, EMPTY, MENDED, TWICE, check_of, open_ledger, summary_of
from tests.flows.teams import Team, at_work, below, cards, said
from tests.flows.test_chatops import BESIDE, Desk, replies, reviewed, thread_of

CHANNEL = "reviews"
RULE = "model:bug"
SECONDS = 60.0
PROPOSAL = "People here dismiss again and again what 1 rule found"


@pytest.fixture(scope="module", autouse=True)
def team(
    hub: FakeGitHub,
    own_redis: EmbeddedRedis,
    model: ModelServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Team]:
    environment = {"ARGUS_LEASE_SECONDS": "6", **model.environment}
    people = {"mona": "octo-mona"}
    with at_work(hub, own_redis.url, tmp_path_factory, people=people, **environment) as team:
        yield team


async def counted(
    server: EmbeddedRedis, desk: Desk, word: Reception, number: int = 1
) -> Mapping[Reception, int]:
    """Return what became of a repository's findings once a word was counted so often."""
    assert desk.opened is not None
    async with open_ledger(server) as ledger, asyncio.timeout(SECONDS):
        while True:
            counts = (await ledger.feedback.counts(desk.opened.repo_id)).get(RULE, {})
            if counts.get(word, 0) == number:
                return counts
            await asyncio.sleep(0.1)


async def rests(server: EmbeddedRedis, desk: Desk) -> None:
    """Let so much time pass that comments are due to be read again."""
    redis = connect(server.url)
    try:
        await redis.zadd(lasting("listening"), {desk.job_id: 1}, xx=True)
        await redis.delete(lasting("looked", "reactions"))
    finally:
        await redis.aclose()


def react(hub: FakeGitHub, desk: Desk, comment: int, thumb: str, login: str) -> None:
    with hub.api(hub.add_token(login)) as api:
        path = f"/repos/{desk.repo}/pulls/comments/{comment}/reactions"
        api.post(path, json={"content": thumb}).raise_for_status()


def stands(hub: FakeGitHub, desk: Desk) -> Mapping[str, Any]:
    assert desk.opened is not None
    return hub.snapshot(desk.repo, desk.opened.number)


async def test_thumbs_on_a_pull_request_that_rests_are_heard(
    hub: FakeGitHub, model: ModelServer, own_redis: EmbeddedRedis
) -> None:
    desk = await reviewed(hub, model, "octo/rests")
    await counted(own_redis, desk, Reception.FOUND, 2)
    comment = thread_of(stands(hub, desk), EMPTY["title"])
    react(hub, desk, comment, "+1", "mona")
    hub.add_person("helper[bot]", "Bot")
    react(hub, desk, thread_of(stands(hub, desk), TWICE["title"]), "-1", "helper[bot]")

    await rests(own_redis, desk)

    counts = await counted(own_redis, desk, Reception.LIKED)
    assert counts == {Reception.FOUND: 2, Reception.LIKED: 1}
    assert desk.asked[1:] == []


async def test_resolved_thread_is_mended_where_its_code_changed_and_ignored_where_not(
    hub: FakeGitHub, model: ModelServer, own_redis: EmbeddedRedis
) -> None:
    desk = await reviewed(hub, model, "octo/resolved")
    shown = stands(hub, desk)
    await desk.answer("/argus pause")
    shown = await desk.push(MENDED)
    assert check_of(shown)["conclusion"] == "skipped"
    for title in (EMPTY["title"], TWICE["title"]):
        hub.resolve_thread(desk.repo, thread_of(shown, title), "mona")

    assert desk.opened is not None
    hub.act(desk.repo, desk.opened.number, "merge")

    counts = await counted(own_redis, desk, Reception.RESOLVED, 2)
    assert counts == {
        Reception.FOUND: 2,
        Reception.RESOLVED: 2,
        Reception.ADDRESSED: 1,
        Reception.IGNORED: 1,
    }


async def test_what_later_commits_mended_is_addressed_at_the_end(
    hub: FakeGitHub, model: ModelServer, own_redis: EmbeddedRedis
) -> None:
    desk = await reviewed(hub, model, "octo/mended")
    await desk.push(MENDED, TWICE)
    await desk.until(lambda s: "Round 2: 1 fixed" in summary_of(s))

    assert desk.opened is not None
    hub.act(desk.repo, desk.opened.number, "merge")

    counts = await counted(own_redis, desk, Reception.IGNORED)
    assert counts == {Reception.FOUND: 2, Reception.ADDRESSED: 1, Reception.IGNORED: 1}


async def test_dismissal_on_the_pull_request_is_undone_in_the_words_it_was_answered_with(
    hub: FakeGitHub, model: ModelServer, own_redis: EmbeddedRedis
) -> None:
    desk = await reviewed(hub, model, "octo/undo")
    thread = thread_of(stands(hub, desk), EMPTY["title"])
    desk.reply(thread, "/argus ignore because carts are never empty", "octo")
    shown = await desk.until(lambda s: replies(s) and "1 finding set aside" in summary_of(s))
    assert "Reply `/argus ignore off` here to take that back." in replies(shown)[0]
    await counted(own_redis, desk, Reception.DISMISSED)

    desk.reply(thread, "/argus ignore off", "octo")

    shown = await desk.until(lambda s: len(replies(s)) == 2 and "set aside" not in summary_of(s))
    assert "This finding is open again." in replies(shown)[1]
    await desk.until(lambda s: check_of(s)["conclusion"] == "neutral")
    assert (await counted(own_redis, desk, Reception.DISMISSED, 0))[Reception.FOUND] == 2

    assert "`/argus ignore all off`" in await desk.answer("/argus ignore all")
    await desk.until(lambda s: "2 findings set aside" in summary_of(s))
    assert "open again: 2 findings" in await desk.answer("/argus ignore all off")
    await desk.until(lambda s: "set aside" not in summary_of(s))


async def test_what_people_dismiss_again_and_again_is_proposed_beside_it(
    hub: FakeGitHub, model: ModelServer, own_redis: EmbeddedRedis
) -> None:
    desk = await reviewed(hub, model, "octo/proposed")
    assert desk.opened is not None
    assert "dismiss again" not in summary_of(stands(hub, desk))
    words = (Reception.FOUND, Reception.DISMISSED)
    async with open_ledger(own_redis) as ledger:
        earlier = [Received(finding_id=name, rule=RULE, words=words) for name in "ab"]
        await ledger.feedback.receive(f"{desk.opened.repo_id}:99", earlier)
    desk.reply(thread_of(stands(hub, desk), EMPTY["title"]), "/argus ignore", "octo")
    await counted(own_redis, desk, Reception.DISMISSED, 3)

    await desk.push(BESIDE, EMPTY, TWICE)

    shown = await desk.until(lambda s: "Round 2" in summary_of(s))
    assert summary_of(shown).count(PROPOSAL) == 1
    pasted = "review:\n  categories: [security, performance, quality, tests]"
    assert pasted in summary_of(shown)
    assert pasted in await desk.answer("/argus configuration")
    assert check_of(shown)["conclusion"] == "neutral"


async def test_dismissal_in_slack_is_undone_by_its_button_and_stats_tell_everything(
    team: Team, model: ModelServer
) -> None:
    desk = Desk(team.hub, model, "octo/button")
    desk.says(EMPTY, TWICE)
    desk.open(CHANGE)
    assert desk.opened is not None
    team.hub.change_repo(desk.repo, collaborators={"octo-mona": "write"})
    name = f"{desk.repo}#{desk.opened.number}"
    await team.types(f"review {name}")
    messages = await team.shown(CHANNEL, lambda all_: EMPTY["title"] in said({"all": all_}))
    thread = below(messages, cards(messages, name)[0])
    finding = next(each for each in thread if EMPTY["title"] in said(each))

    await press(team, str(finding["ts"]), "dismiss", option="this")
    confirmed = await team.hears("Dismissed: it is not said again.")
    await desk.until(lambda s: "1 finding set aside" in summary_of(s))
    await press(team, str(confirmed["ts"]), "undo")

    await team.hears("Open again: 1 finding.")
    await desk.until(lambda s: "set aside" not in summary_of(s))
    desk.answers("Because close() may run twice.")
    await desk.answer("/argus ask why?")
    await told_in_stats(team, "Answers: ", "Reviews: ", "model:bug")


async def told_in_stats(team: Team, *words: str) -> None:
    """Ask for statistics until they tell something: figures are stored now and then."""
    async with asyncio.timeout(SECONDS):
        while True:
            answer = await team.told("stats", "since its first day")
            if all(word in json.dumps(answer, ensure_ascii=False) for word in words):
                return
            await asyncio.sleep(0.5)


async def press(team: Team, ts: str, action: str, **how: Any) -> None:
    sent = await asyncio.to_thread(team.slack.press, "mona", CHANNEL, ts, action, **how)
    assert (sent["status"], sent["error"]) == (200, "")
