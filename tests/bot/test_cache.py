"""The reply cache: evictable, and no harm when it is away."""

from redis.asyncio import Redis

from bot.adapters.cache import ReplyCache
from bot.adapters.keys import CACHE
from bot.adapters.redis_client import connect


async def test_entry_is_kept_for_its_time(redis: Redis) -> None:
    cache = ReplyCache(redis)
    await cache.put("k", b"\xff reply", ttl=60)
    assert await cache.get("k") == b"\xff reply"
    assert await cache.get("other") is None
    assert await redis.keys("*") == [f"{CACHE}k".encode()]
    assert 0 < await redis.ttl(f"{CACHE}k") <= 60


async def test_cache_that_is_away_is_an_empty_cache() -> None:
    client = connect("unix:///nowhere/redis.sock")
    cache = ReplyCache(client)
    await cache.put("k", b"v", ttl=60)
    assert await cache.get("k") is None
    await client.aclose()
