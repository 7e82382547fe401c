"""A Redis that dies, forgets, refuses, stalls or fills up, and replies of it that get lost.

The server is the scene's own. Whatever is done to it, it is in order when a play is over.
"""

import asyncio
import hashlib
import os
import resource
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from random import Random
from typing import Any

from bot.adapters import keys
from bot.adapters.ledger.scripts import source
from bot.adapters.queue import QUEUE
from bot.adapters.redis_client import connect
from tests.faults.case import Case, Play, patience
from tests.faults.looks import answered, wait_of
from tests.faults.scene import POLL_SECONDS, Pull, Scene
from tests.faults.wire import Loss, wire_to

CHANNEL = "reviews"
UNAVAILABLE = 503
ANSWER_SECONDS = 5.0
"""For a 503 that is promised within two, on a machine that does other work too."""
BACK_SECONDS = 10.0
"""After which every worker is heard of again."""
START_SECONDS = 15.0
"""From a wish to the start of its review, at most, when rings get lost."""
STALL_SECONDS = 5.0
LOADING_SECONDS = 3.0
"""For which a server loads its data, about."""
FETCH, ENQUEUE = b"\r\nfetch\r\n", b"\r\nenqueue\r\n"
"""Dramatiq's own commands, as arguments of its script."""
SCRIPTS: Mapping[str, bytes] = {
    "admit": b"accepted",
    "claim": b"run_head",
    "renew": b"held",
    "remember_review": b"",
    "commit": b"",
    "outbox_claim": b"check",
    "outbox_done": b"",
}
"""Of the ledger, and what a reply has in it that is worth losing."""

Trouble = Callable[[Scene], AbstractAsyncContextManager[None]]


async def killed(scene: Scene, chance: Random) -> None:
    """Kill the server at any moment, a few times; it writes every change to disk."""
    for _ in range(chance.randint(2, 4)):
        scene.open()
    for _ in range(chance.randint(1, 3)):
        await asyncio.sleep(chance.uniform(0.0, 1.5))
        scene.redis.kill()
        await asyncio.sleep(chance.uniform(0.0, 1.0))
        scene.redis.start()
        scene.trouble_at = time.time()


async def killed_with_its_machine(scene: Scene, chance: Random) -> None:
    """Lose what a server that writes once a second had not written when its machine died."""
    scene.redis.set(appendfsync="everysec")
    for _ in range(chance.randint(1, 3)):
        scene.open()
    await asyncio.sleep(chance.uniform(0.0, 1.5))
    journal = scene.redis.journal
    written = journal.stat().st_size
    scene.open()
    await asyncio.sleep(chance.uniform(0.0, 1.0))
    scene.redis.kill()
    os.truncate(journal, chance.randint(written, journal.stat().st_size))
    scene.redis.start()
    scene.trouble_at = time.time()
    await sweep(scene)


async def sweep(scene: Scene) -> None:
    """Let the ten minutes pass after which open pull requests are looked through."""
    mark = keys.lasting("looked", "sweep")
    with scene.redis.client() as client:
        client.delete(mark)
        while not client.exists(mark):
            await asyncio.sleep(POLL_SECONDS)


async def emptied(scene: Scene, chance: Random) -> None:
    """Lose everything the server knows: what was posted, what runs and what waits."""
    rested = scene.open()
    await scene.settled(rested, seconds=patience(scene.lease))
    for _ in range(chance.randint(1, 3)):
        scene.open()
    await asyncio.sleep(chance.uniform(0.0, 2.5))
    with scene.redis.client() as client:
        client.flushall()
    scene.trouble_at = time.time()


async def away(scene: Scene, chance: Random) -> None:
    """Take the server away for a while: GitHub gets 503, a person an answer in words."""
    channel = scene.slack.channel(CHANNEL)
    before = scene.open()
    await asyncio.sleep(chance.uniform(0.0, 1.0))
    take, give = chance.choice(
        (
            (scene.redis.kill, scene.redis.start),
            (scene.redis.pause, scene.redis.resume),
        )
    )
    ends_at = time.monotonic() + scene.lease * chance.uniform(1.0, 3.0)
    take()
    refused = scene.open()
    await _is_refused(scene, refused)
    told = _told_that_nothing_came(scene)
    text = f"review {scene.github.url}/{before.repo}/pull/{before.number}"
    sent = await asyncio.to_thread(scene.slack.slash, "mona", channel, text)
    assert not sent["error"], f"Slack was not answered: {sent['error']}"
    while _told_that_nothing_came(scene) == told:
        await asyncio.sleep(POLL_SECONDS)
    await asyncio.sleep(max(0.0, ends_at - time.monotonic()))
    give()
    scene.trouble_at = time.time()


async def _is_refused(scene: Scene, pull: Pull) -> None:
    """Check that the event of a pull request got its 503 in time."""
    (row,) = await answered(scene, pull, 1)
    assert row["status_code"] == UNAVAILABLE, f"the event was answered {row['status_code']}"
    assert row["duration"] <= ANSWER_SECONDS, f"the 503 took {row['duration']} s"


def _told_that_nothing_came(scene: Scene) -> int:
    """Count how often a person was told that a command led to nothing."""
    return sum("Nothing was queued" in str(m) for m in scene.slack.ephemerals("mona"))


def in_trouble(trouble: Trouble) -> Play:
    """Return a play in which a server answers, but not as it should, while work goes on."""

    async def play(scene: Scene, chance: Random) -> None:
        scene.open()
        await asyncio.sleep(chance.uniform(0.0, 1.0))
        async with trouble(scene):
            scene.open()
            await asyncio.sleep(chance.uniform(0.5, 1.5) * scene.lease)
        scene.trouble_at = time.time()
        scene.open()
        await _all_back(scene)

    return play


async def _all_back(scene: Scene) -> None:
    """Check that every worker is heard of soon."""
    over = time.monotonic()
    while True:
        seen = await scene.ledger.presence.seen()
        passed = time.monotonic() - over
        heard = {int(each.beat.worker.split(":")[1]) for each in seen if each.ago <= passed}
        if set(scene.workers) <= heard:
            return
        assert passed <= BACK_SECONDS, f"of {scene.workers} only {heard} came back"
        await asyncio.sleep(POLL_SECONDS)


@asynccontextmanager
async def read_only(scene: Scene) -> AsyncIterator[None]:
    """Make it a replica of nobody, as a failover does for a moment."""
    with scene.redis.client() as client:
        client.execute_command("REPLICAOF", "127.0.0.1", "1")
        try:
            yield
        finally:
            client.execute_command("REPLICAOF", "NO", "ONE")


@asynccontextmanager
async def out_of_memory(scene: Scene) -> AsyncIterator[None]:
    """Let it hold more than it may."""
    scene.redis.set(maxmemory="1mb")
    try:
        yield
    finally:
        scene.redis.set(maxmemory="0")


@asynccontextmanager
async def loading(scene: Scene) -> AsyncIterator[None]:
    """Crash it, and let it take its time to load what it has."""
    with scene.redis.client() as client:
        entries = max(1, client.dbsize())
        await _compact(client)
    scene.redis.kill()
    delay = round(LOADING_SECONDS * 1_000_000 / entries)
    starting = asyncio.to_thread(
        scene.redis.start,
        key_load_delay=str(delay),
        loading_process_events_interval_bytes="1024",
    )
    started = asyncio.create_task(starting)
    try:
        yield
    finally:
        await started
        scene.redis.set(key_load_delay="0")


async def _compact(client: Any) -> None:
    """Let it write its data anew, a key at a time, so that loading it takes a delay for each."""
    client.bgrewriteaof()
    while client.info("persistence")["aof_rewrite_in_progress"]:
        await asyncio.sleep(POLL_SECONDS)


@asynccontextmanager
async def stalled(scene: Scene) -> AsyncIterator[None]:
    """Let it hold still for longer than anybody waits for an answer."""
    asleep = asyncio.create_task(asyncio.to_thread(_sleep, scene))
    try:
        yield
    finally:
        await asleep


def _sleep(scene: Scene) -> None:
    with scene.redis.client(seconds=2 * STALL_SECONDS) as client:
        client.execute_command("DEBUG", "SLEEP", str(STALL_SECONDS))


def reply_lost(asked: bytes, told: bytes = b"") -> Play:
    """Return a play in which a reply of the server is lost on its way."""

    async def play(scene: Scene, chance: Random) -> None:
        async with wire_to(scene.redis) as wire:
            lost = wire.lose(asked, told, chance.choice(tuple(Loss)))
            for _ in range(chance.randint(1, 3)):
                scene.open()
            await lost.wait(patience(scene.lease))
            scene.trouble_at = time.time()
            await scene.settled(*scene.pulls, seconds=patience(scene.lease))

    return play


async def ledger_reply_lost(scene: Scene, chance: Random) -> None:
    """Lose the reply of one of the ledger's scripts, which is run by its hash."""
    name = chance.choice(tuple(SCRIPTS))
    sha = hashlib.sha1(source(name).encode(), usedforsecurity=False).hexdigest()
    await reply_lost(sha.encode(), SCRIPTS[name])(scene, chance)


async def bell_drops_everything(scene: Scene, chance: Random) -> None:
    """Lose all that Dramatiq is given, for some time or until every review is there."""
    dropping = asyncio.create_task(_drop(scene))
    try:
        for _ in range(chance.randint(2, 5)):
            scene.open()
            await asyncio.sleep(chance.uniform(0.0, 0.3))
        if chance.random() < 0.5:
            await asyncio.sleep(chance.uniform(0.0, 4.0))
            dropping.cancel()
        await scene.settled(*scene.pulls, seconds=patience(scene.lease))
    finally:
        dropping.cancel()
        await asyncio.gather(dropping, return_exceptions=True)
    waits = [wait_of(scene, pull) for pull in scene.pulls]
    assert max(waits) <= START_SECONDS, f"a review began {max(waits):.1f} s after its wish"


async def _drop(scene: Scene) -> None:
    client = connect(scene.redis.url)
    try:
        while True:
            await client.delete(keys.of_dramatiq(QUEUE), keys.of_dramatiq(f"{QUEUE}.msgs"))
            await asyncio.sleep(0.001)
    finally:
        await client.aclose()


async def disk_full(scene: Scene, chance: Random) -> None:
    """Leave no room for what the server appends, until an event is refused, and make room again.

    With every write on disk the server ends itself; with one a second it refuses writes. A limit
    on the size of its files is what a process can be given without a disk of its own.
    """
    scene.redis.set(appendfsync=chance.choice(("always", "everysec")))
    scene.open()
    await asyncio.sleep(chance.uniform(0.0, 1.0))
    server = scene.redis.pid
    whole = resource.prlimit(server, resource.RLIMIT_FSIZE)
    room = scene.redis.journal.stat().st_size + chance.randint(0, 20_000)
    resource.prlimit(server, resource.RLIMIT_FSIZE, (room, whole[1]))
    while (await answered(scene, scene.open(), 1))[0]["status_code"] != UNAVAILABLE:
        await asyncio.sleep(chance.uniform(0.0, 0.3))
    await asyncio.sleep(chance.uniform(0.0, 1.0) * scene.lease)
    if scene.redis.alive:
        resource.prlimit(server, resource.RLIMIT_FSIZE, whole)
    else:
        scene.redis.start()
    scene.trouble_at = time.time()


CASES = [
    Case("11", "Redis killed and restarted, every change on disk", killed),
    Case("12", "Redis loses its last second", killed_with_its_machine),
    Case("13", "Redis is emptied", emptied, alone=True, leases=13.0),
    Case("14", "Redis away for a while", away, leases=4.0, quick=False),
    Case("15", "Redis read-only", in_trouble(read_only), leases=2.0),
    Case("15b", "Redis out of memory", in_trouble(out_of_memory), leases=2.0, quick=False),
    Case("15c", "Redis loads its data", in_trouble(loading), leases=2.0, quick=False),
    Case("15d", "Redis stalls for five seconds", in_trouble(stalled), leases=2.0, quick=False),
    Case("16", "Reply to a fetch lost", reply_lost(FETCH, b'"actor_name"'), leases=25.0),
    Case("16b", "Reply to an enqueue lost", reply_lost(ENQUEUE), leases=25.0),
    Case("16c", "Reply of the ledger lost", ledger_reply_lost, leases=25.0, quick=False),
    Case("16d", "The bell drops its messages", bell_drops_everything, leases=13.0, quick=False),
    *(
        [Case("51", "Disk full", disk_full, leases=2.0, quick=False)]
        if sys.platform == "linux"
        else []
    ),
]
