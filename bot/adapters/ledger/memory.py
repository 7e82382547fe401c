"""What is remembered of a pull request between reviews; implements `core.ports.Memory`.

It is written by `commit`, in the same step as the outcome, so a run that lost its lease cannot
change it. What people said of its findings is kept apart (see `dismissals`), so that no run can
undo it.
"""

import structlog
from pydantic import ValidationError
from redis.asyncio import Redis

from bot.adapters import keys
from bot.adapters.ledger.rows import words_from
from bot.adapters.ledger.scripts import answer
from core.models import Job, PullMemory
from core.models.memory import VERSION
from core.rounds import with_words

log = structlog.get_logger(__name__)


class Memories:
    """The memories of all pull requests."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def recall(self, job: Job) -> PullMemory:
        """Return what is remembered, as people's words leave it. Raises TransientError."""
        return await self.of(job.id)

    async def of(self, job_id: str) -> PullMemory:
        """Return what is remembered of a pull request by its job's id.

        A memory that cannot be understood counts as lost: then the comments that stand on the
        pull request say what was found, and everything is read again.
        """
        repo_id, _, _ = job_id.partition(":")
        async with self._redis.pipeline(transaction=False) as asked:
            asked.get(keys.lasting("memory", job_id))
            asked.hvals(keys.lasting("words", job_id))
            asked.hvals(keys.lasting("words", repo_id))
            stored, said, rules = await answer(asked.execute())
        memory = _understood(stored) if stored is not None else PullMemory()
        if memory is None:
            log.error("memory.not_understood", job=job_id)
            memory = PullMemory()
        return with_words(memory, words_from((*said, *rules)))


def _understood(stored: bytes) -> PullMemory | None:
    try:
        memory = PullMemory.model_validate_json(stored)
    except ValidationError:
        return None
    return memory if memory.version <= VERSION else None
