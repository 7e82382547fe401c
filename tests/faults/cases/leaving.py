"""Pull requests that leave in the middle of a run, or that Argus loses sight of.

Each way is tried at a random step. A run ends at once, with a reason, and asks no more than it
has to; where Argus can still write, the pull request says it too.
"""

import time
from collections.abc import Callable, Iterable
from random import Random

from core.fault_points import FaultPoint
from core.models import OutcomeKind
from tests.faults.case import Case, Play
from tests.faults.looks import requests_about
from tests.faults.scene import BASE, SQL, Pull, Scene

STEPS = (
    FaultPoint.CLAIMED,
    FaultPoint.CHANGES_FETCHED,
    FaultPoint.MODEL_ANSWERED,
    FaultPoint.POSTING,
    FaultPoint.POSTED,
    FaultPoint.REMEMBERED,
    FaultPoint.SUBMITTING,
    FaultPoint.SUBMITTED,
    FaultPoint.COMMITTED,
    FaultPoint.SENDING,
)
"""Of a worker, in their order; what happens at one happens before the next request."""
HELD_SECONDS = 1.2
"""For which a run is held at its step: longer than a hand on the local GitHub takes."""
REST = 40.0
"""Seconds within which a pull request must have come to rest."""
MOST_REQUESTS = 40
"""About a pull request after it left: what was under way, a look at what is left, no storm."""
GONE = frozenset({OutcomeKind.REVIEWED, OutcomeKind.CANCELLED})
"""How a pull request may end that is out of reach: before, or because of that."""

Leave = Callable[[Scene, Pull, Random], None]


def leaving(*ways: Leave) -> Play:
    """Return a play in which a pull request leaves in one of these ways, at a random step."""

    async def play(scene: Scene, chance: Random) -> None:
        leave = chance.choice(ways)
        step = chance.choice(STEPS)
        scene.arm(f"{step}:hang:{HELD_SECONDS}")
        pull = scene.open()
        await scene.fired()
        leave(scene, pull, chance)
        left = time.time()
        await scene.settled(pull, seconds=REST)
        count = len(requests_about(scene, pull, left))
        assert count <= MOST_REQUESTS, f"{count} requests after it left at {step}"

    return play


def _closed(scene: Scene, pull: Pull, _: Random) -> None:
    scene.end(pull)


def _merged(scene: Scene, pull: Pull, _: Random) -> None:
    scene.github.act(pull.repo, pull.number, "merge")
    pull.closed = True
    pull.expected |= {OutcomeKind.CANCELLED, OutcomeKind.SUPERSEDED}


def _made_a_draft(scene: Scene, pull: Pull, _: Random) -> None:
    """A draft is not reviewed unless somebody asks, but a review that began may end."""
    scene.github.act(pull.repo, pull.number, "draft")
    pull.expected |= {OutcomeKind.SKIPPED}


def _renamed(scene: Scene, pull: Pull, _: Random) -> None:
    """GitHub redirects the former name, so nothing is different for a run."""
    owner, name = pull.repo.split("/")
    scene.github.change_repo(pull.repo, name=f"{name}-renamed")
    pull.repo = f"{owner}/{name}-renamed"


def _branch_deleted(scene: Scene, pull: Pull, _: Random) -> None:
    """The commits stay, and so does the pull request."""
    scene.github.reset(pull.repo, "change", None)


def _made_private(scene: Scene, pull: Pull, _: Random) -> None:
    """The installation reaches it as before."""
    scene.github.change_repo(pull.repo, private=True)


def _transferred(scene: Scene, pull: Pull, chance: Random) -> None:
    """Whoever has it now did not install the App."""
    owner, name = pull.repo.split("/")
    if chance.random() < 0.5:
        scene.github.change_repo(pull.repo, private=True)
    scene.github.change_repo(pull.repo, owner=f"{owner}-heirs")
    pull.repo = f"{owner}-heirs/{name}"
    _out_of_reach(pull)


def _archived(scene: Scene, pull: Pull, _: Random) -> None:
    """Everything can be read and nothing written."""
    scene.github.change_repo(pull.repo, archived=True)
    _out_of_reach(pull)


def _locked(scene: Scene, pull: Pull, _: Random) -> None:
    """Nothing may be said in the conversation; checks may be written."""
    scene.github.act(pull.repo, pull.number, "lock")
    _out_of_reach(pull)


def _suspended(scene: Scene, pull: Pull, _: Random) -> None:
    scene.github.suspend(pull.installation)
    _out_of_reach(pull)


def _uninstalled(scene: Scene, pull: Pull, _: Random) -> None:
    scene.github.uninstall(pull.installation)
    _out_of_reach(pull)


def _deleted(scene: Scene, pull: Pull, _: Random) -> None:
    pull.last_shown = scene.shown(pull)
    scene.github.delete_repo(pull.repo)
    _out_of_reach(pull)


def _out_of_reach(pull: Pull) -> None:
    pull.muted = True
    pull.expected |= GONE


async def fork_deleted(scene: Scene, chance: Random) -> None:
    """Delete the fork that a pull request comes from; its commits stay in the base repository."""
    step = chance.choice(STEPS)
    scene.arm(f"{step}:hang:{HELD_SECONDS}")
    pull, fork = _open_from_fork(scene)
    await scene.fired()
    scene.github.delete_repo(fork)
    await scene.settled(pull, seconds=REST)


def _open_from_fork(scene: Scene) -> tuple[Pull, str]:
    """Open a pull request from a fork; return it with the fork's name."""
    own = scene.own_name()
    owner, name = own.split("/")
    made = scene.github.create_repo(own, BASE)
    installation = scene.github.install(owner, [own])
    fork = f"{owner}-guest/{name}"
    scene.github.fork(own, f"{owner}-guest")
    head = scene.github.push(fork, "change", {"app/store.py": SQL})
    opened = scene.github.open_pull(own, f"{owner}-guest:change")
    pull = Pull(own, made["id"], opened["number"], head, installation)
    return scene.watch(pull), fork


def _cases(rows: Iterable[tuple[str, str, Play, bool]]) -> list[Case]:
    return [Case(number, title, play, quick=quick) for number, title, play, quick in rows]


CASES = _cases(
    (
        ("24", "Closed or merged under review", leaving(_closed, _merged), True),
        ("24b", "Converted to a draft under review", leaving(_made_a_draft), False),
        (
            "24c",
            "Renamed, made private, or its branch deleted under review",
            leaving(_renamed, _made_private, _branch_deleted),
            True,
        ),
        ("24d", "Transferred, archived or locked", leaving(_transferred, _archived, _locked), True),
        ("24e", "App suspended or uninstalled", leaving(_suspended, _uninstalled), True),
        ("24f", "Repository deleted under review", leaving(_deleted), True),
        ("24g", "The fork deleted under review", fork_deleted, False),
    )
)
