"""The configured models in order of preference, through pydantic-ai, to read, to verify, to answer.

The first that gives a usable answer wins; what each of the others said instead is kept.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic

from bot.adapters.models.breaker import Breaker, LocalBreaker
from bot.adapters.models.cached import Bytes, CachedReplies
from bot.adapters.models.failures import CallFailed, Kind
from bot.adapters.models.forms import ANSWER, REVIEW, VERIFICATION, Form, R
from bot.adapters.models.member import Around, Given, Member
from bot.adapters.models.spec import ModelSpec
from bot.adapters.models.timeouts import Timeouts
from core.errors import ModelUnavailable, PromptTooLarge
from core.models import AnswerReading, Prompt, Reading, Usage, VerificationReading


@dataclass(frozen=True)
class _Answered(Generic[R]):
    """What a member gave, and what the calls of all cost."""

    member: Member
    given: Given[R]
    usage: Usage


class PydanticAIChain:
    """Implements `ModelChain`, `VerifierChain` and `AnswerChain` of `core.ports`."""

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
        answered = await self._answered(REVIEW, prompt, self._members)
        return Reading(
            reply=answered.given.reply,
            model=str(answered.member.spec),
            first_choice=answered.member is self._members[0],
            usage=answered.usage,
            salvaged=answered.given.salvaged,
        )

    async def verify(
        self, prompt: Prompt, *, without: frozenset[str] = frozenset()
    ) -> VerificationReading:
        """Return the first usable verdicts. Raises ModelUnavailable, PromptTooLarge."""
        asked = [member for member in self._members if str(member.spec) not in without]
        answered = await self._answered(VERIFICATION, prompt, asked)
        return VerificationReading(
            reply=answered.given.reply,
            model=str(answered.member.spec),
            first_choice=answered.member is self._members[0],
            usage=answered.usage,
            salvaged=answered.given.salvaged,
        )

    async def converse(self, prompt: Prompt) -> AnswerReading:
        """Return the first usable answer. Raises ModelUnavailable, PromptTooLarge."""
        answered = await self._answered(ANSWER, prompt, self._members)
        return AnswerReading(answered.given.reply, str(answered.member.spec), answered.usage)

    async def _answered(
        self, form: Form[R], prompt: Prompt, members: Sequence[Member]
    ) -> _Answered[R]:
        reasons: list[str] = []
        spent = Usage()
        for member in members:
            try:
                given = await member.answer(form, prompt)
            except CallFailed as error:
                spent += error.usage
                if error.failure.kind is Kind.TOO_LARGE:
                    raise PromptTooLarge(f"{member.spec}: {error}", usage=spent) from error
                reasons.append(f"{member.spec}: {error}")
            else:
                return _Answered(member, given, given.usage + spent)
        raise ModelUnavailable(tuple(reasons), usage=spent)

    async def close(self) -> None:
        """Close every client that was opened."""
        for member in self._members:
            await member.close()
