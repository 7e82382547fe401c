"""What `/metrics` says: names, units and labels for Prometheus, from one look; pure.

Names are a contract: they are added, never changed. Counters last in Redis and count for all
processes, so they are read from any one of them and are not to be summed over processes.
https://prometheus.io/docs/practices/naming/
"""

from collections.abc import Iterable, Iterator, Mapping

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)

from bot import __version__
from bot.adapters.figures import (
    ACKNOWLEDGING,
    ALARMS,
    DELIVERIES,
    QUEUEING,
    REVIEWING,
    RINGS_HEARD,
    RINGS_LOST,
    RINGS_SENT,
    UNRUNG,
    buckets_of,
    sum_of,
)
from bot.metering import spent
from bot.sight import Away, LedgerSight, LimitsSight, Sight
from bot.worker.alarms import NAMES
from core.models import OutcomeKind

COUNTS = {
    "due": ("argus_jobs_due", "Jobs that are due and wait for a worker."),
    "waiting": ("argus_jobs_waiting", "Jobs that wait for quiet or for their next attempt."),
    "running": ("argus_jobs_running", "Jobs under a lease."),
    "dead": ("argus_jobs_dead", "Jobs given up; see `python -m bot jobs list --state dead`."),
    "oldest_due_age": ("argus_oldest_due_seconds", "Age of the job that is due longest."),
    "rows": ("argus_outbox_rows", "Check runs, summaries and messages to send."),
    "oldest_row_age": ("argus_oldest_outbox_seconds", "Age of the one that is due longest."),
    "workers": ("argus_workers", "Workers with a heartbeat."),
}
"""Field of `Counts` → name and help."""
LIMITS = ("repository", "organisation", "person")
TOTALS: dict[str, tuple[str, str, dict[str, str]]] = {
    "argus_requests": (
        "Requests for a review, by what became of them.",
        "result",
        {"admitted": "admitted", "duplicate": "duplicates", "joined": "joined"},
    ),
    "argus_claims": ("Attempts that workers began.", "", {"": "claims"}),
    "argus_attempts_failed": ("Attempts that ended in an error.", "", {"": "attempts_failed"}),
    "argus_crashes": ("Leases that ran out: a worker died or hung.", "", {"": "crashes"}),
    "argus_dead_letters": ("Jobs that were given up.", "", {"": "dead"}),
    "argus_outcomes": (
        "Heads by how they ended.",
        "outcome",
        {kind.value.replace(" ", "_"): f"outcome:{kind.value}" for kind in OutcomeKind},
    ),
    "argus_outbox_deliveries": (
        "Deliveries to GitHub and Slack, by how they ended.",
        "result",
        {"sent": "rows_sent", "failed": "rows_failed", "dropped": "rows_dropped"},
    ),
    "argus_delayed": (
        "Requests delayed by a limit, by whose it is.",
        "by",
        {who: f"delayed:{who}" for who in LIMITS},
    ),
}
"""Name → help, label, and the ledger's total for each of its values."""
FIGURES: dict[str, tuple[str, str, dict[str, str]]] = {
    "argus_rings": (
        "Rings of the bell, by what became of them.",
        "result",
        {"sent": RINGS_SENT, "lost": RINGS_LOST, "heard": RINGS_HEARD},
    ),
    "argus_jobs_without_ring": ("Jobs taken because no ring was heard.", "", {"": UNRUNG}),
    "argus_alarms_raised": (
        "Alarms that were raised.",
        "alarm",
        {name: f"{ALARMS}{name}" for name in NAMES},
    ),
}
SPENDING: dict[str, tuple[str, str, dict[str, str]]] = {
    "argus_model_calls": (
        "Calls of models, also those that failed; from the cache they cost nothing.",
        "source",
        {"model": "calls", "cache": "cached_calls"},
    ),
    "argus_model_tokens": (
        "Tokens of these calls.",
        "direction",
        {"input": "input_tokens", "output": "output_tokens"},
    ),
    "argus_model_usd": ("What the calls cost whose price is known.", "", {"": "usd"}),
    "argus_model_calls_unpriced": ("Calls whose price nobody knows.", "", {"": "unpriced"}),
}
"""Name → help, a label beside the purpose, and the field of `Spent` for each of its values."""
WEBHOOKS = ("Deliveries of GitHub's, by the status they were answered with.", "status")
TIMES = {
    "argus_webhook_acknowledge_seconds": (
        "From the headers of a delivery of GitHub's to the end of its answer.",
        ACKNOWLEDGING,
    ),
    "argus_review_seconds": ("Runs that ended with an outcome.", REVIEWING),
    "argus_queue_wait_seconds": (
        "From the wish for a head to its first attempt, the wait for quiet included.",
        QUEUEING,
    ),
}


def render(sight: Sight) -> bytes:
    """Return one look in Prometheus' text format; what was not seen is left out."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector(sight))
    return generate_latest(registry)


class _Collector:
    def __init__(self, sight: Sight) -> None:
        self._sight = sight

    def collect(self) -> Iterator[Metric]:
        """Yield every family."""
        ledger = self._sight.ledger
        yield _gauge("argus_build_info", "The version that answers.", 1, version=__version__)
        yield _gauge("argus_up", "1 when Redis takes writes.", not isinstance(ledger, Away))
        if not isinstance(ledger, Away):
            yield from _of_ledger(ledger)
        yield from _of_broker(self._sight)
        if not isinstance(self._sight.limits, Away):
            yield from _of_limits(self._sight.limits)


def _of_ledger(ledger: LedgerSight) -> Iterator[Metric]:
    for field, (name, words) in COUNTS.items():
        yield _gauge(name, words, getattr(ledger.counts, field))
    yield from _of_workers(ledger)
    yield _gauge("argus_outbox_failing", "Rows that failed again and again.", ledger.failing_rows)
    for families, stored in ((TOTALS, ledger.totals), (FIGURES, ledger.figures)):
        for name, (words, label, sources) in families.items():
            counts = ((value, stored.get(source, 0)) for value, source in sources.items())
            yield _counter(name, words, label, counts)
    yield _counter("argus_webhooks", *WEBHOOKS, _by_prefix(DELIVERIES, ledger.figures))
    yield from _of_models(ledger.figures)
    alarms = GaugeMetricFamily("argus_alarm", "1 while an alarm is raised.", labels=["alarm"])
    for name in NAMES:
        alarms.add_metric([name], name in ledger.alarms)
    yield alarms
    for name, (words, histogram) in TIMES.items():
        yield HistogramMetricFamily(
            name,
            words,
            buckets=buckets_of(histogram, ledger.figures),
            sum_value=sum_of(histogram, ledger.figures),
        )


def _of_models(figures: Mapping[str, int]) -> Iterator[Metric]:
    """Yield what models cost; calls that failed are among them."""
    by_purpose = spent(figures)
    for name, (words, label, counted) in SPENDING.items():
        labels = ["purpose", label] if label else ["purpose"]
        family = CounterMetricFamily(name, words, labels=labels)
        for purpose, of in by_purpose.items():
            for value, field in counted.items():
                family.add_metric([purpose, value] if label else [purpose], getattr(of, field))
        yield family


def _of_workers(ledger: LedgerSight) -> Iterator[Metric]:
    beats = [seen.beat for seen in ledger.workers]
    yield _gauge(
        "argus_worker_slots", "Jobs that all workers can run.", sum(b.slots for b in beats)
    )
    yield _gauge("argus_worker_busy", "Slots that are taken.", sum(b.busy for b in beats))
    ages = [seen.ago for seen in ledger.workers]
    words = "Age of the oldest heartbeat of a living worker."
    yield _gauge("argus_worker_heartbeat_age_seconds", words, max(ages, default=0.0))
    heard = [seen.beat.heard + seen.ago for seen in ledger.workers if seen.beat.heard is not None]
    if heard:
        words = "Since any worker heard the bell."
        yield _gauge("argus_bell_silence_seconds", words, min(heard))


def _of_broker(sight: Sight) -> Iterator[Metric]:
    away = isinstance(sight.rings, Away)
    yield _gauge("argus_broker_up", "1 when the broker answers.", not away)
    if not isinstance(sight.rings, Away):
        yield _gauge("argus_rings_waiting", "Rings nobody answered yet.", sight.rings.waiting)
        yield _gauge("argus_rings_dead", "Rings whose answer failed.", sight.rings.dead)


def _of_limits(limits: LimitsSight) -> Iterator[Metric]:
    labels = ["kind", "name"]
    opened = GaugeMetricFamily("argus_breaker_open", "1 while it is open.", labels=labels)
    failures = GaugeMetricFamily("argus_breaker_failures", "Failures in a row.", labels=labels)
    for breaker in limits.breakers:
        opened.add_metric([breaker.kind, breaker.name], breaker.open_for > 0)
        failures.add_metric([breaker.kind, breaker.name], breaker.failures)
    words = "Writes to GitHub in the last minute and hour."
    writes = GaugeMetricFamily("argus_github_writes", words, labels=["installation", "window"])
    for pace in limits.paces:
        writes.add_metric([pace.name, "minute"], pace.last_minute)
        writes.add_metric([pace.name, "hour"], pace.last_hour)
    yield from (opened, failures, writes)


def _gauge(name: str, words: str, value: float, **labels: str) -> Metric:
    family = GaugeMetricFamily(name, words, labels=list(labels))
    family.add_metric(list(labels.values()), value)
    return family


def _counter(name: str, words: str, label: str, counts: Iterable[tuple[str, int]]) -> Metric:
    """Return a counter; its samples carry `_total`. Without a label it has one value."""
    family = CounterMetricFamily(name, words, labels=[label] if label else [])
    for value, count in counts:
        family.add_metric([value] if label else [], count)
    return family


def _by_prefix(prefix: str, figures: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(
        (name.removeprefix(prefix), count)
        for name, count in figures.items()
        if name.startswith(prefix)
    )
