"""What threads in Slack are about. Argus may not read messages, so it remembers its own."""

from redis.asyncio import Redis

from bot.adapters import keys
from bot.adapters.ledger.policy import Policy
from bot.adapters.ledger.scripts import answer
from core.following import Talk


class ThreadBook:
    """The threads of one server. Every method raises TransientError when it is away."""

    def __init__(self, redis: Redis, policy: Policy) -> None:
        self._redis = redis
        self._keep = policy.keep_outcomes

    async def remember(self, channel: str, ts: str, talk: Talk) -> None:
        """Note what the thread of a message is about; a newer word replaces an older one."""
        text = talk.model_dump_json(exclude_defaults=True)
        await answer(self._redis.set(_key(channel, ts), text, ex=self._keep))

    async def of(self, channel: str, ts: str) -> Talk | None:
        """Return what a thread is about, None where it is not one of ours."""
        stored = await answer(self._redis.get(_key(channel, ts)))
        try:
            return Talk.model_validate_json(stored) if stored else None
        except ValueError:
            return None


def _key(channel: str, ts: str) -> str:
    return keys.lasting("thread", channel, ts)
