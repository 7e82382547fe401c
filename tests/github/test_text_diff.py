"""Hunks made from two texts: the same that git would show, within bounded time."""

import subprocess
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.diff import parse_patch
from core.models import Hunk, LineKind
from github.text_diff import diff_texts, is_binary

LINES = st.lists(st.sampled_from(["a", "b", "c", "", "}", "x\r", "\x0c"]), max_size=30)
TEXTS = st.tuples(LINES, st.booleans()).map(
    lambda made: "\n".join(made[0]) + ("\n" if made[1] and made[0] else "")
)


def lines(text: str) -> list[str]:
    return [line.removesuffix("\r") for line in text.removesuffix("\n").split("\n")] if text else []


def applied(before: list[str], hunks: tuple[Hunk, ...]) -> list[str]:
    """Apply the hunks as `patch` would, checking every line and number on the way."""
    result, at = [], 0
    for hunk in hunks:
        begin = hunk.old_start - 1 if hunk.old_count else hunk.old_start
        result += before[at:begin]
        at = begin
        assert len(result) == (hunk.new_start - 1 if hunk.new_count else hunk.new_start)
        for line in hunk.lines:
            if line.kind is not LineKind.ADDED:
                assert (line.old, line.text) == (at + 1, before[at])
                at += 1
            if line.kind is not LineKind.REMOVED:
                result.append(line.text)
                assert line.new == len(result)
        assert at - begin == hunk.old_count
    return result + before[at:]


@given(old=TEXTS, new=TEXTS)
def test_applying_the_hunks_gives_the_new_text(old: str, new: str):
    hunks = diff_texts(old, new)
    assert hunks is not None
    assert applied(lines(old), hunks) == lines(new)


@given(text=TEXTS)
def test_equal_texts_have_no_hunks(text: str):
    assert diff_texts(text, text) == ()


def test_the_hunks_are_those_of_git(tmp_path: Path):
    old = [f"line {number}" for number in range(200)]
    new = list(old)
    new[20] = "changed"
    new[23:25] = []
    new[100:100] = ["inserted", "here"]
    new[-1:] = []
    (tmp_path / "old").write_text("\n".join(old) + "\n")
    (tmp_path / "new").write_text("\n".join(new) + "\n")
    git = subprocess.run(
        ["git", "diff", "--no-index", "--no-color", "old", "new"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    patch = git.stdout[git.stdout.index("@@") :]
    expected = parse_patch(patch)
    assert expected is not None
    made = diff_texts("\n".join(old) + "\n", "\n".join(new) + "\n")
    assert made is not None
    assert [(h.old_start, h.old_count, h.new_start, h.new_count, h.lines) for h in expected] == [
        (h.old_start, h.old_count, h.new_start, h.new_count, h.lines) for h in made
    ]


def test_a_new_file_is_one_hunk_of_additions():
    (hunk,) = diff_texts("", "a\nb\n") or ()
    assert (hunk.old_start, hunk.old_count, hunk.new_start, hunk.new_count) == (0, 0, 1, 2)


def test_a_small_change_in_a_huge_file_is_cheap():
    old = "".join(f"line {number}\n" for number in range(50_000))
    started = time.process_time()
    (hunk,) = diff_texts(old, old.replace("line 40000\n", "other\n")) or ()
    assert time.process_time() - started < 1
    assert (hunk.old_start, hunk.new_start, hunk.old_count) == (39_998, 39_998, 7)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ([f"o{n}" for n in range(20_000)], [f"o{n * 2}" for n in range(20_000)]),
        (["same"] * 10_000, ["other"] + ["same"] * 9_000 + ["other"] * 2),
        ([f"{n % 90}" for n in range(9_000)], [f"{n * 7 % 91}" for n in range(9_000)]),
    ],
)
def test_what_would_take_too_long_is_given_up_at_once(old: list[str], new: list[str]):
    started = time.process_time()
    diff_texts("\n".join(old), "\n".join(new))
    assert time.process_time() - started < 5


def test_a_rewritten_large_file_counts_as_not_read():
    old = "\n".join(f"{number}" for number in range(20_000))
    assert diff_texts(old, old.replace("1", "2")) is None


@pytest.mark.parametrize(
    ("content", "binary"),
    [(b"", False), (b"text\n", False), (b"a\0b", True), (b"x" * 8_000 + b"\0", False)],
)
def test_binary_is_told_as_git_tells_it(content: bytes, binary: bool):
    assert is_binary(content) == binary
