"""Which finding means which known issue."""

from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.claims import SAME_CLAIM
from core.evaluation import Pair, assigned, near, pairs
from core.models import Side
from tests.core.evaluation_examples import a_finding, a_golden


@pytest.mark.parametrize(
    ("golden", "finding", "expected"),
    [
        ({"line": 10}, {"line": 7}, True),
        ({"line": 10}, {"line": 6}, False),
        ({"line": 10}, {"line": 13}, True),
        ({"line": 10}, {"line": 14}, False),
        ({"line": 10, "end_line": 20}, {"line": 23}, True),
        ({"line": 10, "end_line": 20}, {"line": 24}, False),
        ({"line": 10}, {"line": 1, "end_line": 8}, True),
        ({"line": 10}, {"line": 1, "end_line": 6}, False),
        ({"line": 10}, {"line": 1, "end_line": 30}, False),  # points at everything
        ({"line": 10}, {"line": 8, "end_line": 300}, True),
        ({"line": 10, "side": "LEFT"}, {"line": 10}, False),
        ({"line": 10, "side": "LEFT"}, {"line": 10, "side": Side.LEFT}, True),
        ({"line": 10}, {"line": 10, "path": "other.py"}, False),
    ],
)
def test_finding_is_near_within_three_lines(
    golden: dict[str, Any], finding: dict[str, Any], expected: bool
) -> None:
    assert near(a_golden(**golden), a_finding(**finding)) is expected


def test_pairs_tell_how_alike_both_are() -> None:
    other = a_finding(11, title="A file stays open", body="Nobody closes it.")
    same, different = pairs([a_golden()], [a_finding(), other])
    assert same.likeness >= SAME_CLAIM > different.likeness


def test_one_finding_counts_for_one_issue() -> None:
    issues = [a_golden(10), a_golden(11)]
    assert len(assigned(pairs(issues, [a_finding(10)]))) == 1


def test_as_many_issues_as_can_be_get_a_finding() -> None:
    # the first issue is alike to the only finding that the second could have
    found = assigned([Pair(0, 0, 0.9), Pair(0, 1, 0.1), Pair(1, 0, 0.2)])
    assert found == {0: 1, 1: 0}


def test_the_likest_are_taken_among_the_largest_assignments() -> None:
    crossed = [Pair(0, 0, 0.2), Pair(0, 1, 0.9), Pair(1, 0, 0.8), Pair(1, 1, 0.3)]
    assert assigned(crossed) == {0: 1, 1: 0}


def test_nothing_is_assigned_of_nothing() -> None:
    assert assigned([]) == {}


def best_by_hand(table: list[list[float | None]]) -> tuple[int, float]:
    """Try every assignment of a square table."""
    tried = []
    for columns in permutations(range(len(table))):
        alike = [
            table[row][column]
            for row, column in enumerate(columns)
            if table[row][column] is not None
        ]
        tried.append((len(alike), sum(alike)))
    return max(tried)


def tables(size: int) -> st.SearchStrategy[list[list[float | None]]]:
    """Generate square tables of likeness, with gaps where two are not near one another."""
    likeness = st.none() | st.integers(0, 10).map(lambda tenths: tenths / 10)
    row = st.lists(likeness, min_size=size, max_size=size)
    return st.lists(row, min_size=size, max_size=size)


@given(st.integers(1, 5).flatmap(tables))
def test_assignment_is_as_good_as_trying_all(table: list[list[float | None]]) -> None:
    candidates = [
        Pair(row, column, alike)
        for row, line in enumerate(table)
        for column, alike in enumerate(line)
        if alike is not None
    ]
    found = assigned(candidates)
    assert len(set(found.values())) == len(found)
    reached = sum(table[row][column] for row, column in found.items())
    count, alike = best_by_hand(table)
    assert len(found) == count
    assert reached == pytest.approx(alike)
