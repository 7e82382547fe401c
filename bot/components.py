"""What `/readyz` says: one entry a component, from one look; pure.

`ok: false` on a component of `REQUIRED` means that nothing can be done, so the answer is 503. On
any other it means degraded: work goes on, and an operator should look.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from bot.adapters.figures import RINGS_HEARD, RINGS_LOST, RINGS_SENT, UNRUNG
from bot.adapters.limits import BreakerState
from bot.sight import Away, LedgerSight, Sight

REQUIRED = frozenset({"redis", "worker"})
MODEL = "model"
BELL_UNHEARD = "bell_unheard"
QUEUE_STUCK = "queue_stuck"
"""Alarms that say what the entry of their component cannot know from one look."""

Entry = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the parts are, with credentials; they are shown without."""

    redis: str
    cache: str = ""
    broker: str = ""


@dataclass(frozen=True, slots=True)
class Readiness:
    """The answer of `/readyz`."""

    components: Mapping[str, Entry] = field(default_factory=dict)

    @property
    def ready(self) -> bool:
        """Tell whether requests can be taken and worked on."""
        return all(self.components[name]["ok"] for name in REQUIRED)

    @property
    def degraded(self) -> list[str]:
        """Return the components that need an operator while work goes on."""
        return [n for n, entry in self.components.items() if n not in REQUIRED and not entry["ok"]]

    def document(self) -> dict[str, Any]:
        """Return it as it is answered."""
        return {
            "status": "ready" if self.ready else "not ready",
            "degraded": self.degraded,
            "components": dict(self.components),
        }


def readiness(sight: Sight, addresses: Addresses) -> Readiness:
    """Return an entry for each component that is configured."""
    ledger = sight.ledger
    redis = shown(addresses.redis)
    if isinstance(ledger, Away):
        entries = {"redis": {"ok": False, "address": redis, "why": str(ledger)}}
        unknown = {"ok": False, "why": "unknown without Redis"}
        entries |= {name: dict(unknown) for name in ("worker", *_FROM_LEDGER)}
    else:
        entries = {"redis": {"ok": True, "address": redis}, "worker": _worker(ledger)}
        entries |= {name: entry_of(ledger, sight) for name, entry_of in _FROM_LEDGER.items()}
    if addresses.cache:
        entries["cache"] = _reached(sight.cache, addresses.cache)
    if addresses.broker:
        away = sight.rings if isinstance(sight.rings, Away) else None
        entries["broker"] = _reached(away, addresses.broker)
    entries["models"] = _breakers(sight, lambda breaker: breaker.kind == MODEL)
    entries["github"] = _breakers(sight, lambda breaker: breaker.kind != MODEL)
    return Readiness(entries)


def shown(url: str) -> str:
    """Return an address without user, password and options."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _reached(away: Away | None, url: str) -> Entry:
    entry: Entry = {"ok": away is None, "address": shown(url)}
    return entry if away is None else {**entry, "why": str(away)}


def _worker(ledger: LedgerSight) -> Entry:
    beats = [seen.beat for seen in ledger.workers]
    entry: Entry = {
        "ok": bool(beats),
        "slots": sum(beat.slots for beat in beats),
        "busy": sum(beat.busy for beat in beats),
        "workers": [
            {
                "id": seen.beat.worker,
                "slots": seen.beat.slots,
                "busy": seen.beat.busy,
                "heartbeat_seconds": round(seen.ago, 1),
                "version": seen.beat.version,
                "started": round(seen.beat.started),
            }
            for seen in ledger.workers
        ],
    }
    return entry if beats else {**entry, "why": "no worker has a heartbeat; start one"}


def _queue(ledger: LedgerSight, _: Sight) -> Entry:
    counts = ledger.counts
    return {
        **_judged(ledger, QUEUE_STUCK),
        "due": counts.due,
        "waiting": counts.waiting,
        "running": counts.running,
        "oldest_due_seconds": round(counts.oldest_due_age, 1),
        "repositories_waiting": dict(ledger.repositories),
    }


def _dead_letters(ledger: LedgerSight, sight: Sight) -> Entry:
    rings = None if isinstance(sight.rings, Away) else sight.rings.dead
    entry: Entry = {
        "ok": not (ledger.counts.dead or rings),
        "jobs": ledger.counts.dead,
        "rings": rings,
    }
    return entry if entry["ok"] else {**entry, "why": "see `python -m bot jobs list --state dead`"}


def _outbox(ledger: LedgerSight, _: Sight) -> Entry:
    entry: Entry = {
        "ok": not ledger.failing_rows,
        "rows": ledger.counts.rows,
        "failing": ledger.failing_rows,
        "oldest_due_seconds": round(ledger.counts.oldest_row_age, 1),
    }
    return entry if entry["ok"] else {**entry, "why": "deliveries fail again and again"}


def _bell(ledger: LedgerSight, sight: Sight) -> Entry:
    heard = [seen.beat.heard + seen.ago for seen in ledger.workers if seen.beat.heard is not None]
    entry = {
        **_judged(ledger, BELL_UNHEARD),
        "sent": ledger.figures.get(RINGS_SENT, 0),
        "lost": ledger.figures.get(RINGS_LOST, 0),
        "heard": ledger.figures.get(RINGS_HEARD, 0),
        "jobs_without_ring": ledger.figures.get(UNRUNG, 0),
        "seconds_since_heard": round(min(heard), 1) if heard else None,
        "rings_waiting": None if isinstance(sight.rings, Away) else sight.rings.waiting,
    }
    if entry["ok"] and isinstance(sight.rings, Away):
        return {**entry, "ok": False, "why": str(sight.rings)}
    return entry


def _alarms(ledger: LedgerSight, _: Sight) -> Entry:
    raised = [
        {
            "name": name,
            "since": round(standing.since),
            "words": standing.alarm.words,
            "next_step": standing.alarm.next_step,
        }
        for name, standing in sorted(ledger.alarms.items())
    ]
    return {"ok": not raised, "raised": raised}


def _judged(ledger: LedgerSight, alarm: str) -> Entry:
    """Return an entry's beginning where an alarm is what tells whether all is well."""
    raised = ledger.alarms.get(alarm)
    return {"ok": True} if raised is None else {"ok": False, "why": raised.alarm.words}


_FROM_LEDGER = {
    "queue": _queue,
    "dead_letters": _dead_letters,
    "outbox": _outbox,
    "bell": _bell,
    "alarms": _alarms,
}


def _breakers(sight: Sight, belongs: Callable[[BreakerState], bool]) -> Entry:
    if isinstance(sight.limits, Away):
        return {"ok": False, "why": str(sight.limits)}
    opened = [b for b in sight.limits.breakers if belongs(b) and b.open_for > 0]
    return {
        "ok": not opened,
        "open": [
            {
                "name": breaker.name,
                "seconds": round(breaker.open_for, 1),
                "failures": breaker.failures,
                "why": breaker.why,
            }
            for breaker in opened
        ],
    }
