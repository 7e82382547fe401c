"""Stories of the second look: what stands on lines, in the summary, and nowhere."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from bot.adapters.redis_server import EmbeddedRedis
from tests.fakes.argus import Argus
from tests.fakes.github import FakeGitHub
from tests.fakes.model_answers import Asked, Says, overloaded, review, verdicts
from tests.fakes.model_server import ModelServer
from tests.flows.test_pull_request import checked, own_reviews, summarised

BASE = {"shop/cart.py": "def total(items):\n    return 0\n"}
CHANGE = {
    "shop/cart.py": "def total(items):\n    return sum(i.price for i in items) / len(items)\n\n\n"
    "def first(items):\n    return items[0]\n\n\n"
    "def charge(card, items):\n    card.charge(total(items))\n"
}


def a_finding(line: int, quote: str, title: str) -> Mapping[str, Any]:
    return {
        "path": "shop/cart.py",
        "line": line,
        "severity": "important",
        "category": "bug",
        "title": title,
        "body": f"{title} when it is called with an empty cart.",
        "quote": quote,
        "confidence": 0.9,
    }


DIVIDES = a_finding(2, "return sum(i.price for i in items) / len(items)", "Mean raises")
EMPTY = a_finding(6, "return items[0]", "First raises")
CHARGES = a_finding(10, "card.charge(total(items))", "Declined cards go unnoticed")
ALL = (DIVIDES, EMPTY, CHARGES)


def knowing_the_probes(text: str) -> str:
    """Reject all but what is certain."""
    return "confirmed" if "An empty list divides by zero" in text else "rejected"


@pytest.fixture(scope="module")
def model() -> Iterator[ModelServer]:
    with ModelServer(lambda _: review(*ALL)) as server:
        yield server


@pytest.fixture(scope="module", autouse=True)
def reviewing(
    hub: FakeGitHub,
    own_redis: EmbeddedRedis,
    model: ModelServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Argus]:
    """Web and worker, with one model that reads and another that looks again."""
    environment = {
        "ARGUS_MODEL": "openai:reader",
        "ARGUS_VERIFY_MODEL": "openai:skeptic",
        "OPENAI_API_KEY": "local",
        "OPENAI_BASE_URL": model.openai_url,
    }
    with Argus(hub, own_redis.url, tmp_path_factory.mktemp("logs"), **environment) as running:
        yield running


def on_lines(shown: Mapping[str, Any]) -> list[tuple[int, str]]:
    return [(c["line"], c["body"].splitlines()[0]) for c in shown["review_comments"]]


def summary_of(shown: Mapping[str, Any]) -> str:
    (comment,) = shown["issue_comments"]
    return str(comment["body"])


def check_of(shown: Mapping[str, Any]) -> tuple[str, str]:
    (check,) = shown["checks"]
    return check["conclusion"], check["output"]["summary"]


async def test_confirmed_on_its_line_rejected_nowhere_undecided_in_the_summary(
    hub: FakeGitHub, model: ModelServer
) -> None:
    words = {"Mean": "confirmed", "First": "rejected", "Declined": "unverifiable"}
    model.verifier = verdicts(lambda t: next(word for key, word in words.items() if key in t))
    opened = hub.open(BASE, CHANGE, repo="octo/three")

    shown = await hub.until(opened.repo, opened.number, summarised)

    assert on_lines(shown) == [(2, "**Mean raises**")]
    summary = summary_of(shown)
    assert "Declined cards go unnoticed** · " in summary
    assert summary.count("· not verified") == 1
    assert "read by `openai:reader`, verified by `openai:skeptic`" in summary
    assert "First raises" not in str(shown)
    assert {asked.model for asked in model.requests} == {"reader"}
    assert {asked.model for asked in model.verifications} == {"skeptic"}
    assert len(own_reviews(shown)) == 1


async def test_all_refuted_by_a_verifier_that_is_alive_is_green_and_quiet(
    hub: FakeGitHub, model: ModelServer
) -> None:
    model.verifier = verdicts(knowing_the_probes)
    opened = hub.open(BASE, CHANGE, repo="octo/refuted")

    shown = await hub.until(opened.repo, opened.number, checked)

    assert check_of(shown)[0] == "success"
    assert (own_reviews(shown), shown["issue_comments"]) == ([], [])


async def test_a_verifier_that_refuses_everything_loses_nothing_and_is_named(
    hub: FakeGitHub, model: ModelServer
) -> None:
    model.verifier = verdicts(lambda _: "rejected")
    opened = hub.open(BASE, CHANGE, repo="octo/refuses")

    shown = await hub.until(opened.repo, opened.number, summarised)

    assert (own_reviews(shown), on_lines(shown)) == ([], [])
    assert all(str(each["title"]) in summary_of(shown) for each in ALL)
    conclusion, words = check_of(shown)
    assert conclusion == "neutral"
    assert "refused even a defect that is certain" in words


async def test_a_verifier_that_is_down_leaves_findings_in_the_summary_and_says_so(
    hub: FakeGitHub, model: ModelServer
) -> None:
    model.verifier = lambda _: overloaded()
    opened = hub.open(BASE, CHANGE, repo="octo/down")

    shown = await hub.until(opened.repo, opened.number, summarised, seconds=30)

    assert on_lines(shown) == []
    assert all(str(each["title"]) in summary_of(shown) for each in ALL)
    conclusion, words = check_of(shown)
    assert conclusion == "neutral"
    assert "Not every finding was verified: openai:skeptic" in words


async def test_verdicts_that_are_cut_short_count_as_far_as_they_go(
    hub: FakeGitHub, model: ModelServer
) -> None:
    whole = verdicts()

    def cut(asked: Asked) -> Says:
        said = whole(asked)
        return Says(said.content[: said.content.rindex('{"id"')])

    model.verifier = cut
    opened = hub.open(BASE, CHANGE, repo="octo/cut")

    shown = await hub.until(opened.repo, opened.number, summarised)

    assert [line for line, _ in on_lines(shown)] == [2, 6]
    assert "Declined cards go unnoticed" in summary_of(shown)
