"""The place on a pull request where somebody spoke to Argus: answered there once, and seen.

An answer carries our authenticated marker, so that every attempt finds what an earlier one said.
https://docs.github.com/rest/issues/comments https://docs.github.com/rest/pulls/comments
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

import structlog

from core.errors import ArgusError
from core.models import Order, Origin, PullRequestRef
from github.client import GitHubClient, segment
from github.errors import AmbiguousWrite, NotFound
from github.identity import Identity
from github.markers import MarkerKind, Markers, answer_id

MOST_COMMENTS: Final = 10_000
"""Comments that are looked through for an answer of before."""
EYES: Final = "eyes"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Spot:
    """Where something was said."""

    ref: PullRequestRef
    name: str
    """Of the answer, as in `answer_id`."""
    comment_id: int = 0
    """The comment that says it; 0 for a button."""
    thread_id: int = 0
    """The comment that opened the thread; 0 in the conversation."""

    @classmethod
    def of_order(cls, order: Order) -> Self:
        """Return where an order was given."""
        name = answer_id(order.repo_id, order.ref.number, order.origin.id)
        return cls(order.ref, name, order.comment_id, order.thread_id)

    @classmethod
    def of_origin(cls, origin: Origin, ref: PullRequestRef, repo_id: int) -> Self:
        """Return where an asker waits for the outcome."""
        comment, _, thread = origin.reply.partition(":")
        name = answer_id(repo_id, ref.number, origin.id)
        return cls(ref, name, _number(comment), _number(thread))

    @property
    def reply(self) -> str:
        """Return it as an origin keeps it."""
        return f"{self.comment_id}:{self.thread_id}"


class Talk:
    """One spot, spoken at with one client."""

    def __init__(
        self, client: GitHubClient, spot: Spot, markers: Markers, identity: Identity
    ) -> None:
        self._client = client
        self._spot = spot
        self._markers = markers
        self._identity = identity
        ref = spot.ref
        self._repo = f"/repos/{segment(ref.owner)}/{segment(ref.repo)}"
        kind = "pulls" if spot.thread_id else "issues"
        self._comments = f"{self._repo}/{kind}/comments"
        self._listing = f"{self._repo}/{kind}/{ref.number}/comments"

    async def answered(self) -> str:
        """Return the comment with our answer, empty while there is none."""
        for row in await self._client.pages(self._listing, limit=MOST_COMMENTS):
            if isinstance(row, dict) and self._is_answer(row):
                return str(row["id"])
        return ""

    async def say(self, body: str, known: str = "") -> str:
        """Answer, or edit the answer that stands; return the comment's id.

        `known` is what an earlier call returned. Raises TransientError, PermanentError.
        """
        said = f"{body}\n\n{self._markers.make(MarkerKind.ANSWER, self._spot.name)}"
        standing = known or await self.answered()
        if standing and await self._edited(standing, said):
            return standing
        answer = await self._client.post(self._answers, {"body": said})
        if not isinstance(answer, dict) or not isinstance(answer.get("id"), int):
            raise AmbiguousWrite("GitHub described a comment in an unknown form.")
        return str(answer["id"])

    async def look(self) -> None:
        """Put 👀 on the comment; that it fails harms nothing."""
        if not self._spot.comment_id:
            return
        try:
            await self._client.post(self._reactions, {"content": EYES})
        except ArgusError as error:
            log.info("order.not_marked", reason=str(error))

    async def look_away(self) -> None:
        """Take our 👀 off the comment; that it fails harms nothing."""
        if not self._spot.comment_id:
            return
        try:
            rows = await self._client.pages(self._reactions, params={"content": EYES})
            ours = [row for row in rows if self._identity.wrote(row.get("user"))]
            for row in ours:
                await self._client.delete(f"{self._reactions}/{int(row['id'])}")
        except ArgusError as error:
            log.info("order.still_marked", reason=str(error))

    async def root(self) -> Mapping[str, Any] | None:
        """Return the comment that opened the thread, None where there is none of ours."""
        if not self._spot.thread_id:
            return None
        try:
            row = await self._client.get(f"{self._comments}/{self._spot.thread_id}")
        except NotFound:
            return None
        return row if isinstance(row, dict) and self._wrote(row) else None

    @property
    def _answers(self) -> str:
        thread = self._spot.thread_id
        return f"{self._listing}/{thread}/replies" if thread else self._listing

    @property
    def _reactions(self) -> str:
        return f"{self._comments}/{self._spot.comment_id}/reactions"

    async def _edited(self, comment_id: str, body: str) -> bool:
        """Edit the answer; False where a person deleted it."""
        try:
            await self._client.patch(f"{self._comments}/{segment(comment_id)}", {"body": body})
        except NotFound:
            return False
        return True

    def _is_answer(self, row: Mapping[str, Any]) -> bool:
        marker = self._markers.find(str(row.get("body") or ""), MarkerKind.ANSWER)
        return marker is not None and marker.id == self._spot.name and self._wrote(row)

    def _wrote(self, row: Mapping[str, Any]) -> bool:
        return self._identity.wrote(row.get("user"), row.get("performed_via_github_app"))


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else 0
