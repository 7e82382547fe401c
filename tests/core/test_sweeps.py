"""Which pushes a sweep may act on, and that no repository is left out for ever."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.sweeps import SKEW, WINDOW, earliest_push, in_turn, proves_push

NOW = 1_000_000.0
HOUR = 3_600.0


@pytest.mark.parametrize(
    ("installed_at", "expected"),
    [
        (NOW - 30 * WINDOW, NOW - WINDOW),
        (NOW - HOUR, NOW - HOUR),
        (NOW, NOW),
    ],
)
def test_a_sweep_looks_back_a_day_but_not_beyond_the_installation(
    installed_at: float, expected: float
) -> None:
    assert earliest_push(installed_at, NOW) == expected


@pytest.mark.parametrize(
    ("at", "proves"),
    [
        (NOW - 2 * HOUR, True),
        (NOW - 3 * HOUR, True),
        (NOW - 3 * HOUR - 1, False),
        (NOW - HOUR + SKEW, True),
        (NOW + 40 * WINDOW, False),
    ],
    ids=["since", "just since", "before", "clock a little ahead", "clock far ahead"],
)
def test_what_proves_a_push(at: float, proves: bool) -> None:
    assert proves_push(at, earliest=NOW - 3 * HOUR, updated_at=NOW - HOUR) is proves


places = st.lists(st.floats(0, 100), max_size=30).map(lambda pushed: list(enumerate(pushed)))


@given(places, st.integers(1, 20), st.integers(0, 1000))
def test_choice_is_bounded_and_names_no_place_twice(
    given_places: list[tuple[int, float]], room: int, turn: int
) -> None:
    chosen = in_turn(given_places, lambda p: p[1], earliest=50, room=room, turn=turn)
    assert len(set(chosen)) == len(chosen) == min(room, len(given_places))


@given(places, st.integers(1, 20))
def test_lively_places_come_first_whatever_the_turn(
    given_places: list[tuple[int, float]], room: int
) -> None:
    lively = [p for p in given_places if p[1] >= 50]
    for turn in range(3):
        chosen = in_turn(given_places, lambda p: p[1], earliest=50, room=room, turn=turn)
        assert {p for p in chosen if p[1] >= 50} <= set(lively)
        assert len([p for p in chosen if p[1] >= 50]) == min(room, len(lively))


@given(st.integers(1, 40), st.integers(1, 7), st.integers(0, 50))
def test_every_quiet_place_has_its_turn(count: int, room: int, first: int) -> None:
    quiet = list(range(count))
    turns = range(first, first + count)
    seen = {p for t in turns for p in in_turn(quiet, lambda _: 0.0, earliest=1, room=room, turn=t)}
    assert seen == set(quiet)
