"""What must not stand on a pull request: a review posted twice, a draft of ours left behind.

Both are the work of a run that died, or that GitHub showed too little. Recognised by our own
authenticated markers; what people wrote is never touched. When to look is not known here.
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from core.errors import PermanentError
from core.models import PullRequestRef
from github.client import GitHubClient, segment
from github.errors import NotFound, Unprocessable
from github.markers import MarkerKind, Markers
from github.posting.own_reviews import OwnReview
from github.render.repeated import repeated_review

REPEATED: Final = ".repeated"
"""Ends the marker of a review that was repaired: still ours, but no double any more."""
GRAPHQL: Final = "/../graphql"
"""Beside the REST API: `/graphql` of github.com, `/api/graphql` of a server of one's own.

https://docs.github.com/graphql/guides/forming-calls-with-graphql#the-graphql-endpoint
"""
MINIMIZE: Final = (
    "mutation($id: ID!) { minimizeComment(input: {subjectId: $id, classifier: DUPLICATE}) "
    "{ minimizedComment { isMinimized } } }"
)


@dataclass(frozen=True, slots=True)
class Double:
    """One review that was posted more than once."""

    first: OwnReview
    later: tuple[OwnReview, ...]


def doubles(own: Iterable[OwnReview]) -> tuple[Double, ...]:
    """Return our submitted reviews that stand more than once, each with the one that is kept."""
    submitted = [review for review in own if review.marker and not review.pending]
    named = sorted(submitted, key=lambda review: (review.marker, review.id))
    groups = (tuple(group) for _, group in groupby(named, key=lambda review: review.marker))
    return tuple(
        Double(group[0], group[1:])
        for group in groups
        if len(group) > 1 and not group[0].marker.endswith(REPEATED)
    )


def debris(own: Iterable[OwnReview]) -> tuple[OwnReview, ...]:
    """Return our drafts; one without our marker is a person's, or another program's."""
    return tuple(review for review in own if review.pending and review.marker)


class Repairs:
    """Repairs one pull request; raises the errors of `github.errors`. Repeating is harmless."""

    def __init__(self, client: GitHubClient, ref: PullRequestRef, markers: Markers) -> None:
        self._client = client
        self._markers = markers
        repo = f"/repos/{segment(ref.owner)}/{segment(ref.repo)}"
        self._comments = f"{repo}/pulls/comments"
        self._pull = f"{repo}/pulls/{ref.number}"

    async def repair(self, double: Double) -> None:
        """Take back what the later reviews say, and lead from them to the first.

        Their text changes last: until then the next look finds them again.
        """
        for review in double.later:
            for comment in await self._lonely_comments(review):
                await self._delete(f"{self._comments}/{comment}")
            marker = self._markers.make(MarkerKind.REVIEW, review.marker + REPEATED)
            body = repeated_review(double.first.url, marker)
            await self._client.put(f"{self._pull}/reviews/{review.id}", {"body": body})

    async def minimize(self, review: OwnReview) -> None:
        """Fold a review away. Raises PermanentError where the App may not."""
        row = await self._client.get(f"{self._pull}/reviews/{review.id}")
        body = {"query": MINIMIZE, "variables": {"id": row["node_id"]}}
        answer = await self._client.post(GRAPHQL, body)
        errors = answer.get("errors") if isinstance(answer, dict) else None
        if errors:
            raise PermanentError(f"GitHub does not fold a review away: {_words(errors)}.")

    async def delete(self, review: OwnReview) -> None:
        """Delete a draft; one that was submitted or deleted meanwhile is none of ours."""
        with suppress(Unprocessable):
            await self._delete(f"{self._pull}/reviews/{review.id}")

    async def _lonely_comments(self, review: OwnReview) -> list[int]:
        """Return the comments of a review that nobody answered: a person's words keep theirs."""
        rows = await self._client.pages(f"{self._pull}/comments", limit=10_000)
        answered = {row.get("in_reply_to_id") for row in rows}
        return [
            row["id"]
            for row in rows
            if row.get("pull_request_review_id") == review.id and row["id"] not in answered
        ]

    async def _delete(self, path: str) -> None:
        with suppress(NotFound):
            await self._client.delete(path)


def _words(errors: Any) -> str:
    first = errors[0] if isinstance(errors, list) and errors else {}
    return str(first.get("message", "no reason") if isinstance(first, dict) else first)[:300]
