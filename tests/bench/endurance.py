"""Whether a worker's memory stays flat: a thousand reviews in one process, weighed on the way."""

import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, cycle
from pathlib import Path

from tests.bench.change import make_change
from tests.bench.figures import Figure, Section, bounded, number
from tests.bench.pulls import Books, Opener, model_environment, scripted, tell
from tests.bench.site import WEB, WORKER, Site, durable_redis
from tests.fakes.model_server import ModelServer

FILES = 3
AT_ONCE = 8
"""Reviews under way; the next batch follows when these have ended."""
SHIFTS = 3
"""Groups of installations that take turns, so that no pace of writes holds a batch up. One for each
review would need more tokens than GitHub mints in an hour."""
BATCH_SECONDS = 120.0
GROWTH = 5.0
"""Megabytes in a thousand reviews that pass for flat: allocators never give all back."""


@dataclass(frozen=True, slots=True)
class Length:
    """Reviews in all, and between two looks at the memory."""

    reviews: int
    step: int
    warm_up: int
    """Reviews after which caches and allocators have what they need."""


FULL = Length(reviews=1_000, step=40, warm_up=200)
QUICK = Length(reviews=200, step=8, warm_up=80)


def measure(site: Site, folder: Path, *, quick: bool) -> Section:
    """Review one batch after another and weigh the worker in between."""
    length = QUICK if quick else FULL
    change = make_change(FILES, 130_000)
    with (
        durable_redis(folder / "endurance") as redis,
        site.start(WEB, redis.url) as web,
        ModelServer(scripted(change)) as model,
        site.start(WORKER, redis.url, **model_environment(model)) as worker,
        Books(redis.url) as books,
    ):
        web.seconds_to_answer(site.port)
        opener = Opener(site, "long")
        weights: list[tuple[int, float]] = []
        shifts = [[opener.alone(change) for _ in range(AT_ONCE)] for _ in range(SHIFTS)]
        for opened in chain(*shifts):
            tell(site.port, opened)
        books.wait_until_empty(BATCH_SECONDS)
        turns, began = cycle(shifts), time.monotonic()
        for reviewed in range(AT_ONCE, length.reviews + 1, AT_ONCE):
            for opened in [opener.another(home, change) for home in next(turns)]:
                tell(site.port, opened)
            books.wait_until_empty(BATCH_SECONDS)
            model.requests.clear()
            site.github.clear_requests()
            if reviewed % length.step == 0:
                weights.append((reviewed, worker.resident_megabytes()))
        speed = length.reviews / (time.monotonic() - began)
    return _section(length, weights, speed)


def _section(length: Length, weights: Sequence[tuple[int, float]], speed: float) -> Section:
    settled = [each for each in weights if each[0] >= length.warm_up]
    slope = statistics.linear_regression(*zip(*settled, strict=True)).slope * 1_000
    shown = [each for each in weights if each[0] % (length.reviews // 5) == 0]
    way = ", ".join(f"{held:.0f} MB after {reviewed:,}" for reviewed, held in shown)
    return Section(
        "Endurance",
        (
            bounded(f"worker: growth over {length.reviews:,} reviews", slope, "MB/1,000", GROWTH),
            Figure("worker: memory at their end", weights[-1][1], "MB"),
        ),
        (f"Memory of the worker: {way}; {number(speed)} reviews a second, opening included.",),
    )
