"""The playground's pull request after a real review: sample, analyzers, posting, check, summary.

Only the queue is left out; what stands on the pull request afterwards is what Argus writes.
"""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from bot.playground.sample import Sample
from bot.playground.sample.planting import Planted
from core.analyzers import Analyzers
from core.models import Delivery, Job, OutboxRow, Outcome, PullRequestRef, RowKind, Stage
from core.ports import Deliverer
from core.repo_config import RepoConfig
from core.review import Crew, review_pull_request
from core.reviewer import Reviewer
from github.checks import CheckDeliverer
from github.client import GitHubClient
from github.identity import Identity
from github.markers import Markers
from github.pace import Limits, WritePace
from github.posting import ReviewPublisher
from github.pull_requests import GitHubPullRequest
from github.summaries import SummaryDeliverer
from tests.fakes.github import FakeGitHub
from tests.github.reviews_api import FakeFence

MARKERS = Markers(["key"])
QUICK = Limits(burst=100, per_second=100)
SETTLE = 0.2
"""Seconds."""


@dataclass
class Scene:
    """A planted pull request and the hands that review it."""

    hub: FakeGitHub
    sample: Sample
    planted: Planted
    client: GitHubClient
    receipt: str = ""

    @property
    def ref(self) -> PullRequestRef:
        owner, _, repo = self.planted.repository.partition("/")
        return PullRequestRef(owner=owner, repo=repo, number=self.planted.number)

    async def stage(self, stage: Stage, head: str = "") -> None:
        """Show a stage in the check run of a head."""
        self.receipt = await self._checks.deliver(self._delivery(RowKind.CHECK, stage, head))

    async def review(self, head: str = "") -> Outcome:
        """Review a head with the static analyzers and post everything."""
        identity = Identity(app_id=self.hub.app_id, slug=self.hub.slug)
        host = GitHubPullRequest(self.client, self.ref, MARKERS, identity)
        job = self._job(head)
        publisher = ReviewPublisher(self.client, job, MARKERS, identity, web_url=self.hub.url)
        crew = Crew(host, publisher, Reviewer(None), Analyzers(), RepoConfig(), time.monotonic)
        fence = FakeFence()
        fence.settle_seconds = SETTLE
        outcome = await review_pull_request(job, crew, fence)
        await self._checks.deliver(self._delivery(RowKind.CHECK, Stage.IDLE, head, outcome))
        await self._summaries(identity).deliver(
            self._delivery(RowKind.SUMMARY, Stage.IDLE, head, outcome)
        )
        return outcome

    def _job(self, head: str) -> Job:
        return Job(
            id=f"{self.planted.repository_id}:{self.planted.number}",
            ref=self.ref,
            repo_id=self.planted.repository_id,
            installation_id=self.planted.installation,
            head=head or self.planted.head,
            epoch=1,
            generation=1,
        )

    @property
    def _checks(self) -> Deliverer:
        return CheckDeliverer(self._connect, web_url=self.hub.url)

    def _summaries(self, identity: Identity) -> Deliverer:
        return SummaryDeliverer(self._connect, MARKERS, identity, web_url=self.hub.url)

    async def _connect(self, _: Delivery) -> GitHubClient:
        return self.client

    def _delivery(
        self, kind: RowKind, stage: Stage, head: str, outcome: Outcome | None = None
    ) -> Delivery:
        job = self._job(head)
        receipt = self.receipt if kind is RowKind.CHECK else ""
        row = OutboxRow(
            kind=kind, job_id=job.id, target=f"{job.head}:0", generation=1, receipt=receipt
        )
        return Delivery(
            row=row,
            ref=self.ref,
            repo_id=job.repo_id,
            installation_id=job.installation_id,
            head=job.head,
            stage=stage,
            outcome=outcome,
            correlation_id=f"c-{job.head[:7]}",
        )


@asynccontextmanager
async def open_scene(hub: FakeGitHub, sample: Sample, planted: Planted) -> AsyncIterator[Scene]:
    """Open the App's connection to a planted pull request."""
    token = hub.installation_token(planted.installation)

    async def authorize(_fresh: bool) -> str:
        return f"Bearer {token}"

    async with httpx.AsyncClient(trust_env=False) as http:
        client = GitHubClient(http, hub.url, authorize, pace=WritePace(QUICK))
        yield Scene(hub, sample, planted, client)


class QuietSlack:
    """A channel in memory, as the page sees it; what is typed there is answered aside."""

    def __init__(self) -> None:
        self.typed: list[tuple[str, str, str]] = []
        self.written: list[tuple[str, str, str, str]] = []
        self.chosen: list[tuple[str, str, str, str]] = []
        self.sent_off: list[tuple[str, Any]] = []
        self.views: list[dict[str, Any]] = []
        self.pressed: list[tuple[str, str, str, str, str]] = []
        self.messages: list[dict[str, Any]] = []
        self.asides: list[dict[str, Any]] = []

    def snapshot(self) -> dict[str, Any]:
        people = [
            {"id": "U0ARGUS", "name": "argus", "real_name": "Argus", "is_bot": True},
            {"id": "U0LENA", "name": "lena-k", "is_bot": False},
        ]
        channels = [
            {"id": "D1", "messages": [said("1.0", "not here")], "ephemerals": []},
            {"id": "C1", "name": "elsewhere", "messages": [], "ephemerals": []},
            {
                "id": "C2",
                "name": "reviews",
                "messages": list(self.messages),
                "ephemerals": list(self.asides),
            },
        ]
        app = {"id": "A1", "user": "U0ARGUS"}
        return {"app": app, "people": people, "channels": channels, "views": list(self.views)}

    def say(self, user: str, channel: str, text: str, thread_ts: str = "") -> object:
        self.written.append((user, channel, text, thread_ts))
        return None

    def shortcut(self, user: str, channel: str, ts: str, callback_id: str) -> object:
        self.chosen.append((user, channel, ts, callback_id))
        return None

    def submit(self, view: str, values: Any) -> object:
        self.sent_off.append((view, values))
        self.close_view(view)
        return None

    def close_view(self, view: str) -> None:
        self.views = [each for each in self.views if each["id"] != view]

    def press(
        self, user: str, channel: str, ts: str, action_id: str, *, option: str = ""
    ) -> object:
        self.pressed.append((user, channel, ts, action_id, option))
        return None

    def slash(self, user: str, channel: str, text: str) -> object:
        self.typed.append((user, channel, text))
        aside = said(f"{100 + len(self.typed)}.0", f"Heard: {text}")
        self.asides.append({**aside, "seen_by": "U0LENA"})
        return {"status": 200}


def said(ts: str, text: str, *blocks: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a message of Argus in #reviews as the local Slack shows it."""
    base = {"ts": ts, "channel": "C2", "user": "U0ARGUS", "text": text, "blocks": list(blocks)}
    return base | more
