"""A claim that was made before: in other words, on moved code, or dismissed by a person.

Lines alone never decide, as in one run: different issues overlap.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.claims import SAME_CLAIM, similarity
from core.models import (
    Dismissal,
    FileChange,
    Finding,
    FindingState,
    Quoted,
    RecordedFinding,
    RememberedFinding,
    Side,
)
from core.rounds.dismissing import falls_under
from core.rounds.places import quoted, quoted_at

NEAR_LINES = 3
"""Lines between two places at which one claim may be the other."""
SAME_CODE = 0.12
"""Similarity that is enough where both quote the very same code."""


@dataclass(frozen=True, slots=True)
class Sorted:
    """The findings of a run, held against what was said before."""

    new: tuple[Finding, ...]
    repeated: Mapping[str, Finding]
    """Id of the remembered finding that is open → how it was said now."""
    back: Mapping[str, Finding]
    """Id of the remembered finding that had been addressed → the finding that says it again."""
    dismissed: tuple[Finding, ...]
    """Said again although a person had dismissed or accepted it; kept quiet."""
    ruled: tuple[tuple[Finding, Dismissal], ...] = ()
    """New, and of a rule that a person dismissed; kept quiet."""


def sort(
    findings: Sequence[Finding],
    remembered: Sequence[RememberedFinding],
    files: Mapping[str, FileChange],
    rules: Sequence[Dismissal] = (),
) -> Sorted:
    """Tell new findings from those that were made before; each of these counts once."""
    new: list[Finding] = []
    repeated: dict[str, Finding] = {}
    back: dict[str, Finding] = {}
    dismissed: list[Finding] = []
    ruled: list[tuple[Finding, Dismissal]] = []
    for finding in findings:
        known = _known(finding, remembered, files.get(finding.candidate.path))
        if known is None:
            rule = falls_under(finding, rules)
            if rule is None:
                new.append(finding)
            else:
                ruled.append((finding, rule))
        elif known.state.is_quiet:
            dismissed.append(finding)
        elif known.state is FindingState.ADDRESSED:
            back.setdefault(known.finding.id, finding)
        else:
            repeated.setdefault(known.finding.id, finding)
    return Sorted(tuple(new), repeated, back, tuple(dismissed), tuple(ruled))


def code_of(finding: Finding, file: FileChange | None) -> Quoted:
    """Return the hash of the code a finding stands on, of its quote where it stands on no line."""
    if finding.anchor is not None and file is not None:
        return quoted_at(finding.anchor, file)
    return quoted(finding.candidate.quote.strip("\n").split("\n"))


def _known(
    finding: Finding, remembered: Sequence[RememberedFinding], file: FileChange | None
) -> RememberedFinding | None:
    """Return what it repeats: the same print first, then the same claim, the most alike of them."""
    for each in remembered:
        if each.finding.fingerprint == finding.fingerprint:
            return each
    if file is None:
        return None
    lineage, code = file.previous_path or file.path, code_of(finding, file)
    alike = [
        (_likeness(finding, each), each)
        for each in remembered
        if each.lineage == lineage and _is_same(finding, code, each)
    ]
    return max(alike, key=lambda pair: pair[0])[1] if alike else None


def _is_same(finding: Finding, code: Quoted, each: RememberedFinding) -> bool:
    both_rules = finding.candidate.source != "model" and each.finding.source != "model"
    if both_rules and finding.candidate.source != each.finding.source:
        return False
    likeness = _likeness(finding, each)
    if code.digest and code.digest == each.quoted.digest:
        return likeness >= SAME_CODE
    return likeness >= SAME_CLAIM and _between(finding, each.finding) <= NEAR_LINES


def _likeness(finding: Finding, each: RememberedFinding) -> float:
    said = f"{finding.candidate.title}. {finding.candidate.body}"
    return similarity(said, f"{each.finding.title}. {each.finding.body}")


def _between(finding: Finding, other: RecordedFinding) -> int:
    side, first, last = _span(finding)
    if side is not other.side:
        return NEAR_LINES + 1
    return max(other.line - last, first - (other.end_line or other.line), 0)


def _span(finding: Finding) -> tuple[Side, int, int]:
    candidate, anchor = finding.candidate, finding.anchor
    if anchor is None:
        return candidate.side, candidate.line, candidate.end_line or candidate.line
    return anchor.side, anchor.start_line or anchor.line, anchor.line
