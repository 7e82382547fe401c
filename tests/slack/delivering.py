"""What a worker does with a delivery: it hands it over until all of it was said."""

from dataclasses import dataclass, field

from core.errors import AccessDenied
from core.following import Talk
from core.models import Delivery, Subscription, Unfinished
from core.ports import Deliverer

MOST_CALLS = 50


@dataclass
class ThreadNotes:
    """Keeps what messages are about."""

    notes: dict[tuple[str, str], Talk] = field(default_factory=dict)

    async def remember(self, channel: str, ts: str, talk: Talk) -> None:
        self.notes[channel, ts] = talk

    async def of(self, channel: str, ts: str) -> Talk | None:
        return self.notes.get((channel, ts))


def received(delivery: Delivery, receipt: str) -> Delivery:
    """Return the delivery with what stands already."""
    row = delivery.row.model_copy(update={"receipt": receipt})
    return delivery.model_copy(update={"row": row})


async def delivered(deliverer: Deliverer, delivery: Delivery) -> str:
    """Deliver to the end and return the receipt."""
    for _ in range(MOST_CALLS):
        done = await deliverer.deliver(delivery)
        if not isinstance(done, Unfinished):
            return done
        delivery = received(delivery, done.receipt)
    raise AssertionError("the delivery does not come to an end")


@dataclass
class Sight:
    """Shows repositories to everybody but those whom it was told of; may fail."""

    unseen: set[str] = field(default_factory=set)
    error: Exception | None = None
    looks: list[tuple[str, str]] = field(default_factory=list)

    async def look_at_repository(self, owner: str, repo: str, person: str) -> object:
        self.looks.append((f"{owner}/{repo}", person))
        if self.error is not None:
            raise self.error
        if person in self.unseen:
            raise AccessDenied("That repository was not found, or you may not ask for it here.")
        return object()


@dataclass
class Follows:
    """What one channel follows."""

    kept: tuple[Subscription, ...] = ()

    async def of_channel(self, channel: str) -> tuple[Subscription, ...]:
        return tuple(each for each in self.kept if each.channel == channel)

    async def unsubscribe(self, channel: str, repo_id: int | None = None) -> int:
        before = len(self.kept)
        self.kept = tuple(
            each for each in self.kept if (each.channel, each.repo_id) != (channel, repo_id)
        )
        return before - len(self.kept)
