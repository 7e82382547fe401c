"""Stories of pull requests that are closed while Argus reads them, and opened again."""

import asyncio
import time
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from bot.adapters.redis_server import EmbeddedRedis
from tests.fakes.argus import Argus
from tests.fakes.github import FakeGitHub, Opened
from tests.fakes.model_answers import Silent, review
from tests.fakes.model_server import ModelServer
from tests.flows.test_pull_request import checked

BASE = {"shop/cart.py": "def total(items):\n    return sum(items)\n"}
CHANGE = {"shop/cart.py": "def total(items):\n    return sum(items) / 2\n"}
A_SECOND = 1.1
"""GitHub tells in whole seconds when a pull request was closed; with this the closing is later
than the asking beyond doubt."""


@pytest.fixture(scope="module", autouse=True)
def reviewing(
    hub: FakeGitHub,
    own_redis: EmbeddedRedis,
    model: ModelServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Argus]:
    """Web and worker with the default lease, and a model."""
    with Argus(hub, own_redis.url, tmp_path_factory.mktemp("logs"), **model.environment) as running:
        yield running


async def asked(model: ModelServer, count: int = 1) -> None:
    """Wait until the model was asked so often. Raises TimeoutError."""
    async with asyncio.timeout(20):
        while len(model.requests) < count:
            await asyncio.sleep(0.02)


async def open_and_wait(hub: FakeGitHub, model: ModelServer, repo: str) -> Opened:
    """Open a pull request over which the model thinks for ever."""
    model.requests.clear()
    model.script = lambda _: Silent()
    opened = hub.open(BASE, CHANGE, repo=repo)
    await asked(model)
    await asyncio.sleep(A_SECOND)
    return opened


def newest_check(shown: Mapping[str, Any]) -> Mapping[str, Any]:
    return dict(shown["checks"][-1])


@pytest.mark.parametrize(("action", "words"), [("close", "was closed"), ("merge", "was merged")])
async def test_closing_interrupts_the_review_and_completes_its_check(
    hub: FakeGitHub, model: ModelServer, reviewing: Argus, action: str, words: str
) -> None:
    given_up = reviewing.logs().count("run.let_go")
    opened = await open_and_wait(hub, model, f"octo/{action}")
    closed_at = time.monotonic()

    hub.act(opened.repo, opened.number, action)
    shown = await hub.until(opened.repo, opened.number, checked)
    while reviewing.logs().count("run.let_go") == given_up:
        await asyncio.sleep(0.05)

    assert time.monotonic() - closed_at < 5  # neither the model nor the lease was waited for
    check = newest_check(shown)
    assert check["conclusion"] == "neutral"
    assert words in check["output"]["summary"]
    assert (shown["reviews"], shown["issue_comments"]) == ([], [])
    assert await closing_answers(hub, opened) == [202]


async def test_reopened_pull_request_is_reviewed(hub: FakeGitHub, model: ModelServer) -> None:
    opened = await open_and_wait(hub, model, "octo/reopened")
    hub.act(opened.repo, opened.number, "close")
    await hub.until(opened.repo, opened.number, checked)

    model.script = lambda _: review()
    hub.act(opened.repo, opened.number, "reopen")
    shown = await hub.until(
        opened.repo, opened.number, lambda now: newest_check(now)["conclusion"] == "success"
    )

    assert newest_check(shown)["head_sha"] == opened.head


async def test_closing_what_was_reviewed_changes_nothing(
    hub: FakeGitHub, model: ModelServer
) -> None:
    model.script = lambda _: review()
    opened = hub.open(BASE, CHANGE, repo="octo/done")
    before = await hub.until(opened.repo, opened.number, checked)

    hub.act(opened.repo, opened.number, "close")

    assert await closing_answers(hub, opened) == [204]
    assert hub.snapshot(opened.repo, opened.number)["checks"] == before["checks"]


async def closing_answers(hub: FakeGitHub, opened: Opened) -> list[int]:
    """Return how the closings of a pull request were answered."""
    await hub.delivered(len(hub.deliveries()))
    return [
        row["status_code"]
        for row in hub.deliveries("pull_request", payloads=True)
        if row["action"] == "closed"
        and row["request"]["payload"]["repository"]["id"] == opened.repo_id
    ]
