"""Stories of a card: it shows how far a review got, its findings stand in its thread, people press.

Through real processes and both local platforms, with a model that takes its time.
"""

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.adapters.redis_server import EmbeddedRedis
from tests.fakes.argus import Argus
from tests.fakes.github import FakeGitHub, Opened
from tests.fakes.model_answers import Asked, Says, review
from tests.fakes.model_server import ModelServer
from tests.fakes.slack import FakeSlack
from tests.flows.test_model import BASE, CHANGE, EMPTY_CART
from tests.flows.test_pull_request import summarised

SECONDS = 90.0
"""For what takes a few when nothing else runs: a story waits for what it tells, not for time."""
APART = 3.0
"""Seconds between two edits of one message, at least."""
SLOW = 1.2
"""Seconds for each of the four pieces of an answer: longer than two edits are apart."""
TITLE = str(EMPTY_CART["title"])
FIXED = "def total(items):\n    return sum(i.price for i in items) / max(len(items), 1)\n"


@pytest.fixture(scope="module")
def slack() -> Iterator[FakeSlack]:
    fake = FakeSlack.start()
    fake.add_person("ada", real_name="Ada")
    fake.channel("reviews", ("mona", "ada"))
    try:
        yield fake
    finally:
        fake.stop()


@pytest.fixture(scope="module")
def argus(
    hub: FakeGitHub,
    own_redis: EmbeddedRedis,
    model: ModelServer,
    slack: FakeSlack,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Argus]:
    """Web and worker with both front ends and a model; later pushes are reviewed as well."""
    for login in ("octo-mona", "octo-ada"):
        hub.add_person(login)
    people = tmp_path_factory.mktemp("identities") / "people.txt"
    people.write_text(who_is_who(slack, mona="octo-mona", ada="octo-ada"))
    environment = {
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_SIGNING_SECRET": slack.signing_secret,
        "SLACK_API_URL": slack.api_url,
        "SLACK_IDENTITY_FILE": str(people),
        "REVIEW_ENABLED_EVENTS": "pull_request.synchronize",
        **model.environment,
    }
    logs: Path = tmp_path_factory.mktemp("logs")
    with Argus(hub, own_redis.url, logs, **environment) as running:
        slack.set_request_url(f"{running.url}/slack/events")
        yield running


def who_is_who(slack: FakeSlack, **logins: str) -> str:
    ids = {str(person["name"]): str(person["id"]) for person in slack.snapshot()["people"]}
    return "".join(f"{ids[name]} {login}\n" for name, login in logins.items())


def words(message: Any) -> str:
    return json.dumps(message, ensure_ascii=False)


@dataclass
class Card:
    """A pull request that mona asked a review for, as its channel sees it."""

    hub: FakeGitHub
    slack: FakeSlack
    opened: Opened

    def messages(self) -> list[dict[str, Any]]:
        return self.slack.messages("reviews")

    @property
    def root(self) -> dict[str, Any]:
        (root,) = [
            m for m in self.messages() if self.opened.repo in words(m) and not m.get("thread_ts")
        ]
        return root

    @property
    def thread(self) -> list[dict[str, Any]]:
        return [m for m in self.messages() if m.get("thread_ts") == self.root["ts"]]

    async def until(self, holds: Callable[["Card"], object]) -> "Card":
        """Wait until something holds of the card. Raises TimeoutError with what is shown."""
        end = time.monotonic() + SECONDS
        while True:
            shown = self.messages()
            if any(self.opened.repo in words(m) for m in shown) and holds(self):
                return self
            if time.monotonic() > end:
                told = self.slack.ephemerals("mona")
                raise TimeoutError(f"Slack shows {shown}, and told mona {told}")
            await asyncio.sleep(0.1)

    async def press(
        self, user: str, message: dict[str, Any], action: str, option: str = ""
    ) -> None:
        sent = await asyncio.to_thread(
            self.slack.press, user, "reviews", message["ts"], action, option=option
        )
        assert sent["status"] == httpx.codes.OK
        assert sent["error"] == ""

    def edits(self) -> list[dict[str, Any]]:
        """Return what the card was edited to, oldest first."""
        calls = self.slack.calls("chat.update")
        return [call for call in calls if call["arguments"]["ts"] == self.root["ts"]]


async def asked(hub: FakeGitHub, slack: FakeSlack, repo: str) -> Card:
    """Open a pull request and ask for its review in the channel."""
    opened = hub.open(BASE, CHANGE, repo=repo)
    hub.change_repo(repo, collaborators={"octo-mona": "write", "octo-ada": "read"})
    await asyncio.to_thread(slack.slash, "mona", "reviews", f"review {repo}#{opened.number}")
    return Card(hub, slack, opened)


def claims(model: ModelServer, *findings: dict[str, Any], pause: float = 0.0) -> None:
    """Let the model claim this from now on, slowly where there is a pause."""
    said = review(*findings)
    slowly = Says(said.content, pause=pause)
    model.script = lambda _: slowly


def has_finding(card: Card) -> bool:
    return any(TITLE in words(message) for message in card.thread)


@pytest.mark.usefixtures("argus")
async def test_a_review_is_followed_to_its_findings_in_one_card(
    hub: FakeGitHub, slack: FakeSlack, model: ModelServer
) -> None:
    claims(model, EMPTY_CART, pause=SLOW)

    card = await asked(hub, slack, "octo/followed")
    await card.until(has_finding)

    edits = card.edits()
    shown = [str(call["arguments"]["text"]) for call in edits]
    assert any("0/1 file" in text for text in shown)
    assert "1 important finding" in shown[-1]
    assert "1 finding in the thread" in words(card.root)
    assert all(late["at"] - early["at"] > APART * 0.8 for early, late in pairwise(edits))
    (reply,) = card.thread
    assert "Dismiss this rule in the repository" in words(reply)
    assert reply["text"] == f"🔴 Important: {TITLE}"


@pytest.mark.usefixtures("argus")
async def test_who_may_write_dismisses_a_finding_with_a_reason_in_one_tap(
    hub: FakeGitHub, slack: FakeSlack, model: ModelServer
) -> None:
    claims(model, EMPTY_CART)
    card = await asked(hub, slack, "octo/dismissed")
    await card.until(has_finding)

    await card.press("mona", card.thread[0], "dismiss", "wrong")

    await card.until(lambda c: "Dismissed" in c.thread[0]["text"])
    assert "it is wrong" in words(card.thread[0])
    await card.until(lambda c: "No findings" in words(c.root))
    shown = await hub.until(
        card.opened.repo,
        card.opened.number,
        lambda s: "it is wrong" in words(s["issue_comments"]),
        SECONDS,
    )
    assert "1 important" not in words(shown["checks"])


@pytest.mark.usefixtures("argus")
async def test_who_may_only_read_is_told_so_and_changes_nothing(
    hub: FakeGitHub, slack: FakeSlack, model: ModelServer
) -> None:
    claims(model, EMPTY_CART)
    card = await asked(hub, slack, "octo/readers")
    await card.until(has_finding)

    await card.press("ada", card.thread[0], "dismiss", "this")

    told = await slack.until_told("ada", bool, SECONDS)
    assert "octo/readers" not in words(told) or "Dismissed" not in words(told)
    assert card.thread[0]["text"] == f"🔴 Important: {TITLE}"


@pytest.mark.usefixtures("argus")
async def test_a_double_click_on_re_review_makes_one_more_review_on_the_same_card(
    hub: FakeGitHub, slack: FakeSlack, model: ModelServer
) -> None:
    claims(model, EMPTY_CART)
    card = await asked(hub, slack, "octo/again")
    await card.until(has_finding)
    before = len(model.requests)

    await asyncio.gather(*(card.press("mona", card.root, "again") for _ in range(2)))

    await hub.until(
        card.opened.repo,
        card.opened.number,
        lambda s: len([c for c in s["checks"] if c["status"] == "completed"]) == 2,
        SECONDS,
    )
    await card.until(lambda c: len(model.requests) > before and "Re-review" in words(c.root))
    assert len(model.requests) == before + 1
    assert len(card.thread) == 1
    assert len(hub.snapshot(card.opened.repo, card.opened.number)["checks"]) == 2


@pytest.mark.usefixtures("argus")
async def test_a_push_that_fixes_it_shows_quietly_on_card_and_reply(
    hub: FakeGitHub, slack: FakeSlack, model: ModelServer
) -> None:
    claims(model, EMPTY_CART)
    card = await asked(hub, slack, "octo/fixed")
    await card.until(has_finding)
    claims(model)

    hub.push(card.opened.repo, "change", {"shop/cart.py": FIXED})

    await card.until(lambda c: "Fixed" in c.thread[0]["text"])
    assert TITLE in words(card.thread[0])
    assert "round 2: 1 fixed, 0 open, 0 new" in words(card.root)
    assert len(card.thread) == 1


@pytest.mark.usefixtures("argus")
async def test_explain_is_answered_once_in_the_thread(
    hub: FakeGitHub, slack: FakeSlack, model: ModelServer
) -> None:
    answers(model, "Because `len([])` is **0**.", EMPTY_CART)
    card = await asked(hub, slack, "octo/explained")
    await card.until(has_finding)

    for _ in range(2):
        await card.press("mona", card.thread[0], "explain")

    await card.until(lambda c: len(c.thread) > 1)
    _, *answered = card.thread
    assert len(answered) == 1
    assert "Because `len([])` is 0." in words(answered)


@pytest.mark.usefixtures("argus")
async def test_out_of_the_channel_the_asker_alone_sees_it_and_how_to_invite(
    hub: FakeGitHub, slack: FakeSlack, model: ModelServer
) -> None:
    claims(model, EMPTY_CART)
    slack.add_channel("elsewhere", ["mona"], bot=False)
    opened = hub.open(BASE, CHANGE, repo="octo/elsewhere")

    await asyncio.to_thread(slack.slash, "mona", "elsewhere", f"review {opened.repo}#1")

    def is_the_end(message: Any) -> bool:
        return TITLE in words(message) and "/invite @Argus" in words(message)

    told = await slack.until_told("mona", lambda t: any(map(is_the_end, t)), SECONDS)
    assert any("is under way" in words(m) and "/invite @Argus" in words(m) for m in told)
    assert slack.messages("elsewhere") == []


@pytest.mark.usefixtures("argus")
async def test_slack_that_limits_us_delays_the_card_and_no_review(
    hub: FakeGitHub, slack: FakeSlack, model: ModelServer
) -> None:
    claims(model, EMPTY_CART)
    slack.refuse_as_too_fast("chat.postMessage", retry_after=2, times=2)
    slack.fault("chat.update", status=503, body="away", times=2)

    card = await asked(hub, slack, "octo/limited")

    shown = await hub.until(card.opened.repo, card.opened.number, summarised, SECONDS)
    assert "1 important" in words(shown["checks"])
    await card.until(has_finding)
    assert len(card.thread) == 1
    slack.clear_faults()


def answers(model: ModelServer, text: str, *findings: dict[str, Any]) -> None:
    """Let the model claim this, and answer questions with that text."""
    said = review(*findings)

    def script(asked: Asked) -> Says:
        if "answer" in (asked.schema or {}).get("properties", {}):
            return Says(json.dumps({"answer": text}))
        return said

    model.script = script
