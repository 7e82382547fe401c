"""Acknowledgements at GitHub's own pace while the same machine reviews: at a rate, not in a ring.

A delivery counts from the moment it was due, so a stalled web process cannot hide behind the
deliveries that it kept from being sent. All of them are admissions about pull requests that
nobody can read; the worker takes each, asks GitHub and ends it, beside the reviews named here.
"""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bot.playground.stage import free_port
from core.models import OutcomeKind
from tests.bench.change import make_change
from tests.bench.figures import Figure, Section, bounded, number, percentile
from tests.bench.load import Burst, Load
from tests.bench.processes import Running
from tests.bench.pulls import Books, Opened, Opener, model_environment, scripted, tell
from tests.bench.site import FLOOR, WEB, WORKER, Site, durable_redis
from tests.fakes.model_server import ModelServer

PER_SECOND = 50.0
BUSY_MS = 50.0
LARGE_MS = 100.0
PEER_LARGE_MS = 9_700.0
"""What the best-known open reviewer needs to answer while it reviews as many files."""
FILES = 10
REVIEWS_PER_SECOND = 2.0
LARGE_FILES = 3_000
LARGE_SECONDS = 300.0
"""Until the large review must have ended."""
ROUND, FLOOR_ROUND = 5, 1
"""Seconds of each arm in turn."""


class Reviews(threading.Thread):
    """Keeps a worker reviewing: tells it of one pull request after another."""

    def __init__(self, port: int, waiting: Sequence[Opened]) -> None:
        super().__init__(name="reviews", daemon=True)
        self._port = port
        self._waiting = waiting
        self._ended = threading.Event()

    def run(self) -> None:
        for opened in self._waiting:
            tell(self._port, opened)
            if self._ended.wait(1 / REVIEWS_PER_SECOND):
                return

    def __enter__(self) -> None:
        self.start()

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self.join()


@dataclass
class _Door:
    """Web and the floor, asked at the same rate in turn."""

    ports: tuple[int, int]
    secret: str
    load: Load
    web: list[float] = field(default_factory=list)
    """Milliseconds of every answer, as of the floor's."""
    floor: list[float] = field(default_factory=list)
    _first: int = 1

    def warm_up(self) -> None:
        for port in self.ports:
            self._pour(port, 1)

    def round(self, seconds: int) -> None:
        self.web += self._pour(self.ports[0], seconds)

    def floor_round(self, seconds: int) -> None:
        self.floor += self._pour(self.ports[1], seconds)

    def _pour(self, port: int, seconds: int) -> list[float]:
        many = round(seconds * PER_SECOND)
        burst = Burst(port, self.secret, self._first, many, per_second=PER_SECOND)
        self._first += many
        return self.load.send(burst, "accepted").milliseconds


@dataclass(frozen=True, slots=True)
class _Scene:
    """Everything that runs beside the deliveries."""

    site: Site
    door: _Door
    books: Books
    model: ModelServer
    worker: Running


def measure_usual(site: Site, folder: Path, *, quick: bool) -> Section:
    """Measure beside usual reviews."""
    seconds = 10 if quick else 60
    with _scene(site, folder / "usual") as scene:
        reviewed, share = _beside_reviews(scene, seconds)
        door = scene.door
    rate = f"ack at {PER_SECOND:.0f}/s for {seconds} s beside reviews"
    p99 = bounded(
        f"{rate}, p99", _p99(door.web), "ms", BUSY_MS, against="floor", other=_p99(door.floor)
    )
    slowest = Figure(f"{rate}, slowest", max(door.web), "ms", "floor", max(door.floor))
    note = (
        f"While {PER_SECOND:.0f} deliveries a second came, {reviewed} pull requests were reviewed "
        f"to their end, and the worker used {share:.0%} of a core."
    )
    return Section("Acknowledgement beside reviews", (p99, slowest), (note,))


def measure_large(site: Site, folder: Path, *, quick: bool) -> Section:
    """Measure beside a review of the largest pull request there is."""
    del quick  # it lasts as long as the review
    with _scene(site, folder / "beside", MAX_FILES_PER_REVIEW=str(LARGE_FILES)) as scene:
        took = _beside_large_review(scene)
        door = scene.door
    name = f"ack beside a review of {LARGE_FILES:,} files"
    peer = "peer's slowest, elsewhere"
    p99 = bounded(f"{name}, p99", _p99(door.web), "ms", LARGE_MS, against=peer, other=PEER_LARGE_MS)
    slowest = Figure(
        f"{name}, slowest of {len(door.web):,}", max(door.web), "ms", peer, PEER_LARGE_MS
    )
    note = (
        f"The review of {LARGE_FILES:,} files took {number(took)} s beside "
        f"{PER_SECOND:.0f} deliveries a second."
    )
    return Section("Acknowledgement beside a large review", (p99, slowest), (note,))


@contextmanager
def _scene(site: Site, folder: Path, **more: str) -> Iterator[_Scene]:
    port = free_port(0)
    with (
        durable_redis(folder) as redis,
        site.start(WEB, redis.url) as web,
        site.start(FLOOR, redis.url, PORT=str(port)) as floor,
        ModelServer() as model,
        site.start(WORKER, redis.url, **model_environment(model), **more) as worker,
        Books(redis.url) as books,
        Load() as load,
    ):
        web.seconds_to_answer(site.port)
        floor.seconds_to_answer(port)
        door = _Door((site.port, port), site.secret, load)
        door.warm_up()
        yield _Scene(site, door, books, model, worker)


def _beside_reviews(scene: _Scene, seconds: int) -> tuple[int, float]:
    """Return how many reviews ended meanwhile, and the worker's share of a core."""
    change = make_change(FILES, 70_000)
    scene.model.script = scripted(change)
    opener = Opener(scene.site, "busy")
    waiting = [opener.alone(change) for _ in range(round(2 * seconds * REVIEWS_PER_SECOND))]
    began, cpu = time.monotonic(), scene.worker.cpu_seconds()
    with Reviews(scene.site.port, waiting):
        for _ in range(0, seconds, ROUND):
            scene.door.round(ROUND)
            scene.door.floor_round(FLOOR_ROUND)
    share = (scene.worker.cpu_seconds() - cpu) / (time.monotonic() - began)
    return sum(scene.books.ended(opened) for opened in waiting), share


def _beside_large_review(scene: _Scene) -> float:
    """Return the seconds until the review ended. Raises TimeoutError."""
    change = make_change(LARGE_FILES, 90_000)
    scene.model.script = scripted(change)
    opened = Opener(scene.site, "large").alone(change)
    began = tell(scene.site.port, opened)
    while not scene.books.ended(opened):
        if time.time() - began > LARGE_SECONDS:
            raise TimeoutError(f"no outcome of {LARGE_FILES} files: {scene.books.job(opened)}")
        scene.door.round(1)
    took = time.time() - began
    outcome = scene.books.outcome(opened)
    if outcome is not OutcomeKind.REVIEWED:
        raise RuntimeError(f"the review of {LARGE_FILES} files ended as {outcome}")
    return took


def _p99(milliseconds: Sequence[float]) -> float:
    return percentile(milliseconds, 0.99)
