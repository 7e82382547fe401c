"""What operators watch beside the jobs: figures, alarms, rows that fail, rings that died.

Plain commands; what the numbers mean is judged by `bot.probe` and `bot.worker.alarms`.
"""

from collections.abc import Mapping

from pydantic import TypeAdapter
from redis.asyncio import Redis

from bot.adapters import keys
from bot.adapters.ledger.scripts import answer
from bot.adapters.ledger.values import Alarm, RaisedAlarm

ROWS_LOOKED_AT = 500
"""Outbox rows, those to be sent next first."""
INSTALLATIONS_SHOWN = 20
PROBE_SECONDS = 60
RAISED = TypeAdapter(RaisedAlarm)


class Health:
    """Observations on one server. Every method raises TransientError when it is away."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def require_writes(self) -> None:
        """Write something of no use. Raises TransientError where the server takes no writes."""
        await answer(self._redis.set(keys.lasting("probe"), 1, ex=PROBE_SECONDS))

    async def add(self, counts: Mapping[str, int]) -> None:
        """Add to what processes counted."""
        async with self._redis.pipeline(transaction=True) as batch:
            for name, by in counts.items():
                batch.hincrby(keys.lasting("figures"), name, by)
            await answer(batch.execute())

    async def figures(self) -> dict[str, int]:
        """Return what all processes counted since the ledger began."""
        found = await answer(self._redis.hgetall(keys.lasting("figures")))
        return {name.decode(): int(value) for name, value in found.items()}

    async def rings(self, queue: str) -> tuple[int, int]:
        """Return how many messages wait with Dramatiq on this server, and how many it gave up."""
        waiting = await answer(self._redis.llen(keys.of_dramatiq(queue)))
        dead = await answer(self._redis.zcard(keys.of_dramatiq(f"{queue}.XQ")))
        return waiting, dead

    async def failing_rows(self, attempts: int) -> int:
        """Return how many outbox rows failed this often since they were last delivered."""
        ids = await answer(self._redis.zrange(keys.lasting("rows"), 0, ROWS_LOOKED_AT - 1))
        async with self._redis.pipeline(transaction=False) as batch:
            for row in ids:
                batch.hget(keys.lasting("row", row.decode()), "attempts")
            found = await answer(batch.execute())
        return sum(int(value or 0) >= attempts for value in found)

    async def waiting_repositories(self) -> dict[str, int]:
        """Return by installation how many of its repositories have due jobs."""
        rings = keys.lasting("ring")
        ids = await answer(self._redis.zrange(rings, 0, INSTALLATIONS_SHOWN - 1))
        async with self._redis.pipeline(transaction=False) as batch:
            for installation in ids:
                batch.zcard(keys.lasting("ring_inst", installation.decode()))
            found = await answer(batch.execute())
        return dict(zip((each.decode() for each in ids), found, strict=True))

    async def raised(self) -> dict[str, RaisedAlarm]:
        """Return the alarms that are raised, by name."""
        found = await answer(self._redis.hgetall(keys.lasting("alarms")))
        return {name.decode(): RAISED.validate_json(text) for name, text in found.items()}

    async def raise_alarm(self, alarm: Alarm, since: float | None = None) -> None:
        """Keep an alarm; one that grew keeps the time it was raised."""
        if since is None:
            seconds, micros = await answer(self._redis.time())
            since = seconds + micros / 1_000_000
        text = RAISED.dump_json(RaisedAlarm(alarm, since))
        await answer(self._redis.hset(keys.lasting("alarms"), alarm.name, text))

    async def clear_alarm(self, name: str) -> None:
        """Forget an alarm that is over."""
        await answer(self._redis.hdel(keys.lasting("alarms"), name))
