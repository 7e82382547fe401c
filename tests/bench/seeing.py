"""What a model is shown of a change: its lines, its defects, and what they depend on.

No model is asked. `python -m tests.bench.seeing 10000` prints what the largest changes take, in
a process of its own, so that its memory is its own.
"""

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import mean

from core import prompts
from core.anchoring import anchor
from core.attributes import parse_gitattributes
from core.context import Context, gather
from core.diff import parse_patch
from core.models import Candidate, Category, ChangeSet, FileChange, LineKind, Severity
from core.prompts import Budget, PromptPlan
from core.repo_config import ReviewRules
from core.selection import select
from tests.bench.dependencies import needed
from tests.bench.edits import Change, made, made_quickly
from tests.bench.figures import Figure, Section, bounded
from tests.bench.processes import ROOT
from tests.bench.site import Site
from tests.bench.weight import peak_megabytes
from tests.fakes.core import a_pull_request

USUAL = 60
"""Pull requests of usual sizes."""
QUICK = 12
LARGE = ((12, 4), (30, 6), (80, 6), (160, 8), (350, 8))
"""Files of large ones and hunks of each, from some 30 KB of diff to more than a megabyte."""
TARGETS = {8_000: 92.0, 32_000: 99.0}
PEER_DEFECTS = {8_000: 75.0, 32_000: 98.5}
PEER_LARGE = {8_000: 7.0, 32_000: 33.0, 128_000: 57.0}
"""Percent; the best-known open reviewer, measured on real pull requests elsewhere."""
CPU_LINES, CPU_FILES = 10_000, 3_000
LINES_SECONDS, FILES_SECONDS, MEGABYTES = 2.0, 5.0, 300.0
Shown = frozenset[tuple[str, str, int]]
"""Path, mark and number of each line that prompts show."""


def measure(site: Site, folder: Path, *, quick: bool) -> Section:
    """Plan pull requests made of real code, and look at what is in the prompts."""
    seeds = range(QUICK if quick else USUAL)
    usual = [change for change in map(made, seeds) if change.defects]
    large = [made_quickly(files, hunks) for files, hunks in LARGE]
    figures = [*_defects(usual), *_large(large), *_dependencies(usual)]
    figures += _taken("lines", f"{CPU_LINES:,} lines of diff", LINES_SECONDS)
    figures += _taken("files", f"{CPU_FILES:,} files", FILES_SECONDS)
    sizes = sorted(change.size for change in usual)
    note = (
        f"Seen: {len(usual)} pull requests made of installed packages, "
        f"{sum(len(c.defects) for c in usual)} seeded defects, diffs of {sizes[0]:,} to "
        f"{sizes[-1]:,} bytes (median {sizes[len(sizes) // 2]:,}); large ones from "
        f"{min(c.size for c in large):,} to {max(c.size for c in large):,}."
    )
    return Section("What the model sees", tuple(figures), (note,))


def _defects(changes: Sequence[Change]) -> Iterator[Figure]:
    for call, least in TARGETS.items():
        seen = total = 0
        for change in changes:
            shown = _shown(_planned(change, call))
            seen += sum((path, "+", line) in shown for path, line in change.defects)
            total += len(change.defects)
        share = 100 * seen / total
        name = f"defect lines in one call of {call:,} tokens"
        peer = PEER_DEFECTS[call]
        yield Figure(name, share, "%", "peer, elsewhere", peer, f"≥ {least:g} %", share >= least)


def _large(changes: Sequence[Change]) -> Iterator[Figure]:
    for call, peer in PEER_LARGE.items():
        share = 100 * mean(_visible(change, _planned(change, call)) for change in changes)
        name = f"changed lines of large diffs in one call of {call:,}"
        yield Figure(name, share, "%", "peer, elsewhere", peer, f"≥ {peer:g} %", share >= peer)
    lost = sum(_lost(change) for change in changes)
    yield bounded("changed lines neither shown nor named in a whole review", lost, "lines", 0)


def _dependencies(changes: Sequence[Change]) -> Iterator[Figure]:
    """Count what changed lines depend on that is in the prompt; this is the number to raise."""
    seen = {"definitions": 0, "callers": 0}
    total = {"definitions": 0, "callers": 0}
    alone = 0
    for change in changes:
        needs = needed(change)
        context = gather(change.files, change.texts)
        shown = {(path, line) for path, _, line in _shown(_planned(change, 32_000, context))}
        bare = {(path, line) for path, _, line in _shown(_planned(change, 32_000, Context()))}
        for kind, places in (("definitions", needs.definitions), ("callers", needs.callers)):
            seen[kind] += len(places & shown)
            total[kind] += len(places)
            alone += len(places & bare)
    for kind, count in seen.items():
        yield Figure(
            f"{kind} that changed lines depend on, at 32,000", _part(count, total[kind]), "%"
        )
    both = _part(sum(seen.values()), sum(total.values()))
    yield Figure(
        "definitions and callers together, at 32,000",
        both,
        "%",
        "the change's own files",
        _part(alone, sum(total.values())),
    )


def _part(count: int, of: int) -> float:
    return 100 * count / max(of, 1)


def _planned(change: Change, call: int, context: Context | None = None) -> PromptPlan:
    budget = Budget(call=call, calls=1, total=call)
    return _built(
        change, budget, gather(change.files, change.texts) if context is None else context
    )


def _built(change: Change, budget: Budget, context: Context) -> PromptPlan:
    rules = ReviewRules(max_files=3_000)
    scope = select(ChangeSet(change.files), rules, parse_gitattributes(""))
    return prompts.build(
        a_pull_request(title="Rework what was measured", body="All of it counts alike now."),
        scope.files,
        {file.path: change.texts[file.path] for file in scope.files},
        instructions="",
        focus="",
        static=(),
        context_tokens=budget.call,
        fence_key=b"bench",
        budget=budget,
        context=context,
    )


def _shown(plan: PromptPlan) -> Shown:
    """Read the numbered lines back out of the prompts."""
    found: set[tuple[str, str, int]] = set()
    for prompt in plan.prompts:
        path = ""
        for line in prompt.material.split("\n"):
            heading = re.match(r"=== (\S+) \(|--- (\S+): ", line)
            if heading:
                path = heading[1] or heading[2]
            elif numbered := re.match(r"(\d+)([ +-])\|", line):
                found.add((path, numbered[2], int(numbered[1])))
    return frozenset(found)


def _changed(change: Change) -> set[tuple[str, str, int]]:
    return {
        (file.path, line.kind.value, line.new or line.old or 0)
        for file in change.files
        for hunk in file.hunks or ()
        for line in hunk.lines
        if line.kind is not LineKind.CONTEXT
    }


def _visible(change: Change, plan: PromptPlan) -> float:
    changed = _changed(change)
    return len(changed & _shown(plan)) / len(changed)


def _lost(change: Change) -> int:
    plan = _built(change, Budget(), gather(change.files, change.texts))
    unread = {omission.path for omission in plan.unread}
    return sum(path not in unread for path, _, _ in _changed(change) - _shown(plan))


def _taken(what: str, words: str, seconds: float) -> Iterator[Figure]:
    command = [sys.executable, "-m", "tests.bench.seeing", what]
    took: Mapping[str, float] = json.loads(subprocess.check_output(command, cwd=ROOT))
    name = f"{words}: parsed, selected, contexted, prompted, anchored"
    yield bounded(f"{name}, CPU", took["cpu"], "s", seconds)
    yield bounded(f"{words}, memory", took["megabytes"], "MB", MEGABYTES)


def _largest(what: str) -> Change:
    """Return some 10,000 lines of diff in a hundred files, or 3,000 files."""
    return made_quickly(100, 7) if what == "lines" else made_quickly(CPU_FILES, 1)


def _work(change: Change, patches: Sequence[str]) -> None:
    """Do what a review does with a change before and after the model."""
    for patch in patches:
        parse_patch(patch)
    context = gather(change.files, change.texts)
    if not _built(change, Budget(), context).prompts:
        raise RuntimeError("no prompt was built")
    for file in change.files:
        for candidate in _claims(file):
            if anchor(candidate, file) is None:
                raise RuntimeError(f"{file.path}:{candidate.line} found no place")


def _claims(file: FileChange) -> Iterator[Candidate]:
    """Yield a claim about one added line of each hunk."""
    for hunk in file.hunks or ():
        added = (line for line in hunk.lines if line.kind is LineKind.ADDED)
        line = next((line for line in added if line.text.strip()), None)
        if line is not None and line.new is not None:
            yield Candidate(
                file.path, line.new, Severity.NIT, Category.BUG, "It is wrong", "", line.text
            )


def _patch(file: FileChange) -> str:
    return "\n".join(
        f"@@ -{h.old_start},{h.old_count} +{h.new_start},{h.new_count} @@\n"
        + "\n".join(line.kind.value + line.text for line in h.lines)
        for h in file.hunks or ()
    )


def main(what: str) -> None:
    """Print what the work takes, as JSON."""
    change = _largest(what)
    patches = [_patch(file) for file in change.files]
    began = time.process_time()
    _work(change, patches)
    cpu = time.process_time() - began
    lines = sum(patch.count("\n") + 1 for patch in patches)
    found = {"cpu": cpu, "megabytes": peak_megabytes(), "files": len(change.files), "lines": lines}
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1])
