"""Says on the comments of findings what became of them; implements `core.ports.Deliverer`.

Only comments that carry our own marker and are ours by their author are edited, and only their
first line. https://docs.github.com/rest/pulls/comments#update-a-review-comment-for-a-pull-request
"""

from dataclasses import dataclass
from typing import Any, Final

from core.errors import TransientError
from core.models import CommentState, Delivery, FindingState
from github.checks import Connect
from github.client import GitHubClient, segment
from github.errors import NotFound
from github.identity import Identity
from github.markers import MarkerKind, Markers
from github.render.state import with_state
from github.sanitise import Home
from github.sanitise.links import GITHUB
from github.threads import Threads

AT_ONCE: Final = 10
"""Edits of one delivery; the rest follows in the next, so that reviews keep the pace of writes."""
PAUSE: Final = 30.0
"""Seconds until then."""


@dataclass(frozen=True, slots=True)
class _Told:
    """A comment of ours on a finding whose state is known."""

    id: int
    body: str
    wanted: str
    state: FindingState


class FindingCommentsDeliverer:
    """Delivers the states of findings; it keeps no receipt."""

    def __init__(
        self, connect: Connect, markers: Markers, identity: Identity, *, web_url: str = GITHUB
    ) -> None:
        self._connect = connect
        self._markers = markers
        self._identity = identity
        self._web_url = web_url
        self._threads = Threads()

    async def deliver(self, delivery: Delivery) -> str:
        """Edit the comments that say something else. Raises TransientError, PermanentError."""
        record = delivery.outcome.record if delivery.outcome else None
        round_ = record.round if record else None
        states = {each.finding_id: each for each in round_.comments} if round_ else {}
        if not states:
            return ""
        client = await self._connect(delivery)
        ref = delivery.ref
        pulls = f"/repos/{segment(ref.owner)}/{segment(ref.repo)}/pulls"
        rows = await client.pages(f"{pulls}/{ref.number}/comments")
        home = Home(ref, self._web_url)
        told = [each for row in rows if (each := self._told(row, states, home)) is not None]
        edits = [each for each in told if each.body != each.wanted]
        for each in edits[:AT_ONCE]:
            await _patch(client, f"{pulls}/comments/{each.id}", each.wanted)
        if len(edits) > AT_ONCE:
            raise TransientError("More comments follow.", retry_after=PAUSE)
        settled = [each.id for each in told if not each.state.is_open]
        await self._threads.resolve(client, delivery, settled)
        return ""

    def _told(self, row: Any, states: dict[str, CommentState], home: Home) -> _Told | None:
        """Return what a comment says and should say, None for one that is not about a state."""
        if not isinstance(row, dict) or not isinstance(row.get("id"), int):
            return None
        body = str(row.get("body") or "")
        marker = self._markers.find(body, MarkerKind.FINDING)
        state = states.get(marker.finding[0]) if marker else None
        if state is None:
            return None
        if not self._identity.wrote(row.get("user"), row.get("performed_via_github_app")):
            return None
        return _Told(row["id"], body, with_state(body, state, home), state.state)


async def _patch(client: GitHubClient, path: str, body: str) -> None:
    """Edit a comment; one that a person deleted needs no state."""
    try:
        await client.patch(path, {"body": body})
    except NotFound:
        return
