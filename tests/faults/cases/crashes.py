"""Processes that die, stop or are told to end, at every step of a review.

What must hold afterwards is the audit's; here is only what happens.
"""

import asyncio
from random import Random

from core.fault_points import FaultPoint
from core.models import OutcomeKind
from tests.fakes.model_answers import review
from tests.faults.case import Case, Play, patience
from tests.faults.scene import FINDING, READY_SECONDS, Pull, Scene

STEPS = (
    FaultPoint.CLAIMING,
    FaultPoint.CLAIMED,
    FaultPoint.CHANGES_FETCHED,
    FaultPoint.MODEL_ASKED,
    FaultPoint.MODEL_ANSWERED,
    FaultPoint.POSTING,
    FaultPoint.POSTED,
    FaultPoint.REMEMBERED,
    FaultPoint.SUBMITTING,
    FaultPoint.SUBMITTED,
    FaultPoint.COMMITTING,
    FaultPoint.COMMITTED,
    FaultPoint.SENDING,
    FaultPoint.SENT,
)
"""Of a worker, in their order."""
CREATION = r"/pulls/\d+/reviews$"
LONG = 30.0
"""Seconds; what waits so long is ended before."""
AMID_SECONDS = 5.0
"""After which it is, at the latest."""
FIRED_SECONDS = 60.0
"""Beside leases, until a worker that starts anew has come to where it is hurt."""
CRASHES = 3
"""After which a job is given up."""


def killed_at(*points: FaultPoint) -> Play:
    """Return a play in which the worker is killed at one of these points."""

    async def play(scene: Scene, chance: Random) -> None:
        scene.arm(f"{chance.choice(points)}:kill")
        scene.open()
        await scene.fired()

    return play


async def killed_in_the_stream(scene: Scene, chance: Random) -> None:
    """Kill the worker while the model's answer arrives."""
    assert scene.model is not None
    asked = len(scene.model.requests)
    slow = review(FINDING)
    scene.model.script = lambda _: type(slow)(slow.content, pieces=40, pause=0.1)
    pull = scene.open()
    pid = await scene.holder(pull)
    while len(scene.model.requests) == asked:
        await asyncio.sleep(0.01)
    await asyncio.sleep(chance.uniform(0.0, 1.5))
    scene.kill(pid)
    scene.model.script = lambda _: review(FINDING)


async def killed_before_the_reply(scene: Scene, chance: Random) -> None:
    """Kill the worker when GitHub has the pending review, and the worker no answer."""
    scene.github.fault("POST", CREATION, commit=True, delay=LONG)
    pull = scene.open()
    pid = await scene.holder(pull)
    while not scene.shown(pull)["reviews"]:
        await asyncio.sleep(0.01)
    scene.kill(pid)


def web_killed_at(point: FaultPoint) -> Play:
    """Return a play in which the web process is killed and the delivery comes again, or does not.

    GitHub repeats nothing by itself; a redelivery is what an operator or the sweep asks for.
    """

    async def play(scene: Scene, chance: Random) -> None:
        scene.arm(f"{point}:kill")
        pull = scene.open()
        await scene.fired()
        scene.start_web()
        await asyncio.to_thread(scene.argus.until_ready, READY_SECONDS)
        if chance.random() < 0.5:
            rows = [d for d in scene.github.deliveries("pull_request") if d["status"] != "pending"]
            scene.github.redeliver(rows[-1]["id"])
        assert pull.number

    return play


async def stopped_longer_than_the_lease(scene: Scene, chance: Random) -> None:
    """Hold a worker still at a random step until its lease is gone, then let it go on."""
    scene.arm(f"{chance.choice(STEPS)}:stop")
    scene.open()
    fired = await scene.fired()
    await asyncio.sleep(scene.lease * chance.uniform(1.1, 3.0))
    scene.cont(fired.pid)
    # What a stale worker may still do, it does at once.
    await asyncio.sleep(scene.lease / 2)


def group_told_to_end(times: int) -> Play:
    """Return a play in which all workers get SIGTERM in the middle of a run, so many times."""

    async def play(scene: Scene, chance: Random) -> None:
        scene.arm(f"{FaultPoint.MODEL_ASKED}:hang:{LONG}")
        scene.open()
        await scene.fired(FIRED_SECONDS)
        await asyncio.sleep(chance.uniform(0.0, min(scene.lease, AMID_SECONDS)))
        old, group = scene.workers, scene.leave_group()
        scene.terminate_group(group)
        for _ in old:
            scene.spawn()
        for _ in range(times - 1):
            await asyncio.sleep(chance.uniform(0.0, 0.5))
            scene.terminate_group(group)
        await scene.gone(old)
        assert scene.is_empty(group), "a process of the group is left"

    return play


async def told_to_end_in_the_stream(scene: Scene, chance: Random) -> None:
    """Tell a worker to end while the model's answer arrives."""
    assert scene.model is not None
    asked = len(scene.model.requests)
    slow = review(FINDING)
    scene.model.script = lambda _: type(slow)(slow.content, pieces=40, pause=0.5)
    pull = scene.open()
    pid = await scene.holder(pull, FIRED_SECONDS)
    while len(scene.model.requests) == asked:
        await asyncio.sleep(0.01)
    await asyncio.sleep(chance.uniform(0.0, 1.5))
    scene.model.script = lambda _: review(FINDING)
    scene.terminate(pid)
    await scene.gone([pid])


async def rolling_restart(scene: Scene, chance: Random) -> None:
    """Replace one worker after the other while pull requests keep coming."""
    for _ in range(3):
        for _ in range(2):
            scene.open()
            await asyncio.sleep(chance.uniform(0.0, 0.3))
        old = chance.choice(scene.workers)
        scene.spawn()
        scene.terminate(old)
        await scene.gone([old])
    await scene.ready()


async def poison(scene: Scene, chance: Random) -> None:
    """A job ends every worker that takes it; it is given up visibly, others flow."""
    # Its job has no id before it is opened: it is held up until the order names it.
    scene.arm(f"{FaultPoint.CHANGES_FETCHED}:hang:3")
    pull = scene.open()
    pull.expected = frozenset({OutcomeKind.FAILED})
    await scene.fired(FIRED_SECONDS)
    again = FIRED_SECONDS + 2 * scene.lease
    others: list[Pull] = []
    for _ in range(CRASHES):
        scene.arm(f"{FaultPoint.MODEL_ASKED}@{pull.job}:exit")
        others.append(scene.open())
        await scene.fired(again)
        scene.fill(3)
    await scene.settled(pull, seconds=patience(scene.lease))
    entry = await scene.entry(pull)
    assert entry is not None
    assert entry.outcome is not None
    assert "crashed three times" in entry.outcome.reason, entry.outcome.reason


CASES = [
    Case("1", "SIGKILL before the claim", killed_at(FaultPoint.CLAIMING)),
    Case("2", "SIGKILL after the claim", killed_at(FaultPoint.CLAIMED), quick=False),
    Case(
        "3",
        "SIGKILL after the diff was fetched",
        killed_at(FaultPoint.CHANGES_FETCHED),
        quick=False,
    ),
    Case("4", "SIGKILL in the middle of the model's stream", killed_in_the_stream, model=True),
    Case(
        "5",
        "SIGKILL before the pending review is sent",
        killed_at(FaultPoint.MODEL_ANSWERED, FaultPoint.POSTING),
        quick=False,
    ),
    Case("6", "SIGKILL after GitHub took the POST, before its reply", killed_before_the_reply),
    Case(
        "6b",
        "SIGKILL after the reply, before the id is stored",
        killed_at(FaultPoint.POSTED),
        quick=False,
    ),
    Case(
        "7",
        "SIGKILL between pending and submitted",
        killed_at(FaultPoint.REMEMBERED, FaultPoint.SUBMITTING),
    ),
    Case(
        "8",
        "SIGKILL after the submission, before the commit",
        killed_at(FaultPoint.SUBMITTED, FaultPoint.COMMITTING),
    ),
    Case(
        "9",
        "SIGKILL after the commit, before the ack",
        killed_at(FaultPoint.COMMITTED),
        quick=False,
    ),
    Case("9b", "SIGKILL before an outbox row is delivered", killed_at(FaultPoint.SENDING)),
    Case(
        "9c",
        "SIGKILL after a row was delivered, before that is stored",
        killed_at(FaultPoint.SENT),
        quick=False,
    ),
    Case("10", "SIGKILL of web between admission and answer", web_killed_at(FaultPoint.ADMITTED)),
    Case(
        "10b",
        "SIGKILL of web before the bell rings",
        web_killed_at(FaultPoint.ANSWERED),
        quick=False,
    ),
    Case(
        "17",
        "SIGSTOP longer than the lease, then SIGCONT",
        stopped_longer_than_the_lease,
        leases=3.5,
    ),
    Case("18", "SIGTERM to the group", group_told_to_end(1), quick=False, seconds=180.0),
    Case("18b", "SIGTERM to the group, twice", group_told_to_end(2), seconds=180.0, quick=False),
    Case(
        "18c",
        "SIGTERM in the model's stream",
        told_to_end_in_the_stream,
        model=True,
        seconds=180.0,
        quick=False,
    ),
    Case("19", "Rolling restart under load", rolling_restart),
    Case("48", "A job that crashes every worker", poison, seconds=300.0, leases=20.0, quick=False),
]
