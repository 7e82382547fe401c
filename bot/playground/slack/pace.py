"""Slack's limit on new messages: about one a second in each channel, with short bursts.

https://docs.slack.dev/apis/web-api/rate-limits#posting-messages
"""

from math import ceil

from bot.playground.slack.wire import ratelimited


class Pace:
    """A bucket of messages for each channel."""

    def __init__(self) -> None:
        self._buckets: dict[str, tuple[float, float]] = {}

    def spend(self, channel: str, now: float, per_second: float, burst: int) -> None:
        """Count a message. Raises Refused 429 with the whole seconds to wait."""
        if per_second <= 0:
            return
        held, at = self._buckets.get(channel, (float(burst), now))
        held = min(float(burst), held + (now - at) * per_second)
        if held < 1:
            self._buckets[channel] = (held, now)
            raise ratelimited(max(1, ceil((1 - held) / per_second)))
        self._buckets[channel] = (held - 1, now)
