"""What became of findings, as it is read off the memory, people's thumbs and their threads."""

from typing import Any

import pytest

from core.feedback import PROPOSED_AFTER, Seen, proposals, proposed_beside, received, rule_name
from core.models import (
    Category,
    Coverage,
    FindingState,
    Place,
    PullMemory,
    QuietFinding,
    Reception,
    RecordedFinding,
    RememberedFinding,
    ReviewRecord,
    Severity,
)

ADDRESSED, DISMISSED, RESOLVED = Reception.ADDRESSED, Reception.DISMISSED, Reception.RESOLVED


def remembered(state: FindingState = FindingState.OPEN, **changes: object) -> RememberedFinding:
    finding = RecordedFinding(
        id="f1",
        fingerprint="p1",
        path="shop/cart.py",
        line=3,
        severity=Severity.IMPORTANT,
        category=Category.BUG,
        title="An empty cart divides by zero",
        body="It was found.",
        place=Place.INLINE,
        url="https://github.test/r/1",
    ).model_copy(update=changes)
    return RememberedFinding(finding=finding, lineage=finding.path, state=state)


def words(each: RememberedFinding, *, ended: bool = False, **seen: Any) -> tuple[str, ...]:
    """What is said beyond that it was found."""
    found = received(PullMemory(findings=(each,)), {"f1": Seen(**seen)}, ended=ended)
    if not found:
        return ("not asked",)
    first, *rest = found[0].words
    assert first is Reception.FOUND
    return tuple(rest)


@pytest.mark.parametrize(
    ("state", "open_word", "ended_word"),
    [
        (FindingState.OPEN, (), (Reception.IGNORED,)),
        (FindingState.REGRESSED, (), (Reception.IGNORED,)),
        (FindingState.ADDRESSED, (ADDRESSED,), (ADDRESSED,)),
        (FindingState.DISMISSED, (DISMISSED,), (DISMISSED,)),
        (FindingState.ACCEPTED, (Reception.ACCEPTED,), (Reception.ACCEPTED,)),
    ],
)
def test_what_became_of_a_finding_follows_its_state_and_the_pull_requests_end(
    state: FindingState, open_word: tuple[str, ...], ended_word: tuple[str, ...]
) -> None:
    assert words(remembered(state)) == open_word
    assert words(remembered(state), ended=True) == ended_word


def test_thumbs_count_beside_what_became_of_it_and_cancel_each_other_out() -> None:
    assert words(remembered(), votes=2) == (Reception.LIKED,)
    assert words(remembered(FindingState.DISMISSED), votes=-1) == (DISMISSED, Reception.DISLIKED)
    assert words(remembered(), votes=0) == ()


@pytest.mark.parametrize(
    ("resolved", "changed", "at_the_end"),
    [
        (True, True, (ADDRESSED, RESOLVED)),
        (True, False, (Reception.IGNORED, RESOLVED)),
        (False, True, (Reception.IGNORED,)),
    ],
)
def test_resolved_thread_means_mended_only_where_the_code_changed(
    resolved: bool, changed: bool, at_the_end: tuple[str, ...]
) -> None:
    seen = {"resolved": resolved, "changed": changed}
    assert words(remembered(), ended=True, **seen) == at_the_end
    assert words(remembered(), **seen) == ((RESOLVED,) if resolved else ())
    assert words(remembered(FindingState.DISMISSED), ended=True, **seen)[0] is DISMISSED


def test_finding_whose_comment_was_not_seen_is_counted_all_the_same() -> None:
    [found] = received(PullMemory(findings=(remembered(),)), {}, ended=True)
    assert found.words == (Reception.FOUND, Reception.IGNORED)


def test_finding_without_a_comment_was_never_put_to_people() -> None:
    assert words(remembered(url=""), ended=True) == ("not asked",)


def test_rules_are_named_by_what_made_the_finding() -> None:
    assert rule_name(remembered().finding) == "model:bug"
    assert rule_name(remembered(source="static:python-eval").finding) == "static:python-eval"


def test_proposal_needs_an_occasion() -> None:
    counts = {name: {DISMISSED: PROPOSED_AFTER} for name in ("model:bug", "static:a", "static:b")}
    bug, a, b = (remembered(source=s).finding for s in ("model", "static:a", "static:b"))
    coverage = Coverage(files_total=1, files_read=1)
    record = ReviewRecord(head="a", base="b", coverage=coverage)

    def beside(*open_now: RecordedFinding, quiet: tuple[RecordedFinding, ...] = ()) -> Any:
        aside = tuple(QuietFinding(finding=q, state=FindingState.DISMISSED) for q in quiet)
        found = record.model_copy(update={"findings": open_now, "quiet": aside})
        return proposed_beside(found, counts)

    assert beside() == ()
    assert beside(a) == ("static:a",)
    assert beside(bug, b) == ("model:bug", "static:b")
    assert beside(quiet=(bug, a)) == ("model:bug",)
    assert proposed_beside(record.model_copy(update={"findings": (a,)}), {}) == ()


def test_only_what_people_dismiss_again_and_again_is_proposed() -> None:
    often, seldom = PROPOSED_AFTER, PROPOSED_AFTER - 1
    counts = {
        "static:a": {DISMISSED: often},
        "static:b": {DISMISSED: seldom},
        "static:c": {DISMISSED: often, ADDRESSED: often},
        "static:d": {Reception.DISLIKED: 9},
    }
    assert proposals(counts) == ("static:a",)
