"""Stories of a team without a Slack app: incoming webhooks get the summary of each review."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from bot.adapters.redis_server import EmbeddedRedis
from tests.fakes.argus import Argus
from tests.fakes.github import FakeGitHub, Opened
from tests.flows.teams import until
from tests.flows.test_pull_request import BASE, CLEAN, SQL, checked, own_reviews, summarised

SECONDS = 90.0


@dataclass(frozen=True)
class Heard:
    """One request to the receiver, and how it was answered."""

    path: str
    body: dict[str, Any]
    status: int


@dataclass
class Receiver:
    """Takes what webhooks are sent; `refusals` of a path come first, each once."""

    heard: list[Heard] = field(default_factory=list)
    refusals: dict[str, list[tuple[int, dict[str, str]]]] = field(default_factory=dict)
    away: bool = False
    url: str = ""

    def take(self, path: str, body: dict[str, Any]) -> tuple[int, dict[str, str]]:
        waiting = self.refusals.get(path) or [(503 if self.away else 200, {})]
        status, headers = waiting.pop(0)
        self.heard.append(Heard(path, body, status))
        return status, headers

    def about(self, repo: str) -> list[Heard]:
        return [each for each in self.heard if repo in json.dumps(each.body)]

    def accepted(self, repo: str) -> list[str]:
        """Return where something of a repository was taken."""
        return sorted(each.path for each in self.about(repo) if each.status == 200)


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    """Listen on this machine, in a thread."""
    made = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("content-length", "0"))
            status, headers = made.take(self.path, json.loads(self.rfile.read(length)))
            self.send_response(status)
            for name, value in {**headers, "content-length": "0"}.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        made.url = f"http://127.0.0.1:{server.server_address[1]}"
        serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        serving.start()
        yield made
        server.shutdown()
        serving.join()


@pytest.fixture(scope="module", autouse=True)
def argus(
    hub: FakeGitHub,
    own_redis: EmbeddedRedis,
    receiver: Receiver,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Argus]:
    """Web and worker with two webhooks and no app of Slack."""
    hooks = {
        "SLACK_WEBHOOK_URL": f"{receiver.url}/slack",
        "DISCORD_WEBHOOK_URL": f"{receiver.url}/discord",
    }
    with Argus(hub, own_redis.url, tmp_path_factory.mktemp("logs"), **hooks) as running:
        yield running


async def reviewed(hub: FakeGitHub, repo: str) -> Opened:
    """Open a pull request with one finding, and wait for its review."""
    opened = hub.open(BASE, {"app/store.py": SQL}, repo=repo)
    shown = await hub.until(opened.repo, opened.number, summarised, SECONDS)
    assert len(own_reviews(shown)) == 1
    return opened


async def test_summary_arrives_at_both_webhooks(hub: FakeGitHub, receiver: Receiver) -> None:
    opened = await reviewed(hub, "octo/hooked")

    await until(lambda: receiver.accepted(opened.repo), lambda taken: len(taken) == 2)

    slack, discord = sorted(receiver.about(opened.repo), key=lambda each: each.path, reverse=True)
    assert "1 important finding" in slack.body["text"]
    assert "SQL is built from a value" in json.dumps(slack.body["blocks"])
    assert "actions" not in {block["type"] for block in slack.body["blocks"]}
    assert "SQL is built from a value" in discord.body["content"]
    assert f"{hub.url}/{opened.repo}/pull/{opened.number}" in discord.body["content"]


async def test_webhooks_that_refuse_cost_no_review_and_are_told_later(
    hub: FakeGitHub, receiver: Receiver
) -> None:
    receiver.refusals, receiver.away = {"/slack": [(429, {"retry-after": "1"})]}, True
    opened = await reviewed(hub, "octo/refused")
    await until(lambda: {each.path for each in receiver.about(opened.repo)}, lambda p: len(p) == 2)
    assert receiver.accepted(opened.repo) == []

    receiver.away = False

    await until(lambda: receiver.accepted(opened.repo), lambda taken: len(taken) == 2)
    assert receiver.accepted(opened.repo) == ["/discord", "/slack"]
    statuses = [each.status for each in receiver.about(opened.repo) if each.path == "/slack"]
    assert (statuses[0], statuses[-1]) == (429, 200)


async def test_round_without_anything_new_is_not_told(hub: FakeGitHub, receiver: Receiver) -> None:
    opened = await reviewed(hub, "octo/quiet")
    await until(lambda: receiver.accepted(opened.repo), lambda taken: len(taken) == 2)

    hub.push(opened.repo, "change", {"README.md": "# The shop\n"})
    await hub.until(opened.repo, opened.number, checked, SECONDS)
    hub.push(opened.repo, "change", {"app/other.py": SQL.replace("find", "seek")})
    await until(lambda: receiver.accepted(opened.repo), lambda taken: len(taken) > 2)

    told = [each.body["text"] for each in receiver.about(opened.repo) if each.path == "/slack"]
    assert len(told) == 2
    assert "2 important findings" in told[1]


async def test_address_of_a_webhook_is_in_no_log(
    hub: FakeGitHub, receiver: Receiver, argus: Argus
) -> None:
    receiver.refusals = {"/slack": [(500, {})], "/discord": [(404, {})]}
    opened = await reviewed(hub, "octo/logged")
    await until(lambda: receiver.accepted(opened.repo), lambda taken: "/slack" in taken)

    assert f"{opened.repo_id}:{opened.number}" in argus.logs()
    assert receiver.url not in argus.logs()


async def test_clean_review_is_told_as_well(hub: FakeGitHub, receiver: Receiver) -> None:
    opened = hub.open(BASE, {"app/store.py": CLEAN}, repo="octo/clean")
    await until(lambda: receiver.accepted(opened.repo), lambda taken: len(taken) == 2)
