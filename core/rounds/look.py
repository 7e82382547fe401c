"""One look at a head with everything that is remembered of the pull request.

This is what the review works with; the rules behind each answer are in the modules beside it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from core.adoption import finding_of
from core.models import (
    Anchor,
    Candidate,
    FileChange,
    Finding,
    PullMemory,
    RecordedFinding,
    RememberedFinding,
    Resolved,
    Round,
    StandingComment,
    Strength,
)
from core.rounds.agenda import Agenda
from core.rounds.carrying import Change, carried, near_fresh
from core.rounds.matching import Sorted, sort
from core.rounds.settling import remember, settled, speaks_inline, told


@dataclass(frozen=True, slots=True)
class Look:
    """A round in the making."""

    memory: PullMemory
    change: Change

    @property
    def agenda(self) -> Agenda:
        """What is read in this round."""
        return self.change.agenda

    @property
    def first(self) -> bool:
        """Tell whether nothing of the pull request was read before."""
        return self.memory.round == 0

    @property
    def nothing_new(self) -> bool:
        """Tell whether every block was read before."""
        return not self.first and not self.agenda.fresh

    def in_question(self) -> tuple[RememberedFinding, ...]:
        """Return open findings about which a reader of this round may tell what became."""
        return near_fresh(carried(self.memory, self.change), self.agenda)

    def compare(self, findings: Sequence[Finding], resolved: Iterable[Resolved]) -> "Compared":
        """Hold what was found now against what is remembered."""
        asked = {each.finding.id for each in self.in_question()}
        answers = [each for each in resolved if each.id in asked]
        earlier = carried(self.memory, self.change, answers)
        files = {file.path: file for file in self.change.files}
        return Compared(self, earlier, sort(findings, earlier, files, self.memory.rules))


@dataclass(frozen=True, slots=True)
class Compared:
    """The findings of a round beside those of earlier ones."""

    look: Look
    earlier: tuple[RememberedFinding, ...]
    sorted: Sorted

    @property
    def to_say(self) -> tuple[Finding, ...]:
        """Return what was not said before, and what is back."""
        return (*self.sorted.new, *self.sorted.back.values())

    def in_time(self, finding: Finding, verified: frozenset[str] = frozenset()) -> bool:
        """Tell whether a finding may still stand on a line."""
        is_verified = finding.id in verified
        return speaks_inline(finding, self.look.change, first=self.look.first, verified=is_verified)

    def settle(
        self,
        findings: Iterable[Finding],
        records: Iterable[RecordedFinding],
        *,
        unread: Iterable[str],
        strength: Strength,
        verified: frozenset[str] = frozenset(),
    ) -> tuple[PullMemory, Round]:
        """Return the memory after the round, and the round as people are told of it.

        `records` are the findings of this round as they were placed; `unread` are paths of which
        something was left out.
        """
        by_id = {finding.id: finding for finding in findings}
        said = {record.id: (by_id[record.id], record) for record in records if record.id in by_id}
        memory = settled(
            self.look.memory,
            self.earlier,
            self.sorted,
            said,
            self.look.change,
            verified=verified,
            unread=unread,
            strength=strength,
        )
        return memory, told(memory, self.look.memory, self.sorted)


def restored(memory: PullMemory, comments: Iterable[StandingComment], change: Change) -> PullMemory:
    """Return the memory with findings that only our comments on the pull request still know.

    So a ledger that was lost, or a review that was posted and not recorded, leads to nothing
    said twice. A comment whose line is gone is left to rest, but not what it says of a dismissal.
    """
    known = {each.finding.fingerprint for each in memory.findings}
    files = {file.path: file for file in change.files}
    found = [
        _remembered(comment, change, max(memory.round, 1))
        for comment in comments
        if (comment.line is not None or comment.state.is_quiet)
        and comment.path in files
        and comment.fingerprint not in known
    ]
    return memory.model_copy(update={"findings": (*memory.findings, *found)})


def all_paths(files: Sequence[FileChange]) -> frozenset[str]:
    """Return the paths of a change."""
    return frozenset(file.path for file in files)


def open_findings(memory: PullMemory) -> tuple[RecordedFinding, ...]:
    """Return what is open, in the order in which it was found."""
    return tuple(each.finding for each in memory.findings if each.state.is_open)


def _remembered(comment: StandingComment, change: Change, number: int) -> RememberedFinding:
    record = finding_of(comment, comment.url)
    candidate = Candidate(
        path=comment.path,
        line=record.line,
        severity=record.severity,
        category=record.category,
        title=record.title,
        body=record.body,
        quote="",
        side=comment.side,
    )
    anchor = Anchor(path=comment.path, side=comment.side, line=record.line)
    finding = Finding(comment.finding_id, candidate, anchor, comment.fingerprint)
    found = remember(finding, record, change, number, verified=False)
    return found.model_copy(update={"state": comment.state})


Lines = Mapping[str, Sequence[str]]
"""Files at the head by their lines, by path."""


def lines_of(texts: Mapping[str, str]) -> Lines:
    """Return texts by their lines."""
    return {path: text.split("\n") for path, text in texts.items()}
