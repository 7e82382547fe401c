"""Which events of Slack were seen to, so that one that comes again is not."""

from redis.asyncio import Redis

from bot.adapters import keys
from bot.adapters.ledger.scripts import answer

KEPT = 3_600
"""Seconds. Slack repeats an event for about six minutes.
https://docs.slack.dev/apis/events-api/#retries"""


class HeardEvents:
    """The events of one server."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def is_new(self, event: str) -> bool:
        """Note an event; False for one that was noted before. Raises TransientError."""
        noted = self._redis.set(keys.lasting("heard", event), b"", nx=True, ex=KEPT)
        return bool(await answer(noted))
