"""Opens Redis for asyncio, and judges whether a server's policy keeps what it is given.

What is stored there is none of its business; `keys` names it and `ledger` owns it.
"""

from dataclasses import dataclass
from typing import Any

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

SOCKET_TIMEOUT = 5.0
"""Seconds for one reply; a stalled server must not hold a caller longer."""
MAX_CONNECTIONS = 50
"""A pool that blocks when it is empty; the default pool raises at 100 connections instead."""
POOL_TIMEOUT = 5.0
"""Seconds to wait for a free connection."""


def connect(
    url: str, *, timeout: float = SOCKET_TIMEOUT, max_connections: int = MAX_CONNECTIONS
) -> Redis:
    """Return a client that connects on first use; closing it closes its connections.

    Nothing is retried here: who calls knows which calls may be repeated.
    """
    pool = BlockingConnectionPool.from_url(
        with_tls_policy(url),
        max_connections=max_connections,
        timeout=POOL_TIMEOUT,
        socket_timeout=timeout,
        socket_connect_timeout=timeout,
        retry=Retry(NoBackoff(), 0),
    )
    return Redis.from_pool(pool)


def with_tls_policy(url: str) -> str:
    """Accept self-signed chains on `rediss://` unless the URL says what to require.

    Hosted servers use them: https://devcenter.heroku.com/articles/connecting-heroku-redis
    """
    if not url.startswith("rediss://") or "ssl_cert_reqs=" in url:
        return url
    return f"{url}{'&' if '?' in url else '?'}ssl_cert_reqs=none"


@dataclass(frozen=True, slots=True)
class PolicyReport:
    """What `check_policy` found: problems forbid a start, warnings are said once."""

    problems: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


async def check_policy(redis: Redis) -> PolicyReport:
    """Judge eviction and durability. Raises RedisError when the server cannot be reached."""
    problems, warnings = [], []
    policy = await _setting(redis, "maxmemory-policy", "memory", "maxmemory_policy")
    if policy is None:
        warnings.append("Redis does not say its maxmemory-policy; make sure that it is noeviction.")
    elif policy != "noeviction":
        problems.append(
            f"Redis may evict accepted work: maxmemory-policy is {policy}, it must be noeviction."
        )
    durable = await _setting(redis, "appendonly", "persistence", "aof_enabled")
    if durable not in {"yes", "1"}:
        warnings.append(
            "Redis has no append-only file: what was accepted since its last snapshot is lost "
            "when it crashes. Set appendonly yes."
        )
    return PolicyReport(tuple(problems), tuple(warnings))


async def _setting(redis: Redis, name: str, section: str, field: str) -> str | None:
    """Read a setting; INFO tells it where CONFIG is forbidden, as on hosted servers."""
    try:
        found: dict[Any, Any] = await redis.config_get(name)
        values = {_text(key): _text(value) for key, value in found.items()}
        if name in values:
            return values[name]
    except RedisError as error:
        if not _is_forbidden(error):
            raise
    info: dict[str, Any] = await redis.info(section)
    return _text(info[field]) if field in info else None


def _is_forbidden(error: RedisError) -> bool:
    words = str(error).lower()
    return "unknown command" in words or "no permission" in words or "noperm" in words


def _text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
