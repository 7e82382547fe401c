"""Pull requests of the bench: opened at the local GitHub, told to Argus, found again when reviewed.

What is measured of them is none of this module's business.
"""

import asyncio
import http.client
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Any, Self

from bot.adapters.ledger import Counts, JobEntry, RedisLedger
from bot.adapters.redis_client import connect
from core.models import OutcomeKind
from tests.bench.change import Change
from tests.bench.payloads import Target, delivery, opened_payload
from tests.bench.site import Site, finding
from tests.fakes.model_answers import Says, Script, review
from tests.fakes.model_server import ModelServer

PATIENCE = 60.0
"""Seconds for one answer."""
POLL_SECONDS = 0.5
"""Between looks at the ledger; moments are taken from GitHub's own record."""
SUBMISSION = re.compile(r"^/repos/([^/]+/[^/]+)/pulls/(\d+)/reviews/\d+/events$")


@dataclass(frozen=True, slots=True)
class Opened:
    """A pull request that waits to be told to Argus."""

    target: Target
    request: bytes
    """The delivery about it."""

    @property
    def job_id(self) -> str:
        """Return the name of its job in the ledger."""
        return f"{self.target.repo_id}:{self.target.number}"

    @property
    def name(self) -> tuple[str, int]:
        """Return `owner/repo` and its number."""
        return f"{self.target.owner}/{self.target.repo}", self.target.number


class Opener:
    """Opens pull requests at the local GitHub; nobody is told."""

    def __init__(self, site: Site, prefix: str) -> None:
        self._site = site
        self._prefix = prefix
        self._serials = count(1)

    def alone(self, change: Change) -> Opened:
        """Open one in an installation of its own, where no pace of writes holds it up."""
        (opened,) = self.team(change, repositories=1, each=1)
        return opened

    def team(self, change: Change, *, repositories: int, each: int) -> list[Opened]:
        """Open `each` in every one of an owner's repositories, all of one installation."""
        github, owner = self._site.github, f"{self._prefix}{next(self._serials)}"
        names = [f"{owner}/shop{n}" for n in range(repositories)]
        made = {name: github.create_repo(name, change.base)["id"] for name in names}
        installation = github.install(owner, names)
        return [
            self._open(name, made[name], installation, change, f"change{n}")
            for n in range(each)
            for name in names
        ]

    def another(self, opened: Opened, change: Change) -> Opened:
        """Open one more in the same repository."""
        there, to = opened.target, f"more{next(self._serials)}"
        return self._open(
            f"{there.owner}/{there.repo}", there.repo_id, there.installation, change, to
        )

    def _open(self, name: str, repo_id: int, installation: int, change: Change, to: str) -> Opened:
        head = self._site.github.push(name, to, change.files)
        pull = self._site.github.open_pull(name, to, author="dev")
        owner, _, repo = name.partition("/")
        target = Target(owner, repo, repo_id, pull["number"], head, installation)
        guid = f"{owner}-{repo}-{target.number}"
        request = delivery(opened_payload(target), self._site.secret.encode(), guid)
        return Opened(target, request)


def tell(port: int, opened: Opened) -> float:
    """Deliver the event; return when it was sent. Raises RuntimeError unless it is accepted."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    sent = time.time()
    try:
        connection.connect()
        connection.sock.sendall(opened.request)
        answer = http.client.HTTPResponse(connection.sock, method="POST")
        answer.begin()
        body = answer.read()
    finally:
        connection.close()
    if answer.status != 202:
        raise RuntimeError(f"the delivery was answered with {answer.status}: {body!r}")
    return sent


class Books:
    """The ledger, for a program without a loop of its own."""

    def __init__(self, redis_url: str) -> None:
        self._runner = asyncio.Runner()
        self._redis = connect(redis_url)
        self._desk = RedisLedger(self._redis).desk

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._runner.run(self._redis.aclose())
        self._runner.close()

    def counts(self) -> Counts:
        """Return the ledger in numbers."""
        return self._runner.run(self._desk.counts())

    def job(self, opened: Opened) -> JobEntry | None:
        """Return the job of a pull request."""
        return self._runner.run(self._desk.show(opened.job_id))

    def ended(self, opened: Opened) -> bool:
        """Tell whether the head has its outcome."""
        return self.outcome(opened) is not None

    def outcome(self, opened: Opened) -> OutcomeKind | None:
        """Return how the head's last run ended."""
        entry = self.job(opened)
        return entry.outcome.kind if entry and entry.outcome else None

    def wait_until_empty(self, seconds: float) -> Counts:
        """Wait until nothing is due, runs or is to be sent. Raises TimeoutError."""
        deadline = time.monotonic() + seconds
        while (counts := self.counts()).due or counts.waiting or counts.running or counts.rows:
            if time.monotonic() > deadline:
                raise TimeoutError(f"after {seconds:.0f} s the ledger still has {counts}")
            time.sleep(POLL_SECONDS)
        return counts


def submissions(requests: Sequence[Mapping[str, Any]]) -> dict[tuple[str, int], list[float]]:
    """Return when reviews were submitted, by `owner/repo` and number."""
    found: dict[tuple[str, int], list[float]] = {}
    for request in requests:
        place = SUBMISSION.match(request["path"])
        if place and request["method"] == "POST" and 200 <= request["status"] < 300:
            found.setdefault((place[1], int(place[2])), []).append(request["at"])
    return found


def scripted(change: Change, *, pause: float = 0.0) -> Script:
    """Return a model that finds one thing in each file it is shown, `pause` before each event."""
    lines = change.lines.items()

    def answer(text: str) -> Says:
        found = [
            finding(path, line, quote, f"The limit is subtracted in {path.rpartition('/')[2]}")
            for path, (line, quote) in lines
            if path in text
        ]
        return replace(review(*found), pause=pause)

    return lambda asked: answer(asked.text)


def model_environment(model: ModelServer) -> Mapping[str, str]:
    """Return what puts a worker behind this model."""
    return {
        "ARGUS_MODEL": "openai:test-model",
        "OPENAI_BASE_URL": model.openai_url,
        "OPENAI_API_KEY": "unused",
    }
