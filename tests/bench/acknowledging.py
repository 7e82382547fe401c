"""How long a webhook waits for its durable acknowledgement, beside the floor, and what web holds.

Every delivery of the `accepted` arm is about another pull request; duplicates repeat deliveries
of the same round. The order of the arms turns with every round.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from bot.playground.stage import free_port
from tests.bench.figures import Figure, Section, bounded, median, number, percentile
from tests.bench.load import Answered, Burst, Load
from tests.bench.site import FLOOR, WEB, Site, durable_redis

ALONE, CROWD = 1, 16
"""Concurrent connections."""
RATIO_LIMIT = 1.5
THROUGHPUT_SHARE = 0.5
WEB_MEGABYTES = 120.0
WARM_UP = 60


@dataclass(frozen=True, slots=True)
class Rounds:
    """How much is sent."""

    alone: int
    alone_rounds: int
    crowd: int
    crowd_rounds: int


FULL = Rounds(alone=150, alone_rounds=9, crowd=600, crowd_rounds=5)
QUICK = Rounds(alone=120, alone_rounds=3, crowd=300, crowd_rounds=2)


@dataclass
class _Arm:
    """One way to be answered, with what was measured of it, a list entry a round."""

    port: int
    word: str
    repeats: bool = False
    rounds: dict[int, list[Answered]] = field(default_factory=lambda: {ALONE: [], CROWD: []})

    def p50(self) -> float:
        return median([percentile(r.milliseconds, 0.5) for r in self.rounds[ALONE]])

    def p99(self, concurrency: int) -> float:
        every = [ms for answered in self.rounds[concurrency] for ms in answered.milliseconds]
        return percentile(every, 0.99)

    def per_second(self) -> float:
        return median([answered.per_second for answered in self.rounds[CROWD]])

    def ratio(self, floor: "_Arm", concurrency: int, of: Callable[[Answered], float]) -> float:
        pairs = zip(self.rounds[concurrency], floor.rounds[concurrency], strict=True)
        return median([of(mine) / of(other) for mine, other in pairs])


def measure(site: Site, folder: Path, *, quick: bool) -> Section:
    """Measure latency alone, throughput in a crowd, and memory afterwards."""
    rounds = QUICK if quick else FULL
    floor_port = free_port(0)
    with (
        durable_redis(folder / "acknowledging") as redis_url,
        site.start(WEB, redis_url) as web,
        site.start(FLOOR, redis_url, PORT=str(floor_port)) as floor_process,
        Load() as load,
    ):
        web.seconds_to_answer(site.port)
        floor_process.seconds_to_answer(floor_port)
        floor = _Arm(floor_port, "accepted")
        fresh = _Arm(site.port, "accepted")
        again = _Arm(site.port, "duplicate", repeats=True)
        admitted = _send_all(load, site.secret, [floor, fresh, again], rounds)
        held, floor_held = web.resident_megabytes(), floor_process.resident_megabytes()
    figures = (*_alone(floor, fresh, again), *_crowd(floor, fresh, again))
    memory = bounded(
        f"web: memory after {admitted:,} admissions",
        held,
        "MB",
        WEB_MEGABYTES,
        against="floor",
        other=floor_held,
    )
    return Section("Acknowledgement", (*figures, memory), _notes(floor, fresh))


def _send_all(load: Load, secret: str, arms: list[_Arm], rounds: Rounds) -> int:
    """Send every round to every arm; return how many deliveries Argus admitted."""
    serials = count(1, 1_000_000)
    plan = [(ALONE, rounds.alone)] * rounds.alone_rounds
    plan += [(CROWD, rounds.crowd)] * rounds.crowd_rounds
    for arm in arms[:2]:
        load.send(Burst(arm.port, secret, next(serials), WARM_UP, ALONE), arm.word)
    for turn, (concurrency, number_sent) in enumerate(plan):
        # Duplicates repeat what Argus accepted in this round, so they come right behind it.
        order = arms if turn % 2 else [*arms[1:], arms[0]]
        first = next(serials)
        for arm in order:
            burst = Burst(arm.port, secret, first, number_sent, concurrency)
            arm.rounds[concurrency].append(load.send(burst, arm.word))
    return WARM_UP + sum(number_sent for _, number_sent in plan)


def _alone(floor: _Arm, fresh: _Arm, again: _Arm) -> tuple[Figure, ...]:
    def p50(answered: Answered) -> float:
        return percentile(answered.milliseconds, 0.5)

    ratio = fresh.ratio(floor, ALONE, p50)
    target = f"≤ {RATIO_LIMIT} × floor"
    return (
        Figure(
            "durable ack alone, p50",
            fresh.p50(),
            "ms",
            "floor",
            floor.p50(),
            target,
            ratio <= RATIO_LIMIT,
            ratio,
        ),
        Figure("durable ack alone, p99", fresh.p99(ALONE), "ms", "floor", floor.p99(ALONE)),
        Figure(
            "duplicate alone, p50",
            again.p50(),
            "ms",
            "floor",
            floor.p50(),
            ratio=again.ratio(floor, ALONE, p50),
        ),
        Figure("duplicate alone, p99", again.p99(ALONE), "ms", "floor", floor.p99(ALONE)),
    )


def _crowd(floor: _Arm, fresh: _Arm, again: _Arm) -> tuple[Figure, ...]:
    def speed(answered: Answered) -> float:
        return answered.per_second

    share = fresh.ratio(floor, CROWD, speed)
    return (
        Figure(
            "durable acks, 16 at once",
            fresh.per_second(),
            "/s",
            "floor",
            floor.per_second(),
            f"≥ {THROUGHPUT_SHARE} × floor",
            share >= THROUGHPUT_SHARE,
            share,
        ),
        Figure("durable ack, 16 at once, p99", fresh.p99(CROWD), "ms", "floor", floor.p99(CROWD)),
        Figure(
            "duplicates, 16 at once",
            again.per_second(),
            "/s",
            "floor",
            floor.per_second(),
            ratio=again.ratio(floor, CROWD, speed),
        ),
    )


def _notes(floor: _Arm, fresh: _Arm) -> tuple[str, ...]:
    extra = fresh.p50() - floor.p50()
    note = (
        f"An acknowledgement costs {number(extra)} ms more than the floor: routing, decoding, "
        "the triggers and the admission's own script."
    )
    return (note,)
