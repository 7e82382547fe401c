"""Findings, records and outcomes that the rendering and delivering tests share."""

from typing import Any, Final

from core.coverage import Verdict
from core.models import (
    Anchor,
    Candidate,
    Category,
    Conclusion,
    Coverage,
    Finding,
    Outcome,
    OutcomeKind,
    Place,
    PullRequestRef,
    RecordedFinding,
    ReviewRecord,
    Severity,
    Side,
)
from github.sanitise import Home

REF: Final = PullRequestRef(owner="acme", repo="shop", number=7)
HOME: Final = Home(REF)
HEAD: Final = "a1b2c3d4e5" * 4
BASE: Final = "b" * 40
VERDICT: Final = Verdict(
    Conclusion.NEUTRAL, "1 important finding is open", ("The repository does not gate on it.",)
)
QUOTE: Final = "    total -= coupon.amount"


def candidate(**changes: Any) -> Candidate:
    values: dict[str, Any] = {
        "path": "src/cart.py",
        "line": 12,
        "severity": Severity.IMPORTANT,
        "category": Category.BUG,
        "title": "Discount is applied twice",
        "body": "`apply()` subtracts before it checks; a retry takes 36 % off.",
        "quote": QUOTE,
    }
    return Candidate(**{**values, **changes})


def finding(
    id: str = "f1",  # noqa: A002 - the finding's own field
    *,
    line: int = 12,
    start_line: int | None = None,
    side: Side = Side.RIGHT,
    path: str = "src/cart.py",
    **changes: Any,
) -> Finding:
    anchor = Anchor(path=path, side=side, line=line, start_line=start_line)
    return Finding(
        id=id, candidate=candidate(path=path, **changes), anchor=anchor, fingerprint=f"{id}print"
    )


def recorded(number: int = 1, **changes: Any) -> RecordedFinding:
    values: dict[str, Any] = {
        "id": f"f{number}",
        "fingerprint": f"print{number}",
        "path": "src/cart.py",
        "line": number,
        "severity": Severity.IMPORTANT,
        "category": Category.BUG,
        "title": f"Claim {number}",
        "body": f"Reason {number}.",
        "place": Place.SUMMARY,
    }
    return RecordedFinding(**{**values, **changes})


def record(*findings: RecordedFinding, **changes: Any) -> ReviewRecord:
    values: dict[str, Any] = {
        "head": HEAD,
        "base": BASE,
        "findings": findings,
        "coverage": Coverage(files_total=2, files_read=2),
        "models": ("openai:gpt-5",),
    }
    return ReviewRecord(**{**values, **changes})


def outcome(*findings: RecordedFinding, kind: OutcomeKind | None = None, **changes: Any) -> Outcome:
    ended = kind or (OutcomeKind.REVIEWED if findings else OutcomeKind.CLEAN)
    return Outcome(kind=ended, head=HEAD, record=record(*findings, **changes))
