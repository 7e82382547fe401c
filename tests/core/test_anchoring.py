"""A quote finds its place, on the right side, in one hunk, near the claimed line; or none."""

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.anchoring import QuotedFile, anchor
from core.diff import LineMap
from core.models import Anchor, Candidate, FileChange, Side
from tests.core.git_diffs import GitDiff, git_diffs
from tests.fakes.core import a_candidate, a_file, a_new_file

PATCH = """@@ -10,7 +10,8 @@ def total(items):
     amount = 0
     for item in items:
-        amount += item.price
+        amount += item.price * item.count
+        log.debug(item)
     if amount < 0:
         raise ValueError(amount)
     return amount
     # end
@@ -40,4 +41,4 @@ def refund(order):
     if order.open:
-        return None
+        return False
     amount = 0
     return order.amount"""

FILE = a_file("shop/cart.py", PATCH)


def at(line: int, quote: str, **changes: object) -> Anchor | None:
    return anchor(a_candidate(FILE.path, line, quote, **changes), FILE)


def right(line: int, start: int | None = None) -> Anchor:
    return Anchor(FILE.path, Side.RIGHT, line, start)


def left(line: int, start: int | None = None) -> Anchor:
    return Anchor(FILE.path, Side.LEFT, line, start)


def test_the_patch_of_this_test_is_whole():
    assert FILE.hunks is not None
    assert len(FILE.hunks) == 2


def test_a_quote_on_its_claimed_line():
    assert at(12, "amount += item.price * item.count") == right(12)


def test_a_wrong_line_does_not_mislead():
    assert at(99, "log.debug(item)") == right(13)


def test_several_lines_become_a_range():
    quote = "        amount += item.price * item.count\n        log.debug(item)"
    assert at(12, quote) == right(13, 12)


def test_whitespace_may_differ():
    quote = "amount  +=  item.price * item.count\n\n\tlog.debug(item)"
    assert at(12, quote) == right(13, 12)


def test_a_fence_and_carriage_returns_around_the_quote_are_no_part_of_it():
    assert at(13, "```python\r\nlog.debug(item)\r\n```") == right(13)


@pytest.mark.parametrize(("claimed", "expected"), [(10, 10), (25, 10), (30, 43), (43, 43)])
def test_the_claimed_line_decides_between_equal_places(claimed: int, expected: int):
    assert at(claimed, "amount = 0") == right(expected)


def test_a_removed_line_is_named_on_the_left():
    assert at(12, "amount += item.price\n", side=Side.LEFT) == left(12)
    assert at(41, "return None") == left(41)


def test_a_whole_word_is_preferred_to_a_part_of_a_longer_one():
    file = a_new_file("a.py", "subtotal = 1\nx = 2\ntotal = 3\n")
    assert anchor(a_candidate("a.py", 1, "total ="), file) == Anchor("a.py", Side.RIGHT, 3)


def test_an_exact_quote_is_preferred_to_a_nearer_loose_one():
    file = a_new_file("a.py", "f( a )\nx\nx\nf(a)\n")
    assert anchor(a_candidate("a.py", 1, "f(a)"), file) == Anchor("a.py", Side.RIGHT, 4)


def test_an_unchanged_line_claimed_for_the_left_is_named_where_it_stands_now():
    assert at(43, "return order.amount", side=Side.LEFT) == right(44)


def test_a_removed_line_with_its_neighbours_is_a_range_on_the_left():
    quote = "if order.open:\n        return None"
    assert at(40, quote, side=Side.LEFT) == left(41, 40)


def test_a_quote_across_two_hunks_has_no_place():
    assert at(17, "# end\n    if order.open:") is None


def test_a_claim_for_more_lines_than_it_quotes_is_followed_within_the_hunk():
    assert at(12, "amount += item.price * item.count", end_line=14) == right(14, 12)
    assert at(16, "return amount", end_line=41) == right(16)
    assert at(11, "amount += item.price * item.count", end_line=14) == right(12)


@pytest.mark.parametrize("quote", ["", "  \n ", "not in the file", "amount = 1"])
def test_a_quote_that_stands_nowhere_has_no_place(quote: str):
    assert at(10, quote) is None


def test_a_brace_counts_on_its_own_line_alone():
    file = a_new_file("a.js", "f(() => {\n  x\n}\n)\n}\n")
    assert anchor(a_candidate("a.js", 3, "}"), file) == Anchor("a.js", Side.RIGHT, 3)
    assert anchor(a_candidate("a.js", 2, "}"), file) is None


def test_a_quote_of_the_file_outside_the_diff_is_known_but_has_no_place():
    text = "import os\n" * 9 + "\n".join(line[1:] for line in PATCH.splitlines())
    quoted = QuotedFile(FILE, text)
    outside = a_candidate(FILE.path, 1, "import os")
    invented = a_candidate(FILE.path, 1, "import sys")
    assert quoted.anchor(outside) is None
    assert quoted.holds(outside)
    assert not quoted.holds(invented)
    assert not QuotedFile(FILE, None).holds(outside)


def test_every_commentable_line_of_real_diffs_is_found_and_accepted(tmp_path: Path):
    chance = random.Random(11)  # noqa: S311 repeatable, not secret
    tried = 0
    for diff in git_diffs(tmp_path, 400, seed=23):
        file = a_file("f", diff.patch)
        quoted, lines = QuotedFile(file, diff.new), LineMap(file.hunks or ())
        for side, start, end in _places(diff, lines, chance):
            texts = (lines.line_at(side, number) for number in range(start, end + 1))
            quote = "\n".join(line.text for line in texts if line is not None)
            found = quoted.anchor(a_candidate("f", start, quote, side=side))
            if found is None:
                assert not quote.strip()
                continue
            tried += 1
            assert lines.accepts(found.side, found.line, found.start_line)
            words, expected = _text_at(found, lines).split(), quote.split()
            # unchanged lines of the left may have new ones between them on the right
            same_side = found.side is side
            assert words == expected if same_side else words[:1] == expected[:1]
            assert words[-1] == expected[-1]
    assert tried > 2_000


def _places(diff: GitDiff, lines: LineMap, chance: random.Random) -> list[tuple[Side, int, int]]:
    places: list[tuple[Side, int, int]] = []
    for side, numbers in ((Side.RIGHT, sorted(diff.right)), (Side.LEFT, sorted(diff.left))):
        for number in numbers:
            end = number + chance.choice((0, 0, 1, 3))
            within = lines.hunk_index(side, end) == lines.hunk_index(side, number)
            places.append((side, number, end if within else number))
    return places


def _text_at(place: Anchor, lines: LineMap) -> str:
    numbers = range(place.start_line or place.line, place.line + 1)
    found = (lines.line_at(place.side, number) for number in numbers)
    return "\n".join(line.text for line in found if line is not None)


@settings(max_examples=300, deadline=None)
@given(
    quote=st.text(max_size=60) | st.sampled_from(PATCH.split("\n")),
    line=st.integers(-5, 10**12),
    end=st.none() | st.integers(-5, 10**12),
    side=st.sampled_from(Side),
)
def test_whatever_is_claimed_github_accepts_the_place(
    quote: str, line: int, end: int | None, side: Side
):
    found = at(line, quote, end_line=end, side=side)
    if found is not None:
        assert LineMap(FILE.hunks or ()).accepts(found.side, found.line, found.start_line)


def test_a_quote_repeated_ten_thousand_times_ends_soon():
    file: FileChange = a_new_file("a.py", "x = 1\n" * 10_000)
    claim: Candidate = a_candidate("a.py", 400, "x = 1")
    assert anchor(claim, file) == Anchor("a.py", Side.RIGHT, 400)
