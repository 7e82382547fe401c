"""The ledger, the door to its queue, and the servers under both."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.adapters.figures import Figures
from bot.adapters.ledger import HourlyLimits, RedisLedger
from bot.adapters.queue import DramatiqBell
from bot.adapters.redis_client import SOCKET_TIMEOUT, check_policy, connect
from bot.parts import BOOT_SECONDS
from bot.settings import Settings, SettingsError
from core.desk import Desk
from core.intake import Intake

RINGS_APART = 0.05
"""Seconds; a ring costs web as much as an admission, and the worker that one of them wakes sees
to what else came."""

log = structlog.get_logger(__name__)


@asynccontextmanager
async def open_ledger(
    settings: Settings, *, redis_seconds: float = SOCKET_TIMEOUT
) -> AsyncIterator[tuple[Redis, RedisLedger]]:
    """Open the ledger. Raises SettingsError when Redis would evict what must last."""
    redis = connect(settings.redis_url, timeout=redis_seconds)
    try:
        await judge_redis(redis, passing=bool(settings.argus_playground))
        lease, limits = settings.argus_lease_seconds, hourly_limits(settings)
        yield redis, RedisLedger(redis, lease_seconds=lease, limits=limits)
    finally:
        await redis.aclose()


def hourly_limits(settings: Settings) -> HourlyLimits:
    """Return how many reviews may start in an hour."""
    return HourlyLimits(
        repository=settings.argus_limit_repository,
        organisation=settings.argus_limit_organisation,
        person=settings.argus_limit_person,
    )


async def judge_redis(redis: Redis, *, passing: bool = False) -> None:
    """Refuse a server that evicts; one that is away is waited for later, not at boot.

    Where the data is meant to pass with the process, its durability is not worth a warning.
    """
    try:
        async with asyncio.timeout(BOOT_SECONDS):
            report = await check_policy(redis)
    except (RedisError, OSError, TimeoutError) as error:
        log.warning("redis.away", error=type(error).__name__)
        return
    if report.problems:
        raise SettingsError(tuple(f"REDIS_URL: {problem}" for problem in report.problems))
    for warning in () if passing else report.warnings:
        log.warning("redis.policy", warning=warning)


@asynccontextmanager
async def open_cache(settings: Settings, lasting: Redis) -> AsyncIterator[Redis]:
    """Open the server for what may be evicted; the lasting one where no other is named."""
    if not settings.redis_cache_url:
        yield lasting
        return
    cache = connect(settings.redis_cache_url)
    try:
        yield cache
    finally:
        await cache.aclose()


@asynccontextmanager
async def open_intake(
    settings: Settings, ledger: RedisLedger, figures: Figures | None = None
) -> AsyncIterator[Intake]:
    """Open the door to the queue."""
    url = settings.argus_broker_url or settings.redis_url
    bell = DramatiqBell.at(url, apart=RINGS_APART, figures=figures)
    try:
        yield Intake(ledger, bell)
    finally:
        bell.close()


def open_desk(ledger: RedisLedger) -> Desk:
    """Return what people do with pull requests beside reviewing them."""
    return Desk(ledger.files, ledger.pauses, ledger.memory, ledger.dismissals)
