"""Stories of what people ask and decide in Slack, apart from reviews: every verb is answered."""

import asyncio
import json
import threading
from collections.abc import Iterator

import pytest

from bot.adapters.redis_server import EmbeddedRedis
from tests.fakes.github import FakeGitHub, Opened
from tests.fakes.model_answers import Answer, Asked, Says, review
from tests.fakes.model_server import ModelServer
from tests.flows.teams import SECONDS, Json, Team, at_work, cards, said, until
from tests.flows.test_model import BASE, CHANGE, EMPTY_CART
from tests.flows.test_pull_request import checked, own_reviews, summarised

CHANNEL = "reviews"
PEOPLE = {"mona": "octo-mona", "ada": "octo-ada"}
LATER = {"shop/cart.py": "def total(items):\n    return max(i.price for i in items)\n"}
LATEST = {"shop/cart.py": "def total(items):\n    return min(i.price for i in items)\n"}


@pytest.fixture(scope="module")
def team(
    hub: FakeGitHub,
    own_redis: EmbeddedRedis,
    model: ModelServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Team]:
    """A team with a model; mona may write to the repositories, ada may read them."""
    with at_work(hub, own_redis.url, tmp_path_factory, people=PEOPLE, **model.environment) as team:
        yield team


@pytest.fixture(autouse=True)
def answers(model: ModelServer) -> None:
    """Let the model claim one thing of a change, and answer questions."""

    def script(asked: Asked) -> Says:
        if "answer" in (asked.schema or {}).get("properties", {}):
            return Says(json.dumps({"answer": "Because `len([])` is 0."}))
        return review(*([EMPTY_CART] if EMPTY_CART["quote"] in asked.text else []))

    model.script = script


def opened(team: Team, repo: str, *, draft: bool = False) -> Opened:
    pull = team.hub.open(BASE, CHANGE, repo=repo, draft=draft)
    rights = {"octo-mona": "write", "octo-ada": "read"}
    team.hub.change_repo(repo, collaborators=rights)
    return pull


def succeeded(shown: Json) -> bool:
    """Tell whether the newest check of the head is complete, and green."""
    return checked(shown) and shown["checks"][-1]["conclusion"] == "success"


def name(pull: Opened) -> str:
    return f"{pull.repo}#{pull.number}"


async def test_status_follows_a_pull_request_from_nothing_to_its_findings(team: Team) -> None:
    pull = opened(team, "octo/status", draft=True)
    await team.hub.until(pull.repo, pull.number, checked, SECONDS)
    await team.told(f"status {name(pull)}", "draft")

    team.hub.act(pull.repo, pull.number, "ready")
    await team.hub.until(pull.repo, pull.number, summarised, SECONDS)

    shown = await team.told(f"status {name(pull)}", "1 important")
    assert pull.head[:7] in said(shown)


async def test_queue_shows_what_is_read_to_whoever_may_see_it(
    team: Team, model: ModelServer
) -> None:
    goes_on = threading.Event()
    reads = model.script

    def held(asked: Asked) -> Answer:
        """Keep everybody waiting: the server answers one after another."""
        goes_on.wait(SECONDS)
        return reads(asked)

    model.script = held
    pull = opened(team, "octo/queue")
    hidden = team.hub.open(BASE, CHANGE, repo="octo/hidden", private=True)
    try:
        shown = await queue(team, "2 reviews under way")
    finally:
        goes_on.set()

    assert name(pull) in shown
    assert "being reviewed" in shown
    assert hidden.repo not in shown
    assert "1 of the next 2" in shown
    for each in (pull, hidden):
        await team.hub.until(each.repo, each.number, summarised, SECONDS)
    await queue(team, "0 reviews under way, 0 waiting")


async def queue(team: Team, words: str) -> str:
    """Ask for the queue until it says something."""
    async with asyncio.timeout(SECONDS):
        while words not in (shown := said(await team.told("queue", "under way"))):
            pass
    return shown


async def test_figures_parts_and_words_are_told_to_whoever_asks(team: Team) -> None:
    pull = opened(team, "octo/figures")
    await team.hub.until(pull.repo, pull.number, summarised, SECONDS)

    stats = await team.told("stats", "since its first day", user="ada")
    assert "reviews with findings" in said(stats)
    doctor = await team.told("doctor", "Everything works.", user="ada")
    assert all(part in said(doctor) for part in ("redis", "worker"))
    words = await team.told("help", "subscribe", user="ada")
    assert "/argus review" in said(words)


async def test_configuration_names_every_setting_and_who_said_it(team: Team) -> None:
    settings = {".argus.yaml": "review: {max_findings: 3}\n"}
    pull = team.hub.open({**BASE, **settings}, CHANGE, repo="octo/configured")
    shown = await team.told(f"configuration {pull.repo}", f"configuration of {pull.repo}")
    assert "max_findings" in said(shown)
    assert ".argus.yaml" in said(shown)


async def test_whoever_may_write_pauses_and_resumes_reviews_that_nobody_asked_for(
    team: Team, model: ModelServer
) -> None:
    pull = opened(team, "octo/paused")
    await team.hub.until(pull.repo, pull.number, summarised, SECONDS)
    await team.told(f"pause {name(pull)}", "You may not do that", user="ada")
    await team.told(f"pause {name(pull)}", "are paused")
    asked = len(model.requests)

    team.hub.push(pull.repo, "change", LATER)
    shown = await team.hub.until(pull.repo, pull.number, checked, SECONDS)
    assert shown["checks"][-1]["conclusion"] == "skipped"
    assert len(model.requests) == asked
    await team.told(f"status {name(pull)}", "automatic reviews are paused", user="ada")

    before = team.heard("mona", CHANNEL)
    await team.told(f"resume {name(pull)}", "run again")
    await team.hears("The latest commit is reviewed now.", before=before)
    shown = await team.hub.until(pull.repo, pull.number, succeeded, SECONDS)
    assert "were not paused" in said(await team.told(f"resume {name(pull)}", "were not paused"))
    assert len(model.requests) == asked + 1

    team.hub.push(pull.repo, "change", LATEST)
    shown = await team.hub.until(pull.repo, pull.number, succeeded, SECONDS)
    assert len(model.requests) == asked + 2
    assert len(own_reviews(shown)) == 1


async def test_question_is_answered_where_it_was_asked(team: Team, model: ModelServer) -> None:
    pull = opened(team, "octo/question")
    await team.hub.until(pull.repo, pull.number, summarised, SECONDS)

    await team.told(f"ask {name(pull)} why does it divide?", "The answer comes here")

    messages = await team.shown(CHANNEL, lambda all_: "Because `len([])` is 0." in said_all(all_))
    assert "openai:test-model" in said_all(messages)
    assert "why does it divide?" in model.requests[-1].text


async def test_review_in_full_with_a_focus_tells_the_model_so(
    team: Team, model: ModelServer
) -> None:
    pull = opened(team, "octo/focus")
    await team.hub.until(pull.repo, pull.number, summarised, SECONDS)
    asked = len(model.requests)

    await team.told(f"review {name(pull)} full focus on the carts that are empty", "Queued")

    await until(lambda: len(model.requests), lambda count: count > asked)
    assert "on the carts that are empty" in model.requests[-1].text
    messages = await team.shown(
        CHANNEL, lambda all_: any("1 important" in said(c) for c in cards(all_, pull.repo))
    )
    assert len(cards(messages, pull.repo)) == 1


async def test_command_that_slack_sends_twice_is_one_job_and_one_answer(team: Team) -> None:
    pull = opened(team, "octo/double", draft=True)
    before = team.heard("mona", CHANNEL)
    sent = await team.types(f"review {name(pull)}")
    again = await asyncio.to_thread(team.slack.resend, sent["id"])
    assert (again["status"], again["error"]) == (200, "")

    shown = await team.hub.until(pull.repo, pull.number, summarised, SECONDS)
    await team.told("list", "This channel follows")

    fresh = [m for m in team.slack.ephemerals("mona", CHANNEL) if m["ts"] not in before]
    assert sum(pull.repo in said(each) for each in fresh) == 1
    assert len(own_reviews(shown)) == 1


async def test_mistyped_words_get_a_suggestion_and_a_request_id(team: Team) -> None:
    for typed, suggested in (
        ("reveiw octo/status#1", "Did you mean `review`?"),
        ("subscribe octo/status mni:important", "Did you mean `min`?"),
        ("review octo/status#1 ful", "Did you mean `full`?"),
        (f"{team.hub.url}/octo/status/pull/1", "Put `review` before it."),
        ("review https://github.example.com/octo/status/pull/1", "That address is somewhere else."),
        ("mute octo/status#1 for ever", "Say `for 30m`"),
    ):
        shown = await team.told(typed, suggested)
        assert "Request " in said(shown)


async def test_github_that_is_away_is_told_in_words_and_queues_nothing(team: Team) -> None:
    pull = opened(team, "octo/away", draft=True)
    before = await team.hub.until(pull.repo, pull.number, checked, SECONDS)
    team.hub.fault("GET", f"^/repos/{pull.repo}/pulls/1$", status=502, times=20)

    shown = await team.told(f"review {name(pull)}", "Nothing was queued or changed.")

    assert "Ask again in a minute." in said(shown)
    assert "Request " in said(shown)
    team.hub.clear_faults()
    assert team.hub.snapshot(pull.repo, pull.number)["checks"] == before["checks"]


def said_all(messages: list[dict[str, object]]) -> str:
    return "\n".join(said(each) for each in messages)
