"""What `/readyz` and `/metrics` show of the ledger, the workers and Redis."""

from typing import Any

from prometheus_client import CollectorRegistry, Gauge, generate_latest
from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.adapters.ledger import Beat, Counts, RedisLedger
from core.errors import TransientError

GAUGES = {
    "due": ("argus_jobs_due", "Jobs that wait for a worker."),
    "waiting": ("argus_jobs_waiting", "Jobs that wait for quiet or for their next attempt."),
    "running": ("argus_jobs_running", "Jobs under a lease."),
    "dead": ("argus_jobs_dead", "Jobs given up; see `python -m bot jobs list`."),
    "oldest_due_age": ("argus_oldest_due_seconds", "Age of the job that is due longest."),
    "rows": ("argus_outbox_rows", "Check runs, summaries and messages to send."),
    "oldest_row_age": ("argus_oldest_outbox_seconds", "Age of the oldest of them."),
    "workers": ("argus_workers", "Workers with a heartbeat."),
}
"""Field of `Counts` → name and help; the names are stable."""


class LedgerProbe:
    """Reads the state of everything that lives in Redis."""

    def __init__(self, redis: Redis, ledger: RedisLedger) -> None:
        self._redis = redis
        self._ledger = ledger

    async def components(self) -> dict[str, dict[str, Any]]:
        """Return one entry a component, each with a boolean `ok`."""
        try:
            await self._redis.ping()
            counts = await self._ledger.desk.counts()
            workers = await self._ledger.presence.workers()
        except (RedisError, TransientError, OSError) as error:
            away = {"ok": False, "why": f"Redis does not answer ({type(error).__name__})"}
            unknown = {"ok": False, "why": "unknown without Redis"}
            return {"redis": away, "worker": unknown, "queue": unknown}
        return {"redis": {"ok": True}, "worker": _workers(workers), "queue": _queue(counts)}

    async def metrics(self) -> bytes:
        """Return the gauges in Prometheus' text format; without Redis only `argus_up` 0."""
        registry = CollectorRegistry()
        up = Gauge("argus_up", "1 when Redis answers.", registry=registry)
        try:
            counts = await self._ledger.desk.counts()
        except (RedisError, TransientError, OSError):
            return generate_latest(registry)
        up.set(1)
        for field, (name, words) in GAUGES.items():
            Gauge(name, words, registry=registry).set(getattr(counts, field))
        return generate_latest(registry)


def _workers(beats: tuple[Beat, ...]) -> dict[str, Any]:
    shown = {
        "ok": bool(beats),
        "workers": len(beats),
        "slots": sum(beat.slots for beat in beats),
        "busy": sum(beat.busy for beat in beats),
    }
    return shown if beats else {**shown, "why": "no worker has a heartbeat; start one"}


def _queue(counts: Counts) -> dict[str, Any]:
    return {
        "ok": True,
        "due": counts.due,
        "waiting": counts.waiting,
        "running": counts.running,
        "dead": counts.dead,
        "oldest_due_seconds": round(counts.oldest_due_age, 1),
        "outbox_rows": counts.rows,
        "oldest_row_seconds": round(counts.oldest_row_age, 1),
    }
