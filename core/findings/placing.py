"""Where each finding goes: on its line, in the summary, or nowhere new because it stands.

Important ones first, then by confidence and category; what exceeds the cap is not lost but
listed in the summary, so that one run is one review call.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from core.claims import same_claim
from core.findings.elsewhere import said_by_others
from core.models import (
    Category,
    Finding,
    Place,
    RecordedFinding,
    Remark,
    Severity,
    Side,
    StandingComment,
)
from core.repo_config import Rules

_MARKUP = re.compile(r"<!--.*?-->|```.*?```", re.DOTALL)

_SEVERITIES = tuple(Severity)
_CATEGORIES = tuple(Category)


@dataclass(frozen=True, slots=True)
class Placed:
    """Findings in the order of their weight, by place."""

    inline: tuple[Finding, ...] = ()
    summary: tuple[Finding, ...] = ()
    standing: tuple[tuple[Finding, StandingComment], ...] = ()
    late: tuple[Finding, ...] = ()
    elsewhere: tuple[tuple[Finding, Remark], ...] = ()
    """Said by other reviewers already."""

    @property
    def all(self) -> tuple[Finding, ...]:
        """Return every finding, wherever it went."""
        return (
            *self.inline,
            *(each for each, _ in self.standing),
            *self.summary,
            *self.late,
            *(each for each, _ in self.elsewhere),
        )


def place(
    findings: Iterable[Finding],
    comments: Sequence[StandingComment],
    rules: Rules,
    *,
    remarks: Sequence[Remark] = (),
    in_time: Callable[[Finding], bool] = lambda _: True,
) -> Placed:
    """Rank the findings and give each its place; those not `in_time` for a line are late.

    `comments` are our own that stand, `remarks` those of other reviewers.
    """
    inline: list[Finding] = []
    late: list[Finding] = []
    summary: list[Finding] = []
    standing: list[tuple[Finding, StandingComment]] = []
    elsewhere: list[tuple[Finding, Remark]] = []
    free = list(comments)
    for finding in sorted(findings, key=_weight):
        comment = next((each for each in free if _stands(finding, each)), None)
        if comment is not None:
            free.remove(comment)
            standing.append((finding, comment))
        elif (remark := said_by_others(finding, remarks)) is not None:
            elsewhere.append((finding, remark))
        elif not in_time(finding):
            late.append(finding)
        elif _belongs_inline(finding, rules) and len(inline) < rules.max_findings:
            inline.append(finding)
        else:
            summary.append(finding)
    return Placed(tuple(inline), tuple(summary), tuple(standing), tuple(late), tuple(elsewhere))


def recorded(placed: Placed, urls: Mapping[str, str]) -> tuple[RecordedFinding, ...]:
    """Return the findings as they are kept; `urls` are the addresses of posted comments."""
    return (
        *(_record(each, Place.INLINE, urls.get(each.id, "")) for each in placed.inline),
        *(_record(each, Place.STANDING, comment.url) for each, comment in placed.standing),
        *(_record(each, Place.SUMMARY, "") for each in placed.summary),
        *(_record(each, Place.LATE, "") for each in placed.late),
        *(_record(each, Place.ELSEWHERE, remark.url) for each, remark in placed.elsewhere),
    )


def _weight(finding: Finding) -> tuple[int, float, int, str, int]:
    """Confidence counts in tenths: models do not know theirs any better."""
    candidate = finding.candidate
    return (
        _SEVERITIES.index(candidate.severity),
        -round(candidate.confidence, 1),
        _CATEGORIES.index(candidate.category),
        candidate.path,
        candidate.line,
    )


def _belongs_inline(finding: Finding, rules: Rules) -> bool:
    severity = finding.candidate.severity
    if finding.unverified or finding.anchor is None or severity is Severity.PRE_EXISTING:
        return False
    return severity is Severity.IMPORTANT or rules.at(finding.candidate.path).min_severity == "nit"


def _stands(finding: Finding, comment: StandingComment) -> bool:
    """Tell whether this comment, still on its line, already says the finding.

    A comment that GitHub calls outdated has no line any more: the code under it has changed.
    """
    if comment.line is None:
        return False
    if comment.fingerprint == finding.fingerprint:
        return True
    anchor = finding.anchor
    return (
        anchor is not None
        and comment.path == anchor.path
        and comment.side is anchor.side
        and (anchor.start_line or anchor.line) <= comment.line <= anchor.line
        and same_claim(_claim(finding), _MARKUP.sub(" ", comment.body))
    )


def _claim(finding: Finding) -> str:
    return f"{finding.candidate.title}. {finding.candidate.body}"


def _record(finding: Finding, where: Place, url: str) -> RecordedFinding:
    candidate, anchor = finding.candidate, finding.anchor
    line = candidate.line if anchor is None else (anchor.start_line or anchor.line)
    end = candidate.end_line if anchor is None else anchor.line
    side: Side = candidate.side if anchor is None else anchor.side
    return RecordedFinding(
        id=finding.id,
        fingerprint=finding.fingerprint,
        path=candidate.path,
        line=line,
        end_line=end if end != line else None,
        side=side,
        severity=candidate.severity,
        category=candidate.category,
        title=candidate.title,
        body=candidate.body,
        source=candidate.source,
        place=where,
        url=url,
        unverified=finding.unverified,
    )
