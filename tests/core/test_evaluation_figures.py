"""What a run comes to, and two runs side by side."""

from datetime import UTC, datetime

import pytest

from core.errors import UserError
from core.evaluation import (
    Basis,
    CaseChange,
    CaseResult,
    Report,
    Share,
    compared,
    read_report,
    summed,
)
from core.evaluation.figures import percentile
from core.models import Usage
from tests.core.evaluation_examples import a_finding, a_golden, a_result

MATCHED_BY_PLACE = {Basis.PLACE: {0: 0}, Basis.CLAIM: {}}
UNMATCHED: dict[Basis, dict[int, int]] = {Basis.PLACE: {}, Basis.CLAIM: {}}


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
        (81, 263, 0.2553, 0.3662),
        (1, 2, 0.0945, 0.9055),
    ],
)
def test_interval_is_wilson_s(hits: int, of: int, low: float, high: float) -> None:
    # values of Newcombe, Statistics in Medicine 17 (1998), table I, and of its formula
    assert Share(hits=hits, of=of).interval == pytest.approx((low, high), abs=1e-4)


def test_share_of_nothing_is_no_number() -> None:
    assert (Share(hits=0, of=0).value, Share(hits=0, of=0).interval) == (None, None)


def a_report(*cases: CaseResult, judge: str = "") -> Report:
    return Report(
        argus="1",
        dataset="made",
        started=datetime(2026, 1, 2, tzinfo=UTC),
        judge=judge,
        total=len(cases),
        cases=cases,
    )


def test_precision_and_recall_count_findings_and_issues() -> None:
    two_issues = a_result(golden=(a_golden(10), a_golden(90)))
    noisy = a_result("noisy", findings=(a_finding(10), a_finding(40), a_finding(60)))
    figures = summed([two_issues, noisy]).figures[Basis.PLACE]
    assert (figures.precision.hits, figures.precision.of) == (2, 4)
    assert (figures.recall.hits, figures.recall.of) == (2, 3)
    assert figures.f1 == pytest.approx(2 * 0.5 * (2 / 3) / (0.5 + 2 / 3), abs=1e-4)


def test_noise_is_told_for_a_hundred_changed_lines() -> None:
    noisy = a_result(findings=(a_finding(10), a_finding(40), a_finding(60)), changed_lines=40)
    assert summed([noisy]).noise[Basis.PLACE] == 5.0


def test_bases_are_counted_apart() -> None:
    summary = summed([a_result(matches=MATCHED_BY_PLACE)])
    hits = {basis: figures.recall.hits for basis, figures in summary.figures.items()}
    assert hits == {Basis.PLACE: 1, Basis.CLAIM: 0}


def test_basis_that_a_case_lacks_has_no_figures() -> None:
    judged = a_result(matches={**MATCHED_BY_PLACE, Basis.JUDGE: {0: 0}})
    assert Basis.JUDGE in summed([judged]).figures
    assert Basis.JUDGE not in summed([judged, a_result("other")]).figures


def test_clean_changes_are_quiet_or_not() -> None:
    clean = a_result("clean", golden=(), findings=(), matches=UNMATCHED)
    loud = a_result("loud", golden=(), matches=UNMATCHED)
    quiet = summed([clean, loud, a_result()]).quiet
    assert (quiet.hits, quiet.of) == (1, 2)


def test_failed_cases_count_for_nothing_but_their_cost() -> None:
    failed = a_result("failed", failure="no answer", usage=Usage(input_tokens=7, calls=1))
    summary = summed([a_result(), failed])
    assert (summary.cases, summary.failed, summary.changed_lines) == (1, 1, 50)
    assert summary.figures[Basis.PLACE].recall.of == 1
    assert summary.usage.input_tokens == 7


def test_languages_and_kinds_are_told_apart() -> None:
    go = a_result(
        "go",
        golden=(a_golden(path="a.go", kind="concurrency"),),
        findings=(a_finding(path="a.go"),),
        matches=MATCHED_BY_PLACE,
    )
    missed = a_result("missed", golden=(a_golden(kind=""),), findings=(), matches=UNMATCHED)
    summary = summed([a_result(), go, missed])
    by_language = {
        name: (each[Basis.PLACE].recall.hits, each[Basis.PLACE].recall.of)
        for name, each in summary.languages.items()
    }
    by_kind = {
        kind: (share[Basis.PLACE].hits, share[Basis.PLACE].of)
        for kind, share in summary.kinds.items()
    }
    assert by_language == {"go": (1, 1), "python": (1, 2)}
    named = summed([a_result(language="cobol")]).languages
    assert list(named) == ["cobol"]
    assert by_kind == {"concurrency": (1, 1), "logic": (1, 1), "unnamed": (0, 1)}


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [([], 50, 0.0), ([3.0], 95, 3.0), ([4.0, 1.0, 3.0, 2.0], 50, 2.0), ([*range(1, 101)], 95, 95)],
)
def test_percentile_is_a_value_that_was_seen(
    values: list[float], percent: int, expected: float
) -> None:
    assert percentile(values, percent) == expected


def test_nothing_at_all_has_no_figures() -> None:
    assert summed([]).figures == {}


def test_report_is_read_as_it_was_saved() -> None:
    report = a_report(a_result(), a_result("other", matches=MATCHED_BY_PLACE))
    assert read_report(report.model_dump_json().encode(), "r.json") == report


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"{", "JSON"),
        (b"{}", "argus: Field required"),
        (a_report().model_dump_json().replace("eval/1", "eval/2").encode(), "argus.eval/2"),
    ],
)
def test_what_is_no_report_is_told(content: bytes, told: str) -> None:
    with pytest.raises(UserError) as raised:
        read_report(content, "r.json")
    assert "r.json" in raised.value.what
    assert told in raised.value.why


def test_comparison_names_what_was_found_and_what_was_missed() -> None:
    before = a_report(a_result("lost"), a_result("won", findings=(), matches=UNMATCHED))
    now = a_report(a_result("lost", findings=(a_finding(90),), matches=UNMATCHED), a_result("won"))
    comparison = compared(before, now)
    changes = {each.id: each for each in comparison.changes}
    issue = a_golden().text
    assert changes == {
        "lost": CaseChange("lost", found=(), missed=(issue,), noise=1),
        "won": CaseChange("won", found=(issue,), missed=(), noise=0),
    }


def test_comparison_is_over_what_both_have_in_the_same_words() -> None:
    before = a_report(a_result("same"), a_result("reworded"), a_result("gone"))
    now = a_report(
        a_result("same"),
        a_result("reworded", digest="another", findings=()),
        a_result("failed", failure="no answer"),
    )
    comparison = compared(before, now)
    assert (comparison.shared, comparison.left_out, comparison.changes) == (1, 3, ())
    assert comparison.before == comparison.now


def test_judged_runs_are_compared_by_the_judge() -> None:
    matches = {Basis.PLACE: {0: 0}, Basis.CLAIM: {0: 0}, Basis.JUDGE: {}}
    judged = a_report(a_result(matches=matches), judge="openai:judge")
    assert compared(judged, judged).basis is Basis.JUDGE
    assert compared(a_report(a_result()), judged).basis is Basis.PLACE
    assert compared(judged, a_report(a_result())).basis is Basis.PLACE
