"""What operators see of the limits: who is left alone and why, and how far a pace is used up.

How fast messages go to Slack is no trouble, and shown nowhere.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from redis.asyncio import Redis

from bot.adapters import keys
from bot.adapters.ledger.scripts import answer
from bot.adapters.limits.pace import KIND as GITHUB
from bot.adapters.limits.slack import SCOPE as SLACK

SHOWN = 200
"""Breakers, and paces, in a report; those that saw something last."""
MINUTE = 60_000


@dataclass(frozen=True, slots=True)
class BreakerState:
    """A model or an installation that saw failures."""

    kind: str
    """`model` or `github`."""
    name: str
    """`provider:model`, the id of an installation, or `app`."""
    open_for: float
    """Seconds; 0 when it may be called."""
    failures: int
    """In a row."""
    why: str
    """The last failure in words."""


@dataclass(frozen=True, slots=True)
class PaceState:
    """What was written for an installation, or for the App itself."""

    name: str
    last_minute: int
    """Writes, the next ones that have a turn included."""
    last_hour: int


@dataclass(frozen=True, slots=True)
class _Looked:
    """Hashes of an index, and the server's time in milliseconds."""

    hashes: Mapping[str, Mapping[str, str]]
    now: float


async def breakers(redis: Redis) -> tuple[BreakerState, ...]:
    """Return who saw failures, models first. Raises TransientError."""
    tripped, paced = await asyncio.gather(
        _look(redis, "breakers", "breaker"), _look(redis, "paces", "pace")
    )
    states = [_breaker(row, tripped.now) for row in tripped.hashes.values()]
    states += [
        _limited(name, row, paced.now)
        for name, row in paced.hashes.items()
        if float(row.get("closed") or 0) > paced.now
    ]
    # An installation may both fail and be limited: the longer wait is the one that holds.
    longest: dict[tuple[str, str], BreakerState] = {}
    for state in sorted(states, key=lambda state: state.open_for):
        longest[state.kind, state.name] = state
    return tuple(sorted(longest.values(), key=lambda s: (s.kind == GITHUB, s.name)))


async def paces(redis: Redis) -> tuple[PaceState, ...]:
    """Return who wrote within the last hour, who wrote last first. Raises TransientError."""
    names, now = await _index(redis, "paces")
    async with redis.pipeline(transaction=False) as batch:
        for name in names:
            batch.zcount(keys.lasting("turns", name), now - MINUTE, "+inf")
            batch.zcount(keys.lasting("turns", name), now - 60 * MINUTE, "+inf")
        counts = await answer(batch.execute())
    used = zip(names, counts[::2], counts[1::2], strict=True)
    return tuple(PaceState(name, minute, hour) for name, minute, hour in used if hour)


def _breaker(row: Mapping[str, str], now: float) -> BreakerState:
    return BreakerState(
        kind=row["kind"],
        name=row["name"],
        open_for=max(0.0, float(row["open"]) - now) / 1000,
        failures=int(row["failures"]),
        why=row["why"],
    )


def _limited(name: str, row: Mapping[str, str], now: float) -> BreakerState:
    return BreakerState(
        kind=GITHUB,
        name=name,
        open_for=(float(row["closed"]) - now) / 1000,
        failures=int(row.get("guesses") or 0),
        why=row.get("why", ""),
    )


async def _look(redis: Redis, index: str, kind: str) -> _Looked:
    """Read the hashes of an index; one that expired in the meantime is left out."""
    names, now = await _index(redis, index)
    async with redis.pipeline(transaction=False) as batch:
        for name in names:
            batch.hgetall(keys.lasting(kind, name))
        found = await answer(batch.execute())
    rows = zip(names, map(_texts, found), strict=True)
    return _Looked({name: row for name, row in rows if row}, now)


async def _index(redis: Redis, index: str) -> tuple[list[str], float]:
    """Return the members that are not forgotten, the latest first, and the server's time."""
    seconds, micros = await answer(redis.time())
    now = seconds * 1000 + micros / 1000
    newest: list[bytes] = await answer(
        redis.zrange(
            keys.lasting(index), "+inf", f"({now}", desc=True, byscore=True, offset=0, num=SHOWN
        )
    )
    names = [name.decode() for name in newest]
    return [name for name in names if not name.startswith(SLACK)], now


def _texts(row: Mapping[Any, Any]) -> dict[str, str]:
    return {key.decode(): value.decode() for key, value in row.items()}
