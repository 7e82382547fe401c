"""Two claims are held to be the same by what they say, not by the names they share."""

from collections.abc import Sequence
from statistics import mean

import pytest

from core.claims import same_claim, similarity, words_of
from tests.core.claim_pairs import DIFFERENT, SAME

LEAST_FOUND, MOST_MISTAKEN = 0.85, 0.05
"""Shares of the pairs; what is missed stands beside its twin, what is mistaken would be lost."""


def alike(pairs: Sequence[tuple[str, str]]) -> float:
    """Return the share of pairs that count as one claim."""
    return mean(same_claim(one, other) for one, other in pairs)


def test_the_same_defect_in_other_words_is_one_claim():
    assert alike(SAME) >= LEAST_FOUND


def test_another_defect_of_the_same_function_is_another_claim():
    assert alike(DIFFERENT) <= MOST_MISTAKEN


@pytest.mark.parametrize(("one", "other"), [*SAME, *DIFFERENT])
def test_it_does_not_matter_who_said_it_first(one: str, other: str):
    assert similarity(one, other) == pytest.approx(similarity(other, one))
    assert 0 <= similarity(one, other) < 1


def test_similarity_runs_from_nothing_to_all():
    assert similarity("", "") == 0.0
    assert similarity("", "a race in the cache") == 0.0
    assert similarity("race in cache", "race in cache") == pytest.approx(1.0)
    assert similarity("the of and", "the of and") == 0.0


def test_names_from_the_code_weigh_half():
    assert words_of("recordDuration fails") == {"record": 0.5, "dur": 0.5, "fail": 1.0}


def test_very_long_claims_are_bounded():
    assert len(words_of(" ".join(f"word{n}x" for n in range(100_000)))) < 1_000
