"""Cases of a dataset: what is read of them, and what a person is told of a broken one."""

import json
from typing import Any

import pytest

from core.errors import UserError
from core.evaluation import Case, read_case
from core.evaluation.cases import language_name
from core.models import Severity, Side

ISSUE = {"path": "a.py", "line": 3, "severity": "important", "text": "It divides by zero."}


def given(**changes: Any) -> bytes:
    return json.dumps({"patch": "--- a", "golden": [ISSUE], **changes}).encode()


def read(content: bytes) -> Case:
    return read_case(content, "cases/a.json", "a")


def test_case_is_named_after_its_file_unless_it_names_itself() -> None:
    assert read(given()).id == "a"
    assert read(given(id="own")).id == "own"


def test_issue_stands_on_one_line_of_the_right_side_unless_told() -> None:
    (golden,) = read(given()).golden
    assert (golden.line, golden.last, golden.side) == (3, 3, Side.RIGHT)
    assert (golden.severity, golden.kind) == (Severity.IMPORTANT, "")


def test_texts_may_be_lists_of_lines() -> None:
    case = read(given(patch=["--- a", "+++ b"], files={"a.py": ["x = 1", "", "y = 2"]}))
    assert case.patch == "--- a\n+++ b\n"
    assert case.files == {"a.py": "x = 1\n\ny = 2\n"}


def test_change_without_known_issues_is_clean_only_when_it_says_so() -> None:
    assert read(given(golden=[])).golden == ()
    with pytest.raises(UserError, match="`golden`: is missing"):
        read(json.dumps({"patch": "x"}).encode())


def test_digest_changes_with_what_the_case_says() -> None:
    assert read(given()).digest == read(given()).digest
    assert read(given()).digest != read(given(golden=[])).digest


def test_language_is_told_by_the_extension() -> None:
    names = [language_name(path) for path in ("a.py", "b.tsx", "c.sh", "d.xyz", "Makefile")]
    assert names == ["python", "typescript", "shell", "xyz", "other"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b'{"patch": "x",\n  "golden": [}', "Line 2, column 14"),
        (b"\xff\xfe{}", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[]", "a valid dictionary"),
        (given(golden=[{**ISSUE, "line": 0}]), "`golden[0].line`: input should be greater"),
        (given(golden=[ISSUE, {**ISSUE, "severity": "high"}]), "`golden[1].severity`"),
        (given(golden=[{**ISSUE, "severity": "high"}]), '"high" was given'),
        (given(golden=[{**ISSUE, "end_line": 2}]), "`golden[0]`: `end_line` is before `line`"),
        (given(golden=[{**ISSUE, "endline": 4}]), "did you mean `end_line`?"),
        (given(titel="x"), "`titel`: is not known, did you mean `title`?"),
        (given(golden=[{**ISSUE, "text": ""}]), "`golden[0].text`"),
        (given(golden=[{**ISSUE, "side": "UP"}]), "`golden[0].side`"),
        (given(patch=""), "exactly one of `patch`, `repository` and `pull_request`"),
        (given(pull_request="https://github.com/a/b/pull/1"), "exactly one of"),
        (given(patch="", pull_request="u", files={"a": ""}), "`files` belong to a `patch`"),
        (given(patch="", repository={"path": ".", "bas": "x", "head": "y"}), "mean `base`?"),
        (given(golden=[{"path": "a"}] * 5), "and 10 more"),
    ],
)
def test_broken_case_is_told_by_file_place_and_reason(content: bytes, told: str) -> None:
    with pytest.raises(UserError) as raised:
        read(content)
    assert "cases/a.json" in raised.value.what
    assert told in raised.value.why
    assert "docs/evaluation.md" in raised.value.next_step


def test_wrong_value_is_repeated_in_part_only() -> None:
    with pytest.raises(UserError) as raised:
        read(given(golden=[{**ISSUE, "line": "x" * 10_000}]))
    assert len(raised.value.why) < 300
