"""What a fault case is, how one is played, and what a run of it yields.

How to write one: in `cases/<theme>.py`, a coroutine `play(scene, chance)` that makes trouble, and
an entry in the module's list `CASES`:

    async def play_killed_after_claim(scene: Scene, chance: Random) -> None:
        scene.arm("claimed:kill")
        scene.open()
        await scene.fired()

    CASES = [Case("2", "SIGKILL after the claim", play_killed_after_claim)]

- The play opens pull requests, orders faults, kills, waits for what it needs, and asserts what is
  particular to it. It takes every choice from `chance`, so that a seed repeats it.
- It does not clean up, nor wait for the end: afterwards every fault is taken back, each pull
  request must come to rest within the deadline, and `audit` holds all of them against the
  promises. A pull request that may end without a review says so in `pull.expected`.
- Trouble with an end other than an order carried out: `scene.trouble_at = time.time()` when it is
  over; recovery is counted from there to the last submission.
- With `model=True` it is played in a scene with a model server, else analyzers are the review.
- What spoils a scene for other runs has `alone=True`.
- A case of minutes, or one whose twin says nearly the same, has `quick=False`: it is left out of
  `make test`.
"""

import asyncio
import importlib
import pkgutil
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from random import Random

from tests.faults import cases
from tests.faults.audit import Audit
from tests.faults.scene import Scene

Play = Callable[[Scene, Random], Awaitable[None]]

PLAY_SECONDS = 60.0
"""For a play itself, of which most take a few."""
LEAST_WITH_MODEL = 8.0
"""Seconds of a lease; the first review of a worker imports a provider's library, which takes two
of them."""
REST_LEASES = 12.0
"""Leases within which everything must have come to rest after the trouble …"""
REST_SECONDS = 25.0
"""… and seconds that do not scale with the lease: elections, waits of GitHub, a busy machine."""


@dataclass(frozen=True, slots=True)
class Case:
    """One line of the fault matrix."""

    number: str
    """In the matrix; letters tell variants of one line apart."""
    title: str
    play: Play
    model: bool = False
    quick: bool = True
    alone: bool = False
    """In a scene that no other run has seen or will see: what happens to it happens to all."""
    seconds: float = PLAY_SECONDS
    """For the play …"""
    leases: float = 0.0
    """… and leases, for what it waits for that takes so long."""

    def limit(self, lease: float) -> float:
        """Return the seconds within which the play must have come to its end."""
        return self.seconds + self.leases * lease


@dataclass(frozen=True, slots=True)
class Result:
    """What one run showed."""

    case: str
    seed: int
    seconds: float
    recovery: float | None
    """Seconds from the trouble to the last submission; None where nothing was left to submit."""
    lost: tuple[str, ...] = ()
    duplicates: tuple[str, ...] = ()
    violations: tuple[str, ...] = ()

    @property
    def clean(self) -> bool:
        """Tell whether everything held."""
        return not (self.lost or self.duplicates or self.violations)


def all_cases() -> dict[str, Case]:
    """Return every case of the package `cases` by its number, in the order of the matrix."""
    names = sorted(module.name for module in pkgutil.iter_modules(cases.__path__))
    modules = [importlib.import_module(f"{cases.__name__}.{name}") for name in names]
    found = [case for module in modules for case in module.CASES]
    ordered = {case.number: case for case in sorted(found, key=_position)}
    if len(ordered) < len(found):
        raise ValueError("two cases have one number")
    return ordered


def _position(case: Case) -> tuple[int, str]:
    digits = "".join(c for c in case.number if c.isdigit())
    return int(digits or 0), case.number


def lease_of(case: Case, lease: float) -> float:
    """Return the lease of the scene that a case is played in, where `lease` is wanted."""
    return max(lease, LEAST_WITH_MODEL) if case.model else lease


def patience(lease: float) -> float:
    """Return the seconds within which everything has come to rest after a trouble."""
    return REST_SECONDS + REST_LEASES * lease


async def run(case: Case, scene: Scene, seed: int) -> Result:
    """Play a case once and hold the world against the promises; never raises for a failure."""
    await scene.begin()
    began = time.monotonic()
    trouble = await _played(case, scene, seed)
    scene.heal()
    rest = patience(scene.lease)
    try:
        await scene.settled(*scene.pulls, seconds=rest)
    except TimeoutError:
        trouble = (*trouble, f"not at rest within {rest:.0f} s")
    recovery = _recovery(scene)
    found = await scene.audit() + Audit(violations=trouble)
    seconds = time.monotonic() - began
    return Result(
        case.number, seed, seconds, recovery, found.lost, found.duplicates, found.violations
    )


async def _played(case: Case, scene: Scene, seed: int) -> tuple[str, ...]:
    try:
        async with asyncio.timeout(case.limit(scene.lease)):
            chance = Random(f"{case.number}/{seed}")  # noqa: S311 - repeatable, no secret
            await case.play(scene, chance)
    except TimeoutError:
        return ("the play did not come to its end",)
    except AssertionError as error:
        return (f"the play found: {error}",)
    except Exception as error:  # noqa: BLE001 - a run is reported as it went, whatever ended it
        return (f"the play failed: {type(error).__name__}: {error}",)
    return ()


def _recovery(scene: Scene) -> float | None:
    times = [at for pull in scene.pulls if (at := scene.submitted_at(pull)) is not None]
    if scene.trouble_at is None or not times or max(times) < scene.trouble_at:
        return None
    return max(times) - scene.trouble_at
