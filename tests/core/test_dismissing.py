"""What people's words on findings do to a memory, and to an outcome that is shown again."""

from collections.abc import Sequence

import pytest

from core.models import (
    Category,
    CommentState,
    Coverage,
    Dismissal,
    DismissalScope,
    FindingState,
    Outcome,
    OutcomeKind,
    Place,
    PullMemory,
    QuietFinding,
    RecordedFinding,
    RememberedFinding,
    ReviewRecord,
    Round,
    Severity,
)
from core.rounds import quiet_findings, rule_of, shown, with_words
from core.rounds.dismissing import falls_under

FINDING = RecordedFinding(
    id="f1",
    fingerprint="print",
    path="shop.py",
    line=3,
    severity=Severity.IMPORTANT,
    category=Category.BUG,
    title="An empty cart divides by zero",
    body="total([]) raises.",
    place=Place.INLINE,
    url="#f1",
)
STATIC = FINDING.model_copy(update={"id": "f2", "source": "static:eval", "title": "eval of input"})
HEAD = "a" * 40


def word(
    state: FindingState = FindingState.DISMISSED,
    *findings: str,
    scope: DismissalScope = DismissalScope.FINDING,
    at: float = 1.0,
) -> Dismissal:
    return Dismissal(scope=scope, state=state, who="ada", reason="why", findings=findings, at=at)


def on_rule(finding: RecordedFinding, *, at: float = 1.0) -> Dismissal:
    return rule_of(finding, word(scope=DismissalScope.RULE, at=at))


def state_after(words: Sequence[Dismissal], before: FindingState = FindingState.OPEN) -> str:
    known = RememberedFinding(finding=FINDING, lineage="shop.py", state=before)
    [now] = with_words(PullMemory(findings=(known,)), words).findings
    return now.state


ALL = DismissalScope.PULL_REQUEST
DISMISSED, OPEN, ACCEPTED = FindingState.DISMISSED, FindingState.OPEN, FindingState.ACCEPTED


@pytest.mark.parametrize(
    ("words", "state"),
    [
        ([], OPEN),
        ([word(DISMISSED, "f9")], OPEN),
        ([word(DISMISSED, "f1")], DISMISSED),
        ([word(DISMISSED, "f1", "f9", scope=ALL)], DISMISSED),
        ([word(DISMISSED, "f1", scope=ALL), word(OPEN, "f1", at=2)], OPEN),
        ([word(DISMISSED, "f1", scope=ALL, at=3), word(OPEN, "f1", at=2)], DISMISSED),
        ([word(DISMISSED, "f1"), word(ACCEPTED, "f1", scope=ALL, at=2)], ACCEPTED),
        ([on_rule(FINDING)], DISMISSED),
        ([on_rule(STATIC)], OPEN),
    ],
)
def test_the_latest_word_that_reaches_a_finding_holds(
    words: list[Dismissal], state: FindingState
) -> None:
    assert state_after(words) == state


def test_a_word_reaches_findings_that_were_addressed() -> None:
    assert state_after([word(DISMISSED, "f1")], FindingState.ADDRESSED) == DISMISSED


def test_what_no_word_quiets_any_more_is_open_again() -> None:
    memory = PullMemory(findings=(RememberedFinding(finding=FINDING, lineage="shop.py"),))
    quiet = with_words(memory, [word(DISMISSED, "f1")])
    assert with_words(quiet, []) == memory


def test_what_is_quiet_without_anybodys_word_stays_so() -> None:
    """Its comment alone still knows that it was dismissed."""
    assert state_after([], DISMISSED) == DISMISSED
    assert state_after([word(OPEN, "f1")], DISMISSED) == OPEN


def test_a_rule_is_told_by_its_name_and_a_claim_by_its_kind_and_words() -> None:
    rules = [on_rule(FINDING), on_rule(STATIC)]
    in_other_words = FINDING.model_copy(update={"title": "Dividing by zero for an empty cart"})
    of_another_kind = FINDING.model_copy(update={"category": Category.SECURITY})
    other_claim = FINDING.model_copy(update={"title": "A cart of another shop is shown"})
    other_place = STATIC.model_copy(update={"title": "eval, elsewhere", "path": "b.py"})
    assert falls_under(in_other_words, rules) == rules[0]
    assert falls_under(other_place, rules) == rules[1]
    assert falls_under(of_another_kind, rules) is None
    assert falls_under(other_claim, rules) is None


def test_a_word_on_a_known_rule_is_on_that_rule() -> None:
    known = on_rule(FINDING)
    again = FINDING.model_copy(update={"title": "Division by zero on an empty cart"})
    said = rule_of(again, word(OPEN, scope=DismissalScope.RULE), [known])
    assert (said.claim, said.state) == (known.claim, OPEN)


def test_only_what_still_stands_in_the_code_is_listed_as_quiet() -> None:
    stands = RememberedFinding(finding=FINDING, lineage="shop.py", state=ACCEPTED, who="ada")
    gone = stands.model_copy(update={"gone": True, "finding": STATIC})
    listed = quiet_findings(PullMemory(findings=(stands, gone)))
    assert listed == (QuietFinding(finding=FINDING, state=ACCEPTED, who="ada"),)


def outcome(*findings: RecordedFinding, quiet: Sequence[QuietFinding] = ()) -> Outcome:
    back = CommentState(finding_id="f1", state=FindingState.REGRESSED, head=HEAD)
    record = ReviewRecord(
        head=HEAD,
        base=HEAD,
        findings=findings,
        quiet=tuple(quiet),
        coverage=Coverage(files_total=1, files_read=1),
        round=Round(number=2, comments=(back,)),
    )
    return Outcome(kind=OutcomeKind.REVIEWED, head=HEAD, record=record)


def test_an_outcome_is_shown_without_what_was_dismissed_since() -> None:
    record = shown(outcome(FINDING, STATIC), [word(DISMISSED, "f1")]).record
    assert record is not None
    assert record.round is not None
    assert record.findings == (STATIC,)
    assert [each.finding for each in record.quiet] == [FINDING]
    last = {each.finding_id: each for each in record.round.comments}
    assert (last["f1"].state, last["f1"].who, last["f1"].reason) == (DISMISSED, "ada", "why")


def test_an_outcome_is_shown_with_what_was_taken_back_since() -> None:
    quiet = QuietFinding(finding=STATIC, state=DISMISSED, who="ada")
    record = shown(outcome(FINDING, quiet=[quiet]), []).record
    assert record is not None
    assert record.round is not None
    assert (record.findings, record.quiet) == ((FINDING, STATIC), ())
    last = {each.finding_id: each.state for each in record.round.comments}
    assert last == {"f1": FindingState.REGRESSED, "f2": OPEN}


def test_an_outcome_without_a_record_is_shown_as_it_is() -> None:
    failed = Outcome(kind=OutcomeKind.FAILED, head=HEAD)
    assert shown(failed, [word(DISMISSED, "f1")]) == failed
