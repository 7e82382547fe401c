"""The operator's desk: jobs listed, shown, retried, discarded; the ledger in numbers.

Reading is plain commands over the indexes; what changes a job is a script.
"""

from collections.abc import AsyncIterator, Mapping
from secrets import token_hex

from redis.asyncio import Redis

from bot.adapters import keys
from bot.adapters.ledger.rows import entry_from
from bot.adapters.ledger.scripts import Scripts, answer
from bot.adapters.ledger.values import Counts, JobEntry
from core.models import PullRequestRef, Stage

INDEXES = {
    Stage.WAITING: ("due", "later"),
    Stage.RUNNING: ("leases",),
    Stage.DEAD: ("dead",),
    Stage.IDLE: ("jobs",),
    None: ("jobs",),
}
"""Where the jobs of a stage are found; idle ones are picked from all."""
PAGE = 100
"""Jobs that are looked at in one go."""


class Desk:
    """Inspection of one server. Every method raises TransientError when it is away."""

    def __init__(self, redis: Redis, scripts: Scripts) -> None:
        self._redis = redis
        self._scripts = scripts

    async def list(self, stage: Stage | None = None, limit: int = 100) -> tuple[JobEntry, ...]:
        """Return jobs, of one stage or all; those that wait longest, or changed last, first."""
        found: list[JobEntry] = []
        for name in INDEXES[stage]:
            newest_first = name == "jobs"
            command = self._redis.zrevrange if newest_first else self._redis.zrange
            start = 0
            while len(found) < limit:
                ids = await answer(command(keys.lasting(name), start, start + PAGE - 1))
                entries = [await self.show(i.decode()) for i in ids]
                found += [e for e in entries if e and stage in (None, e.stage)]
                if len(ids) < PAGE:
                    break
                start += PAGE
        return tuple(found[:limit])

    async def find(self, ref: PullRequestRef) -> JobEntry | None:
        """Return the job of a pull request, named as GitHub does: letter case does not count.

        Where a repository was made anew under its old name, it is the job that changed last.
        """
        scan = self._redis.zscan_iter(keys.lasting("jobs"), match=f"*:{ref.number}", count=1000)
        ids = await answer(_collected(scan))
        entries = [await self.show(job_id.decode()) for job_id, _ in ids]
        named = [e for e in entries if e and str(e.ref).lower() == str(ref).lower()]
        return max(named, key=lambda entry: entry.updated, default=None)

    async def show(self, job_id: str) -> JobEntry | None:
        """Return one job with the latest outcome of its head."""
        row = _texts(await answer(self._redis.hgetall(keys.lasting("job", job_id))))
        if "stage" not in row:
            return None
        done = keys.lasting("done", job_id, row["head"])
        last = await answer(self._redis.hget(done, "last"))
        outcome = await answer(self._redis.hget(done, last)) if last else None
        return entry_from(job_id, row, outcome.decode() if outcome else None)

    async def retry(self, job_id: str) -> bool:
        """Make a dead job, or one that waits, due now; False when it is neither."""
        return bool(await self._scripts.call("retry", job=job_id) == b"due")

    async def discard(self, job_id: str) -> bool:
        """End a job as cancelled; a run of it loses its lease. False when it is at rest."""
        reply = await self._scripts.call("discard", job=job_id, token=token_hex(8))
        return bool(reply == b"discarded")

    async def totals(self) -> Mapping[str, int]:
        """Return what happened since the first day, by name; what never did is absent.

        Requests are `admitted`, `joined` or `duplicates`; runs are `claims`, of which some end
        as `attempts_failed`, `crashes` or `dead`; heads end as `outcome:<kind>`; rows are
        `rows_sent`, `rows_failed` or `rows_dropped`; limits make wait as `delayed:<limit>`.
        """
        found = await answer(self._redis.hgetall(keys.lasting("totals")))
        return {name: int(number) for name, number in _texts(found).items()}

    async def counts(self) -> Counts:
        """Return the ledger in numbers."""
        due, waiting, running, dead, due_age, rows, row_age, workers = await self._scripts.call(
            "count"
        )
        return Counts(due, waiting, running, dead, due_age / 1000, rows, row_age / 1000, workers)


def _texts(row: dict[bytes, bytes]) -> dict[str, str]:
    return {key.decode(): value.decode() for key, value in row.items()}


async def _collected(items: AsyncIterator[tuple[bytes, float]]) -> list[tuple[bytes, float]]:
    return [item async for item in items]
