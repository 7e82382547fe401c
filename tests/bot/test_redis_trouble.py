"""A Redis in trouble: the ledger says so at once, and goes on by itself when it is over."""

import asyncio
import resource
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import redis as blocking
from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.adapters.ledger import Hold, RedisLedger
from bot.adapters.redis_client import connect
from bot.parts.ledger import judge_redis
from bot.settings import SettingsError
from bot.wiring.web import WEB_REDIS_SECONDS
from core.errors import TransientError
from core.models import Accepted, Job
from tests.bot.asking import A, push, reviewed
from tests.faults.redis import DurableRedis

AT_ONCE = 2.0
"""Seconds in which a webhook must have its 503."""
RECOVERED = 5.0


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DurableRedis]:
    """A server that may be hurt."""
    server = DurableRedis(tmp_path_factory.mktemp("trouble"))
    server.start()
    yield server
    server.resume()
    server.stop()


@pytest.fixture
async def redis(server: DurableRedis) -> AsyncIterator[Redis]:
    """Web's client of it, emptied."""
    server.heal()
    client = connect(server.url, timeout=WEB_REDIS_SECONDS)
    await client.flushall()
    yield client
    await client.aclose()


@pytest.fixture
def ledger(redis: Redis) -> RedisLedger:
    return RedisLedger(redis)


async def running(ledger: RedisLedger) -> Job:
    """A job that was claimed while all was well."""
    await ledger.admit(push(A))
    job = await ledger.claim("w")
    assert job is not None
    return job


async def refuses_at_once(ledger: RedisLedger, job: Job) -> None:
    """Whatever is asked fails as transient, in time for a webhook's answer."""
    steps = (
        lambda: ledger.admit(push(A, number=2)),
        lambda: ledger.renew(job),
        lambda: ledger.claim("w"),
        lambda: ledger.commit(job, reviewed(A)),
    )
    for step in steps:
        began = time.monotonic()
        with pytest.raises(TransientError):
            await step()
        assert time.monotonic() - began < AT_ONCE


async def goes_on(ledger: RedisLedger, job: Job) -> None:
    """The run is still held and can end; new work is taken."""
    async with asyncio.timeout(RECOVERED):
        while True:
            with suppress(TransientError):
                hold, _ = await ledger.renew(job)
                break
            await asyncio.sleep(0.05)
    assert hold is Hold.HELD
    await ledger.commit(job, reviewed(A))
    assert isinstance(await ledger.admit(push(A, number=3)), Accepted)
    following = set()
    while claimed := await ledger.claim("w"):
        following.add(claimed.id)
    assert "7:3" in following


async def test_out_of_memory(ledger: RedisLedger, redis: Redis) -> None:
    job = await running(ledger)
    await redis.config_set("maxmemory", "1mb")
    try:
        await refuses_at_once(ledger, job)
        assert await ledger.peek([job]) == {}
        assert (await ledger.desk.counts()).running == 1
    finally:
        await redis.config_set("maxmemory", "0")
    await goes_on(ledger, job)


async def test_read_only_replica(ledger: RedisLedger, redis: Redis) -> None:
    job = await running(ledger)
    await redis.config_set("replica-serve-stale-data", "yes")
    await redis.execute_command("REPLICAOF", "127.0.0.1", "1")
    try:
        await refuses_at_once(ledger, job)
        await redis.config_set("replica-serve-stale-data", "no")
        await refuses_at_once(ledger, job)
    finally:
        await redis.execute_command("REPLICAOF", "NO", "ONE")
    await goes_on(ledger, job)


async def test_busy_with_an_endless_script(
    ledger: RedisLedger, redis: Redis, server: DurableRedis
) -> None:
    job = await running(ledger)
    await redis.config_set("busy-reply-threshold", 50)
    other = blocking.Redis.from_url(server.url, socket_timeout=0.1)
    with pytest.raises(RedisError):
        other.eval("while true do end", 0)
    try:
        await refuses_at_once(ledger, job)
    finally:
        await redis.script_kill()
        other.close()
    await goes_on(ledger, job)


async def test_server_that_holds_still(ledger: RedisLedger, server: DurableRedis) -> None:
    job = await running(ledger)
    server.pause()
    try:
        began = time.monotonic()
        asked = (ledger.admit(push(A, number=100 + n)) for n in range(80))
        answers = await asyncio.gather(*asked, return_exceptions=True)
        assert {type(answer) for answer in answers} == {TransientError}
        assert time.monotonic() - began < AT_ONCE
    finally:
        server.resume()
    assert (await ledger.renew(job))[0] is Hold.HELD


async def test_server_that_is_away_and_comes_back(
    ledger: RedisLedger, server: DurableRedis
) -> None:
    job = await running(ledger)
    server.kill()
    await refuses_at_once(ledger, job)
    server.start()
    await goes_on(ledger, job)


@pytest.mark.skipif(sys.platform != "linux", reason="sets a limit of another process")
async def test_disk_that_is_full(ledger: RedisLedger, redis: Redis) -> None:
    job = await running(ledger)
    await redis.config_set("appendfsync", "everysec")
    pid = (await redis.info("server"))["process_id"]
    full = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    written = (await redis.info("persistence"))["aof_current_size"]
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (written + 100, full[1]))
    try:
        await ledger.admit(push(A, number=4))
        await asyncio.sleep(0.2)
        await refuses_at_once(ledger, job)
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, full)
    await goes_on(ledger, job)
    await redis.config_set("appendfsync", "always")


async def test_server_that_loads_its_data(tmp_path: Path) -> None:
    before = DurableRedis(tmp_path)
    before.start()
    client = connect(before.url)
    job = await running(RedisLedger(client))
    for number in range(10, 40):
        await RedisLedger(client).admit(push(A, number=number))
    await client.bgrewriteaof()
    while (await client.info("persistence"))["aof_rewrite_in_progress"]:
        await asyncio.sleep(0.02)
    await client.aclose()
    before.stop()
    # It answers while it loads; each key takes it some milliseconds.
    server = DurableRedis(
        tmp_path, key_load_delay="8000", loading_process_events_interval_bytes="1024"
    )
    starting = asyncio.create_task(asyncio.to_thread(server.start))
    ledger = RedisLedger(client := connect(server.url))
    refusals: set[str] = set()
    while not starting.done():
        with suppress(RedisError, OSError):
            await client.ping()
        try:
            await ledger.renew(job)
        except TransientError as error:
            refusals.add(error.reason)
        await asyncio.sleep(0.01)
    await starting
    assert "Redis did not answer (BusyLoadingError)." in refusals
    assert (await ledger.renew(job))[0] is Hold.HELD
    await client.aclose()
    server.stop()


async def test_start_is_refused_where_accepted_work_may_be_evicted(redis: Redis) -> None:
    await redis.config_set("maxmemory-policy", "allkeys-lru")
    try:
        with pytest.raises(SettingsError, match=r"REDIS_URL: .*allkeys-lru.*noeviction"):
            await judge_redis(redis)
    finally:
        await redis.config_set("maxmemory-policy", "noeviction")
    await judge_redis(redis)
