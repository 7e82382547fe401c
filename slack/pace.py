"""The pace at which Slack takes messages, as lanes in which everybody waits for a turn.

Who gives the turns, to all processes together, is the host's business.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

from core.errors import Withheld
from slack.errors import SlackLimited

NOT_YET: Final = "Argus keeps to Slack's pace."
APART: Final = 3.0
"""Seconds between two edits of one message, at least."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Lane:
    """What is counted together: a burst, then an even pace, and so many within a minute."""

    name: str
    burst: int
    per_second: float
    per_minute: int


EDITS: Final = Lane("edits", burst=10, per_second=0.75, per_minute=45)
"""`chat.update` is of tier 3: 50 a minute in the whole workspace. What a busy process sends seconds
after its turn must fit in as well.

https://docs.slack.dev/apis/web-api/rate-limits#tier_t3
"""


def posts(channel: str) -> Lane:
    """Return the lane of a channel's new messages: one a second, with short bursts.

    https://docs.slack.dev/apis/web-api/rate-limits#posting-messages
    """
    return Lane(f"posts:{channel}", burst=3, per_second=1.0, per_minute=60)


def one_message(channel: str, ts: str) -> Lane:
    """Return the lane of one message's edits, which nobody wants to see flicker."""
    return Lane(f"message:{channel}:{ts}", burst=1, per_second=1 / APART, per_minute=20)


class NotYet(Withheld):
    """Nothing was sent: the turn of this message is `retry_after` seconds away."""


class Pace(Protocol):
    """Gives turns."""

    async def enter(self, lane: Lane, turn: str) -> None:
        """Return when the time of a turn has come, which one name asks for once or again.

        Raises NotYet, with nothing sent; whoever asks again in time finds the same turn.
        """
        ...

    async def close(self, lane: Lane, seconds: float) -> None:
        """Let nobody in for so long, because Slack asked for that; turns are given anew then."""
        ...


class NoPace:
    """Turns for everybody at once; implements `Pace`."""

    async def enter(self, lane: Lane, turn: str) -> None:
        """Return at once."""

    async def close(self, lane: Lane, seconds: float) -> None:
        """Forget it."""


async def in_turn(pace: Pace, lane: Lane, turn: str, say: Callable[[], Awaitable[T]]) -> T:
    """Say something when its turn has come; where Slack asks to wait, everybody does.

    Raises NotYet, with nothing sent, and what `say` raises.
    """
    await pace.enter(lane, turn)
    try:
        return await say()
    except SlackLimited as limited:
        await pace.close(lane, limited.retry_after)
        raise
