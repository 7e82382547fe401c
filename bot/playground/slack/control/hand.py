"""What every handler of the control is given, and what several of them ask of it.

Nothing here answers a request.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from bot.playground.slack.courier import Courier
from bot.playground.slack.records import Channel, Json, Message, Person
from bot.playground.slack.world import World


@dataclass(frozen=True, slots=True)
class Hand:
    """One order: what is wanted of which workspace."""

    world: World
    courier: Courier
    wanted: Json

    @property
    def channel(self) -> Channel:
        """Return the channel that is meant, by name or id. Raises KeyError."""
        return self.world.channel(self.wanted["channel"])

    @property
    def message(self) -> Message:
        """Return the message that is meant. Raises KeyError."""
        found = self.channel.holds(self.wanted["ts"])
        if found is None:
            raise KeyError("there is no such message")
        return found

    @property
    def member(self) -> Person:
        """Return the person who acts in the channel. Raises KeyError, ValueError."""
        person = self.world.person(self.wanted["user"])
        if person.id not in self.channel.members:
            raise ValueError("people act only in channels they are members of")
        return person


Handler = Callable[[Hand], Awaitable[Any]]
