"""The configured models in order of preference, through pydantic-ai.

The first that gives a usable answer wins; what each of the others said instead is kept.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from bot.adapters.models.breaker import Breaker, LocalBreaker
from bot.adapters.models.cached import Bytes, CachedReplies
from bot.adapters.models.failures import CallFailed, Kind
from bot.adapters.models.member import Around, Member
from bot.adapters.models.spec import ModelSpec
from bot.adapters.models.timeouts import Timeouts
from core.errors import ModelUnavailable, PromptTooLarge
from core.models import Prompt, Reading, Usage


class PydanticAIChain:
    """Implements `core.ports.ModelChain`."""

    def __init__(
        self,
        specs: Sequence[ModelSpec],
        *,
        cache: Bytes | None = None,
        timeouts: Timeouts | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
        breaker_of: Callable[[ModelSpec], Breaker] | None = None,
    ) -> None:
        """Take the models in order of preference; nothing is imported or opened yet.

        `breaker_of` makes a model's breaker where other processes are to share it.
        """
        around = Around(CachedReplies(cache), timeouts or Timeouts(), sleep, jitter)
        self._specs = tuple(specs)
        breaker_of = breaker_of or (lambda _spec: LocalBreaker(clock))
        self._members = tuple(Member(spec, around, breaker_of(spec)) for spec in specs)

    @property
    def names(self) -> tuple[str, ...]:
        """`provider:model` of each, in order; empty when no model is configured."""
        return tuple(str(spec) for spec in self._specs)

    @property
    def context_tokens(self) -> int:
        """Tokens of input that the smallest model of the chain takes."""
        return min((spec.context_tokens for spec in self._specs), default=0)

    async def read(self, prompt: Prompt) -> Reading:
        """Return the first usable answer. Raises ModelUnavailable, PromptTooLarge."""
        reasons: list[str] = []
        spent = Usage()
        for member in self._members:
            try:
                reading = await member.read(prompt)
            except CallFailed as error:
                spent += error.usage
                if error.failure.kind is Kind.TOO_LARGE:
                    raise PromptTooLarge(f"{member.spec}: {error}", usage=spent) from error
                reasons.append(f"{member.spec}: {error}")
            else:
                first = member is self._members[0]
                return replace(reading, first_choice=first, usage=reading.usage + spent)
        raise ModelUnavailable(tuple(reasons), usage=spent)

    async def close(self) -> None:
        """Close every client that was opened."""
        for member in self._members:
            await member.close()
