"""Two claims are held to be the same by what they say, not by the names they share."""

import pytest

from core.claims import same_claim, similarity, words_of

SAME = (
    (
        "The retry loop never sleeps, so a failing server is called without pause",
        "No delay between retries: the loop hammers the server while it fails",
    ),
    (
        "user_id is put into the SQL query as text, which allows SQL injection",
        "SQL injection: the query is built from user_id by string formatting",
    ),
    (
        "`parse_date` returns None for an empty string and the caller does not check it",
        "The None that parse_date gives back for empty strings is not checked by the caller",
    ),
    (
        "File handle is not closed when reading throws",
        "If the read throws, the file handle leaks because it is never closed",
    ),
)

DIFFERENT = (
    (
        "The null check in createOrder tests the wrong parameter, customer instead of address",
        "createOrder is not documented: its Javadoc describes a parameter that was removed",
    ),
    (
        "getTotal() divides by the number of items, which is zero for an empty cart",
        "getTotal() rounds each price before adding, so the sum is off by cents",
    ),
    (
        "The lock is released before the cache is written, which lets two writers race",
        "The size of the cache is read from the wrong setting and is always the default",
    ),
    ("Token is compared with ==, which leaks timing", "Token is logged in clear text at info"),
)


@pytest.mark.parametrize(("one", "other"), SAME)
def test_the_same_defect_in_other_words(one: str, other: str):
    assert same_claim(one, other)
    assert same_claim(other, one)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_another_defect_of_the_same_function(one: str, other: str):
    assert not same_claim(one, other)


def test_similarity_runs_from_nothing_to_all():
    assert similarity("", "") == 0.0
    assert similarity("", "a race in the cache") == 0.0
    assert similarity("race in cache", "race in cache") == 1.0
    assert similarity("the of and", "the of and") == 0.0


def test_names_from_the_code_weigh_half():
    assert words_of("recordDuration fails") == {"record": 0.5, "dur": 0.5, "fail": 1.0}


def test_very_long_claims_are_bounded():
    assert len(words_of(" ".join(f"word{n}x" for n in range(100_000)))) < 1_000
