"""Patches become hunks that agree with git on every line."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.diff import (
    LineMap,
    MalformedPatch,
    parse_patch,
    patch_of_added_text,
    read_patch,
    text_of_added_file,
)
from core.models import LineKind, Side
from tests.core.git_diffs import GitDiff, git_diffs


@pytest.fixture(scope="module")
def diffs(tmp_path_factory: pytest.TempPathFactory) -> list[GitDiff]:
    made = git_diffs(tmp_path_factory.mktemp("diffs"), 1_500, seed=7)
    assert len(made) > 1_000
    return made


def lines_of(text: str) -> list[str]:
    return text.removesuffix("\n").split("\n") if text else []


def line_map(patch: str) -> LineMap:
    hunks = read_patch(patch)
    assert not isinstance(hunks, MalformedPatch), hunks.reason
    return LineMap(hunks)


def test_the_lines_that_take_a_comment_are_those_git_names(diffs: list[GitDiff]):
    for diff in diffs:
        lines = line_map(diff.patch)
        assert frozenset(lines.numbers(Side.RIGHT)) == diff.right
        assert frozenset(lines.numbers(Side.LEFT)) == diff.left
        assert lines.added == diff.added


def test_every_line_has_the_text_it_has_in_the_file(diffs: list[GitDiff]):
    for diff in diffs:
        lines = line_map(diff.patch)
        for side, text in ((Side.RIGHT, diff.new), (Side.LEFT, diff.old)):
            whole = lines_of(text)
            for number in lines.numbers(side):
                found = lines.line_at(side, number)
                assert found is not None
                assert found.text == whole[number - 1].removesuffix("\r")


def test_what_is_not_in_the_diff_is_unchanged(diffs: list[GitDiff]):
    for diff in diffs:
        lines = line_map(diff.patch)
        new = [t for n, t in enumerate(lines_of(diff.new), 1) if n not in diff.right]
        old = [t for n, t in enumerate(lines_of(diff.old), 1) if n not in diff.left]
        assert new == old
        assert lines.line_at(Side.RIGHT, len(lines_of(diff.new)) + 1) is None


def test_a_range_is_taken_within_one_hunk_only():
    patch = "@@ -1,2 +1,2 @@\n a\n-b\n+c\n@@ -9,2 +9,2 @@\n d\n-e\n+f"
    lines = line_map(patch)
    assert lines.accepts(Side.RIGHT, 2)
    assert lines.accepts(Side.RIGHT, 2, 1)
    assert not lines.accepts(Side.RIGHT, 9, 2)
    assert not lines.accepts(Side.RIGHT, 2, 2)
    assert not lines.accepts(Side.RIGHT, 1, 2)
    assert not lines.accepts(Side.RIGHT, 3)
    assert lines.hunk_index(Side.LEFT, 10) == 1


@pytest.mark.parametrize(
    ("patch", "numbers"),
    [
        ("@@ -1 +1 @@\n-a\n+b", [(1, None), (None, 1)]),
        ("@@ -0,0 +1 @@\n+a", [(None, 1)]),
        ("@@ -1,2 +0,0 @@\n-a\n-b", [(1, None), (2, None)]),
        ("@@ -5,0 +6,2 @@\n+a\n+b", [(None, 6), (None, 7)]),
        ("@@ -1,3 +1,3 @@\n a\n\n-b\n+c", [(1, 1), (2, 2), (3, None), (None, 3)]),
        (
            "@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n\\ No newline at end of file",
            [(1, None), (None, 1)],
        ),
        ("@@ -1 +1 @@ def f():\r\n-a\r\n+b\r\n", [(1, None), (None, 1)]),
    ],
)
def test_forms_of_a_patch(patch: str, numbers: list[tuple[int | None, int | None]]):
    hunks = parse_patch(patch)
    assert hunks is not None
    assert [(line.old, line.new) for line in hunks[0].lines] == numbers


def test_what_git_prints_behind_the_numbers_is_kept():
    hunks = parse_patch("@@ -1 +1 @@ class Shop: # 店\n-a\n+b")
    assert hunks is not None
    assert hunks[0].section == "class Shop: # 店"


@pytest.mark.parametrize(
    "patch",
    [
        "hello",
        "@@ -x +y @@\n a",
        "@@ -1,4 +1,4 @@\n a\n-b\n+c",
        "@@ -1,1 +1,1 @@\n a\n-b\n+c",
        "@@ -1 +1 @@\n-a\n+b\ntrailing words",
        "@@ -1 +1 @@\n-a\n+b\n--- a/other\n+++ b/other\n@@ -1 +1 @@\n-a\n+b",
        "@@@ -1,2 -1,2 +1,2 @@@\n  a\n--b\n++c",
        f"@@ -{'9' * 5_000} +1 @@\n-a\n+b",
        "@@ -1,99999999999 +1 @@\n-a\n+b",
        "\n",
    ],
)
def test_a_patch_that_lost_lines_is_malformed_as_a_whole(patch: str):
    problem = read_patch(patch)
    assert isinstance(problem, MalformedPatch)
    assert problem.reason
    assert parse_patch(patch) is None


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=200) | st.text(alphabet="@-+ 1,0\n\\\r", max_size=60))
def test_any_text_is_hunks_or_a_stated_problem(patch: str):
    assert isinstance(read_patch(patch), tuple | MalformedPatch)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text(st.characters(exclude_characters="\n\r"), max_size=20)), st.booleans())
def test_a_new_file_and_its_patch_give_one_another(lines: list[str], final_newline: bool):
    text = "\n".join(lines) + ("\n" if final_newline and lines else "")
    hunks = parse_patch(patch_of_added_text(text))
    assert hunks is not None
    expected = f"{text}\n" if text and not text.endswith("\n") else text
    assert text_of_added_file(hunks) == expected
    assert all(line.kind is LineKind.ADDED for hunk in hunks for line in hunk.lines)


def test_the_patch_of_a_new_file_is_the_one_git_makes(tmp_path: Path):
    made = [diff for diff in git_diffs(tmp_path, 300, seed=3) if not diff.old]
    assert len(made) > 20
    for diff in made:
        assert patch_of_added_text(diff.new) == diff.patch
