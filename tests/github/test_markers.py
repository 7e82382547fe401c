"""Hidden markers: round trips, rotation, and everything that must not pass."""

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from github.markers import Marker, MarkerKind, Markers, finding_id, review_id, summary_id

HEAD = "a" * 40
ID = review_id(7, 12, HEAD, 0)


@pytest.fixture
def markers() -> Markers:
    return Markers(["correct horse battery staple"])


def test_made_marker_has_the_documented_form(markers: Markers) -> None:
    made = markers.make(MarkerKind.REVIEW, ID)
    assert re.fullmatch(rf"<!-- argus:v1:review:7\.12\.{HEAD}\.0:[0-9a-f]{{32}} -->", made)


@given(
    kind=st.sampled_from(MarkerKind),
    name=st.from_regex(r"[A-Za-z0-9._]{1,40}(-[A-Za-z0-9._]{1,40})?", fullmatch=True),
    around=st.text(),
)
def test_marker_is_found_again_in_any_text(kind: MarkerKind, name: str, around: str) -> None:
    markers = Markers(["key"])
    text = f"{around}\n{markers.make(kind, name)}\n{around}"
    assert markers.find(text, kind) == Marker(kind, name)


def test_marker_of_an_old_key_is_read_and_the_first_key_signs() -> None:
    old, rotated = Markers(["old"]), Markers(["new", "old"])
    made = old.make(MarkerKind.REVIEW, ID)
    assert rotated.read(made) == (Marker(MarkerKind.REVIEW, ID),)
    assert rotated.make(MarkerKind.REVIEW, ID) == Markers(["new"]).make(MarkerKind.REVIEW, ID)


@pytest.mark.parametrize(
    "change",
    [
        lambda made: made.replace(":review:", ":summary:"),
        lambda made: made.replace(".0:", ".1:"),
        lambda made: made.replace("7.12", "7.13"),
        lambda made: re.sub(r"[0-9a-f]{32} ", "0" * 32 + " ", made),
        lambda made: re.sub(r"([0-9a-f]{31})[0-9a-f] ", r"\1 ", made),
        lambda made: made.replace("v1", "v2"),
        lambda made: made.replace("<!--", "<!-- "),
        lambda made: made.upper(),
    ],
)
def test_changed_marker_is_no_marker(markers: Markers, change: Callable[[str], str]) -> None:
    changed = change(markers.make(MarkerKind.REVIEW, ID))
    assert markers.read(changed) == ()


def test_marker_of_another_secret_is_no_marker(markers: Markers) -> None:
    assert markers.read(Markers(["guess"]).make(MarkerKind.REVIEW, ID)) == ()


@pytest.mark.parametrize(
    "name", ["", "a:b", "a--b", "-a", "a-", "a b", "a>b", "ä", "a\n", "x" * 201]
)
def test_unsafe_id_is_refused(markers: Markers, name: str) -> None:
    with pytest.raises(ValueError, match="limited"):
        markers.make(MarkerKind.FINDING, name)


@pytest.mark.parametrize("keys", [[], [""]])
def test_no_key_is_refused(keys: list[str]) -> None:
    with pytest.raises(ValueError, match="secret key"):
        Markers(keys)


def test_last_marker_of_a_kind_wins_over_a_quoted_one(markers: Markers) -> None:
    quoted = markers.make(MarkerKind.SUMMARY, "quoted")
    own = markers.make(MarkerKind.SUMMARY, "own")
    assert markers.find(f"> {quoted}\n{own}", MarkerKind.SUMMARY) == Marker(
        MarkerKind.SUMMARY, "own"
    )
    assert markers.find(quoted, MarkerKind.REVIEW) is None


def test_ids_carry_what_they_name(markers: Markers) -> None:
    made = markers.make(MarkerKind.FINDING, finding_id("f3", "9c.1"))
    assert markers.read(made)[0].finding == ("f3", "9c.1")
    assert Marker(MarkerKind.SUMMARY, summary_id(7, 12, HEAD, 41)).generation == 41
    assert Marker(MarkerKind.SUMMARY, "odd").generation == 0


def test_dotted_finding_is_refused() -> None:
    with pytest.raises(ValueError, match="dot"):
        finding_id("a.b", "c")
