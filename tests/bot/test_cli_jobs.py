"""`jobs` on a real ledger: what operators read, and what their words do to a job."""

import io
import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.adapters.ledger import Hold, RedisLedger
from bot.cli.exits import ExitCode, code_of
from bot.cli.formats.jobs import relative
from bot.cli.jobs import Office, discard_job, list_jobs, retry_dead, retry_job, show_job
from bot.cli.terminal import Terminal
from core.errors import UserError
from core.models import Job, Stage
from tests.bot.asking import A, B, push, reviewed

WEB = "https://github.test"
NOW = 4_000_000_000.0
"""Far ahead of every server's clock, so that all that happened did so days ago."""


@dataclass
class Desk:
    """An operator at a terminal that is no terminal."""

    ledger: RedisLedger
    rung: list[str] = field(default_factory=list)
    out: io.StringIO = field(default_factory=io.StringIO)
    err: io.StringIO = field(default_factory=io.StringIO)

    @property
    def office(self) -> Office:
        terminal = Terminal(self.out, self.err)
        return Office(self.ledger, self._ring, terminal, WEB, clock=lambda: NOW)

    async def _ring(self, job_id: str) -> None:
        self.rung.append(job_id)

    @property
    def lines(self) -> list[str]:
        return self.out.getvalue().splitlines()


async def claimed(ledger: RedisLedger) -> Job:
    job = await ledger.claim("w-1")
    assert job is not None
    return job


@pytest.fixture
async def desk(ledger: RedisLedger) -> Desk:
    """Job 7:1 runs, 7:2 is dead, 7:3 is at rest, 7:4 waits."""
    await ledger.admit(push(A, number=1))
    await claimed(ledger)
    await ledger.admit(push(A, number=2))
    for _ in range(6):
        await ledger.release(await claimed(ledger), reason="No \x1b[31mmodel answered.")
    await ledger.admit(push(A, number=3))
    await ledger.commit(await claimed(ledger), reviewed(A))
    await ledger.admit(push(B, number=4))
    return Desk(ledger)


async def test_list_is_a_line_a_job_in_columns(desk: Desk) -> None:
    assert await list_jobs(desk.office, None, as_json=False) is ExitCode.CLEAN

    head, *rows = desk.lines
    at = head.index("JOB")
    assert {row[at : at + 3]: row.split()[0] for row in rows} == {
        "7:1": "running",
        "7:2": "dead",
        "7:3": "idle",
        "7:4": "waiting",
    }
    state = head.index("STATE")
    assert {row[state:] for row in rows if row.split()[0] in {"running", "idle"}} == {
        "attempt 1 · on w-1",
        "reviewed",
    }


async def test_words_of_the_ledger_cannot_drive_the_terminal(desk: Desk) -> None:
    await list_jobs(desk.office, Stage.DEAD, as_json=False)
    await show_job(desk.office, "7:2", as_json=False)

    assert "given up after 6 attempts" in desk.lines[1]
    assert "\x1b" not in desk.out.getvalue()


async def test_empty_list_says_so_and_prints_no_data(ledger: RedisLedger) -> None:
    desk = Desk(ledger)
    await list_jobs(desk.office, Stage.DEAD, as_json=False)

    assert (desk.out.getvalue(), desk.err.getvalue()) == ("", "No job is dead.\n")


async def test_json_names_every_job_and_its_outcome(desk: Desk) -> None:
    await list_jobs(desk.office, Stage.IDLE, as_json=True)

    document = json.loads(desk.out.getvalue())
    (job,) = document["jobs"]
    assert document["schema"] == "argus.jobs/1"
    assert (job["id"], job["stage"], job["head"]) == ("7:3", "idle", A)
    assert job["outcome"]["kind"] == "reviewed"


async def test_idle_jobs_are_found_behind_more_recent_ones(ledger: RedisLedger) -> None:
    await ledger.admit(push(A, number=1))
    await ledger.commit(await claimed(ledger), reviewed(A))
    for number in range(2, 104):
        await ledger.admit(push(A, number=number))
    desk = Desk(ledger)

    await list_jobs(desk.office, Stage.IDLE, as_json=True)
    await list_jobs(desk.office, None, as_json=False)

    assert [job["id"] for job in json.loads(desk.out.getvalue().partition("STAGE")[0])["jobs"]] == [
        "7:1"
    ]
    assert desk.err.getvalue() == "There are more; these are 100 of them.\n"


@pytest.mark.parametrize(
    "name", ["7:3", "o/r7#3", "O/R7#3", f"{WEB}/o/r7/pull/3", f"{WEB}/o/r7/pull/3/files"]
)
async def test_job_is_shown_by_any_of_its_names(desk: Desk, name: str) -> None:
    await show_job(desk.office, name, as_json=False)

    shown = {line[:14].strip(): line[14:].strip() for line in desk.lines}
    assert (shown["job"], shown["pull request"], shown["head"]) == ("7:3", "o/r7#3", A)
    assert shown["outcome"] == "reviewed"
    assert shown["review"] == "https://github.test/r/1"


@pytest.mark.parametrize(
    "name", ["9:9", "o/r7#5", "o/other#3", "https://elsewhere.test/o/r7/pull/3"]
)
async def test_unknown_job_is_a_usage_error_in_words(desk: Desk, name: str) -> None:
    for act in (retry_job, discard_job):
        with pytest.raises(UserError) as refusal:
            await act(desk.office, name)
        assert code_of(refusal.value) is ExitCode.USAGE
    assert (desk.out.getvalue(), desk.rung) == ("", [])


@pytest.mark.parametrize("name", ["7:2", "o/r7#2", "7:4"])
async def test_retried_job_is_due_and_a_worker_is_woken(desk: Desk, name: str) -> None:
    assert await retry_job(desk.office, name) is ExitCode.CLEAN

    job_id = name if ":" in name else "7:2"
    assert desk.rung == [job_id]
    assert desk.lines == [f"Due now: job {job_id}, o/r7#{job_id[-1]}."]
    assert job_id in {(await claimed(desk.ledger)).id for _ in range(2 if job_id == "7:2" else 1)}


async def test_all_dead_jobs_are_retried_and_no_others(desk: Desk) -> None:
    await desk.ledger.admit(push(A, number=5))
    waiting = await desk.ledger.desk.show("7:4")

    assert await retry_dead(desk.office) is ExitCode.CLEAN
    assert await retry_dead(desk.office) is ExitCode.CLEAN

    assert desk.rung == ["7:2"]
    assert desk.lines == [
        "Due now: 1 job that had been given up.",
        "Due now: 0 jobs that had been given up.",
    ]
    assert await desk.ledger.desk.list(Stage.DEAD) == ()
    assert await desk.ledger.desk.show("7:4") == waiting


@pytest.mark.parametrize(("name", "why"), [("7:1", "It is running."), ("7:3", "at rest")])
async def test_what_runs_or_rests_is_not_retried(desk: Desk, name: str, why: str) -> None:
    with pytest.raises(UserError) as refusal:
        await retry_job(desk.office, name)

    assert why in refusal.value.why
    assert desk.rung == []


async def test_discarded_job_ends_as_cancelled_and_its_run_with_it(ledger: RedisLedger) -> None:
    await ledger.admit(push(A))
    job = await claimed(ledger)
    desk = Desk(ledger)

    assert await discard_job(desk.office, "o/r7#1") is ExitCode.CLEAN

    assert desk.lines == ["Discarded: job 7:1, o/r7#1; it ends as cancelled."]
    assert (await ledger.renew(job))[0] is Hold.LOST
    with pytest.raises(UserError, match="nothing to discard"):
        await discard_job(desk.office, "7:1")


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (0, "now"),
        (0.4, "now"),
        (-1, "1 second ago"),
        (-59, "59 seconds ago"),
        (-3_599, "59 minutes ago"),
        (7_200, "in 2 hours"),
        (-86_400 * 40, "40 days ago"),
    ],
)
def test_times_are_told_from_now(moment: float, words: str) -> None:
    assert relative(NOW + moment, NOW) == words


def test_command_line_works_on_the_ledger_it_is_given(redis_url: str) -> None:
    listed = bot("list", "--json", REDIS_URL=redis_url)
    missing = bot("show", "o/r#1", REDIS_URL=redis_url)
    dead = bot("list", "--state", "dead", REDIS_URL=redis_url)
    both = bot("retry", "o/r#1", "--all-dead", REDIS_URL=redis_url)
    unset = bot("list")

    assert (listed.returncode, json.loads(listed.stdout)["jobs"]) == (ExitCode.CLEAN, [])
    assert (missing.returncode, missing.stdout) == (ExitCode.USAGE, "")
    assert "The ledger has no job o/r#1." in missing.stderr
    assert (dead.returncode, dead.stderr) == (ExitCode.CLEAN, "No job is dead.\n")
    assert (both.returncode, "--all-dead" in both.stderr) == (ExitCode.USAGE, True)
    assert (unset.returncode, "REDIS_URL" in unset.stderr) == (ExitCode.CONFIGURATION, True)


def bot(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `python -m bot jobs …` in a clean environment."""
    return subprocess.run(
        [sys.executable, "-m", "bot", "jobs", *words],
        cwd=Path(__file__).parents[2],
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
