"""The doorbell: a ring arrives, soon, and a lost one harms nobody."""

import asyncio
import statistics
import threading
import time

import dramatiq
import pytest
from dramatiq.brokers.rabbitmq import RabbitmqBroker
from dramatiq.brokers.redis import RedisBroker
from redis.asyncio import Redis
from structlog.testing import capture_logs

from bot.adapters import keys
from bot.adapters.queue import (
    Doorman,
    DramatiqBell,
    close_broker,
    make_broker,
    queue_of,
)
from tests.bot.working import until


async def test_ring_carries_a_job_id_and_nothing_else(redis_url: str, redis: Redis) -> None:
    bell = DramatiqBell.at(redis_url)
    await bell.ring("7:1")
    bell.close()
    found = await redis.hvals(f"{keys.DRAMATIQ}:bell.msgs")
    message = dramatiq.Message.decode(found[0])
    assert (message.args, message.kwargs) == (("7:1",), {})
    assert set(message.options) == {"redis_message_id"}


async def test_every_key_of_the_broker_is_in_its_namespace(redis_url: str, redis: Redis) -> None:
    bell = DramatiqBell.at(redis_url)
    await bell.ring("7:1")
    bell.close()
    assert {key.startswith(keys.DRAMATIQ.encode()) for key in await redis.keys("*")} == {True}


async def test_lost_ring_is_logged_and_not_raised() -> None:
    bell = DramatiqBell.at("unix:///nowhere/redis.sock")
    with capture_logs() as logs:
        await bell.ring("7:1")
    bell.close()
    assert [(entry["event"], entry["job"]) for entry in logs] == [("bell.ring_lost", "7:1")]


async def test_ringing_does_not_block_the_event_loop(redis_url: str, redis: Redis) -> None:
    bell = DramatiqBell.at(redis_url)
    await bell.ring("first")
    await redis.client_pause(300)
    started = time.monotonic()
    ring = asyncio.create_task(bell.ring("7:1"))
    await asyncio.sleep(0.05)
    assert time.monotonic() - started < 0.2
    await ring
    bell.close()


async def test_rings_that_come_together_become_one_now_and_one_later(
    redis_url: str, redis: Redis
) -> None:
    bell = DramatiqBell.at(redis_url, apart=0.8)
    began = time.monotonic()
    await bell.ring("7:1")
    assert time.monotonic() - began < 0.7
    await asyncio.gather(*(bell.ring(f"7:{n}") for n in range(2, 12)))
    assert time.monotonic() - began >= 0.8
    bell.close()
    assert await redis.hlen(f"{keys.DRAMATIQ}:bell.msgs") == 2


async def test_ring_is_answered_soon(redis_url: str) -> None:
    answered: list[float] = []
    broker = make_broker(redis_url)
    doorman = Doorman(broker, lambda _: answered.append(time.monotonic()), threads=2)
    doorman.start()
    bell = DramatiqBell.at(redis_url)
    waits = []
    for n in range(15):
        await asyncio.sleep(0.05)
        rung = time.monotonic()
        await bell.ring("7:1")
        await until(lambda n=n: len(answered) > n)
        waits.append(answered[-1] - rung)
    bell.close()
    await asyncio.to_thread(doorman.stop, 5)
    close_broker(broker)
    assert statistics.median(waits) < 0.15  # 45 ms on an idle machine; tests share theirs


async def test_rings_that_no_thread_is_free_for_stay_for_other_processes(redis_url: str) -> None:
    go = threading.Event()
    first: list[str] = []
    second: list[str] = []

    def hold(hint: str) -> None:
        first.append(hint)
        go.wait(5)

    busy_broker, idle_broker = make_broker(redis_url), make_broker(redis_url)
    busy, idle = Doorman(busy_broker, hold, threads=1), Doorman(idle_broker, second.append, 1)
    busy.start()
    bell = DramatiqBell.at(redis_url)
    await bell.ring("1")
    await until(lambda: first == ["1"])
    await bell.ring("2")
    await bell.ring("3")
    idle.start()
    await until(lambda: second == ["2", "3"])
    go.set()
    for doorman, broker in ((busy, busy_broker), (idle, idle_broker)):
        await asyncio.to_thread(doorman.stop, 5)
        close_broker(broker)
    bell.close()
    assert first == ["1"]


@pytest.mark.parametrize("url", ["redis://h:1", "rediss://h:1", "unix:///s"])
def test_redis_urls_make_a_redis_broker_without_middleware(url: str) -> None:
    broker = make_broker(url)
    assert isinstance(broker, RedisBroker)
    assert (broker.middleware, queue_of(broker)) == ([], "bell")
    close_broker(broker)


def test_amqp_url_makes_a_rabbitmq_broker_without_middleware() -> None:
    broker = make_broker("amqp://guest:guest@127.0.0.1:5672")
    assert isinstance(broker, RabbitmqBroker)
    assert (broker.middleware, queue_of(broker)) == ([], "argus.bell")
    close_broker(broker)
