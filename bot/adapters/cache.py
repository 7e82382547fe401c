"""Model replies for an hour, so that a crashed run does not pay twice.

Only what may be lost at any time is kept here; a cache that is away is an empty cache.
"""

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.adapters import keys

log = structlog.get_logger(__name__)


class ReplyCache:
    """Evictable bytes by key, in the cache server."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def get(self, key: str) -> bytes | None:
        """Return an entry, None when there is none or the server is away."""
        try:
            value = await self._redis.get(keys.cached(key))
        except RedisError as error:
            log.warning("cache.away", error=type(error).__name__)
            return None
        return value if isinstance(value, bytes) else None

    async def put(self, key: str, value: bytes, ttl: int) -> None:
        """Keep an entry for `ttl` seconds."""
        try:
            await self._redis.set(keys.cached(key), value, ex=ttl)
        except RedisError as error:
            log.warning("cache.away", error=type(error).__name__)
