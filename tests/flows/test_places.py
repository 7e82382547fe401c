"""Every finding lands: on its line where GitHub takes it, else in the summary, in one review."""

import io
import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from bot.cli.review import ReviewOptions
from bot.cli.review import review as review_target
from bot.cli.terminal import Terminal
from bot.settings import load_settings
from bot.wiring.command_line import open_tools
from tests.fakes.github import FakeGitHub, Opened
from tests.fakes.model_answers import review
from tests.fakes.model_server import ModelServer
from tests.flows.test_pull_request import own_reviews

UNCHANGED = tuple(f"    step_{number}(order)  # as it was" for number in range(60))
OLD = "\r\n".join(("def ship(order):", *UNCHANGED[:40], "    order.close()", *UNCHANGED[40:], ""))
NEW = OLD.replace("    order.close()\r\n", "    order.archive()\r\n    order.notify()\r\n")
MOVED = "".join(f"rate_{number} = {number}\n" for number in range(40))
BASE = {"shop/ship.py": OLD, "shop/rates.py": MOVED, "docs/old.md": "a\nb"}
CHANGE = {
    "shop/ship.py": NEW,
    "shop/rates.py": None,
    "shop/tax rates.py": MOVED.replace("rate_20 = 20", "rate_20 = -20"),
    "docs/old.md": "a\nc",
}


def claim(path: str, line: int, quote: str, title: str, **more: object) -> Mapping[str, object]:
    """Return an important bug in a model's words."""
    return {
        "path": path,
        "line": line,
        "severity": "important",
        "category": "bug",
        "title": title,
        "body": f"{title}: with an order that was sent before, it happens again.",
        "quote": quote,
        "confidence": 0.9,
        **more,
    }


ON_LINES = (
    claim("shop/ship.py", 1, "    order.archive()\n    order.notify()", "Customers hear twice"),
    claim("shop/ship.py", 42, "order.close()", "Closing was dropped", side="LEFT"),
    claim("shop/tax rates.py", 21, "rate_20 = -20", "The rate is negative"),
    claim("docs/old.md", 2, "c", "The last line lies"),
)
OFF_LINES = (
    claim("shop/ship.py", 3, "step_1(order)", "The first step repeats itself"),
    claim("shop/ship.py", 12, "step_10(order)", "Postage is charged again"),
    claim("shop/ship.py", 60, "step_57(order)", "Labels are printed for nobody"),
    claim("shop/tax rates.py", 2, "rate_1 = 1", "Switzerland pays nothing"),
)


@pytest.fixture(scope="module")
def model() -> Iterator[ModelServer]:
    """A model that sees things everywhere."""
    with ModelServer(lambda _: review(*ON_LINES, *OFF_LINES)) as server:
        yield server


async def posted(hub: FakeGitHub, model: ModelServer, opened: Opened) -> Mapping[str, Any]:
    """Review in this process, post, and return what the pull request shows."""
    settings = load_settings(
        {
            "GITHUB_TOKEN": hub.add_token("argus-operator"),
            "GITHUB_API_URL": hub.url,
            "GITHUB_WEB_URL": hub.url,
            "SECRET_KEY": secrets.token_hex(16),
            "ARGUS_MODEL": "openai:test-model",
            "OPENAI_API_KEY": "local",
            "OPENAI_BASE_URL": model.openai_url,
        }
    )
    address = f"{hub.url}/{opened.repo}/pull/{opened.number}"
    terminal = Terminal(io.StringIO(), io.StringIO())
    async with open_tools(settings) as tools:
        await review_target(address, ReviewOptions(post=True), tools, terminal, folder=Path("/"))
    return hub.snapshot(opened.repo, opened.number)


def placed(shown: Mapping[str, Any]) -> dict[str, tuple[str, str, int | None, int]]:
    """Return by title where the comments stand: path, side, first and last line."""
    return {
        comment["body"].partition("**")[2].partition("**")[0]: (
            comment["path"],
            comment["side"],
            comment["start_line"],
            comment["line"],
        )
        for comment in shown["review_comments"]
    }


async def test_what_stands_off_the_diff_is_in_the_summary_and_one_review_is_posted(
    hub: FakeGitHub, model: ModelServer
) -> None:
    opened = hub.open(BASE, CHANGE, repo="octo/places")

    shown = await posted(hub, model, opened)

    assert placed(shown) == {
        "Customers hear twice": ("shop/ship.py", "RIGHT", 42, 43),
        "Closing was dropped": ("shop/ship.py", "LEFT", None, 42),
        "The rate is negative": ("shop/tax rates.py", "RIGHT", None, 21),
        "The last line lies": ("docs/old.md", "RIGHT", None, 2),
    }
    (summary,) = shown["issue_comments"]
    for finding in OFF_LINES:
        assert f"**{finding['title']}**" in summary["body"]
        assert str(finding["body"]).partition(": ")[2] in summary["body"]
    posts = [r["path"] for r in hub.requests("POST") if r["path"].endswith("/reviews")]
    assert len(posts) == len(own_reviews(shown)) == 1
    assert not any(r["status"] == 422 for r in hub.requests())
