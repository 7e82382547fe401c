"""Deliveries that failed and come again, by somebody's script and by Argus's own look.

Deliveries that merely come twice or out of order are in `pulls`.
"""

import asyncio
import time
from collections import Counter
from itertools import pairwise
from random import Random

from tests.fakes.argus import free_port
from tests.faults.case import Case
from tests.faults.looks import Row, sent
from tests.faults.scene import Scene

REST = 80.0
"""Seconds within which everything must have come to rest."""
DELIVERIES = 100
FETCH_APART = 1.0
"""Seconds between two failed deliveries that Argus fetches."""


async def storm_of_redeliveries(scene: Scene, chance: Random) -> None:
    """Fail a hundred deliveries; somebody's script repeats most at once, Argus fetches the rest."""
    scene.github.set_webhook(f"http://127.0.0.1:{free_port()}/", scene.argus.webhook_secret)
    try:
        old = scene.workers
        for pid in old:
            scene.terminate(pid)
        await scene.gone(old)
        _cause_deliveries(scene, chance)
        failed = await _ended(scene, DELIVERIES)
    finally:
        scene.github.set_webhook(f"{scene.argus.url}/webhooks/github", scene.argus.webhook_secret)
    assert all(row["status"] != "OK" for row in failed)
    scene.fill()
    left = {row["id"] for row in chance.sample(failed, chance.randint(3, 10))}
    for row in failed:
        if row["id"] not in left:
            scene.github.redeliver(row["id"])
    scene.trouble_at = time.time()
    repeated = (await _ended(scene, 2 * DELIVERIES - len(left)))[DELIVERIES:]
    assert {row["status_code"] for row in repeated} == {202}
    fetched = await _fetched(scene, left, {row["id"] for row in failed})
    again = [path for path, count in Counter(r["path"] for r in fetched).items() if count > 1]
    assert not again, f"fetched more than once: {again}"
    gaps = [sent(later) - sent(former) for former, later in pairwise(fetched)]
    assert min(gaps, default=FETCH_APART) >= FETCH_APART * 0.9, f"{min(gaps):.2f} s apart"


def _cause_deliveries(scene: Scene, chance: Random) -> None:
    """Open a few pull requests and push, until there are enough events."""
    pulls = [scene.open() for _ in range(4)]
    for _ in range(DELIVERIES - len(pulls)):
        scene.push(chance.choice(pulls))


async def _ended(scene: Scene, count: int) -> list[Row]:
    """Return the deliveries about this run's repositories once so many have ended."""
    mine = {pull.repo_id for pull in scene.pulls}
    while True:
        rows = await asyncio.to_thread(scene.github.deliveries, "pull_request")
        ended = [r for r in rows if r["repository_id"] in mine and r["status"] != "pending"]
        if len(ended) >= count:
            return ended
        await asyncio.sleep(0.1)


async def _fetched(scene: Scene, wanted: set[int], mine: set[int]) -> list[Row]:
    """Return when and which of my deliveries Argus fetched, once it fetched those it has to."""
    while True:
        rows = await asyncio.to_thread(scene.github.requests, "GET", r"^/app/hook/deliveries/\d+$")
        found = sorted((r for r in rows if _number(r) in mine), key=sent)
        if wanted <= {_number(row) for row in found}:
            return found
        await asyncio.sleep(0.2)


def _number(row: Row) -> int:
    return int(row["path"].rpartition("/")[2])


CASES = [
    Case(
        "54",
        "A hundred failed deliveries, most repeated at once",
        storm_of_redeliveries,
        quick=False,
        seconds=150.0,
    ),
]
