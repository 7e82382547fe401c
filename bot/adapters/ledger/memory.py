"""What is remembered of a pull request between reviews; implements `core.ports.Memory`.

It is written by `commit`, in the same step as the outcome, so a run that lost its lease cannot
change it.
"""

import structlog
from pydantic import ValidationError
from redis.asyncio import Redis

from bot.adapters import keys
from bot.adapters.ledger.scripts import answer
from core.models import Job, PullMemory
from core.models.memory import VERSION

log = structlog.get_logger(__name__)


class Memories:
    """The memories of all pull requests."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def recall(self, job: Job) -> PullMemory:
        """Return what is remembered. Raises TransientError.

        A memory that cannot be understood counts as lost: then the comments that stand on the
        pull request say what was found, and everything is read again.
        """
        stored = await answer(self._redis.get(keys.lasting("memory", job.id)))
        if stored is None:
            return PullMemory()
        memory = _understood(stored)
        if memory is None:
            log.error("memory.not_understood", job=job.id)
            return PullMemory()
        return memory


def _understood(stored: bytes) -> PullMemory | None:
    try:
        memory = PullMemory.model_validate_json(stored)
    except ValidationError:
        return None
    return memory if memory.version <= VERSION else None
