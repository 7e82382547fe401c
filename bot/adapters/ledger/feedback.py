"""What became of findings, counted by rule for each repository and for all; kept for good.

What it means is in `core.feedback`.
"""

from collections import defaultdict
from collections.abc import Sequence

from redis.asyncio import Redis

from bot.adapters import keys
from bot.adapters.ledger.scripts import Scripts, answer
from core.feedback import Counts
from core.models import Received, Reception

EVERYWHERE = "all"
"""Names the counts of all repositories together, as their ids name those of one."""


class Feedback:
    """The feedback of one server. Every method raises TransientError when it is away."""

    def __init__(self, redis: Redis, scripts: Scripts) -> None:
        self._redis = redis
        self._scripts = scripts

    async def receive(self, job_id: str, found: Sequence[Received]) -> None:
        """Note what became of the findings of a pull request; saying it again changes nothing."""
        repo_id, _, _ = job_id.partition(":")
        stated = [each.model_dump(mode="json") for each in found]
        await self._scripts.call("receive", job=job_id, repo=repo_id, found=stated)

    async def counts(self, repo_id: int) -> Counts:
        """Return what became of a repository's findings, by rule."""
        return await self._counts(str(repo_id))

    async def all_counts(self) -> Counts:
        """Return what became of the findings in all repositories, by rule."""
        return await self._counts(EVERYWHERE)

    async def _counts(self, of: str) -> Counts:
        stored = await answer(self._redis.hgetall(keys.lasting("reception", of)))
        counts: defaultdict[str, dict[Reception, int]] = defaultdict(dict)
        for field, number in stored.items():
            rule, _, word = field.decode().rpartition("|")
            if word in set(Reception) and int(number) > 0:
                counts[rule][Reception(word)] = int(number)
        return dict(counts)
