"""The playground's sample is what it says: its defects stand on added lines, and are found."""

from dataclasses import dataclass

import pytest

from bot.playground.sample import Defect, Push, Sample, load
from bot.playground.sample.planting import plant, push_follow_up
from core.analyzers import Analyzers, SourceFile
from core.analyzers.secrets import check
from tests.fakes import github as fakes
from tests.fakes.github import FakeGitHub

hub = fakes.github


@dataclass(frozen=True)
class Line:
    """An added line of a pull request."""

    path: str
    number: int
    text: str


@pytest.fixture(scope="module")
def sample() -> Sample:
    return load()


def added_lines(snapshot: dict) -> list[Line]:
    return [
        Line(file["path"], line["new"], line["text"])
        for file in snapshot["files"]
        for hunk in file["hunks"]
        for line in hunk["lines"]
        if line["kind"] == "+"
    ]


def places(defect: Defect, lines: list[Line]) -> list[int]:
    return [line.number for line in lines if line.path == defect.path and defect.code in line.text]


def sources(files: dict[str, str], lines: list[Line]) -> list[SourceFile]:
    paths = sorted({line.path for line in lines})
    return [
        SourceFile(path, files[path], frozenset(n.number for n in lines if n.path == path))
        for path in paths
    ]


async def test_every_defect_is_on_one_added_line_and_found(hub: FakeGitHub, sample: Sample) -> None:
    planted = plant(hub, sample)
    lines = added_lines(hub.snapshot(planted.repository, planted.number))
    files = {**sample.base, **sample.change.files}
    found = await Analyzers().run(sources(files, lines))
    for defect in sample.change.defects:
        (line,) = places(defect, lines)
        claims = [
            c for c in found if c.path == defect.path and c.line <= line <= (c.end_line or c.line)
        ]
        assert claims, f"nothing claims {defect.what}"
    assert len({claim.path for claim in found}) == 6, "only the files with defects are claimed"


async def test_the_second_push_fixes_and_breaks(hub: FakeGitHub, sample: Sample) -> None:
    planted = plant(hub, sample)
    head = push_follow_up(hub, sample)
    snapshot = hub.snapshot(planted.repository, planted.number)
    lines = added_lines(snapshot)
    assert snapshot["pull"]["head"]["sha"] == head != planted.head
    assert [defect.what for defect in sample.follow_up.fixed if places(defect, lines)] == []
    (line,) = places(sample.follow_up.defects[0], lines)
    files = {**sample.base, **sample.change.files, **sample.follow_up.files}
    found = await Analyzers().run(sources(files, lines))
    assert ("worker/refunds.go", line) in {(c.path, c.line) for c in found}


def test_the_base_is_clean(sample: Sample) -> None:
    everything = [
        SourceFile(path, text, frozenset(range(1, text.count("\n") + 2)))
        for path, text in sample.base.items()
    ]
    assert [claim for file in everything for claim in check(file)] == []


@pytest.mark.parametrize("part", ["change", "follow_up"])
def test_no_file_is_pushed_unchanged(sample: Sample, part: str) -> None:
    push: Push = getattr(sample, part)
    before = sample.base if part == "change" else {**sample.base, **sample.change.files}
    assert [path for path, text in push.files.items() if before.get(path) == text] == []
