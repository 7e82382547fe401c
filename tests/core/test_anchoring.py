"""A quote finds its place, on the right side, in one hunk, near the claimed line; or none."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.anchoring import QuotedFile, anchor
from core.diff import LineMap
from core.models import Anchor, Candidate, FileChange, Side
from core.prompts.material import shown
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


def test_a_blank_quote_stands_on_the_blank_line_it_is_claimed_for_alone():
    file = a_new_file("a.py", "x = 1\n\n\n\ty = 2\n")
    assert anchor(a_candidate("a.py", 2, ""), file) == Anchor("a.py", Side.RIGHT, 2)
    assert anchor(a_candidate("a.py", 2, "\n"), file) == Anchor("a.py", Side.RIGHT, 3, 2)
    assert anchor(a_candidate("a.py", 1, ""), file) is None
    assert anchor(a_candidate("a.py", 3, "\n"), file) is None
    assert anchor(a_candidate("a.py", 9, ""), file) is None


@pytest.mark.parametrize(
    "quote",
    [
        "12+|        amount += item.price * item.count\n13+|        log.debug(item)",
        "12 |        amount += item.price * item.count\n13 |        log.debug(item)",
        "+        amount += item.price * item.count\n+        log.debug(item)",
        (
            "-        amount += item.price\n+        amount += item.price * item.count\n"
            "+        log.debug(item)"
        ),
        (
            "12-|        amount += item.price\n12+|        amount += item.price * item.count\n"
            "13+|        log.debug(item)"
        ),
    ],
)
def test_numbers_and_marks_copied_along_are_no_part_of_the_code(quote: str):
    assert at(12, quote) == right(13, 12)


def test_of_a_copied_diff_the_side_of_the_claim_is_meant():
    quote = "     if order.open:\n-        return None\n+        return False"
    assert at(40, quote, side=Side.LEFT) == left(41, 40)
    assert at(41, quote) == right(42, 41)


def test_a_list_that_begins_with_marks_is_still_code():
    file = a_new_file("notes.md", "- one\n- two\n\none\n")
    assert anchor(a_candidate("notes.md", 4, "- one\n- two"), file) == Anchor(
        "notes.md", Side.RIGHT, 2, 1
    )


@pytest.mark.parametrize("hidden", ["\x0c", "\x85", "\u202e", "\u200b", "\ufeff", "\x1b"])
def test_a_hidden_character_that_a_model_leaves_out_is_not_missed(hidden: str):
    file = a_new_file("a.py", f"import os\nif{hidden} admin{hidden}(user):\n")
    for quote in ("if admin(user):", "ifadmin(user):", f"if admin{hidden}(user):"):
        assert anchor(a_candidate("a.py", 1, quote), file) == Anchor("a.py", Side.RIGHT, 2)


def test_a_line_is_found_by_what_prompts_show_of_its_credential():
    token = "ghp_" + "a1B2" * 9
    code = f'TOKEN = "{token}"'
    file = a_new_file("a.py", f"import os\n{code}\n")
    assert token not in shown(code)
    assert anchor(a_candidate("a.py", 2, shown(code)), file) == Anchor("a.py", Side.RIGHT, 2)
    assert anchor(a_candidate("a.py", 2, code), file) == Anchor("a.py", Side.RIGHT, 2)


HEAD = "import os\n" * 9 + "\n".join(line[1:] for line in PATCH.splitlines()[1:3])
"""Lines 1 to 11 of the file; the diff begins at the tenth."""


def test_a_claim_on_its_very_line_off_the_diff_is_not_moved_into_it():
    text = "    amount = 0\n" + HEAD[len("import os\n") :]
    quoted = QuotedFile(FILE, text)
    assert quoted.anchor(a_candidate(FILE.path, 1, "amount = 0")) is None
    assert quoted.anchor(a_candidate(FILE.path, 1, "amount = 0", side=Side.LEFT)) is None
    assert quoted.anchor(a_candidate(FILE.path, 2, "amount = 0")) == right(10)


def test_a_quote_that_begins_above_the_diff_stands_on_what_the_change_added_of_it():
    lines = [*["import os"] * 9, *(line[1:] for line in PATCH.split("\n")[1:4] if line[0] != "-")]
    file = a_file(
        "a.py", "@@ -10,2 +10,3 @@\n     amount = 0\n+    tax = 1\n     for item in items:"
    )
    text = "\n".join([*lines[:10], "    tax = 1", *lines[10:]])
    quote = "import os\n    amount = 0\n    tax = 1"
    quoted = QuotedFile(file, text)
    assert quoted.anchor(a_candidate("a.py", 9, quote)) == Anchor("a.py", Side.RIGHT, 11, 10)
    above = "import os\n    amount = 0"
    assert quoted.anchor(a_candidate("a.py", 9, above)) is None
    assert quoted.holds(a_candidate("a.py", 9, above))


def test_a_diff_that_github_does_not_show_takes_no_comment_but_its_code_is_known():
    file = replace(FILE, hunks=tuple(replace(hunk, given=False) for hunk in FILE.hunks or ()))
    quoted = QuotedFile(file, None)
    for side, quote in ((Side.RIGHT, "log.debug(item)"), (Side.LEFT, "return None")):
        claim = a_candidate(file.path, 12, quote, side=side)
        assert quoted.anchor(claim) is None
        assert quoted.holds(claim)
    assert not quoted.holds(a_candidate(file.path, 12, "invented()"))


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


@pytest.mark.parametrize("line", [1, 400, 9_000, 10_000])
def test_of_ten_thousand_equal_lines_the_claimed_one_is_found(line: int):
    file: FileChange = a_new_file("a.py", "x = 1\n" * 10_000)
    claim: Candidate = a_candidate("a.py", line, "x = 1")
    assert anchor(claim, file) == Anchor("a.py", Side.RIGHT, line)


def test_a_range_that_overlaps_itself_begins_where_it_is_claimed():
    file: FileChange = a_new_file("a.js", "}\n" * 12)
    claim: Candidate = a_candidate("a.js", 6, "}\n}\n}")
    assert anchor(claim, file) == Anchor("a.js", Side.RIGHT, 8, 6)
