"""The pace at Slack that all processes share; implements `slack.pace.Pace`.

A row of the outbox that is not due yet goes back with the time of its turn, so that nobody waits
in a process. While Redis does not answer nobody knows whose turn it is, and nothing is sent.
"""

from contextlib import suppress
from secrets import token_hex
from typing import Final

from bot.adapters.ledger.scripts import RETRY_AFTER
from bot.adapters.limits.line import Away, Line, ms
from slack.pace import NOT_YET, Lane, NotYet

SCOPE: Final = "slack:"
"""What the lanes' names begin with, beside the installations of GitHub."""
FARTHEST: Final = 1_800.0
"""Seconds; a turn further away than that is asked for again."""
ASKED_TO_WAIT: Final = "Slack asked Argus to wait."
NOBODY_KNOWS: Final = "Redis does not say whose turn it is."


class SlackPace:
    """The lanes of one workspace."""

    def __init__(self, line: Line) -> None:
        self._line = line

    async def enter(self, lane: Lane, turn: str) -> None:
        """Return when the time of a turn has come. Raises NotYet."""
        try:
            state, wait, _ = await self._line.call(
                "pace",
                scope=SCOPE + lane.name,
                token=turn,
                write=True,
                patience=ms(FARTHEST),
                limits={
                    "burst": lane.burst,
                    "apart": ms(1 / lane.per_second),
                    "minute": lane.per_minute,
                    "hour": lane.per_minute * 60,
                },
            )
        except Away as away:
            raise NotYet(NOBODY_KNOWS, retry_after=RETRY_AFTER) from away
        if wait > 0:
            reason = ASKED_TO_WAIT if state == b"closed" else NOT_YET
            raise NotYet(reason, retry_after=wait / 1000)

    async def close(self, lane: Lane, seconds: float) -> None:
        """Let nobody in for so long; turns are given anew then."""
        with suppress(Away):
            await self._line.call(
                "pace_close",
                scope=SCOPE + lane.name,
                token=token_hex(8),
                told=True,
                wait=ms(seconds),
                longest=0,
                why=ASKED_TO_WAIT,
                forget=True,
            )
