"""Deliveries that failed come in after all, by the way that deliveries take: each exactly once.

Their payloads are fetched from GitHub's record rather than delivered again, so that nothing
depends on the address that failed. The ledger knows them by their GUID.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from bot.adapters.ledger.marks import Marks
from bot.worker.remote.watch import Turn
from core.errors import PermanentError, TransientError
from core.intake import Intake
from github.deliveries import KEPT, Attempt, Deliveries, Listing, missed, settled_until
from github.events import MalformedEvent, decode
from github.triggers import Act, End, Hear, Rules, decide

MOST = 200
"""Deliveries that one look sees to; at one a second, a look is over before the next."""
PATIENCE = 2
"""Deliveries that GitHub may fail to show before the look ends: then it is in trouble."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class FailedDeliveries:
    """Looks for deliveries that failed; implements `Duty`."""

    deliveries: Deliveries
    intake: Intake
    rules: Rules
    marks: Marks
    every: float
    spacing: float
    """Seconds between two of them."""
    name: str = "deliveries"
    eager: bool = True

    async def look(self, turn: Turn) -> None:
        """See to what failed since the last look that left nothing undone."""
        since = await self.marks.reached()
        failures = await self.deliveries.failures(since)
        left = await self._left(failures)
        if left:
            # A redelivery may have succeeded since; the failures alone do not tell.
            everything = await self.deliveries.attempts(left[0].at)
            left = await self._left(everything)
        undone = [*await self._see_to_all(left[:MOST], turn), *left[MOST:]]
        if not failures.whole or undone:
            log.warning("deliveries.not_all_seen_to", left=len(undone), whole=failures.whole)
        oldest = max(since, failures.at - KEPT)
        await self.marks.reach(settled_until(failures, undone, oldest))

    async def _left(self, listing: Listing) -> tuple[Attempt, ...]:
        lost = missed(listing.attempts)
        new = await self.marks.unattended([attempt.guid for attempt in lost])
        return tuple(attempt for attempt in lost if attempt.guid in new)

    async def _see_to_all(self, lost: Sequence[Attempt], turn: Turn) -> list[Attempt]:
        """Take in one after the other; return those that GitHub does not show for now."""
        undone: list[Attempt] = []
        for attempt in lost:
            await turn.step(self.spacing)
            try:
                payload = await self.deliveries.payload(attempt)
            except PermanentError as error:
                log.warning("deliveries.lost", delivery=attempt.guid, reason=error.reason)
            except TransientError:
                undone.append(attempt)
                if len(undone) > PATIENCE:
                    raise
                continue
            else:
                await self._take_in(attempt, payload)
            await self.marks.attend(attempt.guid)
        return undone

    async def _take_in(self, attempt: Attempt, payload: bytes) -> None:
        """Judge and admit it as if it came now; one that is no use to anybody is left out."""
        try:
            event = decode(attempt.event, payload)
        except MalformedEvent as error:
            log.warning("deliveries.malformed", delivery=attempt.guid, reason=str(error))
            return
        verdict = decide(event, self.rules, attempt.guid)
        if isinstance(verdict, Act):
            admission = await self.intake.accept(verdict.request)
            await self.intake.ring(admission)
            log.info("deliveries.taken_in", delivery=attempt.guid, as_=type(admission).__name__)
        elif isinstance(verdict, End):
            await self.intake.close(verdict.closed)
        elif isinstance(verdict, Hear):
            await self.intake.order(verdict.order)
