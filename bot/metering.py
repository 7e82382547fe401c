"""Counts what models cost, by what they were asked for; a call that failed costs as well.

The counting stands where calls are made, so that runs which are superseded, fail or are tried
again count like others. Prices are the chain's; where figures are kept is `bot.adapters.figures`.
"""

from collections.abc import Awaitable, Mapping
from typing import Protocol, TypeVar

from bot.adapters.figures import Figures
from bot.around import Around
from core.errors import ModelUnavailable
from core.models import AnswerReading, Prompt, Reading, Usage, VerificationReading
from core.ports import AnswerChain, ModelChain, VerifierChain
from core.statistics import Purpose, Spent

MICRO = 1_000_000
"""Of a dollar: figures are whole numbers, and a short answer costs less than a cent."""
_PREFIX = "spent:"

Read = TypeVar("Read", Reading, VerificationReading, AnswerReading)


class Chain(ModelChain, VerifierChain, AnswerChain, Protocol):
    """Models that read, verify and answer."""


class MeteredChain(Around[Chain]):
    """A chain whose calls are counted; implements the same ports."""

    def __init__(self, chain: Chain, figures: Figures) -> None:
        super().__init__(chain)
        self._figures = figures

    async def read(self, prompt: Prompt) -> Reading:
        """Return the first usable answer. Raises ModelUnavailable, PromptTooLarge."""
        return await self._counted(Purpose.REVIEWS, self._chain.read(prompt))

    async def verify(
        self, prompt: Prompt, *, without: frozenset[str] = frozenset()
    ) -> VerificationReading:
        """Return the first usable verdicts. Raises ModelUnavailable, PromptTooLarge."""
        call = self._chain.verify(prompt, without=without)
        return await self._counted(Purpose.REVIEWS, call)

    async def converse(self, prompt: Prompt) -> AnswerReading:
        """Return the first usable answer. Raises ModelUnavailable, PromptTooLarge."""
        return await self._counted(Purpose.ANSWERS, self._chain.converse(prompt))

    async def _counted(self, purpose: Purpose, call: Awaitable[Read]) -> Read:
        try:
            reading = await call
        except ModelUnavailable as error:
            self._count(purpose, error.usage)
            raise
        self._count(purpose, reading.usage)
        return reading

    def _count(self, purpose: Purpose, usage: Usage) -> None:
        for name, number in _figures_of(usage).items():
            if number:
                self._figures.count(f"{_PREFIX}{purpose}:{name}", number)


def spent(figures: Mapping[str, int]) -> dict[Purpose, Spent]:
    """Return what all processes spent, from their figures."""
    return {purpose: _spent_for(purpose, figures) for purpose in Purpose}


def _figures_of(usage: Usage) -> dict[str, int]:
    return {
        "calls": usage.calls,
        "cached": usage.cached_calls,
        "input": usage.input_tokens,
        "output": usage.output_tokens,
        "micro_usd": round((usage.usd or 0.0) * MICRO),
        "unpriced": usage.calls if usage.usd is None else 0,
    }


def _spent_for(purpose: Purpose, figures: Mapping[str, int]) -> Spent:
    def stored(name: str) -> int:
        return figures.get(f"{_PREFIX}{purpose}:{name}", 0)

    return Spent(
        calls=stored("calls"),
        cached_calls=stored("cached"),
        input_tokens=stored("input"),
        output_tokens=stored("output"),
        usd=stored("micro_usd") / MICRO,
        unpriced=stored("unpriced"),
    )
