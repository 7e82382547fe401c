"""Every line of real and odd diffs takes the comment that quotes it, and git agrees where it is.

A sample with a fixed seed; `python -m tests.bench --only anchors` runs through thousands of hunks.
"""

import random
from pathlib import Path

from core.models import Side
from tests.core.anchor_sources import Step, odd_history, real_history
from tests.core.anchor_trials import Tally, judge_history

SEED = 20_261
FILES, STEPS = 24, 3
LEAST_HUNKS, LEAST_CLAIMS = 100, 1_000


async def judged(folder: Path, history: list[Step]) -> Tally:
    tally = Tally()
    await judge_history(folder / "sample.git", history, tally, random.Random(SEED))  # noqa: S311 -- repeatable, no secret
    return tally


async def test_every_line_of_edited_sources_takes_its_comment(tmp_path: Path) -> None:
    tally = await judged(tmp_path, real_history(SEED, FILES, STEPS))

    assert tally.failures == []
    assert tally.counts["hunks"] >= LEAST_HUNKS
    for side in Side:
        assert tally.counts[f"{side} lines"] >= LEAST_CLAIMS
    assert tally.counts["lines off the diff"] >= LEAST_CLAIMS


async def test_odd_files_lines_and_paths_are_no_exception(tmp_path: Path) -> None:
    tally = await judged(tmp_path, odd_history())

    assert tally.failures == []
    for side in Side:
        assert tally.counts[f"{side} lines"] >= LEAST_CLAIMS / 5
    assert tally.counts["lines off the diff held"] >= LEAST_CLAIMS / 2
