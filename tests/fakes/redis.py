"""A real server for tests: one per session, emptied before each test.

Nothing is faked here; what only a server can show is shown by a server.
"""

from collections.abc import AsyncIterator, Iterator

import pytest
from redis.asyncio import Redis

from bot.adapters.ledger import RedisLedger
from bot.adapters.redis_client import connect
from bot.adapters.redis_server import EmbeddedRedis


@pytest.fixture(scope="session")
def redis_server() -> Iterator[EmbeddedRedis]:
    """A server in memory, for the whole session."""
    with EmbeddedRedis() as server:
        yield server


@pytest.fixture
async def redis(redis_server: EmbeddedRedis) -> AsyncIterator[Redis]:
    """A client of the emptied server."""
    client = connect(redis_server.url)
    await client.flushall()
    yield client
    await client.aclose()


@pytest.fixture
def redis_url(redis_server: EmbeddedRedis, redis: Redis) -> str:
    """The address of the emptied server, for processes and brokers."""
    return redis_server.url


@pytest.fixture
def ledger(redis: Redis) -> RedisLedger:
    """The ledger with the product's own numbers."""
    return RedisLedger(redis)
