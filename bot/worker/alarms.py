"""Alarms: what only an operator can set right, said once when it begins and once when it ends.

Web and worker processes watch, and one of them leads, so that a missing worker is noticed too.
What is raised is kept in the ledger: another leader does not say it again, and probes show it.
"""

import asyncio
import time
from collections.abc import Collection, Iterator, Mapping
from typing import Protocol

import structlog

from bot.adapters.figures import ALARMS
from bot.adapters.ledger import Alarm, RaisedAlarm, RedisLedger
from bot.sight import Away, LedgerSight, Sight
from bot.worker.pauses import pause
from core.errors import TransientError

DUTY = "alarms"
LOOK_EVERY = 5.0
"""Seconds."""
TERM = 3.0
"""Looks for which the lead is taken."""
STUCK_AFTER = 30.0
"""Seconds that a job is due while there are free slots; without the bell it takes about seven."""
UNRUNG_WITHIN = 60.0
"""Seconds since a worker had to take jobs without a ring."""
LASTS = {"no_worker": 15.0, "broker_away": 15.0}
"""Seconds that something must last to be an alarm: longer than a restart takes."""
NAMES = (
    "bell_unheard",
    "broker_away",
    "dead_letters",
    "dead_rings",
    "no_worker",
    "outbox_failing",
    "queue_stuck",
)

log = structlog.get_logger(__name__)


class Watch(Protocol):
    """Looks at everything."""

    async def look(self) -> Sight:
        """Return what there is to see; never raises."""
        ...


class Alarms:
    """The alarms of one process; only the leader's are raised."""

    def __init__(
        self,
        ledger: RedisLedger,
        watch: Watch,
        *,
        me: str,
        every: float = LOOK_EVERY,
        lasts: Mapping[str, float] | None = None,
    ) -> None:
        self._ledger = ledger
        self._watch = watch
        self._me = me
        self._every = every
        self._lasts = LASTS if lasts is None else lasts
        self._first_seen: dict[str, float] = {}

    async def serve(self, stop: asyncio.Event) -> None:
        """Look again and again until told to stop."""
        while not stop.is_set():
            try:
                if await self._ledger.presence.lead(DUTY, self._me, self._every * TERM):
                    await self.look()
            except TransientError as error:
                log.debug("alarms.away", reason=error.reason)
            await pause(self._every, stop)

    async def look(self) -> None:
        """Raise what begins, and clear what is over. Raises TransientError."""
        sight = await self._watch.look()
        if isinstance(sight.ledger, Away):
            return
        raised = sight.ledger.alarms
        due = {alarm.name: alarm for alarm in self._lasting(judge(sight.ledger, sight), raised)}
        for alarm in due.values():
            await self._raise(alarm, raised.get(alarm.name))
        for name, standing in raised.items():
            if name not in due:
                await self._ledger.health.clear_alarm(name)
                event = f"alarm.{name}.over"
                log.info(event, since=round(standing.since))

    def _lasting(self, alarms: Iterator[Alarm], raised: Collection[str]) -> Iterator[Alarm]:
        """Yield those that are raised already, or have lasted too long for a passing trouble."""
        now = time.monotonic()
        found = {alarm.name: alarm for alarm in alarms}
        self._first_seen = {name: self._first_seen.get(name, now) for name in found}
        for name, alarm in found.items():
            if name in raised or now - self._first_seen[name] >= self._lasts.get(name, 0.0):
                yield alarm

    async def _raise(self, alarm: Alarm, standing: RaisedAlarm | None) -> None:
        known = standing.alarm.size if standing else 0
        if alarm.size == known:
            return
        await self._ledger.health.raise_alarm(alarm, standing.since if standing else None)
        if alarm.size < known:
            return
        await self._ledger.health.add({f"{ALARMS}{alarm.name}": 1})
        event = f"alarm.{alarm.name}"
        log.error(event, what=alarm.words, next_step=alarm.next_step)


def judge(ledger: LedgerSight, sight: Sight) -> Iterator[Alarm]:
    """Yield what deserves an alarm in one look."""
    yield from _of_jobs(ledger)
    yield from _of_bell(ledger, sight)
    if ledger.failing_rows:
        yield Alarm(
            "outbox_failing",
            f"{ledger.failing_rows} deliveries to GitHub or Slack fail again and again.",
            "Look for `outbox.later` in the worker's log; its reason says what refuses them.",
        )


def _of_jobs(ledger: LedgerSight) -> Iterator[Alarm]:
    counts, beats = ledger.counts, [seen.beat for seen in ledger.workers]
    if counts.dead:
        yield Alarm(
            "dead_letters",
            f"{counts.dead} jobs were given up.",
            "`python -m bot jobs list --state dead` says why; then `jobs retry` or `jobs discard`.",
            size=counts.dead,
        )
    if not beats:
        yield Alarm(
            "no_worker",
            "No worker has a heartbeat, so nothing is reviewed.",
            "Start one with `python -m bot worker`, or look why it ended.",
        )
    elif counts.oldest_due_age > STUCK_AFTER and any(beat.idle for beat in beats):
        yield Alarm(
            "queue_stuck",
            "Jobs are due and slots are free, but nobody takes them.",
            "Restart the workers; their log says what they do instead.",
        )


def _of_bell(ledger: LedgerSight, sight: Sight) -> Iterator[Alarm]:
    beats = [(seen.beat, seen.ago) for seen in ledger.workers]
    if any(b.unrung is not None and b.unrung + ago < UNRUNG_WITHIN for b, ago in beats):
        yield Alarm(
            "bell_unheard",
            "The bell does not reach the workers; they take overdue jobs by themselves, late.",
            "Look at the broker, REDIS_URL or ARGUS_BROKER_URL, and for `bell.ring_lost`.",
        )
    if isinstance(sight.rings, Away):
        yield Alarm(
            "broker_away", str(sight.rings), "Start the broker that ARGUS_BROKER_URL names."
        )
    elif sight.rings.dead:
        yield Alarm(
            "dead_rings",
            f"{sight.rings.dead} rings failed outside of any review, which is a bug of Argus.",
            "Report what the worker's log says at ERROR; no job is lost, the ledger rings again.",
            size=sight.rings.dead,
        )
