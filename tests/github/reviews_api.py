"""The part of GitHub that posting touches, in memory: strict, with a clock, and with faults.

It refuses what GitHub refuses: a second pending review, a comment outside the diff, a second
submission. Lists may lag behind; what is asked by id never does.
"""

import json
import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from core.errors import LeaseLost
from core.models import Job, PullRequest, ReviewDraft
from github.client import GitHubClient
from github.identity import Identity
from github.markers import Markers
from github.pace import WritePace
from github.posting import ReviewPublisher
from tests.github.render_samples import BASE, HEAD, REF, finding, record
from tests.github.wire import Clock, Wire, json_answer

REPO = "/repos/acme/shop"
REVIEWS = f"{REPO}/pulls/7/reviews"
BOT = {"login": "argus[bot]", "type": "Bot"}
MARKERS = Markers(["key"])
IDENTITY = Identity(app_id="99", slug="argus")
SETTLE = 15.0


class Killed(BaseException):
    """The process is gone; nothing may catch this."""


@dataclass
class Fault:
    """What happens to one request of this kind: before or after it is carried out."""

    operation: str
    does: Exception | BaseException | httpx.Response
    committed: bool = True
    skip: int = 0


@dataclass
class StoredReview:
    id: int
    body: str
    state: str
    at: float
    user: dict[str, str]
    commit: str
    comments: list[dict[str, Any]]


@dataclass
class ReviewsApi:
    """State and knobs; `handle` answers requests."""

    clock: Clock
    head: str = HEAD
    state: str = "open"
    lag: float = 0.0
    refused_lines: frozenset[int] = frozenset()
    """Lines that the diff does not have."""
    bare: bool = False
    """Answer writes with no more than an id."""
    ids: int = 100
    reviews: dict[int, StoredReview] = field(default_factory=dict)
    faults: deque[Fault] = field(default_factory=deque)
    before: dict[str, Callable[[], None]] = field(default_factory=dict)
    """Called once before an operation."""
    log: list[str] = field(default_factory=list)
    head_read_at: float = 0.0
    ages: list[float] = field(default_factory=list)
    """Seconds since the head was read, at each submission."""
    kill_at: tuple[int, bool] | None = None
    """Number of the request that the process dies at, and whether it was carried out."""

    def handle(self, request: httpx.Request) -> httpx.Response:
        operation = self.operation(request)
        number = len(self.log)
        self.log.append(operation)
        if hook := self.before.pop(operation, None):
            hook()
        killed = self.kill_at if self.kill_at and self.kill_at[0] == number else None
        if killed and not killed[1]:
            raise Killed
        fault = self._fault(operation)
        if fault and not fault.committed:
            return self._fail(fault)
        answer = getattr(self, f"_{operation}")(request)
        if killed:
            raise Killed
        return self._fail(fault) if fault else answer

    @property
    def submitted(self) -> list[StoredReview]:
        return [review for review in self.reviews.values() if review.state == "COMMENTED"]

    @property
    def pending(self) -> list[StoredReview]:
        return [review for review in self.reviews.values() if review.state == "PENDING"]

    def add(self, body: str, state: str = "PENDING", **changes: Any) -> StoredReview:
        review = StoredReview(
            id=self.ids + 1,
            body=body,
            state=state,
            at=self.clock(),
            user=changes.get("user", BOT),
            commit=HEAD,
            comments=changes.get("comments", []),
        )
        self.ids = review.id
        self.reviews[review.id] = review
        return review

    def operation(self, request: httpx.Request) -> str:
        path = request.url.path
        for operation, method, pattern in (
            ("pull", "GET", rf"{REPO}/pulls/7"),
            ("list", "GET", REVIEWS),
            ("create", "POST", REVIEWS),
            ("comments", "GET", rf"{REVIEWS}/\d+/comments"),
            ("submit", "POST", rf"{REVIEWS}/\d+/events"),
            ("get", "GET", rf"{REVIEWS}/\d+"),
            ("delete", "DELETE", rf"{REVIEWS}/\d+"),
        ):
            if request.method == method and re.fullmatch(pattern, path):
                return operation
        raise AssertionError(f"unexpected request: {request.method} {path}")

    def _fault(self, operation: str) -> Fault | None:
        for fault in self.faults:
            if fault.operation == operation:
                if fault.skip:
                    fault.skip -= 1
                    return None
                self.faults.remove(fault)
                return fault
        return None

    def _fail(self, fault: Fault) -> httpx.Response:
        if isinstance(fault.does, httpx.Response):
            return fault.does
        raise fault.does

    def _pull(self, _request: httpx.Request) -> httpx.Response:
        self.head_read_at = self.clock()
        return json_answer(pull_payload(self.head, self.state))

    def _list(self, request: httpx.Request) -> httpx.Response:
        page = int(request.url.params.get("page", "1"))
        size = int(request.url.params["per_page"])
        seen = [r for r in self.reviews.values() if self.clock() - r.at >= self.lag]
        rows = [self._shape(r) for r in seen[(page - 1) * size : page * size]]
        more = f'<https://x.test?page={page + 1}>; rel="next"' if len(seen) > page * size else ""
        return httpx.Response(200, json=rows, headers={"link": more} if more else {})

    def _create(self, request: httpx.Request) -> httpx.Response:
        asked = json.loads(request.content)
        if self.pending:
            return unprocessable("User can only have one pending review per pull request")
        if asked["commit_id"] != self.head:
            return unprocessable("commit_id is not part of the pull request")
        if len(asked["comments"]) > 30:
            return json_answer({"message": "was submitted too quickly"}, 502)
        if any(comment["line"] in self.refused_lines for comment in asked["comments"]):
            return unprocessable("Pull request review thread line must be part of the diff")
        assert asked["body"]
        review = self.add(asked["body"], comments=asked["comments"])
        return self._written(review)

    def _get(self, request: httpx.Request) -> httpx.Response:
        review = self._named(request)
        return json_answer(self._shape(review)) if review else not_found()

    def _submit(self, request: httpx.Request) -> httpx.Response:
        review = self._named(request)
        asked = json.loads(request.content)
        assert asked["event"] == "COMMENT"
        if review is None:
            return not_found()
        if review.state != "PENDING":
            return unprocessable("Could not submit a review that is not pending")
        self.ages.append(self.clock() - self.head_read_at)
        review.state, review.body, review.at = "COMMENTED", asked["body"], self.clock()
        return self._written(review)

    def _delete(self, request: httpx.Request) -> httpx.Response:
        review = self._named(request)
        if review is None:
            return not_found()
        if review.state != "PENDING":
            return unprocessable("Can not delete a non-pending pull request review")
        del self.reviews[review.id]
        return json_answer(self._shape(review))

    def _comments(self, request: httpx.Request) -> httpx.Response:
        review = self._named(request)
        if review is None:
            return not_found()
        rows = [
            {**comment, "id": n, "html_url": comment_url(review.id, n), "user": BOT}
            for n, comment in enumerate(review.comments)
        ]
        return json_answer(rows)

    def _named(self, request: httpx.Request) -> StoredReview | None:
        return self.reviews.get(int(request.url.path.split("/")[7]))

    def _written(self, review: StoredReview) -> httpx.Response:
        return json_answer({"id": review.id} if self.bare else self._shape(review))

    def _shape(self, review: StoredReview) -> dict[str, Any]:
        return {
            "id": review.id,
            "body": review.body,
            "state": review.state,
            "user": review.user,
            "commit_id": review.commit,
            "html_url": f"https://github.com/acme/shop/pull/7#pullrequestreview-{review.id}",
        }


class FakeFence:
    """A lease in memory that can be lost."""

    def __init__(self, review_id: int | None = None) -> None:
        self.checks = 0
        self.lost_at: int | None = None
        self.settle_seconds = SETTLE
        self.write_timeout = 20.0
        self.review_id = review_id

    async def check(self) -> None:
        self.checks += 1
        if self.lost_at is not None and self.checks > self.lost_at:
            raise LeaseLost("another worker holds the job")

    async def remember_review(self, review_id: int) -> None:
        self.review_id = review_id


def comment_url(review: int, number: int) -> str:
    return f"https://github.com/acme/shop/pull/7#discussion_r{review}{number}"


def unprocessable(message: str) -> httpx.Response:
    return json_answer({"message": "Unprocessable Entity", "errors": [message]}, 422)


def not_found() -> httpx.Response:
    return json_answer({"message": "Not Found"}, 404)


def pull_payload(head: str, state: str) -> dict[str, Any]:
    """Return a pull request as GitHub shows it, as far as it is read."""
    owner = {"login": "acme", "type": "Organization"}
    repo = {"id": 7, "name": "shop", "owner": owner, "private": False, "fork": False}
    return {
        "number": 7,
        "title": "Coupons",
        "body": None,
        "user": {"login": "mona", "type": "User"},
        "state": state,
        "draft": False,
        "locked": False,
        "merged": False,
        "labels": [],
        "head": {"sha": head, "ref": "coupons", "repo": repo},
        "base": {"sha": BASE, "ref": "main", "repo": repo},
        "changed_files": 1,
        "additions": 1,
        "deletions": 0,
        "html_url": "https://github.com/acme/shop/pull/7",
    }


def a_pull(**changes: Any) -> PullRequest:
    values: dict[str, Any] = {
        "ref": REF,
        "repo_id": 7,
        "title": "Coupons",
        "body": "",
        "author": "mona",
        "author_is_bot": False,
        "head": HEAD,
        "base": BASE,
        "base_branch": "main",
        "head_branch": "coupons",
        "open": True,
        "merged": False,
        "draft": False,
        "locked": False,
        "private": False,
        "labels": (),
        "changed_files": 1,
        "additions": 1,
        "deletions": 0,
        "url": "https://github.com/acme/shop/pull/7",
    }
    return PullRequest(**{**values, **changes})


def a_draft(count: int = 3, **changes: Any) -> ReviewDraft:
    found = tuple(finding(f"f{n}", line=n) for n in range(1, count + 1))
    return ReviewDraft(pull=a_pull(**changes), inline=found, record=record())


def a_job(**changes: Any) -> Job:
    values: dict[str, Any] = {
        "id": "7:7",
        "ref": REF,
        "repo_id": 7,
        "installation_id": 3,
        "head": HEAD,
        "epoch": 1,
        "generation": 1,
    }
    return Job.model_validate(values | changes)


def a_client(api: ReviewsApi) -> GitHubClient:
    return Wire(api.handle).client(pace=a_pace(api))


def a_pace(api: ReviewsApi) -> WritePace:
    return WritePace(clock=api.clock, sleep=api.clock.sleep)


def a_publisher(
    api: ReviewsApi,
    *,
    identity: Identity = IDENTITY,
    client: GitHubClient | None = None,
    **job: Any,
) -> ReviewPublisher:
    return ReviewPublisher(
        client or a_client(api),
        a_job(**job),
        MARKERS,
        identity,
        clock=api.clock,
        sleep=api.clock.sleep,
    )
