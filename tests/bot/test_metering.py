"""What models cost is counted by purpose, also where a call failed or its price is unknown."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from bot.adapters.figures import Figures
from bot.metering import MeteredChain, spent
from core.errors import ModelUnavailable, PromptTooLarge
from core.models import (
    AnswerReading,
    AnswerReply,
    Prompt,
    Reading,
    ReviewReply,
    Usage,
    VerificationReading,
    VerificationReply,
)
from core.statistics import Purpose, Spent

PROMPT = Prompt("instructions", "material", ())
COST = Usage(input_tokens=100, output_tokens=10, calls=1, usd=0.000_25)


@dataclass
class Chain:
    """Answers at a price, or fails at it."""

    usage: Usage = COST
    fails: type[ModelUnavailable] | None = None
    names: tuple[str, ...] = ("openai:a",)
    context_tokens: int = 1_000

    def _fail(self) -> None:
        if self.fails is PromptTooLarge:
            raise PromptTooLarge("too large", usage=self.usage)
        if self.fails:
            raise ModelUnavailable(("down",), usage=self.usage)

    async def read(self, prompt: Prompt) -> Reading:
        self._fail()
        return Reading(ReviewReply(), "openai:a", first_choice=True, usage=self.usage)

    async def verify(
        self, prompt: Prompt, *, without: frozenset[str] = frozenset()
    ) -> VerificationReading:
        self._fail()
        return VerificationReading(
            VerificationReply(), "openai:a", first_choice=True, usage=self.usage
        )

    async def converse(self, prompt: Prompt) -> AnswerReading:
        self._fail()
        return AnswerReading(AnswerReply(answer="so"), "openai:a", self.usage)


@dataclass
class Kept:
    """Where figures are kept."""

    counts: dict[str, int] = field(default_factory=dict)

    async def add(self, counts: Mapping[str, int]) -> None:
        for name, number in counts.items():
            self.counts[name] = self.counts.get(name, 0) + number


async def spent_by(chain: Chain, *, times: int = 1) -> dict[Purpose, Spent]:
    """Read, verify and converse so often, and return what that cost."""
    figures, kept = Figures(), Kept()
    metered = MeteredChain(chain, figures)
    for _ in range(times):
        for call in (metered.read, metered.verify, metered.converse):
            try:
                await call(PROMPT)
            except ModelUnavailable:
                assert chain.fails
            else:
                assert not chain.fails
    await figures.store(kept)
    return spent(kept.counts)


async def test_reading_and_verifying_are_reviews_and_conversing_is_answers() -> None:
    found = await spent_by(Chain(), times=2)
    assert found[Purpose.REVIEWS] == Spent(4, 0, 400, 40, 0.001, 0)
    assert found[Purpose.ANSWERS] == Spent(2, 0, 200, 20, 0.0005, 0)


@pytest.mark.parametrize("kind", [ModelUnavailable, PromptTooLarge])
async def test_calls_that_were_paid_for_and_failed_count_too(kind: type[ModelUnavailable]) -> None:
    assert await spent_by(Chain(fails=kind)) == await spent_by(Chain())


async def test_unknown_price_is_counted_as_such() -> None:
    found = await spent_by(Chain(COST.model_copy(update={"usd": None, "calls": 3})))
    assert found[Purpose.ANSWERS] == Spent(3, 0, 100, 10, 0.0, 3)


async def test_kept_answers_cost_nothing() -> None:
    found = await spent_by(Chain(Usage(cached_calls=1)))
    assert found[Purpose.ANSWERS] == Spent(cached_calls=1)


def test_nothing_was_spent_before_the_first_call() -> None:
    assert spent({}) == {Purpose.REVIEWS: Spent(), Purpose.ANSWERS: Spent()}


def test_what_a_chain_says_of_itself_is_said_of_it_metered() -> None:
    metered = MeteredChain(Chain(), Figures())
    assert (metered.names, metered.context_tokens) == (("openai:a",), 1_000)
