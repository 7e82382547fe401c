"""A report to print: two files with findings, one that was not read, and room for hostile text."""

from dataclasses import replace
from typing import Any

from bot.cli.report import Excerpt, Report
from core.coverage import Verdict
from core.models import (
    Category,
    Conclusion,
    Coverage,
    Omission,
    OmissionReason,
    Outcome,
    OutcomeKind,
    Place,
    PullRequest,
    PullRequestRef,
    RecordedFinding,
    ReviewRecord,
    Severity,
    Side,
    Usage,
)

HEAD = "9b2c441a" * 5
BASE = "3f2a91c0" * 5


def a_pull(**changes: Any) -> PullRequest:
    """Return a local change of two files."""
    pull = PullRequest(
        ref=PullRequestRef(owner="local", repo="shop", number=0),
        repo_id=0,
        title="Apply coupons at checkout",
        body="",
        author="Ada Author",
        author_is_bot=False,
        head=HEAD,
        base=BASE,
        base_branch="",
        head_branch="HEAD~3..HEAD",
        open=True,
        merged=False,
        draft=False,
        locked=False,
        private=True,
        labels=(),
        changed_files=3,
        additions=120,
        deletions=14,
        url="",
    )
    return replace(pull, **changes)


def a_finding(**changes: Any) -> RecordedFinding:
    """Return an important finding of a model."""
    finding = RecordedFinding(
        id="a1",
        fingerprint="f1",
        path="shop/cart.py",
        line=42,
        severity=Severity.IMPORTANT,
        category=Category.BUG,
        title="A retried request subtracts the coupon twice.",
        body="`apply()` runs again after a timeout.\n\n- Keep the applied ones\n- or start anew.",
        place=Place.INLINE,
    )
    return finding.model_copy(update=changes)


STATIC_NIT = a_finding(
    id="a2",
    fingerprint="f2",
    path="web/check out.ts",
    line=17,
    end_line=18,
    severity=Severity.NIT,
    category=Category.SECURITY,
    title="Markup from the address",
    body="",
    source="static:js-inner-html",
)
REMOVED_LINE = a_finding(
    id="a3",
    fingerprint="f3",
    line=8,
    side=Side.LEFT,
    severity=Severity.PRE_EXISTING,
    category=Category.TESTS,
    title="The rounding lost its test",
    place=Place.SUMMARY,
)
EXCERPT = Excerpt(41, ("def apply(cart):", "\tcart.total -= 1", "    return cart"), 42, 42)


def a_record(*findings: RecordedFinding, **changes: Any) -> ReviewRecord:
    """Return what a model read of all but one large file."""
    record = ReviewRecord(
        head=HEAD,
        base=BASE,
        summary="Adds coupons.",
        findings=findings,
        coverage=Coverage(
            files_total=3,
            files_read=2,
            hunks_total=9,
            hunks_read=7,
            omitted=(
                Omission(path="uv.lock", reason=OmissionReason.LOCKFILE),
                Omission(
                    path="shop/tax.py",
                    reason=OmissionReason.TOO_LARGE,
                    detail="1,204 lines",
                    hunks=2,
                ),
            ),
        ),
        models=("openai:gpt-5-mini",),
        usage=Usage(input_tokens=12_345, output_tokens=678, calls=2, usd=0.0123),
        seconds=14.2,
        notes=("A file held hidden characters.",),
    )
    return record.model_copy(update=changes)


def a_report(*findings: RecordedFinding, **changes: Any) -> Report:
    """Return a report of these findings."""
    record = a_record(*findings)
    outcome = Outcome(kind=OutcomeKind.REVIEWED, head=HEAD, record=record)
    verdict = Verdict(Conclusion.NEUTRAL, "1 important finding", ("1 file was not read.",))
    report = Report(a_pull(), outcome, verdict, {"a1": EXCERPT})
    return replace(report, **changes)


def full_report() -> Report:
    """Return a report with a finding of every kind."""
    return a_report(REMOVED_LINE, STATIC_NIT, a_finding())
