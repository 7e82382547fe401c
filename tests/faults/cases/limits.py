"""GitHub that limits us: nothing is asked before it allows it, and writes keep to an even pace.

That other sides limit us, too, is in `models`.
"""

import asyncio
import time
from collections.abc import Callable
from random import Random

from core.fault_points import FaultPoint
from tests.faults.case import Case, Play
from tests.faults.cases.github import CREATION, REST, SUBMISSION, SUMMARY
from tests.faults.looks import Row, asked_for, requests_about, sent
from tests.faults.scene import BASE, POLL_SECONDS, SQL, Pull, Scene

UNDER_WAY = 0.5
"""Seconds in which a request may arrive that was on its way when GitHub began to refuse."""
UNTOLD_SECONDS = 60.0
"""To wait, at least, when GitHub limits and does not say for how long.

https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api
"""
BURST, PER_SECOND = 6, 1.0
"""Writes of an installation."""
STRAYS = 2
"""Writes that a busy machine may delay into the time of those that follow."""

Allowed = Callable[[float], float]
"""From when GitHub refused to when it takes requests again, in seconds since 1970."""


def limited(*, told: bool) -> Play:
    """Return a play in which GitHub limits us, and says for how long or not."""

    async def play(scene: Scene, chance: Random) -> None:
        pull = await scene.open_held(FaultPoint.CLAIMED)
        path = chance.choice((CREATION, SUBMISSION, SUMMARY, f"/pulls/{pull.number}$"))
        count = chance.randint(1, 2) if told else 1
        allowed = [_order_limit(scene, pull, chance, path, told=told) for _ in range(count)]
        while not _refusals(scene, pull):
            await asyncio.sleep(POLL_SECONDS)
        await asyncio.sleep(UNDER_WAY)
        _open_beside(scene, pull)
        await scene.settled(*scene.pulls, seconds=2 * REST if told else 2 * UNTOLD_SECONDS)
        refusals = _refusals(scene, pull)
        assert len(refusals) == count, f"GitHub refused {len(refusals)} of {count}"
        for refusal, ends in zip(refusals, allowed, strict=True):
            scene.trouble_at = ends(refusal["at"])
            _require_silence(scene, pull, refusal["at"] + UNDER_WAY, scene.trouble_at)

    return play


def _order_limit(scene: Scene, pull: Pull, chance: Random, path: str, *, told: bool) -> Allowed:
    """Refuse the next such request, in one of the ways in which GitHub says it."""
    seconds = chance.randint(2, 5)
    reset = int(time.time()) + seconds + 1
    ways: list[tuple[dict[str, str], Allowed]] = [
        ({"retry-after": str(seconds)}, lambda at: at + seconds),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(reset)}, lambda _: float(reset)),
    ]
    headers, allowed = chance.choice(ways) if told else ({}, lambda at: at + UNTOLD_SECONDS)
    scene.github.fault(
        path=f"^/repos/{pull.repo}{path}",
        status=chance.choice((403, 429)),
        headers=headers,
        body={"message": "You have exceeded a secondary rate limit."},
    )
    return allowed


def _refusals(scene: Scene, pull: Pull) -> list[Row]:
    return [row for row in requests_about(scene, pull) if row["status"] in {403, 429}]


def _open_beside(scene: Scene, pull: Pull) -> None:
    """Open another pull request there: its run knows of the limit by what is shared alone."""
    head = scene.github.push(pull.repo, "beside", {"app/store.py": SQL})
    opened = scene.github.open_pull(pull.repo, "beside")
    scene.watch(Pull(pull.repo, pull.repo_id, opened["number"], head, pull.installation))


def _require_silence(scene: Scene, pull: Pull, start: float, end: float) -> None:
    asked = [row for row in asked_for(scene, pull) if start < sent(row) < end]
    assert not asked, f"{len(asked)} requests while GitHub allowed none: {asked[0]['path']}"


async def many_for_one_installation(scene: Scene, chance: Random) -> None:
    """Review several pull requests of an installation at once: its writes keep to the pace."""
    repo = scene.own_name()
    made = scene.github.create_repo(repo, BASE)
    installation = scene.github.install(repo.split("/")[0], [repo])
    for number in range(chance.randint(3, 5)):
        head = scene.github.push(repo, f"change-{number}", {"app/store.py": SQL})
        opened = scene.github.open_pull(repo, f"change-{number}")
        scene.watch(Pull(repo, made["id"], opened["number"], head, installation))
    await scene.settled(*scene.pulls, seconds=2 * REST)
    writes = sorted(sent(r) for r in asked_for(scene, scene.pulls[0]) if r["method"] != "GET")
    for first, start in enumerate(writes):
        for last in range(first + BURST + STRAYS, len(writes)):
            most = BURST + STRAYS + PER_SECOND * (writes[last] - start)
            assert last - first + 1 <= most, f"{last - first + 1} in {writes[last] - start:.1f} s"


CASES = [
    Case(
        "33",
        "GitHub limits us and says for how long",
        limited(told=True),
        quick=False,
        seconds=120.0,
    ),
    Case(
        "33b",
        "GitHub limits us and does not say for how long",
        limited(told=False),
        quick=False,
        seconds=150.0,
    ),
    Case(
        "33c",
        "Many reviews for one installation",
        many_for_one_installation,
        quick=False,
        seconds=120.0,
    ),
]
