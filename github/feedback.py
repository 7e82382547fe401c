"""Reads what people made of findings on a pull request; implements `core.ports.Deliverer`.

GitHub sends no event for a reaction, so comments are looked at after each review and when the
pull request has ended. https://docs.github.com/rest/reactions/reactions
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from core.desk import Memories
from core.errors import PermanentError
from core.feedback import received
from core.models import Delivery, PullRequestRef, Received
from github.checks import Connect
from github.client import GitHubClient, segment
from github.identity import BOT_SUFFIX, Identity
from github.markers import MarkerKind, Markers

THUMBS: Final = {"+1": 1, "-1": -1}
MOST_COMMENTS: Final = 100
"""Comments whose reactions are asked for one by one, the latest."""
Receive = Callable[[str, Sequence[Received]], Awaitable[None]]
"""Notes what became of the findings of a job."""


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
            votes = await self._votes(client, delivery.ref)
        except PermanentError:  # the comments are out of reach; the states are known all the same
            votes = {}
        await self.receive(job_id, received(memory, votes, ended=bool(delivery.ended)))
        return ""

    async def _votes(self, client: GitHubClient, ref: PullRequestRef) -> dict[str, int]:
        """Return the votes on our comments on lines, by the finding that each makes."""
        pulls = f"/repos/{segment(ref.owner)}/{segment(ref.repo)}/pulls"
        rows = await client.pages(f"{pulls}/{ref.number}/comments")
        voted = [(name, row["id"]) for row in rows if (name := self._finding(row)) and _voted(row)]
        return {
            name: await self._sum(client, f"{pulls}/comments/{int(number)}/reactions")
            for name, number in voted[-MOST_COMMENTS:]
        }

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
