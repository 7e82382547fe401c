"""Turns that are bounded: how often something may be asked for in a while.

A turn that was given stays given, so a repeated attempt at the same thing takes no second one.
"""

from bot.adapters.ledger.scripts import Scripts
from core.desk import Turn


class TurnDesk:
    """The turns of one server. Implements `core.desk.Turns`."""

    def __init__(self, scripts: Scripts) -> None:
        self._scripts = scripts

    async def take(self, of: str, turn: str, *, most: int, seconds: float) -> Turn:
        """Take one of `most` turns in so many seconds. Raises TransientError."""
        window = round(seconds * 1000)
        reply = await self._scripts.call("turn", of=of, turn=turn, most=most, window=window)
        return Turn(reply.decode())
