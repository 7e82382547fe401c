"""What the command line reports of a review: the outcome, its verdict, and the code it is about.

The ledger's record holds no code; here it is taken from the change itself. How a report looks is
for `bot.cli.formats`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from core.analyzers.secrets import mask
from core.coverage import Verdict
from core.errors import PermanentError, TransientError
from core.models import (
    FileChange,
    Hunk,
    Outcome,
    PullRequest,
    RecordedFinding,
    ReviewRecord,
    Severity,
    Side,
)
from core.ports import Host

CONTEXT_LINES = 2
"""Shown before and after the lines of a finding."""
MAX_LINES = 14
"""Of one excerpt; a finding about a whole function is shown by its beginning."""
SHORT_SHA = 7
SECRETS = "static:secrets/"
"""Source of findings about credentials; a key may go on in the lines around."""
_RANKS = {severity: rank for rank, severity in enumerate(Severity)}


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Consecutive lines of code around a finding; `first` to `last` are those it is about."""

    start: int
    lines: tuple[str, ...]
    first: int
    last: int

    def numbered(self) -> tuple[tuple[int, str, bool], ...]:
        """Return each line's number, its text, and whether the finding is about it."""
        numbers = enumerate(self.lines, start=self.start)
        return tuple((number, text, self.first <= number <= self.last) for number, text in numbers)


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that a format may tell."""

    pull: PullRequest
    outcome: Outcome
    verdict: Verdict
    excerpts: Mapping[str, Excerpt] = field(default_factory=dict)
    """By the finding's id; not every finding has one."""

    @property
    def record(self) -> ReviewRecord | None:
        """Return what was read and found, None when it did not come to that."""
        return self.outcome.record

    @property
    def between(self) -> str:
        """Return the commits it lies between, or what was typed to name a local change."""
        if self.pull.ref.number:
            return f"{self.pull.base[:SHORT_SHA]} → {self.outcome.head[:SHORT_SHA]}"
        return self.pull.head_branch

    @property
    def findings(self) -> tuple[RecordedFinding, ...]:
        """Return the findings, most important first, then by place."""
        found = self.record.findings if self.record else ()
        return tuple(sorted(found, key=lambda f: (_RANKS[f.severity], f.path, f.line)))


async def excerpts_of(
    outcome: Outcome, pull: PullRequest, files: Sequence[FileChange], host: Host
) -> dict[str, Excerpt]:
    """Return the code of each finding: from the diff, else from the file itself."""
    changes = {file.path: file for file in files}
    found: dict[str, Excerpt] = {}
    for finding in outcome.record.findings if outcome.record else ():
        change = changes.get(finding.path)
        excerpt = from_hunks(finding, (change.hunks if change else None) or ())
        excerpt = excerpt or await _from_file(finding, pull, change, host)
        if excerpt is not None:
            found[finding.id] = excerpt
    return found


def from_hunks(finding: RecordedFinding, hunks: Sequence[Hunk]) -> Excerpt | None:
    """Return the excerpt from the hunk that holds the finding's first line."""
    for hunk in hunks:
        lines = {
            number: line.text
            for line in hunk.lines
            if (number := line.new if finding.side is Side.RIGHT else line.old) is not None
        }
        if finding.line in lines:
            return _excerpt(finding, lines)
    return None


async def _from_file(
    finding: RecordedFinding, pull: PullRequest, change: FileChange | None, host: Host
) -> Excerpt | None:
    before = finding.side is Side.LEFT
    path = change.previous_path if before and change and change.previous_path else finding.path
    try:
        content = await host.text(path, pull.base if before else pull.head)
    except (TransientError, PermanentError):
        return None  # the review is done; it is told without this code
    if content is None:
        return None
    lines = content.decode(errors="replace").removesuffix("\n").split("\n")
    numbered = {number: line.removesuffix("\r") for number, line in enumerate(lines, start=1)}
    return _excerpt(finding, numbered) if finding.line in numbered else None


def _excerpt(finding: RecordedFinding, lines: Mapping[int, str]) -> Excerpt | None:
    """Return the lines around a finding, credentials masked: reports end up in logs of CI."""
    last = max(finding.line, finding.end_line or 0)
    about_secret = finding.source.startswith(SECRETS)
    around = 0 if about_secret else CONTEXT_LINES
    wanted = range(max(1, finding.line - around), last + around + 1)[:MAX_LINES]
    numbers = [number for number in wanted if number in lines]
    masked = tuple(mask(lines[number]) for number in numbers)
    if about_secret and masked == tuple(lines[number] for number in numbers):
        return None  # a value of no known form, which cannot be told from what is around it
    return Excerpt(numbers[0], masked, finding.line, last)
