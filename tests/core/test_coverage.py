"""The check is green only when everything was read and nothing important is open."""

import pytest

from core.coverage import covered, verdict
from core.models import (
    Category,
    Conclusion,
    Coverage,
    Omission,
    OmissionReason,
    Outcome,
    OutcomeKind,
    Place,
    RecordedFinding,
    ReviewRecord,
    Scope,
    Severity,
    Strength,
)
from tests.fakes.core import BASE, HEAD, a_file

TWO_HUNKS = "@@ -1 +1 @@\n-a\n+b\n@@ -9 +9 @@\n-c\n+d"
SCOPE = Scope(
    files=(a_file("a.py", TWO_HUNKS), a_file("b.py", "@@ -1 +1 @@\n-a\n+b")),
    omitted=(
        Omission(path="uv.lock", reason=OmissionReason.LOCKFILE),
        Omission(path="big.py", reason=OmissionReason.TOO_LARGE),
    ),
)
ALL = Scope(files=SCOPE.files, omitted=SCOPE.omitted[:1])


def found(severity: Severity, place: Place = Place.INLINE) -> RecordedFinding:
    return RecordedFinding(
        id="a",
        fingerprint="f",
        path="a.py",
        line=1,
        severity=severity,
        category=Category.BUG,
        title="t",
        body="b",
        place=place,
    )


def reviewed(
    *findings: RecordedFinding, coverage: Coverage | None = None, gate: bool = False
) -> Outcome:
    record = ReviewRecord(
        head=HEAD, base=BASE, findings=findings, coverage=coverage or covered(ALL), gate=gate
    )
    kind = OutcomeKind.REVIEWED if findings else OutcomeKind.CLEAN
    return Outcome(kind=kind, head=HEAD, record=record)


def test_files_and_hunks_are_counted():
    coverage = covered(
        SCOPE,
        [
            Omission(path="a.py", reason=OmissionReason.OVER_BUDGET, hunks=1),
            Omission(path="b.py", reason=OmissionReason.MODEL_FAILED),
        ],
    )
    assert (coverage.files_total, coverage.files_read) == (3, 1)
    assert (coverage.hunks_total, coverage.hunks_read) == (3, 1)
    assert len(coverage.omitted) == 4
    assert not coverage.complete


def test_what_is_not_reviewable_by_nature_does_not_lower_the_coverage():
    assert covered(ALL).complete
    assert covered(ALL).files_total == 2


def test_everything_read_and_nothing_found_is_green():
    judged = verdict(reviewed())
    assert judged.conclusion is Conclusion.SUCCESS
    assert judged.title == "No findings"
    assert judged.reasons == ("Not reviewable: 1 file, lock file.",)


def test_nits_alone_stay_green():
    judged = verdict(reviewed(found(Severity.NIT), found(Severity.PRE_EXISTING)))
    assert judged.conclusion is Conclusion.SUCCESS
    assert judged.title == "1 nit, 1 pre-existing finding"


@pytest.mark.parametrize("place", list(Place))
def test_an_open_important_finding_is_neutral_wherever_it_stands(place: Place):
    judged = verdict(reviewed(found(Severity.IMPORTANT, place)))
    assert judged.conclusion is Conclusion.NEUTRAL
    assert judged.reasons[0] == "1 important finding is open; no gate is set."


def test_an_open_important_finding_fails_where_the_repository_opted_in():
    judged = verdict(reviewed(found(Severity.IMPORTANT), found(Severity.IMPORTANT), gate=True))
    assert judged.conclusion is Conclusion.FAILURE
    assert judged.title == "2 important findings"


def test_the_gate_does_not_fail_a_clean_head():
    assert verdict(reviewed(gate=True)).conclusion is Conclusion.SUCCESS


def test_unread_files_are_never_green():
    judged = verdict(reviewed(coverage=covered(SCOPE)))
    assert judged.conclusion is Conclusion.NEUTRAL
    assert judged.title == "No findings, 2 of 3 files read"
    assert judged.reasons == (
        "2 of 3 files were read.",
        "Not read: 1 file, too large.",
        "Not reviewable: 1 file, lock file.",
    )


def test_an_unread_hunk_is_never_green():
    unread = [Omission(path="a.py", reason=OmissionReason.OVER_BUDGET, hunks=1)]
    judged = verdict(reviewed(coverage=covered(ALL, unread)))
    assert judged.conclusion is Conclusion.NEUTRAL
    assert judged.title == "No findings, 2 of 3 hunks read"
    assert "Not read: 1 hunk, over the token budget." in judged.reasons


@pytest.mark.parametrize("strength", [Strength.DEGRADED, Strength.STATIC])
def test_less_than_full_strength_is_never_green(strength: Strength):
    coverage = covered(ALL, strength=strength, notes=("static analysis only: no model",))
    judged = verdict(reviewed(coverage=coverage))
    assert judged.conclusion is Conclusion.NEUTRAL
    assert "Static analysis only: no model." in judged.reasons


def test_static_analysis_alone_stands_in_the_title():
    judged = verdict(reviewed(coverage=covered(ALL, strength=Strength.STATIC)))
    assert judged.title == "No findings, static analysis only"
    assert judged.reasons[-1] == "It was read at less than full strength: static."


def test_a_fallback_that_read_everything_is_named_in_the_title():
    judged = verdict(reviewed(coverage=covered(ALL, strength=Strength.DEGRADED)))
    assert judged.title == "No findings, read in part or by a fallback"
    assert judged.reasons[-1] == "It was read at less than full strength: degraded."


def test_nothing_reviewable_is_green_and_says_so():
    scope = Scope(files=(), omitted=ALL.omitted)
    judged = verdict(reviewed(coverage=covered(scope)))
    assert (judged.conclusion, judged.title) == (Conclusion.SUCCESS, "Nothing to review")


@pytest.mark.parametrize("kind", list(OutcomeKind))
def test_every_outcome_without_a_record_concludes_with_its_reason(kind: OutcomeKind):
    judged = verdict(Outcome(kind=kind, head=HEAD, reason="because of it"))
    expected = Conclusion.SKIPPED if kind is OutcomeKind.SKIPPED else Conclusion.NEUTRAL
    assert judged.conclusion is expected
    assert judged.title
    assert judged.reasons == ("Because of it.",)


def test_a_failed_run_is_not_judged_by_what_it_had_read():
    outcome = reviewed().model_copy(update={"kind": OutcomeKind.FAILED, "reason": "No access."})
    assert verdict(outcome).conclusion is Conclusion.NEUTRAL
    assert verdict(outcome).reasons == ("No access.",)
