"""A model that knows every defect and lies as often: what of its words reaches a pull request.

The review is the real one, in memory; only the model is made up. Lies are of the kinds that can
be told without a model: invented quotes, other files, repetitions, findings without words.
"""

import asyncio
import random
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Literal

from core.models import (
    OutcomeKind,
    Place,
    Prompt,
    Reading,
    RecordedFinding,
    ReplyFinding,
    ReviewReply,
    Usage,
    Verdict,
    VerdictWord,
    VerificationReading,
    VerificationReply,
)
from core.repo_config import RepoConfig, ReviewRules
from core.review import Crew, review_pull_request
from core.reviewer import Reviewer
from core.verification import Verifier
from tests.bench.edits import Change, made
from tests.bench.figures import Section, bounded
from tests.bench.site import Site
from tests.fakes.core import (
    FakeFence,
    FakeHost,
    FakePublisher,
    NoAnalyzers,
    a_job,
    a_pull_request,
)

MOST = 30
"""Defects of one change: as many as one review can have comments."""
USUAL, QUICK = 60, 12
NAME = "oracle:one"
Kind = Literal["invented", "elsewhere", "again", "wordless", "impossible"]
LIES: Sequence[Kind] = ("invented", "elsewhere", "again", "wordless", "impossible")


@dataclass(frozen=True)
class Told:
    """Everything the oracle says about a change."""

    true: tuple[ReplyFinding, ...]
    lies: tuple[ReplyFinding, ...]
    lines: frozenset[tuple[str, int]]
    """Where the true ones belong."""
    outside: int
    """True ones about code that the change does not show."""

    @property
    def all(self) -> tuple[ReplyFinding, ...]:
        """Return both, mixed."""
        mixed = [*self.true, *self.lies]
        random.Random(len(mixed)).shuffle(mixed)  # noqa: S311 -- a repeatable order, no secret
        return tuple(mixed)


@dataclass(frozen=True)
class Came:
    """What became of what the oracle said."""

    told: Told
    posted: frozenset[tuple[str, int]]
    shown: tuple[RecordedFinding, ...]
    calls: int

    @property
    def missed(self) -> int:
        """Count true findings that are not on their line."""
        return len(self.told.lines - self.posted)

    @property
    def got_through(self) -> int:
        """Count what is shown beyond the true findings."""
        return len(self.posted - self.told.lines) + max(len(self.shown) - len(self.told.true), 0)

    @property
    def lost_outside(self) -> int:
        """Count true findings outside the diff that the summary does not list."""
        return self.told.outside - sum(each.place is Place.SUMMARY for each in self.shown)


def told(change: Change, seed: int) -> Told:
    """Return the true findings, their lines often miscounted, and as many lies."""
    dice = random.Random(f"oracle {seed}")  # noqa: S311 -- a repeatable choice, no secret
    places = change.defects[:MOST]
    true = [
        _about(change, path, line, _miscounted(change, path, line, dice)) for path, line in places
    ]
    outside = [_about(change, path, line, line) for path, line in _unchanged(change)]
    lies = [_lie(dice.choice(LIES), each, number) for number, each in enumerate((*true, *outside))]
    return Told((*true, *outside), tuple(lies), frozenset(places), len(outside))


async def came_of(change: Change, told_: Told) -> Came:
    """Review the change with the oracle, and look at the pull request."""
    host = FakeHost(
        pull=replace(a_pull_request(), changed_files=len(change.files)),
        files=change.files,
        at_head={path: text.encode() for path, text in change.texts.items()},
    )
    oracle = Oracle(told_)
    crew = Crew(
        host=host,
        publisher=FakePublisher(host),
        reviewer=Reviewer(oracle, fence_key=b"k"),
        verifier=Verifier(oracle, fence_key=b"k"),
        analyzers=NoAnalyzers(),  # type: ignore[arg-type]  # what rules find is another matter
        defaults=RepoConfig(review=ReviewRules(max_findings=MOST, max_files=500)),
        clock=time.monotonic,
    )
    outcome = await review_pull_request(a_job(), crew, FakeFence())
    assert outcome.kind in {OutcomeKind.REVIEWED, OutcomeKind.CLEAN}
    assert outcome.record is not None
    posted = frozenset((each.path, each.line or 0) for each in host.comments)
    return Came(told_, posted, outcome.record.findings, oracle.calls)


def measure(site: Site, folder: Path, *, quick: bool) -> Section:
    """Ask the oracle about changes made of real code."""
    changes = [
        (seed, change)
        for seed in range(QUICK if quick else USUAL)
        if (change := made(seed)).defects
    ]
    came = [asyncio.run(came_of(change, told(change, seed))) for seed, change in changes]
    true = sum(len(each.told.true) for each in came)
    return Section(
        "A model that knows all and lies as often",
        (
            bounded("true findings not on their line", sum(c.missed for c in came), "", 0),
            bounded(
                "true findings off the diff, not listed", sum(c.lost_outside for c in came), "", 0
            ),
            bounded(
                "lies that gates can catch and did not", sum(c.got_through for c in came), "", 0
            ),
        ),
        (f"Told: {true} true findings and as many lies about {len(came)} changes.",),
    )


class Oracle:
    """Says what it was told to say, and confirms what is true."""

    names = (NAME,)
    context_tokens = 100_000

    def __init__(self, told_: Told) -> None:
        self._told = told_
        self._true = {each.title for each in told_.true}
        self.calls = 0

    async def read(self, prompt: Prompt) -> Reading:
        """Tell of the files of a call, and of files that are in none."""
        self.calls += 1
        known = {each.path for each in self._told.true}
        said = (f for f in self._told.all if f.path in prompt.paths or f.path not in known)
        return Reading(ReviewReply(findings=tuple(said)), NAME, True, Usage(calls=1))

    async def verify(
        self, prompt: Prompt, *, without: frozenset[str] = frozenset()
    ) -> VerificationReading:
        """Confirm what is true, reject the rest."""
        _, *parts = re.split(r"(?m)^id: (\S+)$", prompt.material)
        verdicts = (
            Verdict(id=id_, verdict=VerdictWord.CONFIRMED if self._is_true(text) else "rejected")
            for id_, text in zip(parts[::2], parts[1::2], strict=True)
        )
        return VerificationReading(
            VerificationReply(verdicts=tuple(verdicts)), NAME, True, Usage(calls=1)
        )

    def _is_true(self, text: str) -> bool:
        return any(f"Claim: {title}." in text for title in self._true)


def _about(change: Change, path: str, line: int, claimed: int) -> ReplyFinding:
    code = change.texts[path].split("\n")[line - 1]
    return ReplyFinding(
        path=path,
        line=max(claimed, 1),
        severity="important",
        category="bug",
        title=f"Wrong result at {path} {line}",
        body=f"What stands in `{code.strip()[:60]}` is not what its callers expect.",
        quote=code,
        confidence=0.9,
    )


def _miscounted(change: Change, path: str, line: int, dice: random.Random) -> int:
    """Return about which line it is, wrongly where the code itself tells the right one."""
    lines = change.texts[path].split("\n")
    alone = sum(lines[line - 1].strip() in each for each in lines) == 1
    return line + dice.randint(-4, 4) if alone else line


def _unchanged(change: Change) -> Iterator[tuple[str, int]]:
    """Yield a telling line of each file with a defect that stands in no hunk and nowhere else."""
    wrong = dict(change.defects)
    for file in [file for file in change.files if file.path in wrong][:5]:
        shown = "\n".join(line.text for hunk in file.hunks or () for line in hunk.lines)
        lines = change.texts[file.path].split("\n")
        telling = (
            number
            for number, text in enumerate(lines, 1)
            if len(text.strip()) > 25 and text.strip() not in shown and lines.count(text) == 1
        )
        yield from ((file.path, number) for number in islice(telling, 1))


def _lie(kind: Kind, about: ReplyFinding, number: int) -> ReplyFinding:
    if kind == "invented":
        title, quote = f"Invention number {number}", f"nowhere_{number}(about.nothing)"
        return about.model_copy(update={"title": title, "quote": quote})
    if kind == "elsewhere":
        return about.model_copy(update={"title": f"Other file {number}", "path": f"no/{number}.py"})
    if kind == "again":
        return about.model_copy(update={"line": about.line + 1, "confidence": 0.6})
    if kind == "wordless":
        return about.model_copy(update={"title": "  ", "body": ""})
    return about.model_copy(update={"title": f"Impossible {number}", "line": -number})
