"""What must hold before a write: the lease is ours, and the head is still the one we read."""

from collections.abc import Callable
from typing import Final

from core.errors import HeadMoved, PullRequestGone
from core.models import PullRequest
from core.ports import Fence, Host

FRESH_SECONDS: Final = 2.0
"""A head read longer ago than this is read again before a review is submitted."""
LEAST_SECONDS: Final = 1.0
"""Seconds a submission gets even where GitHub is so slow that the head cannot be read in time."""
READS: Final = 3
"""Times the head is read again when reading and renewing take longer than that together."""


class Gate:
    """The last look before each write of one run."""

    def __init__(
        self, host: Host, pull: PullRequest, fence: Fence, clock: Callable[[], float]
    ) -> None:
        self._host = host
        self._pull = pull
        self._fence = fence
        self._clock = clock
        self._read_at = float("-inf")

    @property
    def seconds(self) -> float:
        """Seconds the write may take."""
        return self._fence.write_timeout

    @property
    def settle_seconds(self) -> float:
        """Seconds after a doubtful write in which an empty list proves nothing."""
        return self._fence.settle_seconds

    async def require_head(self) -> None:
        """Read the live pull request. Raises HeadMoved, PullRequestGone."""
        asked_at = self._clock()
        live = await self._host.pull_request()
        if not live.open:
            raise PullRequestGone(f"{live.ref} is closed.")
        if live.head != self._pull.head:
            raise HeadMoved(live.head)
        self._read_at = asked_at

    async def for_write(self) -> None:
        """Require the lease. Raises LeaseLost, HeadMoved."""
        await self._fence.check()

    async def for_submission(self) -> float:
        """Require the lease and a head read within two seconds; return the seconds it may take.

        Half of them may pass before the client gets its turn to write, so the head is still fresh
        when the request leaves. A submission that is cut off is asked for by its id, so that a
        short time does no harm. Between this and GitHub's own processing a push can still arrive;
        no client can close that gap.
        """
        for _ in range(READS):
            if self._age() > FRESH_SECONDS / 2:
                await self.require_head()
            await self._fence.check()
            if self._age() <= FRESH_SECONDS / 2:
                break
        fresh_for = max(FRESH_SECONDS - self._age(), LEAST_SECONDS / 2)
        return min(2 * fresh_for, self.seconds)

    def _age(self) -> float:
        return self._clock() - self._read_at
