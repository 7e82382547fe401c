"""How long a webhook waits for its acknowledgement, beside the floor, and what web holds then.

Every delivery of the `fresh` arm is about another pull request; duplicates repeat deliveries of
the same round. The order of the arms turns with every round. It is measured twice: with a Redis
that syncs every write to disk, and with one in memory, where no disk hides what Argus does.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from bot.adapters.redis_server import EmbeddedRedis
from bot.playground.stage import free_port
from tests.bench.figures import Figure, Section, bounded, median, number, percentile
from tests.bench.load import Answered, Burst, Load
from tests.bench.processes import Running
from tests.bench.site import FLOOR, WEB, Site, durable_redis

ALONE, CROWD = 1, 16
"""Concurrent connections."""
RATIO_LIMIT = 1.5
THROUGHPUT_SHARE = 0.5
ECHO_LIMIT = 1.0
"""A duplicate costs no more than HMAC, decoding and one script that writes."""
WEB_MEGABYTES = 120.0
WARM_UP = 60

Measure = Callable[[Answered], float]


@dataclass(frozen=True, slots=True)
class Rounds:
    """How much is sent: many short rounds, because a shared machine changes its pace in seconds."""

    alone: int
    alone_rounds: int
    crowd: int
    crowd_rounds: int

    def plan(self) -> list[tuple[int, int]]:
        """Return concurrency and number of requests of each round."""
        crowd = [(CROWD, self.crowd)] * self.crowd_rounds
        return [(ALONE, self.alone)] * self.alone_rounds + crowd


FULL = Rounds(alone=50, alone_rounds=31, crowd=192, crowd_rounds=15)
QUICK = Rounds(alone=50, alone_rounds=9, crowd=192, crowd_rounds=5)


@dataclass
class _Arm:
    """One way to be answered, and what was measured of it: an entry a round."""

    process: Running
    port: int
    word: str
    rounds: dict[int, list[Answered]] = field(default_factory=lambda: {ALONE: [], CROWD: []})
    cpu: float = 0.0
    """Seconds of its processor time in all rounds."""

    def median(self, concurrency: int, of: Measure) -> float:
        return median([of(answered) for answered in self.rounds[concurrency]])

    def ratio(self, floor: "_Arm", concurrency: int, of: Measure) -> float:
        pairs = zip(self.rounds[concurrency], floor.rounds[concurrency], strict=True)
        return median([of(mine) / of(other) for mine, other in pairs])

    def p99(self, concurrency: int) -> float:
        every = [ms for answered in self.rounds[concurrency] for ms in answered.milliseconds]
        return percentile(every, 0.99)

    @property
    def cpu_each(self) -> float:
        """Return milliseconds of processor time for each request."""
        sent = sum(len(a.milliseconds) for rounds in self.rounds.values() for a in rounds)
        return self.cpu * 1000 / sent


@dataclass(frozen=True, slots=True)
class _Arms:
    """The four of one Redis."""

    floor: _Arm
    echo: _Arm
    """The floor, with the body decoded."""
    fresh: _Arm
    again: _Arm


def measure(site: Site, folder: Path, *, quick: bool) -> Section:
    """Measure latency alone, throughput in a crowd, and memory afterwards."""
    rounds = QUICK if quick else FULL
    durable, memory = _measured(site, durable_redis(folder / "acknowledging"), rounds)
    volatile, _ = _measured(site, EmbeddedRedis(), rounds)
    return Section(
        "Acknowledgement",
        (*_figures(durable, "durable ack"), memory, *_figures(volatile, "ack, Redis in memory")),
        _notes(durable, volatile),
    )


def _measured(site: Site, redis: EmbeddedRedis, rounds: Rounds) -> tuple[_Arms, Figure]:
    port, echo_port = free_port(0), free_port(0)
    with (
        redis,
        site.start(WEB, redis.url) as web,
        site.start(FLOOR, redis.url, PORT=str(port)) as bare,
        site.start(FLOOR, redis.url, PORT=str(echo_port), DECODE="1") as echo,
        Load() as load,
    ):
        web.seconds_to_answer(site.port)
        bare.seconds_to_answer(port)
        echo.seconds_to_answer(echo_port)
        arms = _Arms(
            _Arm(bare, port, "accepted"),
            _Arm(echo, echo_port, "accepted"),
            _Arm(web, site.port, "accepted"),
            _Arm(web, site.port, "duplicate"),
        )
        admitted = _send_all(load, site.secret, arms, rounds)
        name = f"web: memory after {admitted:,} admissions"
        held, other = web.resident_megabytes(), bare.resident_megabytes()
    return arms, bounded(name, held, "MB", WEB_MEGABYTES, against="floor", other=other)


def _send_all(load: Load, secret: str, arms: _Arms, rounds: Rounds) -> int:
    """Send every round to every arm; return how many deliveries Argus admitted."""
    serials = count(1, 1_000_000)
    for arm in (arms.floor, arms.echo, arms.fresh):
        load.send(Burst(arm.port, secret, next(serials), WARM_UP, ALONE), arm.word)
    for turn, (concurrency, size) in enumerate(rounds.plan()):
        # Duplicates repeat what Argus accepted in this round, so they come right behind it.
        pair = (arms.fresh, arms.again)
        first = next(serials)
        bare = (arms.floor, arms.echo)
        for arm in (*bare, *pair) if turn % 2 else (*pair, *bare):
            before = arm.process.cpu_seconds()
            burst = Burst(arm.port, secret, first, size, concurrency)
            arm.rounds[concurrency].append(load.send(burst, arm.word))
            arm.cpu += arm.process.cpu_seconds() - before
    return WARM_UP + sum(size for _, size in rounds.plan())


def _figures(arms: _Arms, name: str) -> tuple[Figure, ...]:
    return (*_alone(arms, name), *_crowd(arms, name), *_cost(arms, name))


def _alone(arms: _Arms, name: str) -> tuple[Figure, ...]:
    floor, fresh, again = arms.floor, arms.fresh, arms.again
    ratio = fresh.ratio(floor, ALONE, _p50)
    usual = Figure(
        f"{name}: p50 alone",
        fresh.median(ALONE, _p50),
        "ms",
        "floor",
        floor.median(ALONE, _p50),
        f"≤ {RATIO_LIMIT} × floor",
        ratio <= RATIO_LIMIT,
        ratio,
    )
    return (
        usual,
        Figure(f"{name}: p99 alone", fresh.p99(ALONE), "ms", "floor", floor.p99(ALONE)),
        _duplicates(f"{name}: p50 of duplicates", again, arms.echo),
    )


def _duplicates(name: str, again: _Arm, echo: _Arm) -> Figure:
    ratio = again.ratio(echo, ALONE, _p50)
    mine, other = again.median(ALONE, _p50), echo.median(ALONE, _p50)
    return Figure(name, mine, "ms", "echo", other, "≤ the echo", ratio <= ECHO_LIMIT, ratio)


def _crowd(arms: _Arms, name: str) -> tuple[Figure, ...]:
    floor, fresh, again = arms.floor, arms.fresh, arms.again
    share = fresh.ratio(floor, CROWD, _speed)
    speed = Figure(
        f"{name}: {CROWD} at once",
        fresh.median(CROWD, _speed),
        "/s",
        "floor",
        floor.median(CROWD, _speed),
        f"≥ {THROUGHPUT_SHARE} × floor",
        share >= THROUGHPUT_SHARE,
        share,
    )
    return (
        speed,
        Figure(f"{name}: p99, {CROWD} at once", fresh.p99(CROWD), "ms", "floor", floor.p99(CROWD)),
        _beside(f"{name}: duplicates, {CROWD} at once", again, floor, CROWD, _speed, "/s"),
    )


def _cost(arms: _Arms, name: str) -> tuple[Figure, ...]:
    if not arms.floor.cpu:
        return ()
    figure = Figure(
        f"{name}: CPU of web each", arms.fresh.cpu_each, "ms", "floor", arms.floor.cpu_each
    )
    return (figure,)


def _beside(name: str, arm: _Arm, floor: _Arm, concurrency: int, of: Measure, unit: str) -> Figure:
    return Figure(
        name,
        arm.median(concurrency, of),
        unit,
        "floor",
        floor.median(concurrency, of),
        ratio=arm.ratio(floor, concurrency, of),
    )


def _p50(answered: Answered) -> float:
    return percentile(answered.milliseconds, 0.5)


def _speed(answered: Answered) -> float:
    return answered.per_second


def _notes(durable: _Arms, volatile: _Arms) -> Sequence[str]:
    extra = durable.fresh.median(ALONE, _p50) - durable.floor.median(ALONE, _p50)
    memory = volatile.fresh.median(ALONE, _p50) - volatile.floor.median(ALONE, _p50)
    note = (
        f"An acknowledgement costs {number(extra)} ms more than the floor with a disk, and "
        f"{number(memory)} ms without: routing, decoding, triggers, and the admission's own script."
    )
    return (note,)
