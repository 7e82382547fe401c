"""Known issues, findings and results of evaluations, to be varied by tests."""

from typing import Any

from core.evaluation import Basis, CaseResult, Golden
from core.models import Category, Place, RecordedFinding, Severity


def a_golden(line: int = 10, **changes: Any) -> Golden:
    """Return an issue about a cache."""
    told = {
        "path": "app/cache.py",
        "line": line,
        "severity": "important",
        "kind": "logic",
        "text": "The newest entry is evicted instead of the oldest one.",
    }
    return Golden.model_validate({**told, **changes})


def a_finding(line: int = 10, **changes: Any) -> RecordedFinding:
    """Return a finding that says it."""
    finding = RecordedFinding(
        id=f"f{line}",
        fingerprint=f"f{line}",
        path="app/cache.py",
        line=line,
        severity=Severity.IMPORTANT,
        category=Category.BUG,
        title="The newest entry is evicted",
        body="`popitem()` evicts the newest entry, not the oldest.",
        place=Place.INLINE,
    )
    return finding.model_copy(update=changes)


def a_result(name: str = "cache", **changes: Any) -> CaseResult:
    """Return a case of one issue that was found."""
    result = CaseResult(
        id=name,
        digest=f"digest of {name}",
        golden=(a_golden(),),
        findings=(a_finding(),),
        matches={Basis.PLACE: {0: 0}, Basis.CLAIM: {0: 0}},
        changed_lines=50,
        seconds=1.0,
    )
    return result.model_copy(update=changes)
