"""`python -m tests.faults`: play the fault matrix many times and write docs/reliability.md.

Each kind of run fills its own part of the document: the scaled lease, the default lease, the
peer. A run that failed is reported as it is, and makes the exit code 1.
"""

import argparse
import asyncio
import os
import shlex
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.bench.figures import machine
from tests.fakes.argus import ROOT
from tests.faults import peer
from tests.faults.case import Case, Result, all_cases
from tests.faults.matrix import RESULTS, Plan, play_all
from tests.faults.report import matrix_report, peer_report, put, said

DOCUMENT = ROOT / "docs" / "reliability.md"
SCALED_LEASE = 2.0
DEFAULT_LEASE = 60.0
"""Seconds, both; a run at the default lease fills a part of the document of its own."""
PEER_LIMIT = 900.0


def main(arguments: Sequence[str]) -> int:
    """Play what is asked for; return the exit code."""
    given = _parser().parse_args(arguments)
    command = shlex.join(("python", "-m", "tests.faults", *arguments))
    began, described = time.monotonic(), machine()
    folder = Path(tempfile.mkdtemp(prefix="argus-faults-"))
    if given.peer:
        trials = asyncio.run(peer.measure(folder, given.peer, given.limit))
        text = peer_report(trials, heading=_heading(described, began), command=command)
        section, code = "peer", 0
    else:
        cases = _chosen(given.cases)
        results = asyncio.run(play_all(_plan(given, cases, folder), _Progress(given.runs)))
        results = [*_kept(given.results), *results]
        _keep(given.results, results)
        heading = _heading(described, began, f"lease {given.lease:g} s")
        text = matrix_report(results, all_cases(), heading=heading, command=command)
        section = "default lease" if given.lease >= DEFAULT_LEASE else "scaled lease"
        code = int(not all(result.clean for result in results))
    sys.stdout.write(f"\n{text}\n")
    if code:
        sys.stdout.write(f"\nwhat failed runs left is in {folder / 'evidence'}\n")
    if given.write:
        put(DOCUMENT, section, text)
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=main.__doc__)
    parser.add_argument("--runs", type=int, default=100, help="runs in all, over the cases in turn")
    parser.add_argument("--seed", type=int, default=1, help="of the first round")
    parser.add_argument("--cases", default="", help="numbers, comma separated; all when unset")
    parser.add_argument("--lease", type=float, default=SCALED_LEASE, help="seconds")
    shards = max(2, os.cpu_count() or 2)
    parser.add_argument("--shards", type=int, default=shards, help="runs side by side")
    parser.add_argument("--peer", type=int, default=0, help="measure so many stock workers instead")
    parser.add_argument("--limit", type=float, default=PEER_LIMIT, help="seconds, for the peer")
    parser.add_argument(
        "--results", type=Path, help="a file that gathers results: the report is on all of them"
    )
    parser.add_argument("--write", action="store_true", help="put the run into the document")
    return parser


def _chosen(numbers: str) -> Sequence[Case]:
    found = all_cases()
    if not numbers:
        return tuple(found.values())
    return tuple(found[number.strip()] for number in numbers.split(","))


def _plan(given: argparse.Namespace, cases: Sequence[Case], folder: Path) -> Plan:
    return Plan(
        cases=cases,
        runs=given.runs,
        seed=given.seed,
        lease=given.lease,
        shards=given.shards,
        folder=folder,
        evidence=folder / "evidence",
    )


def _kept(file: Path | None) -> list[Result]:
    """Return what earlier runs left, as they left it."""
    return RESULTS.validate_json(file.read_bytes()) if file and file.exists() else []


def _keep(file: Path | None, results: Sequence[Result]) -> None:
    if file:
        file.write_bytes(RESULTS.dump_json(list(results)))


class _Progress:
    """Says each result on stderr as it comes."""

    def __init__(self, runs: int) -> None:
        self._runs, self._done = runs, 0

    def __call__(self, result: Result) -> None:
        self._done += 1
        sys.stderr.write(f"{self._done}/{self._runs} {said(result)}\n")


def _heading(described: str, began: float, *more: str) -> str:
    seconds = time.monotonic() - began
    return "; ".join((time.strftime("%Y-%m-%d"), described, *more, f"{seconds:.0f} s."))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
