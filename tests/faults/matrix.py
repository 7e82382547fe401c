"""Plays many runs, several side by side, each in a process that is ended when it takes too long.

What a run does is its case's; a run that hangs the rig itself is a violation like any other.
"""

import asyncio
import contextlib
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from pydantic import TypeAdapter

from tests.fakes.argus import ROOT
from tests.faults.case import Case, Result, lease_of, patience
from tests.faults.scene import PIDS, READY_SECONDS

SPARE_SECONDS = 90.0
"""For what a run does beside its play and its rest: opening a scene, ending one, the audit."""
END_SECONDS = 60.0
"""For a shard to close its scenes."""
LINE_BYTES = 16 * 1024 * 1024

RESULTS = TypeAdapter(list[Result])

Told = Callable[[Result], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """Which runs are played, and how."""

    cases: Sequence[Case]
    runs: int
    seed: int
    lease: float
    shards: int
    folder: Path
    evidence: Path

    def deal(self) -> Iterator[tuple[Case, int]]:
        """Return cases in turn, each round with a seed of its own."""
        for number in range(self.runs):
            rounds, place = divmod(number, len(self.cases))
            yield self.cases[place], self.seed + rounds


async def play_all(plan: Plan, tell: Told) -> list[Result]:
    """Play all runs of a plan; `tell` hears of each result as it comes."""
    dealt = plan.deal()
    names = count(1)
    found: list[Result] = []

    def heard(result: Result) -> None:
        found.append(result)
        tell(result)

    async def player() -> None:
        shard = _Shard(plan, plan.folder / f"shard-{next(names)}", heard)
        try:
            for case, seed in dealt:
                await shard.play(case, seed)
        finally:
            await shard.close()

    async with asyncio.TaskGroup() as players:
        for _ in range(plan.shards):
            players.create_task(player())
    return found


@dataclass(slots=True)
class _Shard:
    """The parent's end of one shard; a new process follows one that hung or died."""

    plan: Plan
    folder: Path
    heard: Told
    _process: Process | None = None
    _starts: int = field(default=0)

    async def play(self, case: Case, seed: int) -> None:
        lease = lease_of(case, self.plan.lease)
        limit = READY_SECONDS + case.limit(lease) + patience(lease) + SPARE_SECONDS
        process = self._process or await self._start()
        assert process.stdin is not None
        process.stdin.write(json.dumps({"case": case.number, "seed": seed}).encode() + b"\n")
        if not await _within(limit, self._answer(process)):
            words = self._why(limit)
            self.heard(Result(case.number, seed, limit, None, violations=(words,)))
            await self._end()

    def _why(self, limit: float) -> str:
        """Say what became of a run without a result."""
        log = (self.folder / str(self._starts) / "shard.log").read_text().strip()
        if not log:
            return f"the run did not end within {limit:.0f} s"
        return f"the process that played it died: {log.splitlines()[-1][:200]}"

    async def close(self) -> None:
        """Let it close its scenes; end it for sure."""
        process = self._process
        if process is not None and process.stdin is not None:
            process.stdin.close()
            await _within(END_SECONDS, self._answer(process))
        await self._end()

    async def _start(self) -> Process:
        self._starts += 1
        folder = self.folder / str(self._starts)
        folder.mkdir(parents=True)
        options = ("--folder", folder, "--evidence", self.plan.evidence, "--lease", self.plan.lease)
        with (folder / "shard.log").open("wb") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "tests.faults.shard",
                *map(str, options),
                cwd=ROOT,
                stdin=PIPE,
                stdout=PIPE,
                stderr=log,
                start_new_session=True,
                limit=LINE_BYTES,
            )
        return self._process

    async def _answer(self, process: Process) -> bool:
        assert process.stdout is not None
        line = await process.stdout.readline()
        for result in RESULTS.validate_json(line) if line else ():
            self.heard(result)
        return bool(line)

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        for number in (signal.SIGTERM, signal.SIGKILL):
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.send_signal(number)
                await _within(END_SECONDS / 4, _ended(process))
        for path in self.folder.glob(f"{self._starts}/*/{PIDS}"):
            _end_left_behind(path)


async def _ended(process: Process) -> bool:
    await process.wait()
    return True


async def _within(seconds: float, step: Awaitable[bool]) -> bool:
    try:
        async with asyncio.timeout(seconds):
            return await step
    except TimeoutError:
        return False


def _end_left_behind(path: Path) -> None:
    """End processes that a dead shard started and could not end itself."""
    for pid in map(int, path.read_text().split()):
        command = Path(f"/proc/{pid}/cmdline")
        with contextlib.suppress(OSError):
            if b"-m\0bot\0" in command.read_bytes():
                os.kill(pid, signal.SIGKILL)
