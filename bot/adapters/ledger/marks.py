"""What is remembered of setting things right at GitHub: what was seen to, what is to be looked at.

A mark that is missing means that something is due, so a server that came back empty makes
everything due. What is done about it is the worker's.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from redis.asyncio import Redis

from bot.adapters import keys
from bot.adapters.figures import REFUSED
from bot.adapters.ledger.policy import SETTLED_FOR_SWEEP, Policy
from bot.adapters.ledger.scripts import Scripts, answer
from core.models import PullRequestRef
from core.models.value import Value
from github.open_pulls import OpenPull


class Doubt(Value):
    """A pull request on which Argus was about to post."""

    job_id: str
    ref: PullRequestRef
    repo_id: int
    installation_id: int | None


@dataclass(frozen=True, slots=True)
class TakenDoubt:
    """A doubt to look into."""

    doubt: Doubt
    rested: float
    """Seconds for which the job has had nothing to do."""
    token: str


class Marks:
    """The marks of one server. Every method raises TransientError when it is away."""

    def __init__(self, redis: Redis, policy: Policy) -> None:
        self._redis = redis
        self._keep = policy.keep_events
        self._scripts = Scripts(redis, policy)

    async def is_due(self, duty: str) -> bool:
        """Tell whether the last look of a duty is long enough ago, or unknown."""
        return not await answer(self._redis.exists(keys.lasting("looked", duty)))

    async def postpone(self, duty: str, seconds: float) -> None:
        """Note that a duty is not due again for so long."""
        name = keys.lasting("looked", duty)
        await answer(self._redis.set(name, b"", px=max(1, round(seconds * 1000))))

    async def refused(self) -> int:
        """Return how many deliveries web has had to refuse, as far as it could tell."""
        return int(await answer(self._redis.hget(keys.lasting("figures"), REFUSED)) or 0)

    async def reached(self) -> float:
        """Return the time from which deliveries are to be looked at, 0 when it is unknown."""
        return float(await answer(self._redis.get(keys.lasting("reached"))) or 0)

    async def reach(self, at: float) -> None:
        """Note that what failed before this time was seen to."""
        await answer(self._redis.set(keys.lasting("reached"), repr(at), ex=self._keep))

    async def unattended(self, guids: Sequence[str]) -> frozenset[str]:
        """Return which of these failed deliveries were not seen to."""
        if not guids:
            return frozenset()
        known = await answer(self._redis.zmscore(keys.lasting("attended"), list(guids)))
        return frozenset(guid for guid, at in zip(guids, known, strict=True) if at is None)

    async def attend(self, guid: str) -> None:
        """Note that a failed delivery was seen to; kept longer than GitHub shows it."""
        await self._scripts.call("attend", guid=guid)

    async def unknown(self, pulls: Sequence[OpenPull]) -> tuple[OpenPull, ...]:
        """Return those whose head has no outcome, and that have no job under way."""
        asked = [{"job": pull.job_id, "head": pull.head} for pull in pulls]
        settled = {kind.value: True for kind in SETTLED_FOR_SWEEP}
        found = await self._scripts.call("unknown", pulls=asked, settled=settled) if asked else ()
        return tuple(pulls[place] for place in found)

    async def doubt(self, doubt: Doubt, delay: float) -> None:
        """Note a pull request to look at, `delay` seconds from now at the earliest."""
        text = doubt.model_dump_json()
        await self._scripts.call("doubt", doubt=text, delay=round(delay * 1000))

    async def take_doubts(self, limit: int, *, rest: float, again: float) -> list[TakenDoubt]:
        """Return due ones whose job has rested for `rest` seconds; they come `again` by then."""
        found = await self._scripts.call(
            "doubt_take", limit=limit, rest=round(rest * 1000), again=round(again * 1000)
        )
        return [
            TakenDoubt(Doubt.model_validate_json(text), rested / 1000, token.decode())
            for text, rested, token in found
        ]

    async def listen_again(self, limit: int) -> int:
        """Have the comments of idle open pull requests read that are due; return how many are."""
        return int(await self._scripts.call("listen_again", limit=limit))

    async def clear(self, taken: TakenDoubt) -> None:
        """Forget one that was looked into, unless a review was posted there meanwhile."""
        text = taken.doubt.model_dump_json()
        await self._scripts.call("doubt_clear", doubt=text, token=taken.token)
