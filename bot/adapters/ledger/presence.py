"""Which workers live, and which of them leads a duty that only one may do at a time."""

import json
from collections.abc import Collection
from dataclasses import asdict

from redis.asyncio import Redis

from bot.adapters import keys
from bot.adapters.ledger.rows import beat_from
from bot.adapters.ledger.scripts import Scripts, answer
from bot.adapters.ledger.values import Beat, Seen


class Presence:
    """Heartbeats and leadership. Every method raises TransientError when the server is away."""

    def __init__(self, redis: Redis, scripts: Scripts) -> None:
        self._redis = redis
        self._scripts = scripts

    async def beat(self, beat: Beat) -> None:
        """Say that a worker lives; holds for the policy's `beat_lifetime`."""
        await self._scripts.call("beat", worker=beat.worker, report=json.dumps(asdict(beat)))

    async def workers(self) -> tuple[Beat, ...]:
        """Return the living workers."""
        return tuple(seen.beat for seen in await self.seen())

    async def seen(self) -> tuple[Seen, ...]:
        """Return the living workers, and how long ago each was heard of."""
        found = await answer(self._redis.zrange(keys.lasting("workers"), 0, -1, withscores=True))
        if not found:
            return ()
        names = [keys.lasting("worker", worker.decode()) for worker, _ in found]
        reports = await answer(self._redis.mget(names))
        seconds, micros = await answer(self._redis.time())
        now = seconds + micros / 1_000_000
        return tuple(
            Seen(beat_from(report), max(0.0, now - at / 1000))
            for (_, at), report in zip(found, reports, strict=True)
            if report
        )

    async def lead(self, duty: str, worker: str, term: float) -> bool:
        """Take or keep the lead in a duty for `term` seconds; False when another has it."""
        ask = {"duty": duty, "me": worker, "term": round(term * 1000)}
        return bool(await self._scripts.call("lead", **ask))

    async def leave(self, worker: str, duties: Collection[str]) -> None:
        """Say that a worker ends."""
        await self._scripts.call("leave", worker=worker, duties=list(duties))
