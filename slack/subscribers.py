"""Asks again whether whoever subscribed a channel to a private repository may still see it.

A subscription goes with its subscriber's own sight; whose eyes count otherwise, and how that is
asked, is decided elsewhere. A repository that names a channel itself has nobody to ask about.
"""

import time
from collections.abc import Callable
from typing import Final, Protocol

import structlog

from core.errors import AccessDenied, UserError
from core.lately import Lately
from core.models import Delivery, PullRequestRef, Subscription
from slack.replies import Reply

BELIEVED: Final = 900.0
"""Seconds for which an answer counts: so much later, at most, an access that ended is noticed."""
MOST: Final = 2_000
"""Subscriptions whose answers are remembered."""

log = structlog.get_logger(__name__)


class Repositories(Protocol):
    """Answers who may see a repository."""

    async def look_at_repository(self, owner: str, repo: str, person: str) -> object:
        """Return it if this person may see it. Raises AccessDenied, UserError, TransientError."""
        ...


class Subscriptions(Protocol):
    """Which channels follow which repositories. All raise TransientError."""

    async def of_channel(self, channel: str) -> tuple[Subscription, ...]:
        """Return what a channel follows."""
        ...

    async def unsubscribe(self, channel: str, repo_id: int | None = None) -> int:
        """Let it follow one no longer; return how many it followed."""
        ...


class Subscribers:
    """Judges the rows of channels by those who subscribed them."""

    def __init__(
        self,
        repositories: Repositories,
        subscriptions: Subscriptions,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._repositories = repositories
        self._subscriptions = subscriptions
        self._lately: Lately[bool] = Lately(seconds=BELIEVED, most=MOST, clock=clock)

    async def may_be_shown(self, delivery: Delivery, reply: Reply) -> bool:
        """Tell whether the channel may be shown a private repository on its subscriber's behalf.

        Raises TransientError when GitHub or Slack cannot tell.
        """
        found = await self._subscriptions.of_channel(reply.channel)
        standing = next((each for each in found if each.repo_id == delivery.repo_id), None)
        # A card outlives its subscription; then it is kept true for whoever it was begun for.
        who, at = (standing.who, standing.at) if standing else (reply.subscriber, 0.0)
        if not who:
            return True
        # Who subscribes again was just seen to see it.
        name = (who, delivery.repo_id, at)
        return await self._lately.recall(name, lambda: self._sees(delivery.ref, who))

    async def end(self, delivery: Delivery, reply: Reply) -> bool:
        """End the subscription; False where others did before. Raises TransientError."""
        stopped = await self._subscriptions.unsubscribe(reply.channel, delivery.repo_id)
        log.info("slack.subscriber_sees_no_more", channel=reply.channel, ended=stopped)
        return stopped > 0

    async def _sees(self, ref: PullRequestRef, who: str) -> bool:
        try:
            await self._repositories.look_at_repository(ref.owner, ref.repo, who)
        except AccessDenied:
            return False
        except UserError:
            return True  # it is seen, and the App is there no more
        return True
