"""Stories of pull requests: GitHub delivers, Argus reviews, the pull request shows it."""

import socket
from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from redis import Redis

from bot.adapters.keys import lasting
from bot.adapters.redis_server import EmbeddedRedis
from tests.fakes.argus import Argus
from tests.fakes.github import FakeGitHub

pytestmark = pytest.mark.usefixtures("argus")

BASE = {"app/store.py": "def find(db, name):\n    return db.get(name)\n", "README.md": "# Shop\n"}
SQL = """\
def find(db, name):
    return db.execute(f"SELECT * FROM items WHERE name = '{name}'")
"""
CLEAN = "def find(db, name):\n    return db.get(name.strip())\n"


def checked(shown: Mapping[str, Any]) -> bool:
    """Tell whether the newest check of the pull request's head is complete."""
    head = shown["pull"]["head"]["sha"]
    checks = [check for check in shown["checks"] if check["head_sha"] == head]
    return bool(checks) and checks[-1]["status"] == "completed"


def summarised(shown: Mapping[str, Any]) -> bool:
    """Tell whether check and summary are both there."""
    return checked(shown) and bool(shown["issue_comments"])


def own_reviews(shown: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [review for review in shown["reviews"] if "argus:v1:review" in review["body"]]


async def test_opened_pull_request_gets_one_review_on_its_lines(hub: FakeGitHub) -> None:
    opened = hub.open(BASE, {"app/store.py": SQL}, repo="octo/opened")

    shown = await hub.until(opened.repo, opened.number, summarised)

    (review,) = own_reviews(shown)
    assert review["commit_id"] == opened.head
    assert review["state"] == "COMMENTED"
    (comment,) = shown["review_comments"]
    assert (comment["path"], comment["line"], comment["side"]) == ("app/store.py", 2, "RIGHT")
    assert comment["body"].startswith("**SQL is built from a value**")


async def test_without_a_model_the_check_is_neutral_and_says_why(hub: FakeGitHub) -> None:
    opened = hub.open(BASE, {"app/store.py": CLEAN}, repo="octo/static")

    shown = await hub.until(opened.repo, opened.number, checked)

    (check,) = shown["checks"]
    assert (check["name"], check["conclusion"]) == ("Argus", "neutral")
    assert "static analysis only: no model is configured" in check["output"]["summary"]
    assert own_reviews(shown) == []
    assert shown["issue_comments"] == []


async def test_second_push_repeats_no_standing_comment(hub: FakeGitHub) -> None:
    opened = hub.open(BASE, {"app/store.py": SQL}, repo="octo/pushed")
    await hub.until(opened.repo, opened.number, summarised)

    head = hub.push(opened.repo, "change", {"README.md": "# The shop\n"})
    shown = await hub.until(opened.repo, opened.number, checked, seconds=20)

    assert shown["pull"]["head"]["sha"] == head
    assert len(own_reviews(shown)) == 1
    assert len(shown["review_comments"]) == 1
    assert len(shown["issue_comments"]) == 1


async def test_redelivered_event_makes_no_second_review(hub: FakeGitHub) -> None:
    opened = hub.open(BASE, {"app/store.py": SQL}, repo="octo/redelivered")
    await hub.until(opened.repo, opened.number, summarised)
    delivery = hub.deliveries("pull_request")[-1]

    hub.redeliver(delivery["id"])
    rows = await hub.delivered(len(hub.deliveries()))

    assert rows[-1]["status_code"] == 202
    assert len(own_reviews(hub.snapshot(opened.repo, opened.number))) == 1


async def test_draft_is_skipped_until_it_is_ready(hub: FakeGitHub) -> None:
    opened = hub.open(BASE, {"app/store.py": SQL}, repo="octo/draft", draft=True)
    shown = await hub.until(opened.repo, opened.number, checked)
    assert [check["conclusion"] for check in shown["checks"]] == ["skipped"]
    assert shown["review_comments"] == []

    hub.act(opened.repo, opened.number, "ready")

    shown = await hub.until(opened.repo, opened.number, summarised)
    assert len(shown["review_comments"]) == 1


async def test_configuration_of_the_head_branch_is_not_obeyed(hub: FakeGitHub) -> None:
    change = {"app/store.py": SQL, ".argus.yaml": "review:\n  enabled: false\n"}
    opened = hub.open(BASE, change, repo="octo/head-config")

    shown = await hub.until(opened.repo, opened.number, summarised)

    assert [c["path"] for c in shown["review_comments"]] == ["app/store.py"]


async def test_private_repository_is_read_with_a_token_for_it_alone(hub: FakeGitHub) -> None:
    opened = hub.open(BASE, {"app/store.py": SQL}, repo="octo/private", private=True)

    shown = await hub.until(opened.repo, opened.number, summarised)

    assert len(shown["review_comments"]) == 1


def test_wrong_signature_is_refused_and_writes_nothing(
    argus: Argus, own_redis: EmbeddedRedis
) -> None:
    before = _written(own_redis)

    answer = argus.post("pull_request", {"action": "opened"}, **{"X-Hub-Signature-256": "sha256=0"})

    assert answer.status_code == httpx.codes.UNAUTHORIZED
    assert _written(own_redis) == before


def test_unknown_event_is_politely_ignored(argus: Argus) -> None:
    assert argus.post("sponsorship", {"action": "created"}).status_code == 204


def test_too_large_body_is_refused_before_it_is_read(argus: Argus) -> None:
    head = (
        f"POST /webhooks/github HTTP/1.1\r\nHost: argus\r\nContent-Length: {26 * 1024**2}\r\n\r\n"
    )

    with socket.create_connection(("127.0.0.1", argus.port), timeout=5) as connection:
        connection.sendall(head.encode())
        answer = connection.recv(4096)

    assert answer.startswith(b"HTTP/1.1 413 ")


async def test_no_secret_reaches_the_logs(argus: Argus, hub: FakeGitHub) -> None:
    opened = hub.open(BASE, {"app/store.py": SQL}, repo="octo/secrets")
    await hub.until(opened.repo, opened.number, summarised)

    logged = argus.logs()

    secrets = [argus.webhook_secret, argus.environment["SECRET_KEY"], "ghs_", "PRIVATE KEY"]
    assert [secret for secret in secrets if secret in logged] == []


def _written(server: EmbeddedRedis) -> list[bytes]:
    """Return the deliveries that the ledger knows."""
    with Redis.from_url(server.url) as redis:
        keys = redis.keys(lasting("event", "*"))
    return sorted(keys)
