"""`stats` on the command line: what operators read, and what other programs do."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.adapters.ledger import RedisLedger
from bot.cli.formats import stats
from bot.cli.formats.look import Look
from core.models import Received, Reception
from core.statistics import Purpose, Spent, Statistics
from tests.bot.asking import A, push, reviewed

ROOT = Path(__file__).parent.parent.parent
FOUND = Statistics(
    totals={"admitted": 3, "joined": 1, "outcome:reviewed": 2},
    spent={Purpose.REVIEWS: Spent(2, 1, 12_000, 345, 0.25, 1)},
    rules={
        "static:python-eval": {Reception.FOUND: 1, Reception.DISMISSED: 1},
        "model:bug": {Reception.FOUND: 4, Reception.ADDRESSED: 3, Reception.LIKED: 2},
    },
)


def lines_of(found: Statistics) -> dict[str, list[str]]:
    """The lines of the text, by their first words."""
    lines = [line.split("  ") for line in stats.text(found, Look()).splitlines() if line]
    return {cells[0]: [c.strip() for c in cells[1:] if c.strip()] for cells in lines}


def test_text_says_what_happened_what_it_cost_and_what_became_of_findings() -> None:
    lines = lines_of(FOUND)
    assert lines["requests"] == ["4"]
    assert lines["outcomes: reviewed"] == ["2"]
    cost = "2 calls, 12,000 tokens in, 345 out, $0.2500, 1 call at an unknown price"
    assert lines["models for reviews"] == [cost]
    assert lines["models for answers"] == ["not asked"]
    assert lines["RULE"][:2] == ["FOUND", "ADDRESSED"]
    assert lines["model:bug"] == ["4", "3", "0", "0", "0", "0", "2", "0"]
    assert list(lines)[-2:] == ["model:bug", "static:python-eval"]


def test_document_holds_everything_that_was_counted() -> None:
    told = json.loads(stats.document(FOUND))
    assert told["schema"] == stats.SCHEMA
    assert told["totals"] == FOUND.totals
    assert told["spent"]["reviews"]["usd"] == 0.25
    assert told["rules"]["model:bug"] == {"found": 4, "addressed": 3, "liked": 2}


@pytest.mark.parametrize("as_json", [True, False])
async def test_command_reads_the_ledger(
    ledger: RedisLedger, redis_url: str, as_json: bool, tmp_path: Path
) -> None:
    await ledger.admit(push(A))
    job = await ledger.claim("w")
    assert job is not None
    await ledger.commit(job, reviewed(A))
    word = Received(finding_id="f1", rule="model:bug", words=(Reception.FOUND,))
    await ledger.feedback.receive("7:1", [word])

    ended = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "bot", "stats", *(["--json"] if as_json else [])],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "REDIS_URL": redis_url},
        capture_output=True,
        timeout=60,
        check=False,
        text=True,
    )

    assert ended.returncode == 0, ended.stderr
    if as_json:
        assert json.loads(ended.stdout)["rules"] == {"model:bug": {"found": 1}}
    else:
        assert "model:bug" in ended.stdout
