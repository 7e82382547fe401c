"""Our own reviews on one pull request: list, get, create, submit, delete; no decision is made here.

https://docs.github.com/rest/pulls/reviews
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.errors import TransientError
from core.models import PullRequestRef
from github.client import GitHubClient, segment
from github.errors import AmbiguousWrite, NotFound
from github.identity import Identity
from github.markers import MarkerKind, Markers

MOST_REVIEWS: Final = 10_000
"""Reviews of one pull request that are looked through."""
PENDING: Final = "PENDING"


@dataclass(frozen=True, slots=True)
class OwnReview:
    """A review that our account wrote."""

    id: int
    url: str
    pending: bool
    marker: str
    """Id of its valid review marker, empty when it has none: then it is not Argus's work."""
    body: str


class _Row(BaseModel):
    """The fields of a review that are used."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: int
    html_url: str = ""
    state: str = ""
    body: str | None = None
    user: dict[str, Any] | None = None
    via_app: dict[str, Any] | None = Field(default=None, alias="performed_via_github_app")


class OwnReviews:
    """Speaks for one account on one pull request; raises the errors of `github.errors`."""

    def __init__(
        self, client: GitHubClient, ref: PullRequestRef, markers: Markers, identity: Identity
    ) -> None:
        self._client = client
        self._markers = markers
        self._identity = identity
        repo = f"/repos/{segment(ref.owner)}/{segment(ref.repo)}"
        self._path = f"{repo}/pulls/{ref.number}/reviews"

    async def all(self) -> tuple[OwnReview, ...]:
        """Return our reviews, oldest first; pending ones are shown to their author alone."""
        rows = await self._client.pages(self._path, limit=MOST_REVIEWS)
        found = (self._own(_row(row)) for row in rows)
        return tuple(review for review in found if review)

    async def one(self, review_id: int) -> OwnReview | None:
        """Return one of ours, None when it is gone or somebody else's."""
        try:
            return self._own(_row(await self._client.get(f"{self._path}/{review_id}")))
        except NotFound:
            return None

    async def create(
        self, head: str, body: str, comments: Sequence[dict[str, Any]], *, seconds: float
    ) -> OwnReview:
        """Create a pending review: without an event, GitHub shows it to nobody else yet."""
        asked = {"commit_id": head, "body": body, "comments": list(comments)}
        row = _written(await self._client.post(self._path, asked, timeout=seconds))
        return self._described(row.model_copy(update={"body": body, "state": row.state or PENDING}))

    async def submit(self, review: OwnReview, *, seconds: float) -> OwnReview:
        """Submit a pending review as a comment; a second time is refused, never repeated."""
        asked = {"event": "COMMENT", "body": review.body}
        path = f"{self._path}/{review.id}/events"
        row = _written(await self._client.post(path, asked, timeout=seconds))
        url = row.html_url or review.url
        return self._described(row.model_copy(update={"body": review.body, "html_url": url}))

    async def delete(self, review: OwnReview, *, seconds: float) -> None:
        """Delete a pending review; one that is gone already is as good."""
        try:
            await self._client.delete(f"{self._path}/{review.id}", timeout=seconds)
        except NotFound:
            return

    async def comment_urls(self, review: OwnReview) -> dict[str, str]:
        """Return finding id → address, read from the markers of a review's own comments."""
        rows = await self._client.pages(f"{self._path}/{review.id}/comments")
        urls: dict[str, str] = {}
        for row in map(_row, rows):
            marker = self._markers.find(row.body or "", MarkerKind.FINDING)
            if marker is not None:
                urls.setdefault(marker.finding[0], row.html_url)
        return urls

    def _own(self, row: _Row) -> OwnReview | None:
        if not self._identity.wrote(row.user, row.via_app):
            return None
        return self._described(row)

    def _described(self, row: _Row) -> OwnReview:
        marker = self._markers.find(row.body or "", MarkerKind.REVIEW)
        return OwnReview(
            id=row.id,
            url=row.html_url,
            pending=row.state == PENDING,
            marker=marker.id if marker else "",
            body=row.body or "",
        )


def _written(answer: Any) -> _Row:
    """Read the answer to our own write, which is ours whatever it says about its author.

    What cannot be read may still have happened.
    """
    try:
        return _row(answer)
    except TransientError as failure:
        raise AmbiguousWrite(failure.reason) from failure


def _row(answer: Any) -> _Row:
    try:
        return _Row.model_validate(answer)
    except ValidationError as failure:
        raise TransientError("GitHub described a review in an unknown form.") from failure
