"""What a worker does with a delivery: it hands it over until all of it was said."""

from dataclasses import dataclass, field

from core.following import Talk
from core.models import Delivery, Unfinished
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
