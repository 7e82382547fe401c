"""What a look may find, with what matters as arguments."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from bot.adapters.broker_view import Rings
from bot.adapters.ledger import Alarm, Beat, Counts, RaisedAlarm, Seen
from bot.sight import Away, LedgerSight, LimitsSight, Sight

QUIET = Counts(0, 0, 0, 0, 0.0, 0, 0.0, 1)


def seen(
    *, busy: int = 0, heard: float | None = 1.0, unrung: float | None = None, ago: float = 1.0
) -> Seen:
    """A worker with four slots."""
    beat = Beat("w-1", 4, busy, 1_000.0, version="1", heard=heard, unrung=unrung)
    return Seen(beat, ago)


def ledger_sight(
    *,
    counts: Mapping[str, float] | None = None,
    workers: Iterable[Seen] | None = None,
    failing_rows: int = 0,
    totals: Mapping[str, int] | None = None,
    figures: Mapping[str, int] | None = None,
    alarms: Iterable[Alarm] = (),
) -> LedgerSight:
    """A ledger with nothing to do, and one idle worker."""
    return LedgerSight(
        counts=replace(QUIET, **(counts or {})),
        workers=(seen(),) if workers is None else tuple(workers),
        failing_rows=failing_rows,
        repositories={},
        totals=totals or {},
        figures=figures or {},
        alarms={alarm.name: RaisedAlarm(alarm, 1_000.0) for alarm in alarms},
    )


def sight(
    ledger: LedgerSight | Away | None = None,
    *,
    rings: Rings | Away | None = None,
    limits: LimitsSight | Away | None = None,
    cache: Away | None = None,
) -> Sight:
    """A look at which all is well."""
    return Sight(
        ledger=ledger or ledger_sight(),
        rings=rings or Rings(),
        limits=limits or LimitsSight(),
        cache=cache,
    )
