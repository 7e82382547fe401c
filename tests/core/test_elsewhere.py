"""What other reviewers said already is not repeated, and their words decide nothing else."""

import pytest

from core.findings.elsewhere import said_by_others
from core.models import Anchor, Candidate, Category, Finding, Remark, Severity, Side

CLAIM = Candidate(
    path="cart.py",
    line=10,
    severity=Severity.IMPORTANT,
    category=Category.BUG,
    title="An empty cart divides by zero",
    body="total([]) raises ZeroDivisionError where it returned 0 before.",
    quote="return sum(items) / len(items)",
)
SAME = "This divides by zero when the cart is empty (total([]) raises)."
WORDS = " ".join(f"{a}{b}{c}ing" for a in "bdfglm" for b in "aeiou" for c in "nrst")


def finding(line: int = 10, *, start: int | None = None) -> Finding:
    anchor = Anchor(path="cart.py", side=Side.RIGHT, line=line, start_line=start)
    return Finding("f1", CLAIM, anchor, "print")


def remark(
    text: str = SAME, line: int = 10, *, path: str = "cart.py", side: Side = Side.RIGHT
) -> Remark:
    return Remark(path=path, line=line, first_line=line, side=side, text=text, url="#1")


@pytest.mark.parametrize(
    "said",
    [
        remark(),
        remark(line=13),
        remark(f"**Potential issue**\n\n{SAME}\n<details>{WORDS}</details>"),
        remark(f"<!-- {WORDS} -->{SAME}\n```suggestion\n{WORDS}\n```"),
    ],
)
def test_the_same_claim_on_the_same_lines_is_recognised(said: Remark) -> None:
    assert said_by_others(finding(), [remark("Typo.", 10), said]) == said


@pytest.mark.parametrize(
    "said",
    [
        remark("Please rename this variable, its name says nothing."),
        remark(line=14),
        remark(path="other.py"),
        remark(side=Side.LEFT),
        remark(""),
        remark(f"<!-- {SAME} -->LGTM"),
    ],
)
def test_other_claims_and_places_are_not(said: Remark) -> None:
    assert said_by_others(finding(), [said]) is None


def test_a_text_that_says_a_bit_of_everything_says_nothing() -> None:
    everything = f"{WORDS} {CLAIM.title} {CLAIM.body}"
    assert said_by_others(finding(), [remark(everything)]) is None


def test_a_finding_on_several_lines_is_near_all_of_them() -> None:
    said = remark(line=4)
    assert said_by_others(finding(20, start=7), [said]) == said
    assert said_by_others(finding(20, start=8), [said]) is None


def test_a_finding_without_a_line_is_said_by_nobody() -> None:
    assert said_by_others(Finding("f1", CLAIM, None, "print"), [remark()]) is None
