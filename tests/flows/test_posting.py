"""A review is posted on the local GitHub, over real connections, whatever breaks on the way."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from core.errors import HeadMoved, TransientError
from core.models import (
    Anchor,
    Candidate,
    Category,
    Coverage,
    Delivery,
    Finding,
    Job,
    OutboxRow,
    Outcome,
    OutcomeKind,
    Place,
    PostedReview,
    PullRequestRef,
    RecordedFinding,
    ReviewDraft,
    ReviewRecord,
    RowKind,
    Severity,
    Side,
    Stage,
)
from github.checks import CheckDeliverer
from github.client import GitHubClient
from github.identity import Identity
from github.markers import MarkerKind, Markers, review_id
from github.pace import Limits, WritePace
from github.posting import ReviewPublisher
from github.pull_requests import GitHubPullRequest
from github.summaries import SummaryDeliverer
from tests.contracts.openapi import validate_request
from tests.fakes.github import FakeGitHub, Opened, github  # noqa: F401 - a fixture
from tests.github.reviews_api import FakeFence

BASE = {"cart.py": "".join(f"line_{n} = {n}\n" for n in range(1, 41))}
CHANGE = {"cart.py": BASE["cart.py"].replace("line_20 = 20\n", "total = 0\nprice = 1\n")}
PERMISSIONS = {
    "contents": "read",
    "pull_requests": "write",
    "checks": "write",
    "issues": "read",
    "metadata": "read",
}
SETTLE = 0.3
"""Seconds; the fake's lists lag less than this."""
LAG = 0.2
QUICK = Limits(burst=100, per_second=100)
"""Writes need not wait here; that they do is proven where the pace is."""
MARKERS = Markers(["key"])
CREATE, SUBMIT = r"/pulls/\d+/reviews$", r"/reviews/\d+/events$"


@dataclass
class Desk:
    """Everything one test posts with."""

    fake: FakeGitHub
    opened: Opened
    client: GitHubClient
    ref: PullRequestRef
    identity: Identity

    def publisher(self, **job: Any) -> ReviewPublisher:
        made = Job.model_validate(
            {
                "id": f"{self.opened.repo_id}:{self.ref.number}",
                "ref": self.ref,
                "repo_id": self.opened.repo_id,
                "installation_id": self.opened.installation,
                "head": self.opened.head,
                "epoch": 1,
                "generation": 1,
                **job,
            }
        )
        return ReviewPublisher(self.client, made, MARKERS, self.identity, web_url=self.fake.url)

    async def draft(self, *lines: int) -> ReviewDraft:
        host = GitHubPullRequest(self.client, self.ref, MARKERS, self.identity)
        found = tuple(a_finding(line) for line in lines or (20, 21))
        return ReviewDraft(await host.pull_request(), found, a_record(self.opened))

    async def publish(
        self, *lines: int, fence: FakeFence | None = None, **job: Any
    ) -> PostedReview:
        draft = await self.draft(*lines)
        return await self.publisher(**job).publish(draft, fence or a_fence())

    async def reviews(self, state: str) -> list[dict[str, Any]]:
        shown = await asyncio.to_thread(self.fake.snapshot, self.opened.repo, self.ref.number)
        return [review for review in shown["reviews"] if review["state"] == state]

    def name(self, head: str = "") -> str:
        return review_id(self.opened.repo_id, self.ref.number, head or self.opened.head, 0)


@pytest.fixture
async def desk(github: FakeGitHub) -> AsyncIterator[Desk]:  # noqa: F811 - the fixture
    opened = github.open(BASE, CHANGE)
    owner, _, name = opened.repo.partition("/")
    token = github.installation_token(
        opened.installation, repository_ids=[opened.repo_id], permissions=PERMISSIONS
    )

    async def authorize(_fresh: bool) -> str:
        return f"Bearer {token}"

    github.clear_requests()
    async with httpx.AsyncClient(trust_env=False) as http:
        yield Desk(
            fake=github,
            opened=opened,
            client=GitHubClient(http, github.url, authorize, pace=WritePace(QUICK)),
            ref=PullRequestRef(owner=owner, repo=name, number=opened.number),
            identity=Identity(app_id=github.app_id, slug=github.slug),
        )
    assert github.requests(), "every request of the test is held against the description"
    for request in github.requests():
        query = f"?{urlencode(request['query'])}" if request["query"] else ""
        validate_request(request["method"], request["path"] + query, request["body"])


def a_fence(review: int | None = None) -> FakeFence:
    fence = FakeFence(review)
    fence.settle_seconds = SETTLE
    return fence


def a_finding(line: int) -> Finding:
    candidate = Candidate(
        path="cart.py",
        line=line,
        severity=Severity.IMPORTANT,
        category=Category.BUG,
        title=f"Line {line} is wrong",
        body="It loses money.",
        quote="total = 0",
    )
    anchor = Anchor(path="cart.py", side=Side.RIGHT, line=line)
    return Finding(id=f"f{line}", candidate=candidate, anchor=anchor, fingerprint=f"p{line}")


def a_record(opened: Opened, **changes: Any) -> ReviewRecord:
    coverage = Coverage(files_total=1, files_read=1)
    values = {"head": opened.head, "base": opened.base, "coverage": coverage}
    return ReviewRecord.model_validate(values | changes)


async def test_comments_stand_on_their_lines_and_lead_to_their_addresses(desk: Desk) -> None:
    posted = await desk.publish()
    (review,) = await desk.reviews("COMMENTED")
    assert (review["id"], review["commit_id"]) == (posted.id, desk.opened.head)
    assert set(posted.comment_urls) == {"f20", "f21"}
    assert all("#discussion_r" in url for url in posted.comment_urls.values())
    host = GitHubPullRequest(desk.client, desk.ref, MARKERS, desk.identity)
    standing = await host.standing_comments()
    assert {(c.finding_id, c.fingerprint, c.line) for c in standing} == {
        ("f20", "p20", 20),
        ("f21", "p21", 21),
    }


@pytest.mark.parametrize("path", [CREATE, SUBMIT], ids=["create", "submit"])
@pytest.mark.parametrize("commit", [True, False], ids=["carried out", "lost"])
@pytest.mark.parametrize("fate", [{"drop": True}, {"status": 502}], ids=["dropped", "502"])
async def test_answer_that_never_came_ends_in_one_review(
    desk: Desk, path: str, commit: bool, fate: dict[str, Any]
) -> None:
    desk.fake.set_knobs(list_lag=LAG)
    desk.fake.fault("POST", path, commit=commit, **fate)
    posted = await desk.publish()
    assert [r["id"] for r in await desk.reviews("COMMENTED")] == [posted.id]
    assert await desk.reviews("PENDING") == []


class Dies(FakeFence):
    """The process ends at one of its looks at the lease, or when it has stored the review."""

    def __init__(self, check: int) -> None:
        super().__init__()
        self.settle_seconds = SETTLE
        self._check = check

    async def check(self) -> None:
        await super().check()
        if self.checks == self._check:
            raise SystemExit


@pytest.mark.parametrize("check", [1, 2, 3])
@pytest.mark.parametrize("lag", [0.0, LAG])
async def test_successor_of_a_dead_worker_posts_or_adopts(
    desk: Desk, check: int, lag: float
) -> None:
    desk.fake.set_knobs(list_lag=lag)
    dead = Dies(check)
    with pytest.raises(SystemExit):
        await desk.publish(fence=dead)
    stored = dead.review_id
    posted = await desk.publish(fence=a_fence(stored), attempt=2, review_id=stored)
    assert [r["id"] for r in await desk.reviews("COMMENTED")] == [posted.id]
    assert await desk.reviews("PENDING") == []
    assert set(posted.comment_urls) == {"f20", "f21"}


async def test_dead_worker_that_had_submitted_is_adopted(desk: Desk) -> None:
    first = await desk.publish()
    draft = await desk.draft()
    found = await desk.publisher(attempt=2).find_posted(draft.pull, a_fence())
    assert found == replace(first, adopted=True)


async def test_debris_of_an_older_head_is_cleared(desk: Desk) -> None:
    body = MARKERS.make(MarkerKind.REVIEW, desk.name("c" * 40))
    path = f"/repos/{desk.opened.repo}/pulls/{desk.ref.number}/reviews"
    await desk.client.post(path, {"commit_id": desk.opened.head, "body": body})
    posted = await desk.publish()
    assert [r["id"] for r in await desk.reviews("COMMENTED")] == [posted.id]
    assert await desk.reviews("PENDING") == []


async def test_line_outside_the_diff_moves_to_the_summary(desk: Desk) -> None:
    posted = await desk.publish(20, 1, 21)
    assert posted.refused == ("f1",)
    assert set(posted.comment_urls) == {"f20", "f21"}
    assert await desk.reviews("PENDING") == []


async def test_push_before_posting_posts_nothing(desk: Desk) -> None:
    draft = await desk.draft()
    moved = desk.fake.push(desk.opened.repo, "change", {"cart.py": "empty = True\n"})
    with pytest.raises(HeadMoved) as raised:
        await desk.publisher().publish(draft, a_fence())
    assert raised.value.live_head == moved
    assert await desk.reviews("COMMENTED") == []


async def test_check_and_summary_follow_from_waiting_to_done(desk: Desk) -> None:
    posted = await desk.publish()

    async def connect(_delivery: Delivery) -> GitHubClient:
        return desk.client

    checks = CheckDeliverer(connect, web_url=desk.fake.url)
    summaries = SummaryDeliverer(connect, MARKERS, desk.identity, web_url=desk.fake.url)
    receipt = await checks.deliver(a_delivery(desk, RowKind.CHECK, Stage.WAITING))
    receipt = await checks.deliver(a_delivery(desk, RowKind.CHECK, Stage.RUNNING, receipt=receipt))
    ended = Outcome(
        kind=OutcomeKind.REVIEWED,
        head=desk.opened.head,
        record=a_record(desk.opened, findings=(a_recorded(posted.comment_urls["f20"]),)),
        review_id=posted.id,
        review_url=posted.url,
    )
    await checks.deliver(a_delivery(desk, RowKind.CHECK, Stage.IDLE, ended, receipt=receipt))
    comment = await summaries.deliver(a_delivery(desk, RowKind.SUMMARY, Stage.IDLE, ended))
    again = a_delivery(desk, RowKind.SUMMARY, Stage.IDLE, ended, receipt=comment, generation=2)
    assert await summaries.deliver(again) == comment
    shown = await asyncio.to_thread(desk.fake.snapshot, desk.opened.repo, desk.ref.number)
    (check,) = shown["checks"]
    assert (check["name"], check["external_id"]) == ("Argus", "c-1")
    assert (check["status"], check["conclusion"]) == ("completed", "neutral")
    assert posted.url in check["output"]["summary"]
    (summary,) = shown["issue_comments"]
    assert f"[comment]({posted.comment_urls['f20']})" in summary["body"]


async def test_check_whose_creation_was_doubtful_is_adopted(desk: Desk) -> None:
    async def connect(_delivery: Delivery) -> GitHubClient:
        return desk.client

    checks = CheckDeliverer(connect)
    desk.fake.fault("POST", r"/check-runs$", commit=True, drop=True)
    with pytest.raises(TransientError):
        await checks.deliver(a_delivery(desk, RowKind.CHECK, Stage.RUNNING))
    await checks.deliver(a_delivery(desk, RowKind.CHECK, Stage.RUNNING, attempts=1))
    shown = await asyncio.to_thread(desk.fake.snapshot, desk.opened.repo, desk.ref.number)
    assert len(shown["checks"]) == 1


def a_recorded(url: str) -> RecordedFinding:
    return RecordedFinding(
        id="f20",
        fingerprint="p20",
        path="cart.py",
        line=20,
        severity=Severity.IMPORTANT,
        category=Category.BUG,
        title="Line 20 is wrong",
        body="It loses money.",
        place=Place.INLINE,
        url=url,
    )


def a_delivery(
    desk: Desk, kind: RowKind, stage: Stage, ended: Outcome | None = None, **row: Any
) -> Delivery:
    values = {"kind": kind, "job_id": "1:1", "target": f"{desk.opened.head}:0", "generation": 1}
    return Delivery(
        row=OutboxRow.model_validate(values | row),
        ref=desk.ref,
        repo_id=desk.opened.repo_id,
        installation_id=desk.opened.installation,
        head=desk.opened.head,
        stage=stage,
        outcome=ended,
        correlation_id="c-1",
    )
