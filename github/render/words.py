"""Phrases that every text on GitHub shares: counts, places, names, cost."""

from urllib.parse import quote

from core.models import (
    Coverage,
    Omission,
    OutcomeKind,
    RecordedFinding,
    ReviewRecord,
    Severity,
    Side,
    Strength,
    Usage,
)
from github.sanitise import Home, inline, span

BODY_LIMIT = 65_536
"""Characters GitHub takes in a comment, and one more than in a check run's summary or text.

https://docs.github.com/rest/checks/runs
"""
SHORT_SHA = 7
DETAIL_LIMIT = 200
"""Characters of what is said beyond an omission's reason."""
NO_MODEL = "static analysis only: no model is configured"
STATIC = "static analysis only"
"""Where a model is configured but gave no answer; the reasons say why."""

_IN_SLACK = "slack:"
"""Before the ids of people who are known in Slack alone."""
_SEVERITIES = {
    Severity.IMPORTANT: "Important",
    Severity.NIT: "Nit",
    Severity.PRE_EXISTING: "Pre-existing",
}
_ENDS = {
    OutcomeKind.REVIEWED: "Argus read this commit and has findings.",
    OutcomeKind.CLEAN: "Argus read this commit and found nothing to say.",
    OutcomeKind.NOTHING_NEW: "Everything in this commit had been read before.",
    OutcomeKind.SKIPPED: "This commit was not reviewed, by rule.",
    OutcomeKind.SUPERSEDED: "A newer commit arrived, so this one was not reviewed to the end.",
    OutcomeKind.CANCELLED: "The review was cancelled: there is nothing left to review.",
    OutcomeKind.FAILED: "The review failed, and this commit counts as not reviewed.",
}


def ended(kind: OutcomeKind) -> str:
    """Return how a request ended, as a sentence."""
    return _ENDS[kind]


def severity_word(severity: Severity) -> str:
    """Return the word that stands for a severity."""
    return _SEVERITIES[severity]


def rule_of(source: str) -> str:
    """Return the rule's name of a static finding as code, empty for a model's."""
    kind, _, rule = source.partition(":")
    return span(rule) if kind == "static" and rule else ""


def count(number: int, noun: str, plural: str = "") -> str:
    """Return `1 file` or `3 files`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def short(head: str) -> str:
    """Return a commit's short form as code."""
    return span(head[:SHORT_SHA])


def place(finding: RecordedFinding, record: ReviewRecord, home: Home) -> str:
    """Return `path:line` as a link to the code as it was read, the path alone without a line."""
    commit = record.base if finding.side is Side.LEFT else record.head
    first, last = finding.line, finding.end_line or finding.line
    lines, fragment = "", ""
    if first > 0:
        lines = f":{first}-{last}" if last > first else f":{first}"
        fragment = f"#L{first}-L{last}" if last > first else f"#L{first}"
    if {".", ".."} & set(finding.path.split("/")):
        return span(finding.path + lines)  # a browser would walk out of the repository
    path = quote(finding.path, errors="replace")
    return f"[{span(finding.path + lines)}]({home.repository}/blob/{commit}/{path}{fragment})"


def files_read(coverage: Coverage) -> str:
    """Return how much was read, in one phrase."""
    if coverage.files_total == 0:
        return "no reviewable file changed"
    if coverage.files_read == coverage.files_total:
        return f"{count(coverage.files_total, 'file')} read"
    return f"{coverage.files_read:,} of {count(coverage.files_total, 'file')} read"


def by(who: str, reason: str, home: Home) -> str:
    """Return who said something, as code so that nobody is called, and why; empty when unknown."""
    said = f" by {person(who)}" if span(who) else ""
    why = inline(reason, home, limit=DETAIL_LIMIT)
    return f"{said}: {why}" if why else said


def person(who: str) -> str:
    """Return who somebody is: their login as code, and of people in Slack that they are there.

    The id that Slack knows them by says nothing to whoever reads this on GitHub.
    """
    return "somebody in Slack" if who.startswith(_IN_SLACK) else span(who)


def omission(left_out: Omission, home: Home) -> str:
    """Return one file, or part of one, that was not read, and why."""
    part = f", {count(left_out.hunks, 'hunk')}" if left_out.hunks else ""
    detail = f" ({inline(left_out.detail, home, limit=DETAIL_LIMIT)})" if left_out.detail else ""
    return f"{span(left_out.path)}{part}: {left_out.reason}{detail}"


def readers(record: ReviewRecord) -> str:
    """Return what read the change and looked again; that no model did is said openly."""
    if record.models:
        read = "read by " + ", ".join(span(model) for model in record.models)
        others = [model for model in record.verifiers if model not in record.models]
        return f"{read}, verified by {', '.join(map(span, others))}" if others else read
    if record.coverage.strength is Strength.STATIC and not record.usage.calls:
        notes = record.coverage.notes
        return NO_MODEL if not notes or NO_MODEL in notes else STATIC
    return "no model answered"


def cost(usage: Usage) -> str:
    """Return calls, tokens and money in one phrase, empty when no model was called."""
    if not usage.calls and not usage.cached_calls:
        return ""
    parts = [count(usage.calls, "model call")]
    if usage.cached_calls:
        parts.append(f"{usage.cached_calls:,} from the cache")
    parts.append(f"{usage.input_tokens:,} tokens in, {usage.output_tokens:,} out")
    parts.append("price unknown" if usage.usd is None else f"{usage.usd:.4f} USD")
    return " · ".join(parts)


def duration(seconds: float) -> str:
    """Return how long a run took."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
