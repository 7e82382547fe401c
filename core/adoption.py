"""A review that an earlier attempt posted before it could tell the ledger.

What was found is read from the comments that stand; asking a model again would give other
findings than the ones people see.
"""

import re

from core.coverage import covered
from core.models import (
    Category,
    Outcome,
    OutcomeKind,
    Place,
    PostedReview,
    PullRequest,
    RecordedFinding,
    ReviewRecord,
    Scope,
    Severity,
    StandingComment,
    Strength,
)

UNRECORDED = (
    "an earlier attempt posted this review and ended before it could record how much it had read"
)

_TITLE = re.compile(r"\*\*(.{1,400}?)\*\*", re.DOTALL)

_HIDDEN = re.compile(r"<!--.*?-->", re.DOTALL)

_LABELS = re.compile(r"<sub>([^<]{1,200})</sub>")
"""The small line under a comment that names severity and category."""

_CODE = re.compile(r"^(`{3,}|~{3,})[^\n]*\n.*?^\1[^\n]*$", re.DOTALL | re.MULTILINE)
"""A suggestion; prose is kept of a finding, never code."""


def adopted(
    posted: PostedReview,
    comments: tuple[StandingComment, ...],
    pull: PullRequest,
    scope: Scope,
    record: ReviewRecord,
) -> Outcome:
    """Return the outcome for a review that stands; `record` holds what is known of the run."""
    ours = [comment for comment in comments if comment.finding_id in posted.comment_urls]
    return Outcome(
        kind=OutcomeKind.REVIEWED,
        head=pull.head,
        review_id=posted.id,
        review_url=posted.url,
        record=record.model_copy(
            update={
                "findings": tuple(
                    finding_of(comment, posted.comment_urls[comment.finding_id]) for comment in ours
                ),
                "coverage": covered(scope, strength=Strength.DEGRADED, notes=(UNRECORDED,)),
            }
        ),
    )


def finding_of(comment: StandingComment, url: str) -> RecordedFinding:
    """Return what a comment of ours says."""
    visible = _HIDDEN.sub("", comment.body)
    title = _TITLE.search(visible)
    labels = _labels(visible)
    prose = _LABELS.sub("", _CODE.sub("", visible))
    return RecordedFinding(
        id=comment.finding_id,
        fingerprint=comment.fingerprint,
        path=comment.path,
        line=comment.line or 0,
        side=comment.side,
        severity=next((each for each in Severity if _word(each) in labels), Severity.IMPORTANT),
        category=next((each for each in Category if each in labels), Category.BUG),
        title=title.group(1) if title else "Finding",
        body=prose.replace(title.group() if title else "", "", 1).strip(),
        place=Place.INLINE,
        url=url,
    )


def _labels(visible: str) -> frozenset[str]:
    found = _LABELS.search(visible)
    words = found.group(1).lower().split("·") if found else []
    return frozenset(word.strip() for word in words)


def _word(severity: Severity) -> str:
    return severity.value.replace("_", "-")
