"""Stories of several rounds: what was read is not read again, what was said is not said again."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from bot.adapters.redis_server import EmbeddedRedis
from tests.fakes.argus import Argus
from tests.fakes.github import FakeGitHub, Opened
from tests.fakes.model_answers import Asked, Says, review
from tests.fakes.model_server import ModelServer
from tests.flows.test_pull_request import own_reviews

FILLER = "\n".join(f"STEP_{number} = {number}" for number in range(40))
BASE = f"def total(items):\n    return sum(items)\n\n\n{FILLER}\n\n\ndef close(order):\n    pass\n"
AVERAGE = "    return sum(items) / len(items)\n"
CHANGE = BASE.replace("    return sum(items)\n", AVERAGE).replace("    pass\n", "    order.end()\n")
EMPTY = {
    "path": "shop/cart.py",
    "line": 2,
    "severity": "important",
    "category": "bug",
    "title": "An empty cart divides by zero",
    "body": "total([]) raises ZeroDivisionError where it returned 0 before.",
    "quote": "return sum(items) / len(items)",
    "confidence": 0.9,
}
TWICE = {
    "path": "shop/cart.py",
    "line": 48,
    "severity": "important",
    "category": "bug",
    "title": "Closing twice ends the order twice",
    "body": "close(order) after a retry calls end() again and books it twice.",
    "quote": "order.end()",
    "confidence": 0.9,
}
MENDED = CHANGE.replace(AVERAGE, "    return sum(items) / max(len(items), 1)\n")
QUIET = CHANGE.replace("    order.end()\n", "    if order.open:\n        order.end()\n")


@pytest.fixture(scope="module")
def model() -> Iterator[ModelServer]:
    with ModelServer() as server:
        yield server


@pytest.fixture(scope="module")
def reviewing(
    hub: FakeGitHub,
    own_redis: EmbeddedRedis,
    model: ModelServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Argus]:
    """Web and worker, with a model."""
    environment = {
        "ARGUS_LEASE_SECONDS": "6",
        "ARGUS_MODEL": "openai:test-model",
        "OPENAI_API_KEY": "local",
        "OPENAI_BASE_URL": model.openai_url,
    }
    with Argus(hub, own_redis.url, tmp_path_factory.mktemp("logs"), **environment) as running:
        yield running


class Story:
    """One pull request, pushed to again and again."""

    def __init__(self, hub: FakeGitHub, model: ModelServer, repo: str) -> None:
        self._hub = hub
        self._model = model
        self.opened: Opened | None = None
        self.repo = repo
        self.asked: list[str] = []

    async def push(self, text: str, *findings: Mapping[str, Any], onto: str = "") -> Any:
        """Push, let the model say what of the findings it can see, and return what stands."""
        self.asked = []

        def script(asked: Asked) -> Says:
            self.asked.append(asked.text)
            return review(*(each for each in findings if each["quote"] in asked.text))

        self._model.script = script
        files = {"shop/cart.py": text}
        if self.opened is None:
            self.opened = self._hub.open({"shop/cart.py": BASE}, files, repo=self.repo)
            head = self.opened.head
        else:
            head = self._hub.push(self.repo, "change", files, onto=onto)
        return await self.until(lambda shown: concluded(shown, head))

    async def until(self, ready: Any) -> Any:
        assert self.opened is not None
        return await self._hub.until(self.repo, self.opened.number, ready, seconds=30)


def concluded(shown: Mapping[str, Any], head: str) -> bool:
    return any(c["head_sha"] == head and c["status"] == "completed" for c in shown["checks"])


def check_of(shown: Mapping[str, Any]) -> Mapping[str, Any]:
    return dict(shown["checks"][-1])


def claims(shown: Mapping[str, Any]) -> list[str]:
    return [
        line for c in shown["review_comments"] for line in c["body"].splitlines() if "**" in line
    ]


@pytest.mark.usefixtures("reviewing")
async def test_three_rounds_converge(hub: FakeGitHub, model: ModelServer) -> None:
    story = Story(hub, model, "octo/rounds")
    shown = await story.push(CHANGE, EMPTY, TWICE)
    assert len(claims(shown)) == 2

    shown = await story.push(MENDED, EMPTY, TWICE)
    [asked] = story.asked
    assert "max(len(items), 1)" in asked
    assert "Closing twice ends the order twice" in asked
    assert "+    order.end()" not in asked
    shown = await story.until(lambda s: "Round 2" in s["issue_comments"][0]["body"])
    assert "Round 2: 1 fixed, 1 open, 0 new" in shown["issue_comments"][0]["body"]
    assert len(claims(shown)) == 2
    assert check_of(shown)["conclusion"] == "neutral"
    shown = await story.until(
        lambda s: any("_Addressed" in c["body"] for c in s["review_comments"])
    )
    addressed = [c["body"] for c in shown["review_comments"] if "_Addressed" in c["body"]]
    assert ["An empty cart" in body for body in addressed] == [True]

    shown = await story.push(MENDED.replace("    order.end()\n", "    order.end_once()\n"), TWICE)
    shown = await story.until(lambda s: "Round 3" in s["issue_comments"][0]["body"])
    assert "Round 3: 1 fixed, 0 open, 0 new" in shown["issue_comments"][0]["body"]
    assert check_of(shown)["conclusion"] == "success"
    assert len(own_reviews(shown)) == 1


@pytest.mark.usefixtures("reviewing")
async def test_a_rebase_asks_no_model_and_says_nothing_again(
    hub: FakeGitHub, model: ModelServer
) -> None:
    story = Story(hub, model, "octo/rebased")
    await story.push(CHANGE, EMPTY)
    hub.push(story.repo, "main", {"NEWS": "1", "shop/cart.py": f"# Licensed.\n{BASE}"})

    shown = await story.push(f"# Licensed.\n{CHANGE}", EMPTY, TWICE, onto="main")

    assert story.asked == []
    assert len(claims(shown)) == 1
    assert check_of(shown)["conclusion"] == "neutral"
    assert "1 important finding" in check_of(shown)["output"]["title"]


@pytest.mark.usefixtures("reviewing")
async def test_a_finding_that_comes_back_is_open_again(hub: FakeGitHub, model: ModelServer) -> None:
    story = Story(hub, model, "octo/regressed")
    await story.push(CHANGE, EMPTY)
    shown = await story.push(MENDED)
    assert check_of(shown)["conclusion"] == "success"

    shown = await story.push(CHANGE)

    assert story.asked == []
    assert check_of(shown)["conclusion"] == "neutral"
    shown = await story.until(
        lambda s: any("_Open again" in c["body"] for c in s["review_comments"])
    )
    assert len(claims(shown)) == 1


@pytest.mark.usefixtures("reviewing")
async def test_a_second_push_of_one_hunk_costs_that_hunk(
    hub: FakeGitHub, model: ModelServer
) -> None:
    story = Story(hub, model, "octo/cheap")
    wide = CHANGE.replace("STEP_20 = 20", "\n".join(f"MORE_{n} = {n}" for n in range(300)))
    await story.push(wide, EMPTY)
    first = sum(len(text) for text in story.asked)
    await story.push(wide.replace("    order.end()\n", "    order.end_once()\n"))
    second = sum(len(text) for text in story.asked)
    assert 0 < second < first
    assert not any("+MORE_299" in text for text in story.asked)


async def test_a_lost_memory_leads_to_nothing_said_twice(
    hub: FakeGitHub, model: ModelServer, own_redis: EmbeddedRedis, reviewing: Argus
) -> None:
    import redis as redis_py

    story = Story(hub, model, "octo/forgotten")
    await story.push(CHANGE, EMPTY)
    with redis_py.Redis.from_url(own_redis.url) as client:
        for key in client.scan_iter("argus:v1:s:memory:*"):
            client.delete(key)

    shown = await story.push(QUIET, EMPTY)

    assert len(story.asked) == 1
    assert len(claims(shown)) == 1
    assert len(own_reviews(shown)) == 1
