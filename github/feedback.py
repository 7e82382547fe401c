"""Reads what people made of findings on a pull request; implements `core.ports.Deliverer`.

GitHub sends no event for a reaction, so comments are looked at after each review, now and then
while nothing else happens, and when the pull request has ended.
https://docs.github.com/rest/reactions/reactions
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import structlog

from core.desk import Memories
from core.errors import PermanentError
from core.feedback import Seen, received
from core.models import Delivery, PullRequestRef, Received
from github.checks import Connect
from github.client import GitHubClient, segment
from github.identity import BOT_SUFFIX, Identity
from github.markers import MarkerKind, Markers
from github.resolutions import Resolution, resolutions

THUMBS: Final = {"+1": 1, "-1": -1}
MOST_COMMENTS: Final = 100
"""Comments whose reactions are asked for one by one, the latest."""
Receive = Callable[[str, Sequence[Received]], Awaitable[None]]
"""Notes what became of the findings of a job."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class FeedbackDeliverer:
    """Delivers feedback rows, from GitHub to the ledger; there is no receipt."""

    connect: Connect
    memories: Memories
    receive: Receive
    markers: Markers
    identity: Identity

    async def deliver(self, delivery: Delivery) -> str:
        """Look, and note what is new. Raises TransientError."""
        job_id = delivery.row.job_id
        memory = await self.memories.of(job_id)
        if not any(each.finding.url for each in memory.findings):
            return ""
        try:
            client = await self.connect(delivery)
            seen = await self._seen(client, delivery.ref)
        except PermanentError:
            if not delivery.ended:
                return ""
            seen = {}  # the comments are out of reach; how it ended is known all the same
        await self.receive(job_id, received(memory, seen, ended=bool(delivery.ended)))
        return ""

    async def _seen(self, client: GitHubClient, ref: PullRequestRef) -> dict[str, Seen]:
        """Return what our comments on lines show, by the finding that each makes."""
        pulls = f"/repos/{segment(ref.owner)}/{segment(ref.repo)}/pulls"
        rows = await client.pages(f"{pulls}/{ref.number}/comments")
        ours = {int(row["id"]): (name, row) for row in rows if (name := self._finding(row))}
        if not ours:
            return {}
        voted = [number for number, (_, row) in ours.items() if _voted(row)][-MOST_COMMENTS:]
        votes = {
            number: await self._sum(client, f"{pulls}/comments/{number}/reactions")
            for number in voted
        }
        resolved = await self._resolved(client, ref)
        return {
            name: Seen(
                votes=votes.get(number, 0),
                resolved=number in resolved,
                changed=number in resolved and resolved[number].changed,
            )
            for number, (name, _) in ours.items()
        }

    async def _resolved(
        self, client: GitHubClient, ref: PullRequestRef
    ) -> Mapping[int, Resolution]:
        """Return what people resolved, nothing where GitHub does not tell."""
        try:
            return await resolutions(client, ref, self.identity)
        except PermanentError as error:
            log.info("feedback.threads_not_told", reason=error.reason, repo=ref.repository)
            return {}

    async def _sum(self, client: GitHubClient, path: str) -> int:
        """Add up people's thumbs; those of machines and our own do not count."""
        rows = await client.pages(path)
        return sum(THUMBS.get(str(row.get("content")), 0) for row in rows if self._by_person(row))

    def _finding(self, row: Mapping[str, Any]) -> str:
        marker = self.markers.find(str(row.get("body") or ""), MarkerKind.FINDING)
        ours = self.identity.wrote(row.get("user"), row.get("performed_via_github_app"))
        return marker.finding[0] if marker and ours else ""

    def _by_person(self, row: Mapping[str, Any]) -> bool:
        user = row.get("user")
        if not isinstance(user, dict) or self.identity.wrote(user):
            return False
        return user.get("type") == "User" and not str(user.get("login")).endswith(BOT_SUFFIX)


def _voted(row: Mapping[str, Any]) -> bool:
    """Tell whether anybody's thumb is on a comment, by the counts that come with it."""
    counts = row.get("reactions")
    return isinstance(counts, dict) and any(counts.get(thumb) for thumb in THUMBS)
