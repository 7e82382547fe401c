"""`/metrics`: its names are a contract, and its numbers are what the ledger says."""

from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.adapters.broker_view import Rings
from bot.adapters.figures import ACKNOWLEDGING, DELIVERIES, RINGS_SENT, Figures
from bot.adapters.ledger import Alarm, RedisLedger
from bot.adapters.limits import BreakerState, PaceState
from bot.metering import MeteredChain
from bot.metrics import render
from bot.sight import Away, LimitsSight, Sight
from core.errors import TransientError
from core.models import Prompt, Usage
from tests.bot.sights import ledger_sight, sight
from tests.bot.test_metering import Chain as Answering

NAMES = {
    "argus_alarm": "gauge",
    "argus_alarms_raised": "counter",
    "argus_attempts_failed": "counter",
    "argus_bell_silence_seconds": "gauge",
    "argus_breaker_failures": "gauge",
    "argus_breaker_open": "gauge",
    "argus_broker_up": "gauge",
    "argus_build_info": "gauge",
    "argus_claims": "counter",
    "argus_crashes": "counter",
    "argus_dead_letters": "counter",
    "argus_delayed": "counter",
    "argus_github_writes": "gauge",
    "argus_jobs_dead": "gauge",
    "argus_jobs_due": "gauge",
    "argus_jobs_running": "gauge",
    "argus_jobs_waiting": "gauge",
    "argus_jobs_without_ring": "counter",
    "argus_model_calls": "counter",
    "argus_model_calls_unpriced": "counter",
    "argus_model_tokens": "counter",
    "argus_model_usd": "counter",
    "argus_oldest_due_seconds": "gauge",
    "argus_oldest_outbox_seconds": "gauge",
    "argus_outbox_deliveries": "counter",
    "argus_outbox_failing": "gauge",
    "argus_outbox_rows": "gauge",
    "argus_outcomes": "counter",
    "argus_queue_wait_seconds": "histogram",
    "argus_requests": "counter",
    "argus_review_seconds": "histogram",
    "argus_rings": "counter",
    "argus_rings_dead": "gauge",
    "argus_rings_waiting": "gauge",
    "argus_up": "gauge",
    "argus_webhook_acknowledge_seconds": "histogram",
    "argus_webhooks": "counter",
    "argus_worker_busy": "gauge",
    "argus_worker_heartbeat_age_seconds": "gauge",
    "argus_worker_slots": "gauge",
    "argus_workers": "gauge",
}
"""Name, without the `_total` of a counter, and type. To this list is only ever added."""
LIMITS = LimitsSight(
    breakers=(BreakerState("model", "openai:gpt", 9.0, 3, "It was slow."),),
    paces=(PaceState("3", last_minute=4, last_hour=40),),
)


def samples(looked: Sight) -> dict[tuple[str, ...], float]:
    """Return the samples by name and label values."""
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(render(looked).decode())
        for sample in family.samples
    }


def test_names_and_types_are_those_of_the_contract() -> None:
    found = text_string_to_metric_families(render(sight(limits=LIMITS)).decode())

    assert {family.name: family.type for family in found} == NAMES


def test_every_name_is_explained_to_operators() -> None:
    text = (Path(__file__).parents[2] / "docs" / "operations.md").read_text()

    shown = {n + "_total" if kind == "counter" else n for n, kind in NAMES.items()}
    assert [name for name in sorted(shown) if f"`{name}`" not in text] == []


def test_gauges_are_what_was_seen() -> None:
    ledger = ledger_sight(
        counts={"due": 3, "dead": 2, "oldest_due_age": 4.5},
        failing_rows=1,
        alarms=[Alarm("dead_letters", "Two.", "Look.")],
    )
    found = samples(sight(ledger, rings=Rings(waiting=7, dead=1), limits=LIMITS))

    assert found["argus_jobs_due",] == 3
    assert found["argus_jobs_dead",] == 2
    assert found["argus_oldest_due_seconds",] == 4.5
    assert found["argus_outbox_failing",] == 1
    assert (found["argus_rings_waiting",], found["argus_rings_dead",]) == (7, 1)
    assert found["argus_breaker_open", "model", "openai:gpt"] == 1
    assert found["argus_github_writes", "3", "hour"] == 40
    assert found["argus_alarm", "dead_letters"] == 1
    assert found["argus_alarm", "no_worker"] == 0


def test_counters_are_the_ledgers_totals_and_what_processes_counted() -> None:
    totals = {"admitted": 5, "outcome:nothing new": 2, "rows_failed": 1, "delayed:person": 3}
    figures = {RINGS_SENT: 6, f"{DELIVERIES}202": 5}
    found = samples(sight(ledger_sight(totals=totals, figures=figures)))

    assert found["argus_requests_total", "admitted"] == 5
    assert found["argus_requests_total", "joined"] == 0
    assert found["argus_outcomes_total", "nothing_new"] == 2
    assert found["argus_outbox_deliveries_total", "failed"] == 1
    assert found["argus_delayed_total", "person"] == 3
    assert found["argus_rings_total", "sent"] == 6
    assert found["argus_webhooks_total", "202"] == 5


async def test_what_models_cost_is_told_by_purpose(ledger: RedisLedger) -> None:
    figures = Figures()
    for usage in (
        Usage(calls=2, input_tokens=900, output_tokens=80, usd=0.25),
        Usage(calls=1, cached_calls=3, input_tokens=100, output_tokens=20, usd=None),
    ):
        await MeteredChain(Answering(usage), figures).converse(Prompt("i", "m", ()))
    await figures.store(ledger.health)
    found = samples(sight(ledger_sight(figures=await ledger.health.figures())))

    assert found["argus_model_calls_total", "answers", "model"] == 3
    assert found["argus_model_calls_total", "answers", "cache"] == 3
    assert found["argus_model_tokens_total", "input", "answers"] == 1_000
    assert found["argus_model_tokens_total", "output", "answers"] == 100
    assert found["argus_model_usd_total", "answers"] == pytest.approx(0.25)
    assert found["argus_model_calls_unpriced_total", "answers"] == 1
    assert found["argus_model_calls_total", "reviews", "model"] == 0


async def test_durations_of_all_processes_add_up_in_buckets(ledger: RedisLedger) -> None:
    for seconds in ((0.004, 0.005, 0.03), (0.2, 60.0)):
        figures = Figures()
        for each in seconds:
            figures.observe(ACKNOWLEDGING, each)
        await figures.store(ledger.health)
    found = samples(sight(ledger_sight(figures=await ledger.health.figures())))

    bucket = "argus_webhook_acknowledge_seconds_bucket"
    assert [found[bucket, le] for le in ("0.005", "0.05", "0.25", "10.0", "+Inf")] == [
        2,
        3,
        4,
        4,
        5,
    ]
    assert found["argus_webhook_acknowledge_seconds_count",] == 5
    assert found["argus_webhook_acknowledge_seconds_sum",] == pytest.approx(60.239)


async def test_figures_are_kept_while_redis_is_away(ledger: RedisLedger) -> None:
    class Away:
        async def add(self, counts: object) -> None:
            raise TransientError("It is away.")

    figures = Figures()
    figures.count(RINGS_SENT, 2)
    await figures.store(Away())
    figures.count(RINGS_SENT)
    await figures.store(ledger.health)
    await figures.store(ledger.health)

    assert await ledger.health.figures() == {RINGS_SENT: 3}


def test_without_redis_only_what_is_known_is_said() -> None:
    looked = sight(Away("It is away."), rings=Away("It is away."), limits=Away("It is away."))
    found = samples(looked)

    assert {name for name, *_ in found} == {"argus_build_info", "argus_up", "argus_broker_up"}
    assert (found["argus_up",], found["argus_broker_up",]) == (0, 0)
