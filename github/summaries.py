"""Keeps the one sticky summary of a pull request current; implements `core.ports.Deliverer`.

It is found by its receipt or by our authenticated marker, edited in place, and never set back to
an older state. https://docs.github.com/rest/issues/comments
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.coverage import verdict
from core.errors import TransientError
from core.feedback import CountsOf, proposed_beside
from core.models import Delivery, Outcome, OutcomeKind, Place, Strength
from github import render
from github.checks import Connect
from github.client import GitHubClient, segment
from github.errors import AmbiguousWrite, NotFound
from github.identity import Identity
from github.markers import Marker, MarkerKind, Markers, summary_id
from github.sanitise import Home
from github.sanitise.links import GITHUB

MOST_COMMENTS: Final = 10_000
"""Comments of one pull request that are looked through."""
_NOT_READ: Final = frozenset(
    {OutcomeKind.SUPERSEDED, OutcomeKind.CANCELLED, OutcomeKind.SKIPPED, OutcomeKind.FAILED}
)


@dataclass(frozen=True, slots=True)
class _Standing:
    """The summary as it stands on the pull request."""

    id: int
    body: str
    marker: Marker


class _Row(BaseModel):
    """The fields of a comment that are used."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: int
    body: str | None = None
    user: dict[str, Any] | None = None
    via_app: dict[str, Any] | None = Field(default=None, alias="performed_via_github_app")


class SummaryDeliverer:
    """Delivers summary rows; the receipt is the comment's id, empty while there is none."""

    def __init__(
        self,
        connect: Connect,
        markers: Markers,
        identity: Identity,
        *,
        web_url: str = GITHUB,
        received: CountsOf | None = None,
    ) -> None:
        """Propose what the counts that `received` returns give reason for; without it, nothing."""
        self._connect = connect
        self._markers = markers
        self._identity = identity
        self._web_url = web_url
        self._received = received

    async def deliver(self, delivery: Delivery) -> str:
        """Create or edit it. Raises TransientError, PermanentError."""
        outcome = delivery.outcome
        if outcome is None:
            return delivery.row.receipt
        client = await self._connect(delivery)
        comments = _Comments(client, delivery)
        standing = await self._standing(comments, delivery)
        if not _speaks(outcome, standing=standing is not None, asked=delivery.asked_in_person):
            return str(standing.id) if standing else ""
        if standing is None:
            return await comments.create(await self._body(delivery, outcome))
        if await self._outdated(client, delivery, standing):
            return str(standing.id)
        return await self._edit(comments, standing, await self._body(delivery, outcome))

    async def _edit(self, comments: "_Comments", standing: _Standing, body: str) -> str:
        if _same(standing.body, body):
            return str(standing.id)
        try:
            await comments.edit(standing.id, body)
        except NotFound:  # A person deleted it in this moment.
            return await comments.create(body)
        return str(standing.id)

    async def _standing(self, comments: "_Comments", delivery: Delivery) -> _Standing | None:
        """Return our summary: the one we remember, else the oldest that carries our marker."""
        if delivery.row.receipt:
            row = await comments.one(delivery.row.receipt)
            found = self._ours([row] if row else [], delivery)
            if found:
                return found
        return self._ours(await comments.all(), delivery)

    def _ours(self, rows: Sequence[_Row], delivery: Delivery) -> _Standing | None:
        start = f"{delivery.repo_id}.{delivery.ref.number}."
        for row in rows:
            marker = self._markers.find(row.body or "", MarkerKind.SUMMARY)
            ours = marker is not None and marker.id.startswith(start)
            if marker and ours and self._identity.wrote(row.user, row.via_app):
                return _Standing(row.id, row.body or "", marker)
        return None

    async def _outdated(
        self, client: GitHubClient, delivery: Delivery, standing: _Standing
    ) -> bool:
        """Tell whether the delivery is older than what stands there.

        Generations start anew when the ledger was lost; then the live head decides.
        """
        if standing.marker.generation <= delivery.row.generation:
            return False
        if standing.marker.head == delivery.head:
            return True
        return await _live_head(client, delivery) != delivery.head

    async def _body(self, delivery: Delivery, outcome: Outcome) -> str:
        name = summary_id(
            delivery.repo_id, delivery.ref.number, delivery.head, delivery.row.generation
        )
        marker = self._markers.make(MarkerKind.SUMMARY, name)
        home = Home(delivery.ref, self._web_url)
        proposed = await self._proposed(delivery, outcome)
        return render.summary(outcome, verdict(outcome), home, marker, delivery.paused, proposed)

    async def _proposed(self, delivery: Delivery, outcome: Outcome) -> tuple[str, ...]:
        if self._received is None or outcome.record is None:
            return ()
        return proposed_beside(outcome.record, await self._received(delivery.repo_id))


class _Comments:
    """The comments of one pull request."""

    def __init__(self, client: GitHubClient, delivery: Delivery) -> None:
        ref = delivery.ref
        self._client = client
        self._issues = f"/repos/{segment(ref.owner)}/{segment(ref.repo)}/issues"
        self._path = f"{self._issues}/{ref.number}/comments"

    async def all(self) -> list[_Row]:
        rows = await self._client.pages(self._path, limit=MOST_COMMENTS)
        return [_row(row) for row in rows]

    async def one(self, comment_id: str) -> _Row | None:
        try:
            path = f"{self._issues}/comments/{segment(comment_id)}"
            return _row(await self._client.get(path))
        except NotFound:
            return None

    async def create(self, body: str) -> str:
        """Create; when its fate is unknown the next attempt finds it by its marker."""
        answer = await self._client.post(self._path, {"body": body})
        try:
            return str(_row(answer).id)
        except TransientError as failure:
            raise AmbiguousWrite(failure.reason) from failure

    async def edit(self, comment_id: int, body: str) -> None:
        await self._client.patch(f"{self._issues}/comments/{comment_id}", {"body": body})


def _speaks(outcome: Outcome, *, standing: bool, asked: bool) -> bool:
    """Tell whether the summary has something to say: silence is the answer to a clean change.

    A run that read nothing leaves the summary of an earlier head as it is, which names its head.
    """
    if outcome.kind in _NOT_READ or outcome.record is None:
        return asked and not standing and outcome.kind is not OutcomeKind.SUPERSEDED
    record = outcome.record
    unread = any(not omission.reason.not_reviewable for omission in record.coverage.omitted)
    degraded = record.coverage.strength is Strength.DEGRADED
    findings = bool(record.at(*Place))
    return standing or asked or findings or unread or degraded


def _same(standing: str, body: str) -> bool:
    """Compare as GitHub stores it: line ends may come back changed, the marker's state counts."""
    return standing.replace("\r\n", "\n").strip() == body.strip()


async def _live_head(client: GitHubClient, delivery: Delivery) -> str:
    ref = delivery.ref
    path = f"/repos/{segment(ref.owner)}/{segment(ref.repo)}/pulls/{ref.number}"
    answer = await client.get(path)
    head = answer.get("head") if isinstance(answer, dict) else None
    return str(head.get("sha", "")) if isinstance(head, dict) else ""


def _row(answer: Any) -> _Row:
    try:
        return _Row.model_validate(answer)
    except ValidationError as failure:
        raise TransientError("GitHub described a comment in an unknown form.") from failure
