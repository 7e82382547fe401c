"""What was read of a head, and the check's conclusion that follows from it, in words.

Green means that everything reviewable was read at full strength and nothing important is open;
whatever falls short of that is neutral and says by how much, with counts and reasons.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.models import (
    Conclusion,
    Coverage,
    Omission,
    OmissionReason,
    Outcome,
    OutcomeKind,
    ReviewRecord,
    Scope,
    Severity,
    Strength,
)

_SEVERITY_WORDS = {
    Severity.IMPORTANT: ("important finding", "important findings"),
    Severity.NIT: ("nit", "nits"),
    Severity.PRE_EXISTING: ("pre-existing finding", "pre-existing findings"),
}

_ENDED_WITHOUT_READING = {
    OutcomeKind.SUPERSEDED: "Superseded by a newer head",
    OutcomeKind.CANCELLED: "Cancelled",
    OutcomeKind.FAILED: "Failed",
    OutcomeKind.NOTHING_NEW: "Nothing new",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """The check run's conclusion, its title, and a sentence for each reason."""

    conclusion: Conclusion
    title: str
    reasons: tuple[str, ...]


def covered(
    scope: Scope,
    unread: Sequence[Omission] = (),
    *,
    strength: Strength = Strength.FULL,
    notes: tuple[str, ...] = (),
) -> Coverage:
    """Add up what was read of the scope; `unread` is what the reviewer had to leave out."""
    whole = {omission.path for omission in unread if omission.hunks == 0}
    hunks = {file.path: len(file.hunks or ()) for file in scope.files}
    partly = Counter[str]()
    for omission in unread:
        if omission.path not in whole:
            partly[omission.path] += omission.hunks
    read = {
        path: max(count - partly[path], 0) for path, count in hunks.items() if path not in whole
    }
    left_out = {omission.path for omission in scope.omitted if not omission.reason.not_reviewable}
    return Coverage(
        files_total=len(hunks) + len(left_out),
        files_read=sum(count > 0 for count in read.values()),
        hunks_total=sum(hunks.values()),
        hunks_read=sum(read.values()),
        omitted=(*scope.omitted, *unread),
        strength=strength,
        notes=notes,
    )


def verdict(outcome: Outcome) -> Verdict:
    """Return the conclusion of the check run for an outcome, and why."""
    if outcome.kind is OutcomeKind.SKIPPED:
        return Verdict(Conclusion.SKIPPED, "Not reviewed", _sentences(outcome.reason))
    if outcome.record is None:
        title = _ENDED_WITHOUT_READING.get(outcome.kind, "No record of what was read")
        return Verdict(Conclusion.NEUTRAL, title, _sentences(outcome.reason))
    if outcome.kind in {OutcomeKind.SUPERSEDED, OutcomeKind.CANCELLED, OutcomeKind.FAILED}:
        title = _ENDED_WITHOUT_READING[outcome.kind]
        return Verdict(Conclusion.NEUTRAL, title, _sentences(outcome.reason))
    return _verdict_on(outcome.record, outcome.reason)


def _verdict_on(record: ReviewRecord, reason: str) -> Verdict:
    important = sum(finding.severity is Severity.IMPORTANT for finding in record.findings)
    coverage = record.coverage
    conclusion = Conclusion.NEUTRAL
    if important and record.gate:
        conclusion = Conclusion.FAILURE
    elif not important and coverage.complete:
        conclusion = Conclusion.SUCCESS
    reasons = (
        *_sentences(reason),
        *_open_sentence(record, important),
        *_unread_sentences(coverage),
        *_strength_sentences(coverage),
    )
    return Verdict(conclusion, _title(record), reasons)


def _title(record: ReviewRecord) -> str:
    coverage = record.coverage
    found = count_words(finding.severity for finding in record.findings)
    if not coverage.files_total:
        return "Nothing to review"
    if coverage.strength is Strength.STATIC:
        found = f"{found}, static analysis only"
    elif coverage.files_read < coverage.files_total:
        found = f"{found}, {coverage.files_read:,} of {_files(coverage.files_total)} read"
    elif coverage.hunks_read < coverage.hunks_total:
        found = f"{found}, {coverage.hunks_read:,} of {coverage.hunks_total:,} hunks read"
    elif not coverage.complete:
        found = f"{found}, read in part or by a fallback"
    return found[0].upper() + found[1:]


def count_words(severities: Iterable[Severity]) -> str:
    """Return such as "2 important findings, 1 nit", or "no findings"."""
    counts = Counter(severities)
    words = [
        f"{counts[severity]:,} {one if counts[severity] == 1 else many}"
        for severity, (one, many) in _SEVERITY_WORDS.items()
        if counts[severity]
    ]
    return ", ".join(words) or "no findings"


def _open_sentence(record: ReviewRecord, important: int) -> tuple[str, ...]:
    if not important:
        return ()
    words = count_words([Severity.IMPORTANT] * important)
    is_open = "is" if important == 1 else "are"
    gate = "this repository lets that fail the check" if record.gate else "no gate is set"
    return (f"{words} {is_open} open; {gate}.",)


def _unread_sentences(coverage: Coverage) -> tuple[str, ...]:
    """One sentence a reason: first what lowers the coverage, then what was ruled out."""
    files: Counter[OmissionReason] = Counter()
    hunks: Counter[OmissionReason] = Counter()
    for omission in coverage.omitted:
        if omission.hunks:
            hunks[omission.reason] += omission.hunks
        else:
            files[omission.reason] += 1
    sentences: list[str] = []
    if coverage.files_read < coverage.files_total:
        was = "was" if coverage.files_total == 1 else "were"
        sentences.append(f"{coverage.files_read:,} of {_files(coverage.files_total)} {was} read.")
    for reason in sorted(OmissionReason, key=lambda reason: reason.not_reviewable):
        what = "Not reviewable" if reason.not_reviewable else "Not read"
        if files[reason]:
            sentences.append(f"{what}: {_files(files[reason])}, {reason}.")
        if hunks[reason]:
            many = "hunk" if hunks[reason] == 1 else "hunks"
            sentences.append(f"{what}: {hunks[reason]:,} {many}, {reason}.")
    return tuple(sentences)


def _strength_sentences(coverage: Coverage) -> tuple[str, ...]:
    if coverage.strength is Strength.FULL:
        return ()
    if coverage.notes:
        return tuple(sentence for note in coverage.notes for sentence in _sentences(note))
    return (f"It was read at less than full strength: {coverage.strength}.",)


def _files(count: int) -> str:
    return f"{count:,} file" if count == 1 else f"{count:,} files"


def _sentences(words: str) -> tuple[str, ...]:
    """Return the words as a sentence, none for no words."""
    words = words.strip()
    if not words:
        return ()
    return (f"{words[0].upper()}{words[1:]}{'' if words[-1] in '.!?' else '.'}",)
