"""Whose automatic reviews are paused; implements `core.desk.Pauses`.

It is kept apart from the job, as a pull request may be paused before anything happened to it.
"""

from redis.asyncio import Redis

from bot.adapters import keys
from bot.adapters.ledger.policy import Policy
from bot.adapters.ledger.scripts import Scripts, answer
from core.models import Paused


class PauseDesk:
    """The pauses of one server. Every method raises TransientError when it is away."""

    def __init__(self, redis: Redis, scripts: Scripts, policy: Policy) -> None:
        self._redis = redis
        self._scripts = scripts
        self._keep = policy.keep

    async def of(self, job_id: str) -> Paused | None:
        """Return who paused a pull request; a look at it lengthens the pause's life."""
        return paused_from(
            await answer(self._redis.getex(keys.lasting("paused", job_id), ex=self._keep))
        )

    async def pause(self, job_id: str, who: str) -> Paused:
        """Pause it, and return who did so first."""
        stored = await self._scripts.call("pause", job=job_id, who=who)
        return paused_from(stored) or Paused(who=who)

    async def resume(self, job_id: str) -> Paused | None:
        """Let its automatic reviews run again, and return who had paused it."""
        return paused_from(await self._scripts.call("pause", job=job_id, who=""))


def paused_from(stored: bytes | str | None) -> Paused | None:
    """Return a pause as it is kept, None for none."""
    return Paused.model_validate_json(stored) if stored else None
