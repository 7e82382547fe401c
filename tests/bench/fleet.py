"""Many pull requests at once on two workers, and a hundred of them in flight in one.

A model answers at once in the first case and slowly in the second. What the first one is bounded
by is Argus's own pace of writes, six at once and then one a second for each installation.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.models import OutcomeKind
from tests.bench.change import make_change
from tests.bench.figures import Figure, Section, bounded, median, number, percentile
from tests.bench.processes import Running
from tests.bench.pulls import (
    Books,
    Opener,
    model_environment,
    scripted,
    submissions,
    tell,
)
from tests.bench.site import WEB, WORKER, Site, durable_redis
from tests.fakes.model_server import ModelServer

FILES = 3
FIRST_SECONDS = 60.0
END_SECONDS = 1_800.0
"""Until the last one must have its review; the pace of writes alone takes minutes."""
IN_FLIGHT = 100
IN_FLIGHT_FILES = 10
IN_FLIGHT_MEGABYTES = 300.0
EVENT_SECONDS = 15.0
"""Before each event of the slow model, of which an answer has six."""
SAMPLE_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Size:
    """How many pull requests, and where."""

    installations: int
    repositories: int
    """In each installation."""
    each: int
    """In each repository."""

    @property
    def pulls(self) -> int:
        """Return how many there are in all."""
        return self.installations * self.repositories * self.each


FULL = Size(installations=10, repositories=5, each=10)
QUICK = Size(installations=5, repositories=4, each=3)


def measure_fleet(site: Site, folder: Path, *, quick: bool) -> Section:
    """Queue them all, let two workers review them, and look at what stands on GitHub."""
    size = QUICK if quick else FULL
    change = make_change(FILES, 110_000)
    opener = Opener(site, "fleet")
    waiting = [
        opened
        for _ in range(size.installations)
        for opened in opener.team(change, repositories=size.repositories, each=size.each)
    ]
    site.github.clear_requests()
    with (
        durable_redis(folder / "fleet") as redis,
        site.start(WEB, redis.url) as web,
        ModelServer(scripted(change)) as model,
        site.start(WORKER, redis.url, **model_environment(model)),
        site.start(WORKER, redis.url, **model_environment(model)),
        Books(redis.url) as books,
    ):
        web.seconds_to_answer(site.port)
        sent = {opened.name: tell(site.port, opened) for opened in waiting}
        books.wait_until_empty(END_SECONDS)
        outcomes = [books.outcome(opened) for opened in waiting]
    found = submissions(site.github.requests())
    posted = {name: found[name] for name in sent if name in found}
    return _fleet_section(size, sent, posted, outcomes)


def _fleet_section(
    size: Size,
    sent: Mapping[tuple[str, int], float],
    posted: Mapping[tuple[str, int], Sequence[float]],
    outcomes: Sequence[OutcomeKind | None],
) -> Section:
    first: dict[str, float] = {}
    for (repo, number_), at in sent.items():
        waited = min(posted.get((repo, number_), [float("inf")])) - at
        first[repo] = min(first.get(repo, float("inf")), waited)
    lost = sum(kind is not OutcomeKind.REVIEWED for kind in outcomes)
    twice = sum(len(times) > 1 for times in posted.values())
    last = max(at for times in posted.values() for at in times) - min(sent.values())
    name = f"{size.pulls} pull requests at once"
    return Section(
        "Many pull requests",
        (
            bounded(f"{name}: without a review", max(lost, len(sent) - len(posted)), "", 0),
            bounded(f"{name}: reviewed twice", twice, "", 0),
            bounded(
                f"{name}: a repository's first, slowest", max(first.values()), "s", FIRST_SECONDS
            ),
            Figure("the same, p50", median(list(first.values())), "s"),
            Figure("the same, p95", percentile(list(first.values()), 0.95), "s"),
            Figure(f"{name}: until the last review", last, "s"),
            Figure(f"{name}: reviews", len(posted) / last, "/s"),
        ),
        (
            (
                f"{size.pulls} pull requests lie in {size.repositories * size.installations} "
                f"repositories of {size.installations} installations. Argus's own pace of writes "
                "bounds them: each review takes its share of one write a second."
            ),
        ),
    )


def measure_in_flight(site: Site, folder: Path, *, quick: bool) -> Section:
    """Keep a hundred reviews waiting for a slow model in one worker, and weigh it."""
    del quick  # fewer reviews would measure something else
    change = make_change(IN_FLIGHT_FILES, 120_000)
    opener = Opener(site, "flight")
    waiting = [opener.alone(change) for _ in range(IN_FLIGHT)]
    with (
        durable_redis(folder / "flight") as redis,
        site.start(WEB, redis.url) as web,
        ModelServer(scripted(change, pause=EVENT_SECONDS)) as model,
        site.start(
            WORKER, redis.url, ARGUS_CONCURRENCY=str(IN_FLIGHT), **model_environment(model)
        ) as worker,
        Books(redis.url) as books,
    ):
        web.seconds_to_answer(site.port)
        for opened in waiting:
            tell(site.port, opened)
        held = _weighed(worker, model, books)
        lost = sum(books.outcome(opened) is not OutcomeKind.REVIEWED for opened in waiting)
    return Section(
        "Reviews in flight",
        (
            bounded(f"{IN_FLIGHT} reviews in flight: memory", held, "MB", IN_FLIGHT_MEGABYTES),
            bounded(f"{IN_FLIGHT} reviews in flight: without a review", lost, "", 0),
        ),
    )


def _weighed(worker: Running, model: ModelServer, books: Books) -> float:
    """Return the most memory held until all are reviewed.

    Raises RuntimeError unless all of them waited for the model at the same time.
    """
    most, at_once, ends_at = 0.0, 0, time.monotonic() + END_SECONDS
    while time.monotonic() < ends_at:
        most = max(most, worker.resident_megabytes())
        counts = books.counts()
        at_once = max(at_once, min(counts.running, len(model.requests)))
        if len(model.requests) >= IN_FLIGHT and not (counts.running or counts.due or counts.rows):
            break
        time.sleep(SAMPLE_SECONDS)
    if at_once < IN_FLIGHT:
        raise RuntimeError(f"at most {number(at_once)} reviews were in flight at once")
    return most
