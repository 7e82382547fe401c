"""Lines: calls of many callers on a few connections, and what a failure of one means for them."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from redis.asyncio import Redis
from redis.exceptions import RedisError, ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError

from bot.adapters.ledger import Policy
from bot.adapters.ledger.scripts import Scripts
from bot.adapters.redis_client import connect
from bot.adapters.redis_lines import LINES, Lines


@asynccontextmanager
async def silent_server() -> AsyncIterator[str]:
    """Listen, take every call and never answer."""
    held: list[asyncio.StreamWriter] = []
    server = await asyncio.start_server(lambda _, writer: held.append(writer), "127.0.0.1", 0)
    try:
        yield f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for writer in held:
            writer.close()


async def connections(redis: Redis) -> int:
    return len(await redis.client_list())


async def test_each_caller_gets_its_own_reply(redis: Redis) -> None:
    lines = Lines(redis)
    replies = await asyncio.gather(*(lines.ask("ECHO", f"word {n}") for n in range(500)))
    assert [f"word {n}".encode() for n in range(500)] == replies


async def test_many_callers_share_a_few_connections(redis: Redis) -> None:
    before = await connections(redis)
    lines = Lines(redis)
    await asyncio.gather(*(lines.ask("ECHO", n) for n in range(200)))
    assert before + LINES == await connections(redis)


async def test_refused_command_fails_its_caller_alone(redis: Redis) -> None:
    lines = Lines(redis)
    good, bad, last = await asyncio.gather(
        lines.ask("SET", "key", "text"),
        lines.ask("INCR", "key"),
        lines.ask("GET", "key"),
        return_exceptions=True,
    )
    assert isinstance(bad, ResponseError)
    assert (good, last) == (b"OK", b"text")


async def test_line_that_the_server_closed_is_opened_again(redis: Redis) -> None:
    lines = Lines(redis)
    await asyncio.gather(*(lines.ask("ECHO", n) for n in range(200)))
    await redis.client_kill_filter(_type="normal", skipme=True)
    await asyncio.sleep(0.05)
    replies = await asyncio.gather(*(lines.ask("ECHO", n) for n in range(200)))
    assert len(replies) == 200


async def test_connection_that_breaks_under_a_call_is_opened_again(redis: Redis) -> None:
    lines = Lines(redis, lines=1)
    killed = asyncio.create_task(lines.ask("BLPOP", "nothing", 5))
    await asyncio.sleep(0.05)
    await redis.client_kill_filter(_type="normal", skipme=True)
    with pytest.raises(RedisError):
        await killed
    assert await lines.ask("ECHO", "again") == b"again"


async def test_cancelled_caller_disturbs_nobody(redis: Redis) -> None:
    lines = Lines(redis, lines=1)
    first, cancelled, last = (asyncio.create_task(lines.ask("ECHO", n)) for n in range(3))
    await asyncio.sleep(0)
    cancelled.cancel()
    assert [await first, await last] == [b"0", b"2"]
    assert cancelled.cancelled()


async def test_nobody_waits_longer_than_the_timeout_for_a_server_that_stalls() -> None:
    async with silent_server() as url:
        client = connect(url, timeout=0.2)
        lines = Lines(client, lines=1)
        began = time.monotonic()
        failures = await asyncio.gather(
            *(lines.ask("ECHO", n) for n in range(100)), return_exceptions=True
        )
        waited = time.monotonic() - began
        await client.aclose()
    assert {RedisTimeoutError} == {type(failure) for failure in failures}
    assert waited < 2.0  # seconds; one after another they would wait for 20


async def test_script_is_sent_whole_to_a_server_that_forgot_it(redis: Redis) -> None:
    scripts = Scripts(redis, Policy())
    before = await scripts.call("count")
    await redis.script_flush()
    assert before == await scripts.call("count")
