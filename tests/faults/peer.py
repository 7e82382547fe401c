"""Stock Dramatiq under the same fault: SIGKILL in the middle of a job, then started at once.

Measured is the time until the job runs again. Its defaults let that take long or for ever, so
several workers wait side by side, each with a database of its own, and not beyond a limit.
"""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.fakes.argus import ROOT
from tests.faults.redis import DurableRedis

URL, NOTES = "PEER_REDIS_URL", "PEER_NOTES"
"""Variables of the peer's environment."""
START_SECONDS = 60.0
POLL_SECONDS = 0.1
SEND = "from tests.faults.stock import job; job.send()"


@dataclass(frozen=True, slots=True)
class Trial:
    """How long one job was away."""

    seconds: float | None
    """None when it had not run again within the limit."""
    limit: float


async def measure(folder: Path, workers: int, limit: float) -> Sequence[Trial]:
    """Kill so many workers in mid job, side by side, and wait for each job to run again."""
    server = DurableRedis(folder / "redis", databases=str(workers))
    server.start()
    try:
        trials = (_trial(server.url, folder, database, limit) for database in range(workers))
        return await asyncio.gather(*trials)
    finally:
        server.stop()


async def _trial(url: str, folder: Path, database: int, limit: float) -> Trial:
    notes = folder / f"notes-{database}"
    notes.touch()
    environment = {
        "PATH": os.environ["PATH"],
        URL: url.replace("db=0", f"db={database}"),
        NOTES: str(notes),
    }
    worker = _start(environment, folder)
    try:
        sender = await asyncio.create_subprocess_exec(
            sys.executable, "-c", SEND, cwd=ROOT, env=environment
        )
        await sender.wait()
        if await _lines(notes, 1, START_SECONDS) is None:
            raise RuntimeError("stock Dramatiq did not start the job at all")
        killed_at = time.time()
        _end(worker)
        worker = _start(environment, folder)
        again = await _lines(notes, 2, limit)
        return Trial(None if again is None else again - killed_at, limit)
    finally:
        _end(worker)


def _start(environment: Mapping[str, str], folder: Path) -> subprocess.Popen[bytes]:
    with (folder / "stock.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "dramatiq", "tests.faults.stock", "--processes", "1"],
            cwd=ROOT,
            env=environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def _end(worker: subprocess.Popen[bytes]) -> None:
    """Kill the command and the process that it forked, which are a group of their own."""
    os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()


async def _lines(notes: Path, count: int, seconds: float) -> float | None:
    """Return what the `count`-th line says, None when it is not there in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        lines = notes.read_text().split()
        if len(lines) >= count:
            return float(lines[count - 1])
        await asyncio.sleep(POLL_SECONDS)
    return None
