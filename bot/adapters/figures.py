"""What one process counts and times; gathered here, added to what all processes counted.

A figure lasts in Redis, so that it means the same from whichever process it is read. What the
figures are called outside is `bot.metrics`'; what the ledger counts itself is not here.
"""

import threading
from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import structlog

from core.errors import TransientError

RINGS_SENT = "rings:sent"
RINGS_LOST = "rings:lost"
RINGS_HEARD = "rings:heard"
UNRUNG = "unrung"
"""Jobs that a worker took without a ring."""
DELIVERIES = "deliveries:"
"""And the status that a delivery was answered with."""
REFUSED = f"{DELIVERIES}503"
"""Deliveries that came while the ledger was in trouble."""
ALARMS = "alarm:"
"""And the name of an alarm that was raised."""
MICROSECONDS = 1_000_000

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Histogram:
    """A duration in buckets; `bounds` are their upper ends in seconds, rising."""

    name: str
    bounds: tuple[float, ...]


ACKNOWLEDGING = Histogram("ack", (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0))
"""GitHub gives up after ten seconds."""
REVIEWING = Histogram("review", (0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 40.0, 80.0, 160.0, 320.0, 640.0))
"""A run ends after ten minutes at the latest."""
QUEUEING = Histogram("wait", (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 15.0, 30.0, 60.0, 300.0, 1800.0))
"""Pushes that come together wait up to fifteen seconds for quiet."""
HISTOGRAMS = (ACKNOWLEDGING, REVIEWING, QUEUEING)
OVER = "inf"


class Store(Protocol):
    """Where the figures of all processes are kept."""

    async def add(self, counts: Mapping[str, int]) -> None:
        """Add to what was counted. Raises TransientError."""
        ...


class Figures:
    """The figures of this process that are not stored yet; safe to use from any thread."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()

    def count(self, name: str, by: int = 1) -> None:
        """Count something."""
        with self._lock:
            self._counts[name] += by

    def observe(self, histogram: Histogram, seconds: float) -> None:
        """Note how long something took."""
        at = bisect_left(histogram.bounds, seconds)
        bucket = str(histogram.bounds[at]) if at < len(histogram.bounds) else OVER
        with self._lock:
            self._counts[f"{histogram.name}:{bucket}"] += 1
            self._counts[f"{histogram.name}:sum"] += round(seconds * MICROSECONDS)

    async def store(self, store: Store) -> None:
        """Add what was gathered to the store; while that is away, keep it.

        A reply that is lost makes figures count twice, which is better than not at all: what
        happens when Redis is in trouble is what they are looked at for.
        """
        with self._lock:
            counts, self._counts = self._counts, Counter()
        if not counts:
            return
        try:
            await store.add(counts)
        except TransientError as error:
            log.debug("figures.kept", reason=error.reason)
            with self._lock:
                self._counts.update(counts)


def buckets_of(histogram: Histogram, stored: Mapping[str, int]) -> list[tuple[str, float]]:
    """Return the cumulative buckets as Prometheus reads them, the last one being `+Inf`."""
    found, total = [], 0
    for bound in histogram.bounds:
        total += stored.get(f"{histogram.name}:{bound}", 0)
        found.append((str(bound), float(total)))
    total += stored.get(f"{histogram.name}:{OVER}", 0)
    return [*found, ("+Inf", float(total))]


def sum_of(histogram: Histogram, stored: Mapping[str, int]) -> float:
    """Return the seconds of all observations together."""
    return stored.get(f"{histogram.name}:sum", 0) / MICROSECONDS
