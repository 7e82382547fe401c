"""The dataset that comes with Argus: every case is what it claims to be, with git as the judge."""

import os
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from ast_grep_py import SgNode, SgRoot

from bot.adapters.local_git.diff import parse_diff
from bot.cli.evaluate_app import SHIPPED
from bot.cli.evaluate_cases import FiledCase, read_dataset
from core.context.languages import language_of
from core.diff import LineMap
from core.evaluation.cases import language_name
from core.models import FileStatus
from tests.bot.repositories import Sandbox

FEWEST_LINES, MOST_LINES = 20, 150
"""Changed lines of a case: those of a change that somebody reviews in one go."""
DATASET = read_dataset(SHIPPED)
every_case = pytest.mark.parametrize("filed", DATASET.cases, ids=lambda filed: filed.case.id)


def test_dataset_is_as_large_and_as_wide_as_it_says() -> None:
    issues = [golden for filed in DATASET.cases for golden in filed.case.golden]
    clean = [filed for filed in DATASET.cases if not filed.case.golden]
    languages = Counter(language_name(golden.path) for golden in issues)
    assert DATASET.broken == ()
    assert (len(issues) >= 40, len(clean) >= 12) == (True, True)
    assert [name for name, count in languages.items() if count < 3] == []
    assert len(languages) >= 10
    assert len(Counter(golden.kind for golden in issues)) >= 8


def test_each_language_with_defects_has_a_clean_change_too() -> None:
    clean: set[str] = set()
    wrong: set[str] = set()
    for filed in DATASET.cases:
        names = {language_name(path) for path in filed.case.files if language_of(path)}
        (wrong if filed.case.golden else clean).update(names)
    assert wrong - clean == set()


@every_case
def test_patch_is_that_of_its_files(filed: FiledCase, tmp_path: Path) -> None:
    case, sandbox = filed.case, Sandbox(tmp_path)
    for path, text in case.files.items():
        sandbox.write(path, text)
    apply(tmp_path, case.patch, "--reverse")
    apply(tmp_path, case.patch)
    kept = {path: (tmp_path / path).read_text() for path in case.files}
    assert kept == case.files


def apply(folder: Path, patch: str, *options: str) -> None:
    subprocess.run(
        ("git", "apply", "--whitespace=nowarn", *options, "-"),
        cwd=folder,
        input=patch.encode(),
        env={"PATH": os.environ["PATH"], "HOME": str(folder)},
        check=True,
        capture_output=True,
        timeout=30,
    )


@every_case
def test_change_is_one_that_somebody_would_review(filed: FiledCase) -> None:
    changes = [each.change for each in parse_diff(filed.case.patch.encode())]
    lines = sum(change.additions + change.deletions for change in changes)
    assert FEWEST_LINES <= lines <= MOST_LINES
    assert filed.case.title
    assert filed.case.body
    assert {each.path for each in changes if each.status is not FileStatus.REMOVED} <= set(
        filed.case.files
    )


@every_case
def test_known_issues_stand_on_lines_that_can_carry_a_comment(filed: FiledCase) -> None:
    maps = {
        each.change.path: LineMap(each.change.hunks or ())
        for each in parse_diff(filed.case.patch.encode())
    }
    refused = [
        golden
        for golden in filed.case.golden
        if not maps[golden.path].accepts(
            golden.side, golden.last, golden.line if golden.end_line else None
        )
    ]
    assert refused == []


@every_case
def test_files_parse(filed: FiledCase) -> None:
    broken = {
        path: [node.text() for node in errors_of(SgRoot(text, language.grammar).root())]
        for path, text in filed.case.files.items()
        if (language := language_of(path))
    }
    assert {path: texts for path, texts in broken.items() if texts} == {}


def errors_of(node: SgNode) -> list[SgNode]:
    """Return what the grammar made no sense of."""
    own = [node] if node.kind() == "ERROR" else []
    return own + [error for child in node.children() for error in errors_of(child)]
