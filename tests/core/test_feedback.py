"""What became of findings, as it is read off the memory and people's thumbs."""

import pytest

from core.feedback import PROPOSED_AFTER, proposals, received, rule_name
from core.models import (
    Category,
    FindingState,
    Place,
    PullMemory,
    Reception,
    RecordedFinding,
    RememberedFinding,
    Severity,
)

ADDRESSED, DISMISSED = Reception.ADDRESSED, Reception.DISMISSED


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


def words(each: RememberedFinding, votes: int = 0, *, ended: bool = False) -> tuple[str, ...]:
    found = received(PullMemory(findings=(each,)), {"f1": votes}, ended=ended)
    return found[0].words if found else ("not asked",)


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
    assert words(remembered(), 2) == (Reception.LIKED,)
    assert words(remembered(FindingState.DISMISSED), -1) == (DISMISSED, Reception.DISLIKED)
    assert words(remembered(), 0) == ()


def test_finding_without_a_comment_was_never_put_to_people() -> None:
    assert words(remembered(url=""), ended=True) == ("not asked",)


def test_rules_are_named_by_what_made_the_finding() -> None:
    assert rule_name(remembered().finding) == "model:bug"
    assert rule_name(remembered(source="static:python-eval").finding) == "static:python-eval"


def test_only_what_people_dismiss_again_and_again_is_proposed() -> None:
    often, seldom = PROPOSED_AFTER, PROPOSED_AFTER - 1
    counts = {
        "static:a": {DISMISSED: often},
        "static:b": {DISMISSED: seldom},
        "static:c": {DISMISSED: often, ADDRESSED: often},
        "static:d": {Reception.DISLIKED: 9},
    }
    assert proposals(counts) == ("static:a",)
