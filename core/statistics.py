"""What Argus did since its first day, in figures; values alone, counted and shown elsewhere."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from core.feedback import Counts
from core.models import Reception


class Purpose(StrEnum):
    """What a model was asked for."""

    REVIEWS = "reviews"
    """To read changes, and to look again at what was found."""
    ANSWERS = "answers"
    """To explain findings and to answer questions."""


@dataclass(frozen=True, slots=True)
class Spent:
    """What models cost for one purpose, also where nothing usable came of it."""

    calls: int = 0
    cached_calls: int = 0
    """Answers that were kept from a call before, and cost nothing."""
    input_tokens: int = 0
    output_tokens: int = 0
    usd: float = 0.0
    """Of the calls whose price is known."""
    unpriced: int = 0
    """Calls whose price nobody knows."""


@dataclass(frozen=True, slots=True)
class Statistics:
    """Everything that `stats` shows; all repositories and front ends together."""

    totals: Mapping[str, int]
    """What happened, by the ledger's names."""
    spent: Mapping[Purpose, Spent]
    rules: Counts
    """What became of findings, by what made them."""

    @property
    def by_frequency(self) -> tuple[str, ...]:
        """Return the rules, those first that found most."""

        def order(rule: str) -> tuple[int, str]:
            return -self.rules[rule].get(Reception.FOUND, 0), rule

        return tuple(sorted(self.rules, key=order))
