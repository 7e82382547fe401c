"""Which channels follow which repositories, and the runs that these channels follow.

Filters, mutes and what a channel is shown are decided by others; here is what is kept, and how
much of it.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from redis.asyncio import Redis

from bot.adapters import keys
from bot.adapters.ledger.scripts import Scripts, answer
from core.following import Taken
from core.models import Job, Origin, Subscription

MOST_OF_CHANNEL = 100
"""Repositories that one channel follows; who needs more wants a channel for each team."""
MOST_OF_REPOSITORY = 50
"""Channels that follow one repository: each of its reviews is shown in all of them."""


@dataclass(frozen=True, slots=True)
class Announced:
    """A channel as a run is announced to it."""

    origin: Origin
    only_known: bool = False
    """Only where it shows the pull request already."""


class SubscriptionDesk:
    """The subscriptions of one server. Every method raises TransientError when it is away."""

    def __init__(self, redis: Redis, scripts: Scripts) -> None:
        self._redis = redis
        self._scripts = scripts

    async def subscribe(self, subscription: Subscription) -> Taken:
        """Let a channel follow a repository; again, to change the filters."""
        reply = await self._scripts.call(
            "subscribe",
            channel=subscription.channel,
            repo=str(subscription.repo_id),
            subscription=subscription.model_dump_json(exclude_defaults=True),
            most_of_channel=MOST_OF_CHANNEL,
            most_of_repository=MOST_OF_REPOSITORY,
        )
        return Taken(reply.decode())

    async def unsubscribe(self, channel: str, repo_id: int | None = None) -> int:
        """Let it follow a repository, or any, no longer; return how many it followed."""
        repo = "" if repo_id is None else str(repo_id)
        return int(
            await self._scripts.call("subscribe", channel=channel, repo=repo, subscription="")
        )

    async def of_channel(self, channel: str) -> tuple[Subscription, ...]:
        """Return what a channel follows, by name."""
        found = await self._read("follows", channel)
        return tuple(sorted(found, key=lambda each: each.repository.casefold()))

    async def of_repository(self, repo_id: int) -> tuple[Subscription, ...]:
        """Return who follows a repository, the eldest first."""
        found = await self._read("followers", str(repo_id))
        return tuple(sorted(found, key=lambda each: (each.at, each.channel)))

    async def announce(self, job: Job, channels: Iterable[Announced]) -> bool:
        """Let channels follow a run to its end and beyond; False when the lease is lost."""
        told = [
            {
                "id": each.origin.id,
                "json": each.origin.model_dump_json(),
                "only_known": each.only_known,
            }
            for each in channels
        ]
        if not told:
            return True
        reply = await self._scripts.call(
            "announce", job=job.id, epoch=str(job.epoch), channels=told
        )
        return bool(reply == b"told")

    async def _read(self, name: str, of: str) -> tuple[Subscription, ...]:
        stored = await answer(self._redis.hvals(keys.lasting(name, of)))
        found = (_subscription(text.decode()) for text in stored)
        return tuple(each for each in found if each is not None)


def _subscription(stored: str) -> Subscription | None:
    """Return a subscription; one in the form of another version is passed over."""
    at, _, text = stored.partition("\n")
    try:
        found = Subscription.model_validate_json(text)
        return found.model_copy(update={"at": int(at) / 1000})
    except ValueError:
        return None
