"""A look at everything, the record of calls both ways, and faults on order."""

from dataclasses import asdict
from typing import Final

from bot.playground.slack import snapshot
from bot.playground.slack.control.hand import Hand, Handler
from bot.playground.slack.records import Json


async def show(hand: Hand) -> Json:
    """Show everything, or one channel."""
    if "channel" in hand.wanted:
        return snapshot.shown(hand.world, hand.channel)
    return snapshot.whole(hand.world)


async def calls(hand: Hand) -> list[Json]:
    """List the calls to the Web API and to response URLs, oldest first."""
    return [snapshot.call(called) for called in hand.world.calls]


async def clear_calls(hand: Hand) -> Json:
    """Forget the calls so far."""
    hand.world.calls.clear()
    return {}


async def sent(hand: Hand) -> list[Json]:
    """List what the app was sent, oldest first."""
    return [snapshot.request(one) for one in hand.world.sent]


async def order_fault(hand: Hand) -> Json:
    """Order a fault for the next calls whose path matches."""
    return asdict(hand.world.faults.order(**hand.wanted))


async def clear_faults(hand: Hand) -> Json:
    """Cancel all faults."""
    hand.world.faults.waiting.clear()
    return {}


HANDLERS: Final[dict[str, Handler]] = {
    "snapshot": show,
    "calls": calls,
    "calls/clear": clear_calls,
    "sent": sent,
    "faults": order_fault,
    "faults/clear": clear_faults,
}
