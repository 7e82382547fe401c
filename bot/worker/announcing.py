"""Tells the channels that follow a repository of a run, once it is known to be one.

Whether it is, and for whom, takes the live pull request and the repository's configuration; so
it is told by whoever runs, and kept by the ledger until the run ends.
"""

import asyncio
import math
import re
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final, Protocol

import structlog

from bot.adapters.ledger.mutes import MuteDesk
from bot.adapters.ledger.subscriptions import Announced, SubscriptionDesk
from core.errors import PermanentError, TransientError
from core.following import Follower, followers
from core.models import Job, Origin, OriginKind, PullRequest
from slack.replies import Reply, sealed
from slack.seal import Seal

BELIEVED: Final = 600.0
"""Seconds for which the names of channels count."""
_ID: Final = re.compile(r"[CG][A-Z0-9]{8,20}")
"""https://docs.slack.dev/reference/objects/conversation-object"""

log = structlog.get_logger(__name__)


class Names(Protocol):
    """Knows the channels that the bot can see."""

    async def channels(self) -> Mapping[str, str]:
        """Return ids by name. Raises SlackRefused, TransientError."""
        ...


class Announcing:
    """Announces runs; implements `core.ports.Announcer`.

    Without `names` no channel is told by name; those of `always` are told of every run.
    """

    def __init__(
        self,
        subscriptions: SubscriptionDesk,
        mutes: MuteDesk,
        seal: Seal,
        *,
        names: Names | None = None,
        always: Sequence[str] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._subscriptions = subscriptions
        self._mutes = mutes
        self._names = names
        self._seal = seal
        self._always = always
        self._clock = clock
        self._known: Mapping[str, str] = {}
        self._asked = -math.inf
        self._asking = asyncio.Lock()

    async def announce(self, job: Job, pull: PullRequest, named: str) -> None:
        """Let the channels that follow show this run; `named` is the configuration's own.

        Slack that is away costs a name, never the run. Raises TransientError without the ledger.
        """
        following = await self._subscriptions.of_repository(pull.repo_id)
        named = await self._id_of(named) if named else ""
        if not following and not named and not self._always:
            return
        channels = {each.channel for each in following} | ({named} if named else set())
        mutes = {channel: await self._mutes.of(channel) for channel in channels}
        told = (
            *followers(pull, following, mutes, named=named),
            *(Follower(each) for each in self._always),
        )
        await self._subscriptions.announce(job, [self._announced(each, pull) for each in told])

    def _announced(self, follower: Follower, pull: PullRequest) -> Announced:
        reply = Reply(
            channel=follower.channel,
            user="",
            response_url="",
            minimum=follower.minimum,
            muted=follower.muted,
            subscriber=follower.subscriber,
        )
        origin = Origin(
            kind=OriginKind.CHANNEL,
            id=f"channel:{follower.channel}",
            reply=sealed(reply.about(pull), self._seal),
        )
        return Announced(origin, only_known=follower.muted)

    async def _id_of(self, named: str) -> str:
        """Return a channel's id, so that it has one card whoever named it; else its name."""
        name = named.removeprefix("#")
        if _ID.fullmatch(name):
            return name
        if self._names is None:
            return ""
        return (await self._by_name(self._names)).get(name, named)

    async def _by_name(self, names: Names) -> Mapping[str, str]:
        """Return ids by name; runs that begin together wait for one answer."""
        async with self._asking:
            if self._clock() - self._asked >= BELIEVED:
                self._asked = self._clock()
                try:
                    self._known = await names.channels()
                except (TransientError, PermanentError) as error:
                    log.warning("slack.channels_unknown", reason=error.reason)
            return self._known
