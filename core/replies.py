"""Turns a model's reply into candidates: cleaned, bounded, in our own categories.

What a reply claims is not proven here; `core.findings` judges it.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from core.models import Candidate, Category, ReplyFinding, ReviewReply, Severity, Side
from core.prompts.visible import conceal

MOST_FINDINGS = 100
"""Findings of one reply that are looked at."""
LARGEST_LINE = 10_000_000
LONGEST_TITLE = 200
LONGEST_BODY = 2_000
LONGEST_CODE = 8_000
"""Characters of a quote or a suggestion."""
LONGEST_SUMMARY = 600

_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")

_OTHER_NAMES = {
    "vulnerability": Category.SECURITY,
    "secret": Category.SECURITY,
    "auth": Category.SECURITY,
    "injection": Category.SECURITY,
    "correctness": Category.BUG,
    "logic": Category.BUG,
    "error": Category.BUG,
    "concurrency": Category.BUG,
    "race": Category.BUG,
    "reliability": Category.BUG,
    "data": Category.BUG,
    "leak": Category.BUG,
    "perf": Category.PERFORMANCE,
    "efficien": Category.PERFORMANCE,
    "test": Category.TESTS,
    "coverage": Category.TESTS,
}
"""Beginnings of words that models use instead of ours."""


@dataclass(frozen=True, slots=True)
class Converted:
    """The candidates of one reply, and how many of its findings could not be used."""

    candidates: tuple[Candidate, ...]
    dropped: int


def convert(reply: ReviewReply, paths: Sequence[str]) -> Converted:
    """Return the usable findings of a reply about these files."""
    given = reply.findings[:MOST_FINDINGS]
    candidates = tuple(c for finding in given if (c := _candidate(finding, paths)))
    return Converted(candidates, len(reply.findings) - len(candidates))


def summary_of(reply: ReviewReply) -> str:
    """Return the reply's summary as one bounded paragraph."""
    return " ".join(_clean(reply.summary, LONGEST_SUMMARY).split())


def _candidate(finding: ReplyFinding, paths: Sequence[str]) -> Candidate | None:
    title = " ".join(_clean(finding.title, LONGEST_TITLE).split()).strip("*# ")
    body = _clean(finding.body, LONGEST_BODY).strip()
    if not title or not body or not 1 <= finding.line <= LARGEST_LINE:
        return None
    severity = Severity(finding.severity)
    return Candidate(
        path=_path(finding.path, paths),
        line=finding.line,
        end_line=_end(finding),
        side=Side(finding.side),
        severity=severity,
        category=_category(finding.category, severity),
        title=title,
        body=body,
        quote=conceal(_clean(finding.quote, LONGEST_CODE)),
        suggestion=_suggestion(finding.suggestion),
        confidence=_confidence(finding.confidence),
    )


def _clean(text: str, most: int) -> str:
    return _UNPRINTABLE.sub("", text)[:most]


def _path(path: str, paths: Sequence[str]) -> str:
    """Forgive the prefixes of a diff where the rest is a file of the prompt."""
    path = conceal(_clean(path, 4_096))
    if path in paths:
        return path
    shorter = re.sub(r"^(?:\./|/|[ab]/)", "", path)
    return shorter if shorter in paths else path


def _end(finding: ReplyFinding) -> int | None:
    end = finding.end_line
    return end if end is not None and finding.line < end <= LARGEST_LINE else None


def _category(word: str, severity: Severity) -> Category:
    word = word.strip().lower()
    if word in set(Category):
        return Category(word)
    found = next((c for name, c in _OTHER_NAMES.items() if name in word), None)
    return found or (Category.QUALITY if severity is Severity.NIT else Category.BUG)


def _suggestion(text: str | None) -> str | None:
    """Leave out what is too long to be cut, as half a suggestion is wrong code."""
    if text is None or len(text) > LONGEST_CODE or _UNPRINTABLE.search(text):
        return None
    return conceal(text)


def _confidence(value: float) -> float:
    return min(max(value, 0.0), 1.0) if math.isfinite(value) else 0.5
