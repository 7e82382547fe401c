"""Leaves a failing model alone for a while, so that a review does not wait for it every time.

`LocalBreaker` does it for one process; where several ask the same model, their host gives each
member of the chain a `Breaker` that they share.
"""

from collections.abc import Callable
from typing import Protocol

from bot.adapters.models.failures import Failure, Kind

FAILURES = 3
"""Failures in a row, transient or slow, that open the breaker."""
PAUSE = 60.0
"""Seconds that a model is left alone after them."""
LONG_PAUSE = 600.0
"""Seconds after a failure that only a person can mend."""


class Breaker(Protocol):
    """Asked before a model is, and told how each call went."""

    async def pause(self) -> str:
        """Return why the model is left alone now, empty when it may be asked."""
        ...

    async def succeeded(self) -> None:
        """Note an answer of any kind."""
        ...

    async def failed(self, failure: Failure) -> None:
        """Note a failed call."""
        ...


class LocalBreaker:
    """Counts the failures that one process saw."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._failures = 0
        self._until = 0.0
        self._why = ""

    async def pause(self) -> str:
        """Return why the model is left alone now."""
        return paused(self._why) if self._clock() < self._until else ""

    async def succeeded(self) -> None:
        """Forget the failures before."""
        self._failures, self._until = 0, 0.0

    async def failed(self, failure: Failure) -> None:
        """Count a failure, and leave the model alone when there are enough in a row."""
        wait = wait_after(failure)
        if wait is None:
            return
        self._failures += 1
        if self._failures >= FAILURES or wait > PAUSE:
            self._until = self._clock() + max(PAUSE, wait)
            self._why = failure.words


def wait_after(failure: Failure) -> float | None:
    """Return for how many seconds a failure asks to leave the model alone.

    None for what concerns one prompt alone, which does not count.
    """
    if failure.kind is Kind.PERMANENT:
        return max(LONG_PAUSE, failure.retry_after or 0.0)
    if failure.kind in {Kind.TRANSIENT, Kind.SLOW}:
        return failure.retry_after or 0.0
    return None


def paused(why: str) -> str:
    """Say that a model is left alone."""
    return f"{why}; it is asked again later"
