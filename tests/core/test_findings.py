"""Claims pass the gates or are stopped with a reason; findings get one place each."""

import math

import pytest

from core.findings import Judged, Placed, judge, place, recorded
from core.findings.gates import MAX_BODY, MAX_CANDIDATES, MAX_TITLE
from core.models import (
    Anchor,
    Candidate,
    Category,
    Finding,
    Place,
    Severity,
    Side,
    StandingComment,
)
from core.repo_config import ReviewRules
from tests.fakes.core import HEAD, a_candidate, a_file, a_new_file

PATH = "shop/cart.py"
CODE = "def total(items):\n    amount = 0\n    for item in items:\n        amount += item.price\n"
FILE = a_new_file(PATH, CODE)


def claim(line: int = 4, quote: str = "amount += item.price", **changes: object) -> Candidate:
    return a_candidate(PATH, line, quote, **changes)


def judged(*claims: Candidate, rules: ReviewRules | None = None) -> Judged:
    return judge(claims, (FILE,), {PATH: CODE}, rules or ReviewRules())


def the_finding(claim: Candidate) -> Finding:
    (finding,) = judged(claim).findings
    return finding


def test_a_claim_with_a_true_quote_becomes_a_finding_on_its_line():
    finding = the_finding(claim(line=1))
    assert finding.anchor == Anchor(PATH, Side.RIGHT, 4)
    assert finding.fingerprint.startswith(finding.id)


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (a_candidate("other.py", 1, "x"), "outside the files that were read"),
        (claim(title="  "), "without a title or an explanation"),
        (claim(body=""), "without a title or an explanation"),
        (claim(quote=" \n "), "without a quote of the code"),
        (claim(quote="amount -= item.price"), "its quote does not stand in the code"),
        (claim(line=0), "on a line that cannot exist"),
        (claim(line=-7), "on a line that cannot exist"),
        (claim(line=10**30), "on a line that cannot exist"),
        (claim(category=Category.TESTS), "category tests is turned off"),
    ],
)
def test_a_gate_that_stops_a_claim_says_why(bad: Candidate, reason: str):
    result = judged(bad, rules=ReviewRules(categories=(Category.BUG,)))
    assert result.findings == ()
    assert [rejection.reason for rejection in result.rejections] == [reason]


def test_the_prefix_of_a_diff_before_a_path_is_forgiven():
    assert the_finding(a_candidate(f"b/{PATH}", 4, "item.price")).candidate.path == PATH


def test_true_code_outside_the_diff_goes_to_the_summary():
    file = a_file(PATH, "@@ -9 +9 @@\n-a = 1\n+a = 2")
    text = "import os\n" * 8 + "a = 2\n"
    result = judge([claim(1, "import os")], (file,), {PATH: text}, ReviewRules())
    assert [finding.anchor for finding in result.findings] == [None]
    assert place(result.findings, (), ReviewRules()).summary == result.findings


def test_words_and_numbers_are_bounded():
    wild = claim(title="t" * 9_000, body="b" * 90_000, confidence=math.nan, end_line=-3)
    candidate = the_finding(wild).candidate
    assert len(candidate.title) == MAX_TITLE
    assert len(candidate.body) == MAX_BODY
    assert candidate.confidence == 0.0
    assert candidate.end_line is None


def test_lone_surrogates_are_dropped_from_the_words():
    candidate = the_finding(claim(title="bad \ud800 title", body="\udfff body")).candidate
    assert candidate.title == "bad  title"
    assert candidate.body == " body"


def test_ten_thousand_claims_are_cut_and_counted():
    result = judged(*(claim(title=f"word{n} other{n}") for n in range(10_000)))
    assert len(result.findings) + len(result.rejections) == 10_000
    assert sum("more claims" in each.reason for each in result.rejections) == (
        10_000 - MAX_CANDIDATES
    )


def test_a_flood_of_claims_does_not_push_out_what_a_rule_found():
    flood = [claim(title=f"word{n} other{n}", quote="nowhere") for n in range(1_000)]
    result = judged(*flood, claim(source="static:secret"))
    assert [finding.candidate.source for finding in result.findings] == ["static:secret"]


# duplicates


def test_the_same_defect_said_twice_on_a_line_is_one_finding():
    weak = claim(title="Item count is ignored by the total", confidence=0.4)
    strong = claim(title="The total ignores the count of an item", confidence=0.8)
    result = judged(weak, strong)
    assert [finding.candidate.confidence for finding in result.findings] == [0.8]
    assert [rejection.reason for rejection in result.rejections] == ["said twice"]


def test_different_defects_on_the_same_line_are_two_findings():
    one = claim(title="Float arithmetic loses cents", body="0.1 + 0.2 is not 0.3.")
    two = claim(title="A missing item raises", body="None in the list has no attribute.")
    assert len(judged(one, two).findings) == 2


def test_the_same_defect_at_two_places_is_two_findings_with_two_fingerprints():
    text = "def f(items):\n" + "".join(f"    {c} = items[0].price\n    use(1)\n" * 3 for c in "ab")
    file = a_new_file(PATH, text)
    claims = [
        a_candidate(PATH, 2, "a = items[0].price"),
        a_candidate(PATH, 12, "b = items[0].price"),
    ]
    result = judge(claims, (file,), {PATH: text}, ReviewRules())
    assert len({finding.fingerprint for finding in result.findings}) == 2


def test_the_same_mistake_on_two_lines_in_a_row_is_two_findings():
    text = "first = items[0].price\nsecond = items[1].price\n"
    file = a_new_file(PATH, text)
    claims = [a_candidate(PATH, n, line) for n, line in enumerate(text.splitlines(), 1)]
    assert len(judge(claims, (file,), {PATH: text}, ReviewRules()).findings) == 2


def test_one_defect_quoted_at_its_call_and_at_its_cause_is_one_finding():
    result = judged(claim(4, "amount += item.price"), claim(3, "for item in items:"))
    assert len(result.findings) == 1


def test_a_rule_and_the_model_on_the_same_line_are_one_finding():
    rule = claim(
        title="SQL is built from text",
        body="A value in the text becomes part of the statement.",
        source="static:python-sql-text",
        category=Category.SECURITY,
    )
    model = claim(
        title="SQL injection through the name",
        body="The name is put into the SQL statement as text.",
        category=Category.SECURITY,
    )
    assert len(judged(rule, model).findings) == 1


def test_one_rule_on_two_lines_is_two_findings():
    first = claim(2, "amount = 0", source="static:x")
    second = claim(4, "amount += item.price", source="static:x")
    assert len(judged(first, second).findings) == 2


def test_one_claim_about_code_outside_the_diff_is_one_however_its_line_is_counted():
    file = a_file(PATH, "@@ -1 +1 @@\n-def total(item):\n+def total(items):")
    twice = (claim(line=4), claim(line=5, confidence=0.6))
    assert len(judge(twice, (file,), {PATH: CODE}, ReviewRules()).findings) == 1


# suggestions


def kept(suggestion: str, path: str = PATH, **changes: object) -> str | None:
    file = a_new_file(path, CODE)
    candidate = a_candidate(path, 4, "amount += item.price", suggestion=suggestion, **changes)
    (finding,) = judge([candidate], (file,), {path: CODE}, ReviewRules()).findings
    return finding.candidate.suggestion


def test_a_suggestion_for_exactly_the_commented_line_is_kept():
    assert kept("        amount += item.price * 2\n") == "        amount += item.price * 2"


@pytest.mark.parametrize(
    ("suggestion", "changes"),
    [
        ("        amount += item.price", {}),
        ("amount += item.price * 2", {}),
        ("        x\n" * 21, {}),
        ("        amount\u202e += item.price", {}),
        ("        amount\x00 += item.price", {}),
        ("        amount += 1", {"line": 3, "end_line": 4}),
    ],
    ids=["same", "margin", "too long", "direction", "control", "another range"],
)
def test_a_suggestion_that_would_not_apply_cleanly_is_dropped(
    suggestion: str, changes: dict[str, object]
):
    file = FILE
    candidate = a_candidate(PATH, 4, "amount += item.price", suggestion=suggestion)
    candidate = Candidate(**{**_fields(candidate), **changes})  # type: ignore[arg-type]  # test
    (finding,) = judge([candidate], (file,), {PATH: CODE}, ReviewRules()).findings
    assert finding.candidate.suggestion is None
    assert finding.anchor is not None


def _fields(candidate: Candidate) -> dict[str, object]:
    return {name: getattr(candidate, name) for name in Candidate.__slots__}


@pytest.mark.parametrize(
    "path",
    [
        ".github/workflows/ci.yml",
        "web/package.json",
        "web/package-lock.json",
        "poetry.lock",
        "setup.py",
        "deploy/run.sh",
        "Dockerfile",
        ".husky/pre-commit",
        "sub/CODEOWNERS",
    ],
)
def test_nothing_is_suggested_for_what_runs_with_somebodys_rights(path: str):
    assert kept("        amount += item.price * 2", path) is None


def test_a_removed_line_gets_no_suggestion():
    file = a_file(PATH, "@@ -1 +0,0 @@\n-check(user)")
    candidate = a_candidate(PATH, 1, "check(user)", side=Side.LEFT, suggestion="check(all)")
    (finding,) = judge([candidate], (file,), {}, ReviewRules()).findings
    assert finding.anchor == Anchor(PATH, Side.LEFT, 1)
    assert finding.candidate.suggestion is None


# places


def finding(name: str, line: int = 4, anchored: bool = True, **changes: object) -> Finding:
    anchor = Anchor(PATH, Side.RIGHT, line) if anchored else None
    return Finding(name, claim(line, **changes), anchor, f"print-{name}")


def comment(fingerprint: str, line: int | None, body: str = "") -> StandingComment:
    return StandingComment(
        finding_id="c",
        fingerprint=fingerprint,
        path=PATH,
        line=line,
        side=Side.RIGHT,
        body=body,
        url="https://github.com/octo/shop/pull/7#discussion_r1",
        commit=HEAD,
    )


def names(findings: tuple[Finding, ...]) -> list[str]:
    return [each.id for each in findings]


def test_the_weightiest_come_first_and_the_rest_is_in_the_summary():
    findings = [
        finding("nit", severity=Severity.NIT),
        finding("unsure", confidence=0.3),
        finding("sure", confidence=0.95),
        finding("secure", confidence=0.95, category=Category.SECURITY),
        finding("old", severity=Severity.PRE_EXISTING),
    ]
    placed = place(findings, (), ReviewRules(max_findings=2))
    assert names(placed.inline) == ["secure", "sure"]
    assert names(placed.summary) == ["unsure", "nit", "old"]


def test_nits_stand_on_lines_only_where_the_configuration_wants_them():
    findings = [finding("nit", severity=Severity.NIT)]
    assert names(place(findings, (), ReviewRules()).summary) == ["nit"]
    assert names(place(findings, (), ReviewRules(min_severity="nit")).inline) == ["nit"]


def test_no_findings_inline_when_the_configuration_says_zero():
    placed = place([finding("a")], (), ReviewRules(max_findings=0))
    assert placed == Placed(summary=placed.summary)
    assert names(placed.summary) == ["a"]


def test_a_finding_whose_comment_stands_is_not_said_again():
    placed = place([finding("a"), finding("b")], [comment("print-a", 9)], ReviewRules())
    assert names(placed.inline) == ["b"]
    assert [each.id for each, _ in placed.standing] == ["a"]


def test_a_comment_in_other_words_on_the_same_line_stands_for_it():
    body = "**Total is wrong**\n\nThe second of two items is charged twice.\n\n<!-- argus:v1:x -->"
    assert place([finding("a")], [comment("other", 4, body)], ReviewRules()).inline == ()


@pytest.mark.parametrize(
    "standing",
    [
        comment("print-a", None),
        comment("other", 4, "**Float arithmetic loses cents**"),
        comment("other", 3, "**The total is wrong** With two items the second is charged twice."),
    ],
    ids=["outdated", "another claim", "another line"],
)
def test_other_comments_do_not_stand_for_it(standing: StandingComment):
    assert names(place([finding("a")], [standing], ReviewRules()).inline) == ["a"]


def test_one_comment_stands_for_one_finding():
    body = "**The total is wrong**\n\nWith two items the second one is charged twice."
    placed = place([finding("a"), finding("b")], [comment("other", 4, body)], ReviewRules())
    assert len(placed.standing) == 1
    assert len(placed.inline) == 1


def test_what_is_kept_has_prose_and_place_and_no_code():
    placed = place(
        [finding("a"), finding("b", line=9), finding("c", anchored=False, end_line=6)],
        [comment("print-b", 9)],
        ReviewRules(),
    )
    kept = recorded(placed, {"a": "https://github.com/x"})
    assert [(each.id, each.place) for each in kept] == [
        ("a", Place.INLINE),
        ("b", Place.STANDING),
        ("c", Place.SUMMARY),
    ]
    assert kept[0].url == "https://github.com/x"
    assert kept[1].url.endswith("#discussion_r1")
    assert (kept[2].line, kept[2].end_line) == (4, 6)
    assert "item.price" not in "".join(each.model_dump_json() for each in kept)
