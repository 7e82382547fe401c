"""A bell that fails: messages dropped, a broker away. Every pull request is reviewed, soon."""

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pika
from pika.exceptions import AMQPError
from redis import Redis

from bot.adapters.keys import lasting, of_dramatiq
from bot.adapters.queue import AMQP_QUEUE, QUEUE
from bot.adapters.redis_server import EmbeddedRedis
from tests.fakes.argus import Argus, free_port
from tests.fakes.github import FakeGitHub, Opened
from tests.flows.test_pull_request import BASE, CLEAN, checked

PULLS = 10
LONGEST_WAIT = 15.0
"""Seconds from a webhook to the start of its review, whatever the broker loses."""


async def test_messages_that_are_lost_cost_seconds_and_no_review(
    hub: FakeGitHub, own_redis: EmbeddedRedis, argus: Argus
) -> None:
    with Redis.from_url(own_redis.url) as redis, dropping(lambda: drop_all(redis)):
        opened = await open_many(hub, "dropped", PULLS)
        await all_checked(hub, opened)
        waits = waits_of(redis, opened)

    assert max(waits) <= LONGEST_WAIT
    assert len(waits) == PULLS
    await until(lambda: figure(own_redis, "unrung") > 0)


async def test_the_reconciler_rings_again_for_a_ring_that_was_lost(
    hub: FakeGitHub, own_redis: EmbeddedRedis, argus: Argus
) -> None:
    heard = figure(own_redis, "rings:heard")
    with Redis.from_url(own_redis.url) as redis:
        with dropping(lambda: drop_all(redis)):
            opened = await open_many(hub, "again", 3)
        await all_checked(hub, opened)
        waits = waits_of(redis, opened)
        await until(lambda: figure(own_redis, "rings:heard") > heard)

    assert max(waits) <= LONGEST_WAIT
    assert "reconciler.rings" in argus.logs()


async def test_messages_that_rabbitmq_loses_cost_seconds_and_no_review(
    github: FakeGitHub, redis_url: str, rabbitmq_url: str, tmp_path: Path
) -> None:
    with Argus(github, redis_url, tmp_path, ARGUS_BROKER_URL=rabbitmq_url):
        with stealing(rabbitmq_url) as steal, dropping(steal):
            opened = await open_many(github, "stolen", PULLS)
            await all_checked(github, opened)
        with Redis.from_url(redis_url) as redis:
            waits = waits_of(redis, opened)
            await until(lambda: int(redis.hget(lasting("figures"), "unrung") or 0) > 0)

    assert max(waits) <= LONGEST_WAIT


async def test_without_its_broker_a_worker_takes_what_is_due_by_itself(
    github: FakeGitHub, redis_url: str, tmp_path: Path
) -> None:
    nowhere = f"amqp://guest:guest@127.0.0.1:{free_port()}"
    argus = Argus(github, redis_url, tmp_path, ARGUS_BROKER_URL=nowhere)
    with argus:
        opened = await open_many(github, "alone", 4)
        await all_checked(github, opened)
        with Redis.from_url(redis_url) as redis:
            waits = waits_of(redis, opened)
        shown = argus.http.get("/readyz")
        codes = argus.stop()

    assert max(waits) <= LONGEST_WAIT
    assert (shown.status_code, shown.json()["components"]["broker"]["ok"]) == (200, False)
    assert "guest" not in shown.text
    assert set(codes.values()) == {0}


async def open_many(hub: FakeGitHub, name: str, count: int) -> list[Opened]:
    """Open pull requests, each in a repository of its own, and wait until all are admitted."""
    opened = []
    for n in range(count):
        repo = f"octo/{name}-{n}"
        opened.append(await asyncio.to_thread(hub.open, BASE, {"app/store.py": CLEAN}, repo=repo))
    return opened


async def all_checked(hub: FakeGitHub, opened: Sequence[Opened]) -> None:
    """Wait until every pull request has its check."""
    for each in opened:
        await hub.until(each.repo, each.number, checked, seconds=2 * LONGEST_WAIT)


def waits_of(redis: "Redis[bytes]", opened: Sequence[Opened]) -> list[float]:
    """Return the seconds between admission and start, on the server's own clock."""
    rows = [redis.hgetall(lasting("job", f"{each.repo_id}:{each.number}")) for each in opened]
    return [(int(row[b"started"]) - int(row[b"wished_at"])) / 1000 for row in rows]


def figure(server: EmbeddedRedis, name: str) -> int:
    with Redis.from_url(server.url) as redis:
        return int(redis.hget(lasting("figures"), name) or 0)


def drop_all(redis: "Redis[bytes]") -> None:
    """Lose what Dramatiq was given."""
    redis.delete(of_dramatiq(QUEUE), of_dramatiq(f"{QUEUE}.msgs"))
    time.sleep(0.001)


@contextlib.contextmanager
def dropping(drop: Callable[[], object]) -> Iterator[None]:
    """Drop messages again and again, in a thread, while the block runs."""
    stop = threading.Event()

    def drop_again() -> None:
        while not stop.is_set():
            drop()

    thread = threading.Thread(target=drop_again)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


@contextlib.contextmanager
def stealing(url: str) -> Iterator[Callable[[], object]]:
    """Listen before everyone else and throw away what comes; a purge misses what is underway.

    https://www.rabbitmq.com/docs/consumer-priority
    """
    with pika.BlockingConnection(pika.URLParameters(url)) as connection:
        channel = _on_declared_queue(connection)
        channel.basic_consume(
            AMQP_QUEUE, lambda *_: None, auto_ack=True, arguments={"x-priority": 10}
        )
        yield lambda: connection.process_data_events(time_limit=0.02)


def _on_declared_queue(connection: pika.BlockingConnection) -> pika.channel.Channel:
    """Return a channel once a worker has declared the queue."""
    deadline = time.monotonic() + LONGEST_WAIT
    while True:
        channel = connection.channel()
        try:
            channel.queue_declare(AMQP_QUEUE, passive=True)
        except AMQPError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return channel


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(LONGEST_WAIT):
        while not holds():
            await asyncio.sleep(0.1)
