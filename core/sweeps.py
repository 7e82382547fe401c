"""Which open pull requests a sweep may take, and in which order places are looked through: pure.

A sweep finds what no event told of. It never takes a backlog: what was pushed before Argus was
there, or more than a day ago, is left alone until somebody asks or pushes.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

WINDOW = 86_400.0
"""Seconds in which a push must have come."""
SKEW = 300.0
"""Seconds by which a committer's clock may be ahead of the host's."""

Place = TypeVar("Place")


def earliest_push(installed_at: float, now: float) -> float:
    """Return the time before which a push is none of a sweep's business."""
    return max(installed_at, now - WINDOW)


def proves_push(at: float, *, earliest: float, updated_at: float) -> bool:
    """Tell whether something that a push made at `at` proves that one came since `earliest`.

    Whatever is later than the last change of the pull request is a wrong clock and proves nothing.
    """
    return earliest <= at <= updated_at + SKEW


def in_turn(
    places: Sequence[Place],
    pushed_at: Callable[[Place], float],
    *,
    earliest: float,
    room: int,
    turn: int,
) -> tuple[Place, ...]:
    """Choose at most `room` places: those pushed to lately first, the others in turns.

    With the next `turn` the others go on where this one ended, so that each of them is looked at
    in time. A host may not count pushes to a fork, so a quiet place is not to be left out.
    """
    ordered = sorted(places, key=pushed_at, reverse=True)
    lively = [place for place in ordered if pushed_at(place) >= earliest][:room]
    quiet = [place for place in places if pushed_at(place) < earliest]
    left = min(room - len(lively), len(quiet))
    start = turn * left % len(quiet) if quiet else 0
    return (*lively, *(quiet[(start + step) % len(quiet)] for step in range(left)))
