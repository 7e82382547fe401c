"""Leaves a failing model alone for a while, so that a review does not wait for it every time.

One breaker a model and process.
"""

from collections.abc import Callable

from bot.adapters.models.failures import Failure, Kind

FAILURES = 3
"""Failures in a row, transient or slow, that open the breaker."""
PAUSE = 60.0
"""Seconds that a model is left alone after them."""
LONG_PAUSE = 600.0
"""Seconds after a failure that only a person can mend."""


class Breaker:
    """Counts a model's failures and says when to ask it again."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._failures = 0
        self._until = 0.0
        self._words = ""

    @property
    def pause(self) -> str:
        """Why the model is left alone now, empty when it may be asked."""
        return self._words if self._clock() < self._until else ""

    def succeeded(self) -> None:
        """Note an answer of any kind."""
        self._failures, self._until = 0, 0.0

    def failed(self, failure: Failure) -> None:
        """Note a failed call; what concerns one prompt alone does not count."""
        if failure.kind is Kind.PERMANENT:
            self._open(LONG_PAUSE, failure)
        elif failure.kind in {Kind.TRANSIENT, Kind.SLOW}:
            self._failures += 1
            wait = failure.retry_after or 0.0
            if self._failures >= FAILURES or wait > PAUSE:
                self._open(max(PAUSE, wait), failure)

    def _open(self, seconds: float, failure: Failure) -> None:
        self._until = self._clock() + seconds
        self._words = f"{failure.words}; it is asked again later"
