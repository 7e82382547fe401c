"""Jobs as people may see them; implements `core.desk.Files`."""

from redis.asyncio import Redis

from bot.adapters import keys
from bot.adapters.ledger.desk import Desk
from bot.adapters.ledger.rows import words_from
from bot.adapters.ledger.scripts import answer
from bot.adapters.ledger.values import JobEntry
from core.desk import JobView, QueueView
from core.models import Dismissal, Outcome, Stage
from core.rounds import shown


class JobFiles:
    """The jobs of one server. Every method raises TransientError when it is away."""

    def __init__(self, redis: Redis, desk: Desk) -> None:
        self._redis = redis
        self._desk = desk

    async def job(self, job_id: str) -> JobView | None:
        """Return a job, with its outcome as people's words leave it."""
        entry = await self._desk.show(job_id)
        return await self._view(entry) if entry else None

    async def queue(self, limit: int) -> QueueView:
        """Return what runs and what waits."""
        counts = await self._desk.counts()
        running = await self._desk.list(Stage.RUNNING, limit)
        waiting = await self._desk.list(Stage.WAITING, limit)
        jobs = [await self._view(entry) for entry in (*running, *waiting)[:limit]]
        return QueueView(
            waiting=counts.due + counts.waiting, running=counts.running, jobs=tuple(jobs)
        )

    async def _view(self, entry: JobEntry) -> JobView:
        waits = entry.stage is Stage.WAITING
        return JobView(
            id=entry.id,
            ref=entry.ref,
            stage=entry.stage,
            head=entry.head,
            since=entry.updated,
            ahead=await self._ahead(entry.id) if waits else 0,
            starts_in=await self._starts_in(entry) if waits else 0.0,
            outcome=await self._shown(entry.id, entry.outcome),
        )

    async def _ahead(self, job_id: str) -> int:
        due = keys.lasting("due")
        rank = await answer(self._redis.zrank(due, job_id))
        return int(await answer(self._redis.zcard(due)) if rank is None else rank)

    async def _starts_in(self, entry: JobEntry) -> float:
        seconds, micros = await answer(self._redis.time())
        now = float(seconds) + float(micros) / 1_000_000
        return max(0.0, (entry.due_at or 0.0) - now)

    async def _shown(self, job_id: str, outcome: Outcome | None) -> Outcome | None:
        if outcome is None or outcome.record is None:
            return outcome
        return shown(outcome, await self._words(job_id))

    async def _words(self, job_id: str) -> tuple[Dismissal, ...]:
        repo_id, _, _ = job_id.partition(":")
        said = [
            await answer(self._redis.hvals(keys.lasting("words", of))) for of in (job_id, repo_id)
        ]
        return words_from(word for words in said for word in words)
