"""What people said, kept until it is answered; a part of `core.ports.Admissions`.

They are rows like those of the outbox, sent and tried again in the same way, with more time.
"""

from bot.adapters.ledger.outbox import Outbox
from core.models import Order, OrderTaken

MOST_ORDERS = 10_000
"""That wait; whoever says more than workers can answer is not heard."""
_TAKEN = {b"taken": OrderTaken.NEW, b"known": OrderTaken.KNOWN, b"full": OrderTaken.FULL}


class OrderDesk(Outbox):
    """The orders of one server. Every method raises TransientError when it is away."""

    orders = True

    async def take(self, order: Order) -> OrderTaken:
        """Keep an order, unless it was taken before, or is one too many."""
        reply = await self._scripts.call(
            "order",
            job=order.job_id,
            id=order.origin.id,
            order=order.model_dump_json(exclude_defaults=True),
            most=MOST_ORDERS,
        )
        return _TAKEN[reply]
