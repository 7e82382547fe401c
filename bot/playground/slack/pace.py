"""Slack's limits: about one new message a second in each channel, and so many edits a minute.

https://docs.slack.dev/apis/web-api/rate-limits
"""

from collections import deque
from math import ceil
from typing import Final

from bot.playground.slack.wire import ratelimited

MINUTE: Final = 60.0
"""Seconds."""


class Pace:
    """A bucket of messages for each channel, and the last minute's edits in the whole workspace."""

    def __init__(self) -> None:
        self._buckets: dict[str, tuple[float, float]] = {}
        self._edits: deque[float] = deque()

    def spend(self, channel: str, now: float, per_second: float, burst: int) -> None:
        """Count a message. Raises Refused 429 with the whole seconds to wait.

        https://docs.slack.dev/apis/web-api/rate-limits#posting-messages
        """
        if per_second <= 0:
            return
        held, at = self._buckets.get(channel, (float(burst), now))
        held = min(float(burst), held + (now - at) * per_second)
        if held < 1:
            self._buckets[channel] = (held, now)
            raise ratelimited(max(1, ceil((1 - held) / per_second)))
        self._buckets[channel] = (held - 1, now)

    def edit(self, now: float, per_minute: int) -> None:
        """Count an edit. Raises Refused 429 with the whole seconds to wait.

        Slack's tier says how many a minute at least, whichever channels they are in.
        https://docs.slack.dev/apis/web-api/rate-limits#tier_t3
        """
        if per_minute <= 0:
            return
        while self._edits and self._edits[0] <= now - MINUTE:
            self._edits.popleft()
        if len(self._edits) >= per_minute:
            raise ratelimited(max(1, ceil(self._edits[0] + MINUTE - now)))
        self._edits.append(now)
