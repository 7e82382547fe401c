"""What a second push costs: one changed hunk, and a rebase that changes positions alone.

The review is the real one, in memory, on pull requests made of real code; only the model is made
up. It finds what is wrong in the first round, so that later ones have findings to look after.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median

from core import prompts
from core.models import (
    DiffLine,
    FileChange,
    Hunk,
    Job,
    LineKind,
    OutcomeKind,
    Prompt,
    PullMemory,
    Reading,
    ReplyFinding,
    ReviewReply,
    Usage,
)
from core.repo_config import RepoConfig, ReviewRules
from core.review import Crew, review_pull_request
from core.reviewer import Reviewer
from tests.bench.edits import Change, made
from tests.bench.figures import Figure, Section, bounded, percentile
from tests.bench.site import Site
from tests.fakes.core import (
    FakeFence,
    FakeHost,
    FakePublisher,
    NoAnalyzers,
    a_job,
    a_pull_request,
)

USUAL, QUICK = 60, 12
MOST_OF_HUNK = 1.3
"""Times the hunk with its context that a second push may cost beyond the fixed prompt."""
NAME = "counting:one"
ADDED = "  # said more clearly"


@dataclass
class Counting:
    """Finds the defects it is shown, and counts what it is asked."""

    change: Change
    names: tuple[str, ...] = (NAME,)
    context_tokens: int = 100_000
    asked: list[Prompt] = field(default_factory=list)

    async def read(self, prompt: Prompt) -> Reading:
        """Tell of the defects in the files of a call."""
        self.asked.append(prompt)
        said = [_about(self.change, at) for at in self.change.defects if at[0] in prompt.paths]
        return Reading(ReviewReply(findings=tuple(said)), NAME, True, Usage(calls=1))


@dataclass
class Kept:
    """The memory of one pull request."""

    memory: PullMemory = field(default_factory=PullMemory)

    async def recall(self, job: Job) -> PullMemory:
        """Return what the last review left."""
        return self.memory


@dataclass(frozen=True)
class Cost:
    """Tokens of a round, and of its fixed part."""

    tokens: int
    fixed: int
    calls: int


def measure(site: Site, folder: Path, *, quick: bool) -> Section:
    """Review, push again, and count."""
    changes = [made(seed) for seed in range(QUICK if quick else USUAL)]
    pushed = [(each, at) for each in changes if (at := _last_hunk(each)) is not None]
    note = (
        f"Pushed again: {len(pushed)} pull requests, one hunk changed in each; 1 is what that hunk "
        "costs beyond instructions and schema as a pull request of its own. Rebased: "
        f"{len(changes)}, their files a line further down."
    )
    parts = [asyncio.run(_part_of_hunk(change, *at)) for change, at in pushed]
    rebased = [asyncio.run(_rounds(change, _rebased(change))) for change in changes]
    return Section(
        "Later rounds",
        (
            _beyond_fixed("a second push of one hunk, median", median(parts)),
            _beyond_fixed("a second push of one hunk, p95", percentile(parts, 0.95)),
            bounded("tokens of a pure rebase", sum(each.tokens for each in rebased), "", 0),
            bounded("model calls of a pure rebase", sum(each.calls for each in rebased), "", 0),
        ),
        (note,),
    )


def _beyond_fixed(name: str, part: float) -> Figure:
    return bounded(f"{name}, beyond the fixed prompt", part, "× the hunk", MOST_OF_HUNK)


async def _part_of_hunk(change: Change, path: str, index: int) -> float:
    """Return what the second push costs, in times of the hunk as a pull request of its own."""
    later = _touched(change, path, index)
    second = await _rounds(change, later)
    alone = await _rounds(_only(later, path, index))
    return (second.tokens - second.fixed) / (alone.tokens - alone.fixed)


async def _rounds(*heads: Change) -> Cost:
    """Review head after head, and return what the last one cost."""
    kept, asked = Kept(), []
    for head in heads:
        chain = Counting(head)
        kept.memory = await _reviewed(head, chain, kept)
        asked = chain.asked
    return Cost(
        tokens=sum(prompts.call_tokens(prompt) for prompt in asked),
        fixed=sum(prompts.call_tokens(prompt, 0.0) for prompt in asked),
        calls=len(asked),
    )


async def _reviewed(head: Change, chain: Counting, kept: Kept) -> PullMemory:
    host = FakeHost(
        pull=replace(a_pull_request(), changed_files=len(head.files)),
        files=head.files,
        at_head={path: text.encode() for path, text in head.texts.items()},
    )
    crew = Crew(
        host=host,
        publisher=FakePublisher(host),
        reviewer=Reviewer(chain, fence_key=b"k"),
        analyzers=NoAnalyzers(),  # type: ignore[arg-type]  # what rules find is another matter
        defaults=RepoConfig(review=ReviewRules(max_files=500)),
        clock=time.monotonic,
        memory=kept,
    )
    outcome = await review_pull_request(a_job(), crew, FakeFence())
    assert outcome.kind in {OutcomeKind.REVIEWED, OutcomeKind.CLEAN, OutcomeKind.NOTHING_NEW}
    return outcome.memory or kept.memory


def _about(change: Change, at: tuple[str, int]) -> ReplyFinding:
    path, line = at
    code = change.texts[path].split("\n")[line - 1]
    return ReplyFinding(
        path=path,
        line=line,
        severity="important",
        category="bug",
        title=f"Wrong result of line {line}",
        body=f"What stands in `{code.strip()[:60]}` is not what its callers expect.",
        quote=code,
        confidence=0.9,
    )


def _last_hunk(change: Change) -> tuple[str, int] | None:
    """Return a hunk that adds lines, in a pull request that has others."""
    hunks = [
        (file.path, index)
        for file in change.files
        for index, hunk in enumerate(file.hunks or ())
        if any(line.kind is LineKind.ADDED and line.text.strip() for line in hunk.lines)
    ]
    return hunks[-1] if len(hunks) > 1 else None


def _touched(change: Change, path: str, index: int) -> Change:
    """Return the change with one added line of a hunk written anew."""
    hunk = next(file for file in change.files if file.path == path).hunks[index]  # type: ignore[index]  # it has hunks
    at = next(
        n for n, each in enumerate(hunk.lines) if each.kind is LineKind.ADDED and each.text.strip()
    )
    line = hunk.lines[at]
    new = replace(line, text=line.text + ADDED)
    lines = change.texts[path].split("\n")
    lines[(line.new or 1) - 1] = new.text
    again = replace(hunk, lines=(*hunk.lines[:at], new, *hunk.lines[at + 1 :]))
    return replace(
        change,
        files=tuple(
            replace(file, hunks=_with(file.hunks or (), index, again))
            if file.path == path
            else file
            for file in change.files
        ),
        texts={**change.texts, path: "\n".join(lines)},
    )


def _with(hunks: Sequence[Hunk], index: int, hunk: Hunk) -> tuple[Hunk, ...]:
    return (*hunks[:index], hunk, *hunks[index + 1 :])


def _only(change: Change, path: str, index: int) -> Change:
    """Return a change of this hunk alone."""
    file = next(file for file in change.files if file.path == path)
    return replace(change, files=(replace(file, hunks=(file.hunks or ())[index : index + 1]),))


def _rebased(change: Change) -> Change:
    """Return the change onto a base whose files begin with one line more."""
    files = tuple(_lower(file) if file.status == "modified" else file for file in change.files)
    moved = {file.path for file in files if file.status == "modified"}
    texts = {p: f"# Licensed.\n{text}" if p in moved else text for p, text in change.texts.items()}
    lower = tuple((path, line + (path in moved)) for path, line in change.defects)
    return Change(files, texts, lower)


def _lower(file: FileChange) -> FileChange:
    return replace(file, hunks=tuple(_one_lower(hunk) for hunk in file.hunks or ()))


def _one_lower(hunk: Hunk) -> Hunk:
    return replace(
        hunk,
        old_start=hunk.old_start + 1,
        new_start=hunk.new_start + 1,
        lines=tuple(_line_lower(line) for line in hunk.lines),
    )


def _line_lower(line: DiffLine) -> DiffLine:
    return replace(line, old=line.old and line.old + 1, new=line.new and line.new + 1)
