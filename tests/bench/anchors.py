"""Anchors of thousands of hunks: does each line take the comment that quotes it?

Git and the local GitHub's rules are the judges; nothing runs but git. What is claimed and how it
is judged lives in `tests.core.anchor_trials`, of which the tests run a sample.
"""

import asyncio
import random
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from bot.playground.github.git import EMPTY_TREE, GitRepository
from core.models import Side
from tests.bench.figures import Figure, Section, bounded
from tests.bench.processes import ROOT
from tests.bench.site import Site
from tests.core.anchor_sources import odd_history, real_history
from tests.core.anchor_trials import Tally, judge_change, judge_history

FILES, STEPS = 150, 12
QUICK_FILES, QUICK_STEPS = 40, 4
COMMITS, QUICK_COMMITS = 150, 20
"""Of this project's own history, where it is there."""
PEER_RIGHT, PEER_LEFT = 97.5, 0.0
"""Percent of lines anchored right; the best-known open reviewer, measured elsewhere."""


def measure(site: Site, folder: Path, *, quick: bool) -> Section:
    """Claim something about every line of every hunk."""
    tally = asyncio.run(_judged(folder, quick=quick))
    counts = tally.counts

    def wrong(kind: str) -> int:
        return counts[f"{kind} wrong"]

    figures = [
        _right(tally, Side.RIGHT, PEER_RIGHT),
        _right(tally, Side.LEFT, PEER_LEFT),
        bounded("sloppy claims that GitHub would refuse", wrong("sloppy claims accepted"), "", 0),
        bounded("sloppy claims without a place", wrong("sloppy claims placed"), "", 0),
        bounded("claims off the diff that were anchored", wrong("lines off the diff"), "", 0),
        bounded("claims off the diff that were lost", wrong("lines off the diff held"), "", 0),
        bounded("files whose ranges are not git's", wrong("ranges"), "", 0),
    ]
    claims = sum(counts[f"{side} {what}"] for side in Side for what in ("lines", "ranges"))
    note = (
        f"Anchors: {counts['hunks']:,} hunks of {counts['ranges'] // 2:,} changed files (installed "
        f"sources under seeded edits, odd files, this project's history); {claims:,} quotes of "
        f"lines and ranges, {counts['sloppy claims accepted']:,} sloppy claims, "
        f"{counts['lines off the diff']:,} claims off the diff."
    )
    return Section("Anchors", tuple(figures), (note, *tally.failures))


def _right(tally: Tally, side: Side, peer: float) -> Figure:
    """Return the share of quotes, of one line or several, that stand where git says."""
    kinds = (f"{side} lines", f"{side} ranges")
    claims = sum(tally.counts[kind] for kind in kinds)
    wrong = sum(tally.counts[f"{kind} wrong"] for kind in kinds)
    share = 100 * (claims - wrong) / max(claims, 1)
    met = bool(claims) and not wrong
    return Figure(f"anchors right, {side}", share, "%", "peer, elsewhere", peer, "100 %", met)


async def _judged(folder: Path, *, quick: bool) -> Tally:
    tally, dice = Tally(), random.Random("anchors")  # noqa: S311 -- repeatable, no secret
    files, steps = (QUICK_FILES, QUICK_STEPS) if quick else (FILES, STEPS)
    await judge_history(folder / "real.git", real_history(1, files, steps), tally, dice)
    await judge_history(folder / "odd.git", odd_history(), tally, dice)
    own = GitRepository(ROOT / ".git")
    try:
        for base, head in _own_commits(QUICK_COMMITS if quick else COMMITS):
            await judge_change(own, base, head, tally, dice)
    finally:
        own.close()
    return tally


def _own_commits(most: int) -> Sequence[tuple[str, str]]:
    """Return commits of this project with their parents, none where its history is not there."""
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").is_dir():
        return ()
    command = (git, "log", "--no-merges", f"-{most}", "--format=%H %P")
    said = subprocess.check_output(command, cwd=ROOT, text=True)
    pairs = (line.partition(" ") for line in said.splitlines())
    return [(parent or EMPTY_TREE, commit) for commit, _, parent in pairs]
