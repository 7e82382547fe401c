"""One look at a running Argus: what the probes show and what the alarms judge.

Only what is there is gathered here, each part for itself, so that one that does not answer takes
no other with it; what it means is said in `bot.components`, `bot.metrics` and the alarms.
"""

import asyncio
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.adapters.broker_view import BrokerView, Rings
from bot.adapters.ledger import Counts, RaisedAlarm, RedisLedger, Seen
from bot.adapters.limits import BreakerState, Limits, PaceState
from core.errors import TransientError

LOOK_SECONDS = 1.5
"""For all parts together: a probe is answered within two seconds, whatever is away."""
FAILING_ATTEMPTS = 8
"""After which an outbox row fails for long: with its pauses, for some five minutes or more."""

T = TypeVar("T")


class Away(Exception):
    """A part does not answer; the message is a sentence for operators."""


@dataclass(frozen=True, slots=True)
class LedgerSight:
    """What one server tells of the jobs and those who work on them."""

    counts: Counts
    workers: tuple[Seen, ...]
    failing_rows: int
    repositories: Mapping[str, int]
    """Repositories with due jobs, by installation."""
    totals: Mapping[str, int]
    figures: Mapping[str, int]
    alarms: Mapping[str, RaisedAlarm]


@dataclass(frozen=True, slots=True)
class LimitsSight:
    """Who is left alone for a while, and how much was written to GitHub."""

    breakers: tuple[BreakerState, ...] = ()
    paces: tuple[PaceState, ...] = ()


@dataclass(frozen=True, slots=True)
class Sight:
    """All parts; each is there, or the reason why it is not."""

    ledger: LedgerSight | Away
    rings: Rings | Away
    limits: LimitsSight | Away
    cache: Away | None = None


@dataclass(frozen=True)
class Lookout:
    """Where to look."""

    ledger: RedisLedger
    broker: BrokerView
    limits: Limits
    cache: Redis | None = None
    """The second server, where there is one."""
    within: float = field(default=LOOK_SECONDS)

    async def look(self) -> Sight:
        """Look at everything at once; never raises, and never takes longer than `within`."""
        ledger, rings, limits, cache = await asyncio.gather(
            self._bounded(self._look_at_ledger()),
            self._bounded(self.broker.rings()),
            self._bounded(self._look_at_limits()),
            self._bounded(self._look_at_cache()),
        )
        return Sight(ledger, rings, limits, cache if isinstance(cache, Away) else None)

    async def _bounded(self, part: Awaitable[T]) -> T | Away:
        try:
            async with asyncio.timeout(self.within):
                return await part
        except TransientError as error:
            return Away(error.reason)
        except (RedisError, OSError) as error:
            return Away(f"It does not answer ({type(error).__name__}).")

    async def _look_at_ledger(self) -> LedgerSight:
        ledger, health = self.ledger, self.ledger.health
        await health.require_writes()
        return LedgerSight(
            counts=await ledger.desk.counts(),
            workers=await ledger.presence.seen(),
            failing_rows=await health.failing_rows(FAILING_ATTEMPTS),
            repositories=await health.waiting_repositories(),
            totals=await ledger.desk.totals(),
            figures=await health.figures(),
            alarms=await health.raised(),
        )

    async def _look_at_limits(self) -> LimitsSight:
        return LimitsSight(await self.limits.report(), await self.limits.paces())

    async def _look_at_cache(self) -> None:
        if self.cache is not None:
            await self.cache.ping()
