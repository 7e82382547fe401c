"""One pull request that is pushed to again and again, for stories of several rounds."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest

from bot.adapters.ledger import RedisLedger
from bot.adapters.redis_client import connect
from bot.adapters.redis_server import EmbeddedRedis
from core.models import Dismiss, DismissalScope, Dismissed, FindingState
from tests.fakes.argus import Argus
from tests.fakes.github import FakeGitHub, Opened
from tests.fakes.model_answers import Asked, Says, review
from tests.fakes.model_server import ModelServer

WAIT_SECONDS = 60.0
PATH = "shop/cart.py"
FILLER = "\n".join(f"STEP_{number} = {number}" for number in range(40))
BASE = f"def total(items):\n    return sum(items)\n\n\n{FILLER}\n\n\ndef close(order):\n    pass\n"
AVERAGE = "    return sum(items) / len(items)\n"
CHANGE = BASE.replace("    return sum(items)\n", AVERAGE).replace("    pass\n", "    order.end()\n")
EMPTY = {
    "path": PATH,
    "line": 2,
    "severity": "important",
    "category": "bug",
    "title": "An empty cart divides by zero",
    "body": "total([]) raises ZeroDivisionError where it returned 0 before.",
    "quote": "return sum(items) / len(items)",
    "confidence": 0.9,
}
TWICE = {
    "path": PATH,
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
"""The second claim still holds on a block that changed."""


@pytest.fixture(scope="module")
def reviewing(
    hub: FakeGitHub,
    own_redis: EmbeddedRedis,
    model: ModelServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Argus]:
    """Web and worker, with a model."""
    environment = {"ARGUS_LEASE_SECONDS": "6", **model.environment}
    with Argus(hub, own_redis.url, tmp_path_factory.mktemp("logs"), **environment) as running:
        yield running


class Story:
    """One pull request, pushed to again and again."""

    def __init__(
        self,
        hub: FakeGitHub,
        model: ModelServer,
        repo: str,
        base: Mapping[str, str] | None = None,
        *,
        every: float = 0.05,
    ) -> None:
        """Tell it on a repository of its own; look at it `every` so many seconds."""
        self._hub = hub
        self._model = model
        self._base = base or {PATH: BASE}
        self._every = every
        self.opened: Opened | None = None
        self.repo = repo
        self.asked: list[str] = []
        self.instructions = ""
        """What the model was told last by Argus itself."""

    async def push(
        self,
        change: str | Mapping[str, str | None],
        *findings: Mapping[str, Any],
        onto: str = "",
        **traits: Any,
    ) -> Any:
        """Push, let the model say what of the findings it can see, and return what stands.

        `traits` are those of the pull request that the first push opens, `message` is any's.
        """
        self.says(*findings)
        files = {PATH: change} if isinstance(change, str) else change
        if self.opened is None:
            self.opened = self._hub.open(self._base, files, repo=self.repo, **traits)
            head = self.opened.head
        else:
            head = self._hub.push(self.repo, "change", files, onto=onto, **traits)
        return await self.until(lambda shown: concluded(shown, head))

    def says(self, *findings: Mapping[str, Any]) -> None:
        """Let the model say from now on what it can see of these findings."""
        self.asked = []

        def script(asked: Asked) -> Says:
            self.asked.append(asked.text)
            self.instructions = str(asked.body["messages"][0]["content"])
            return review(*(each for each in findings if each["quote"] in asked.text))

        self._model.script = script

    def reset(self, sha: str) -> None:
        """Push a commit of before by force."""
        self.says()
        self._hub.reset(self.repo, "change", sha)

    async def until(self, ready: Any) -> Any:
        """Return the first look that is ready. Raises TimeoutError."""
        assert self.opened is not None
        async with asyncio.timeout(WAIT_SECONDS):
            while True:
                shown = await asyncio.to_thread(self._hub.snapshot, self.repo, self.opened.number)
                if ready(shown):
                    return shown
                await asyncio.sleep(self._every)

    @property
    def job_id(self) -> str:
        """The pull request's name in the ledger."""
        assert self.opened is not None
        return f"{self.opened.repo_id}:{self.opened.number}"

    async def dismiss(
        self,
        server: EmbeddedRedis,
        title: str = "",
        *,
        scope: DismissalScope = DismissalScope.FINDING,
        state: FindingState = FindingState.DISMISSED,
        reason: str = "",
    ) -> set[str]:
        """Say a person's word on the finding with a title; return the titles it reached."""
        async with open_ledger(server) as ledger:
            memory = await ledger.memory.of(self.job_id)
            [known] = [f.finding.id for f in memory.findings if f.finding.title == title] or [""]
            answer = await ledger.dismissals.dismiss(
                Dismiss(
                    job_id=self.job_id,
                    who="mona",
                    scope=scope,
                    finding_id=known,
                    state=state,
                    reason=reason,
                )
            )
        assert isinstance(answer, Dismissed)
        return {finding.title for finding in answer.findings}


@asynccontextmanager
async def open_ledger(server: EmbeddedRedis) -> AsyncIterator[RedisLedger]:
    """The ledger that the processes work with."""
    redis = connect(server.url)
    try:
        yield RedisLedger(redis)
    finally:
        await redis.aclose()


def concluded(shown: Mapping[str, Any], head: str) -> bool:
    """Tell whether a head has its result."""
    return any(c["head_sha"] == head and c["status"] == "completed" for c in shown["checks"])


def check_of(shown: Mapping[str, Any], head: str = "") -> Mapping[str, Any]:
    """Return the check of a head, or the latest."""
    return [dict(c) for c in shown["checks"] if not head or c["head_sha"] == head][-1]


def claims(shown: Mapping[str, Any]) -> list[str]:
    """Return the titles on lines."""
    return [
        line for c in shown["review_comments"] for line in c["body"].splitlines() if "**" in line
    ]


def summary_of(shown: Mapping[str, Any]) -> str:
    """Return the sticky summary."""
    return "".join(c["body"] for c in shown["issue_comments"] if "### Argus" in c["body"])
