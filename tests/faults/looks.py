"""What cases look at to know what happened: reviews by head, deliveries, requests and their times.

Nothing here changes the world, but for time that passes and deliveries that are made again.
"""

import asyncio
import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from bot.adapters import keys
from core.models import Stage
from tests.faults.audit import REVIEW
from tests.faults.scene import POLL_SECONDS, Pull, Scene

Row = dict[str, Any]


def reviews_of(scene: Scene, pull: Pull, head: str) -> list[Row]:
    """Return Argus's submitted reviews of one head."""
    found = []
    for review in scene.shown(pull)["reviews"]:
        marker = REVIEW.search(review["body"] or "")
        if marker and marker[1].split(".")[2] == head and review["state"] != "PENDING":
            found.append(review)
    return found


def deliveries_of(scene: Scene, pull: Pull) -> list[Row]:
    """Return the `pull_request` events of a pull request with what was answered, oldest first."""
    rows = scene.github.deliveries("pull_request", payloads=True)
    return [row for row in rows if row["repository_id"] == pull.repo_id]


async def answered(scene: Scene, pull: Pull, count: int) -> list[Row]:
    """Return the events once there are so many and each had its answer, or none in time."""
    while True:
        rows = await asyncio.to_thread(deliveries_of, scene, pull)
        if len(rows) >= count and all(row["status"] != "pending" for row in rows):
            return rows
        await asyncio.sleep(POLL_SECONDS)


async def redelivered(scene: Scene, pull: Pull, delivery: Row) -> Row:
    """Deliver an event again and return the new attempt with its answer."""
    before = len(deliveries_of(scene, pull))
    scene.github.redeliver(delivery["id"])
    return (await answered(scene, pull, before + 1))[-1]


def verdict_of(delivery: Row) -> str:
    """Return what web said about a delivery: accepted, duplicate, cancelled; else the status."""
    try:
        said = json.loads(delivery["response"]["payload"])
        return str(said["status"])
    except (ValueError, KeyError):
        return str(delivery["status_code"])


async def at_rest(scene: Scene, pull: Pull) -> None:
    """Wait until a job rests, whatever its head is."""
    while True:
        entry = await scene.entry(pull)
        if entry is not None and entry.stage in {Stage.IDLE, Stage.DEAD}:
            return
        await asyncio.sleep(POLL_SECONDS)


def requests_about(scene: Scene, pull: Pull, since: float = 0.0) -> list[Row]:
    """Return what was asked of GitHub about a pull request's repository, by name or by id."""
    places = (
        f"/repos/{pull.repo}/",
        f"/repositories/{pull.repo_id}/",
        f"/installations/{pull.installation}/",
    )
    rows = scene.github.requests()
    return [r for r in rows if r["at"] >= since and any(p in r["path"] for p in places)]


def asked_for(scene: Scene, pull: Pull) -> list[Row]:
    """Return what was asked with the installation's tokens, in the order in which it was sent."""
    caller = f"installation:{pull.installation}"
    return sorted((r for r in scene.github.requests() if r["caller"] == caller), key=sent)


def sent(row: Row) -> float:
    """Return when a request was sent, in seconds since 1970."""
    return float(row["at"] - row["seconds"])


def heads_at_submission(scene: Scene, pull: Pull) -> Sequence[float]:
    """Return how old the last look at the pull request was when each submission was sent."""
    path = f"/repos/{pull.repo}/pulls/{pull.number}"
    ages, looked = [], float("-inf")
    for row in sorted(scene.github.requests("", f"^{path}"), key=sent):
        if row["method"] == "GET" and row["path"] == path:
            looked = row["at"]
        elif row["path"].endswith("/events"):
            ages.append(sent(row) - looked)
    return ages


def pass_time(scene: Scene, time: timedelta) -> None:
    """Let deliveries that were remembered grow older."""
    with scene.redis.client() as client:
        for key in client.scan_iter(f"{keys.lasting('event')}*", count=1000):
            client.expire(key, client.ttl(key) - int(time.total_seconds()))


def wait_of(scene: Scene, pull: Pull) -> float:
    """Return the seconds from the wish for a review to its start, by the server's own clock."""
    with scene.redis.client() as client:
        row: Any = client.hmget(keys.lasting("job", pull.job), "started", "wished_at")
    return (int(row[0]) - int(row[1])) / 1000
