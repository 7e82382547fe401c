"""Composes what operators watch by, and runs what watches beside a process's own work."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from secrets import token_hex

import structlog
from redis.asyncio import Redis

from bot.adapters.broker_view import view_of
from bot.adapters.figures import Figures
from bot.adapters.ledger import RedisLedger
from bot.adapters.limits import Limits
from bot.components import Addresses
from bot.logs import Redactor
from bot.parts.ledger import open_cache
from bot.probe import LedgerProbe
from bot.settings import Settings
from bot.sight import Lookout
from bot.worker.alarms import Alarms

STORE_EVERY = 2.0
"""Seconds; what a process counted since is lost when it is killed."""

log = structlog.get_logger(__name__)


@asynccontextmanager
async def open_lookout(
    settings: Settings, redis: Redis, ledger: RedisLedger
) -> AsyncIterator[Lookout]:
    """Open the view of everything that this configuration has."""
    async with open_cache(settings, redis) as cache:
        yield Lookout(
            ledger,
            view_of(settings.argus_broker_url, ledger.health),
            Limits(redis),
            cache=cache if settings.redis_cache_url else None,
        )


def probe(settings: Settings, lookout: Lookout) -> LedgerProbe:
    """Return what answers `/readyz` and `/metrics`."""
    addresses = Addresses(
        redis=settings.redis_url,
        cache=settings.redis_cache_url,
        broker=settings.argus_broker_url,
    )
    return LedgerProbe(lookout, addresses, redact=Redactor(settings.secrets).clean)


@asynccontextmanager
async def watching(lookout: Lookout, stop: asyncio.Event) -> AsyncIterator[None]:
    """Take part in the alarms while the process does its work."""
    async with beside(Alarms(lookout.ledger, lookout, me=token_hex(8)).serve(stop)):
        yield


@asynccontextmanager
async def storing(figures: Figures, ledger: RedisLedger) -> AsyncIterator[None]:
    """Store figures now and then, and once at the end."""

    async def store_again() -> None:
        while True:
            await asyncio.sleep(STORE_EVERY)
            await figures.store(ledger.health)

    async with beside(store_again()):
        yield
    await figures.store(ledger.health)


@asynccontextmanager
async def beside(duty: Coroutine[None, None, None]) -> AsyncIterator[None]:
    """Run a duty while the block runs; if it fails, that is logged and the block goes on."""
    task = asyncio.create_task(_logged(duty))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _logged(duty: Coroutine[None, None, None]) -> None:
    try:
        await duty
    except Exception:
        log.exception("duty.failed")
