"""The second look at what was posted: a review that stands twice, a draft that was left behind.

It comes when the job has rested for a lease, so that no run is still at work and GitHub's lists
have caught up. Drafts are deleted only after five.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

from bot.adapters.ledger.marks import Doubt, Marks, TakenDoubt
from bot.worker.remote.watch import Turn
from core.errors import PermanentError, TransientError
from github.client import GitHubClient
from github.identity import Identity
from github.markers import Markers
from github.posting.own_reviews import OwnReviews
from github.repairs import Double, Repairs, debris, doubles

DEBRIS_LEASES = 5
"""Leases of rest before a draft of ours counts as left behind: five minutes."""
AT_ONCE = 50
"""Pull requests of one look."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class ReviewRepairs:
    """Looks at pull requests where a review was posted; implements `Duty`."""

    connect: Callable[[Doubt], Awaitable[GitHubClient]]
    markers: Markers
    identity: Identity
    marks: Marks
    lease: float
    every: float
    name: str = "repairs"
    eager: bool = False

    async def look(self, turn: Turn) -> None:
        """Look at each that is due; one that cannot be looked at stops no other."""
        for taken in await self.marks.take_doubts(AT_ONCE, rest=self.lease, again=self.lease):
            await turn.step()
            try:
                settled = await self._settled(taken, turn)
            except PermanentError as error:
                log.info("repairs.given_up", job=taken.doubt.job_id, reason=error.reason)
                settled = True
            except TransientError as error:
                log.info("repairs.later", job=taken.doubt.job_id, reason=error.reason)
                settled = False
            if settled:
                await self.marks.clear(taken)

    async def _settled(self, taken: TakenDoubt, turn: Turn) -> bool:
        """Repair what there is; False when a draft is too young to tell."""
        doubt = taken.doubt
        client = await self.connect(doubt)
        own = await OwnReviews(client, doubt.ref, self.markers, self.identity).all()
        repairs = Repairs(client, doubt.ref, self.markers)
        for double in doubles(own):
            await self._repair(repairs, double, doubt, turn)
        drafts = debris(own)
        if drafts and taken.rested < DEBRIS_LEASES * self.lease:
            return False
        for draft in drafts:
            await repairs.delete(draft)
            log.warning("repairs.draft_deleted", job=doubt.job_id, review=draft.id)
        return True

    async def _repair(self, repairs: Repairs, double: Double, doubt: Doubt, turn: Turn) -> None:
        later = [review.id for review in double.later]
        log.error(
            "alarm.double_review",
            job=doubt.job_id,
            pull_request=str(doubt.ref),
            kept=double.first.id,
            repaired=later,
        )
        await repairs.repair(double)
        for review in double.later:
            try:
                await repairs.minimize(review)
            except PermanentError as error:
                turn.tell("repairs.not_folded", error)
