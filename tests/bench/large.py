"""The largest pull request that GitHub lists, 3,000 files, from its rows to the rendered summary.

The work is done in a process of its own, so that its memory is its own: `python -m
tests.bench.large rows.json` prints what it took.
"""

import difflib
import json
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from core import prompts
from core.attributes import parse_gitattributes
from core.coverage import covered, verdict
from core.models import (
    Category,
    ChangeSet,
    FileChange,
    Omission,
    Outcome,
    OutcomeKind,
    Place,
    PullRequest,
    PullRequestRef,
    RecordedFinding,
    ReviewRecord,
    Scope,
    Severity,
)
from core.prompts import Budget
from core.repo_config import ReviewRules
from core.selection import select
from github.file_listing import Row, to_change
from github.render import ended, summary
from github.sanitise import Home
from tests.bench.change import make_change
from tests.bench.figures import Figure, Section, bounded, median, number
from tests.bench.processes import ROOT
from tests.bench.site import Site
from tests.bench.weight import peak_megabytes

FILES = 3_000
CPU_SECONDS = 3.0
MEGABYTES = 300.0
PEER_CPU = 7.6
"""Seconds that the best-known open reviewer takes to build the prompt alone."""
CONTEXT_TOKENS = 200_000
HOME = Home(PullRequestRef(owner="octo", repo="shop", number=7))
HEAD, BASE = "1" * 40, "2" * 40
STEPS = ("parse", "select", "prompts", "render")


def measure(site: Site, folder: Path, *, quick: bool) -> Section:
    """Run it with the limit of files lifted, which is the most work, and with the usual one."""
    del site  # nobody is asked for anything
    given = folder / "rows.json"
    given.write_text(json.dumps(_material()))
    times = 1 if quick else 3
    whole = [_run(given, FILES) for _ in range(times)]
    usual = [_run(given, ReviewRules().max_files) for _ in range(times)]
    cpu = median([each["cpu"] for each in whole])
    name = f"{FILES:,} files: parsed, selected, ranked, prompted, rendered"
    figures = (
        bounded(f"{name}, CPU", cpu, "s", CPU_SECONDS, against="peer, elsewhere", other=PEER_CPU),
        bounded(f"{name}, memory", max(e["megabytes"] for e in whole), "MB", MEGABYTES),
        Figure(
            f"the same with {ReviewRules().max_files} files read, CPU",
            median([each["cpu"] for each in usual]),
            "s",
        ),
    )
    steps = ", ".join(f"{s} {number(median([e[s] for e in whole]))} s" for s in STEPS)
    return Section("Large pull request", figures, (f"CPU of {FILES:,} files by step: {steps}.",))


def _run(given: Path, max_files: int) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.bench.large", str(given), str(max_files)]
    took: dict[str, float] = json.loads(subprocess.check_output(command, cwd=ROOT))
    return took


def _material() -> Mapping[str, Any]:
    """Return GitHub's rows for the change, and the texts at the head."""
    change = make_change(FILES, 0)
    rows = [_row(path, change.base[path], text) for path, text in change.files.items()]
    return {"rows": rows, "texts": dict(change.files)}


def _row(path: str, old: str, new: str) -> Mapping[str, Any]:
    diff = list(difflib.unified_diff(old.split("\n"), new.split("\n"), lineterm=""))[2:]
    added = sum(line.startswith("+") for line in diff)
    removed = sum(line.startswith("-") for line in diff)
    return {
        "filename": path,
        "status": "modified",
        "additions": added,
        "deletions": removed,
        "changes": added + removed,
        "sha": HEAD,
        "patch": "\n".join(diff),
    }


def _work(given: Mapping[str, Any], max_files: int) -> dict[str, float]:
    """Do what a review does with the change itself; return CPU seconds by step."""
    marks = [time.process_time()]
    files = tuple(to_change(Row.model_validate(row)) for row in given["rows"])
    marks.append(time.process_time())
    rules = ReviewRules(max_files=max_files)
    scope = select(ChangeSet(files), rules, parse_gitattributes(""))
    marks.append(time.process_time())
    unread = _prompted(scope, given["texts"])
    marks.append(time.process_time())
    _rendered(scope, unread)
    marks.append(time.process_time())
    steps = zip(STEPS, marks, marks[1:], strict=False)
    return {name: after - before for name, before, after in steps} | {"cpu": marks[-1] - marks[0]}


def _prompted(scope: Scope, texts: Mapping[str, str]) -> tuple[Omission, ...]:
    plan = prompts.build(
        _pull(scope.files),
        scope.files,
        texts,
        instructions="Mind the money.",
        focus="",
        static=(),
        context_tokens=CONTEXT_TOKENS,
        fence_key=b"bench",
        budget=Budget(),
    )
    if not plan.prompts:
        raise RuntimeError("no prompt was built")
    return plan.unread


def _rendered(scope: Scope, unread: Sequence[Omission]) -> None:
    findings = tuple(_finding(file, n) for n, file in enumerate(scope.files[:100]))
    record = ReviewRecord(
        head=HEAD, base=BASE, coverage=covered(scope, unread), findings=findings, summary="Fine."
    )
    outcome = Outcome(kind=OutcomeKind.REVIEWED, head=HEAD, record=record)
    judged = verdict(outcome)
    body = summary(outcome, judged, HOME, "<!-- marker -->")
    check = ended(outcome, judged, HOME)
    if not body or not check.text:
        raise RuntimeError("nothing was rendered")


def _finding(file: FileChange, serial: int) -> RecordedFinding:
    return RecordedFinding(
        id=f"f{serial}",
        fingerprint=f"{serial:032x}",
        path=file.path,
        line=7,
        severity=Severity.IMPORTANT,
        category=Category.BUG,
        title="The limit is subtracted",
        body="A caller gets a wrong total, because `limit` is taken off after the sum.",
        place=Place.INLINE if serial < 5 else Place.SUMMARY,
    )


def _pull(files: Sequence[FileChange]) -> PullRequest:
    return PullRequest(
        ref=HOME.ref,
        repo_id=1,
        title="Rework the totals",
        body="All services count alike now.",
        author="dev",
        author_is_bot=False,
        head=HEAD,
        base=BASE,
        base_branch="main",
        head_branch="totals",
        open=True,
        merged=False,
        draft=False,
        locked=False,
        private=False,
        labels=(),
        changed_files=len(files),
        additions=sum(file.additions for file in files),
        deletions=sum(file.deletions for file in files),
        url="https://github.test/octo/shop/pull/7",
    )


def main(path: str, max_files: str) -> None:
    """Print what the work took, as JSON."""
    took = _work(json.loads(Path(path).read_text()), int(max_files))
    sys.stdout.write(json.dumps({**took, "megabytes": peak_megabytes()}))


if __name__ == "__main__":
    main(*sys.argv[1:])
