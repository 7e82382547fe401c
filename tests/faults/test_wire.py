"""The wire: what it carries, what it loses, and that nobody is left on it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from bot.adapters.redis_client import connect
from tests.faults.redis import DurableRedis
from tests.faults.wire import Loss, wire_to

PATIENCE = 0.3
"""Seconds that a client waits for a reply."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[DurableRedis]:
    server = DurableRedis(tmp_path)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def client(server: DurableRedis) -> Redis:
    return connect(server.url, timeout=PATIENCE)


@pytest.mark.parametrize(
    ("how", "error"), [(Loss.CUT, RedisConnectionError), (Loss.SILENCE, RedisTimeoutError)]
)
async def test_a_reply_is_lost_once_and_its_command_carried_out(
    server: DurableRedis, client: Redis, how: Loss, error: type[Exception]
) -> None:
    async with wire_to(server) as wire:
        lost = wire.lose(b"INCR", b":2", how)
        assert await client.incr("n") == 1
        assert lost.is_open
        with pytest.raises(error):
            await client.incr("n")
        await lost.wait(PATIENCE)
        assert await client.incr("n") == 3
        await client.aclose()


async def test_everybody_is_on_the_wire_and_off_it_again(
    server: DurableRedis, client: Redis
) -> None:
    await client.set("k", "v")
    async with wire_to(server) as wire:
        wire.lose(b"GET")
        with pytest.raises(RedisConnectionError):
            await client.get("k")
    wire.lose(b"GET")
    await client.aclose()
    assert await client.get("k") == b"v"
    await client.aclose()
    assert server.answers()
