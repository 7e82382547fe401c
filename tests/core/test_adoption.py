"""What a posted review says is read back from its comments."""

from core.adoption import adopted
from core.coverage import covered
from core.models import (
    Category,
    PostedReview,
    ReviewRecord,
    Scope,
    Severity,
    Side,
    StandingComment,
)
from tests.fakes.core import BASE, HEAD, a_pull_request

BODY = """**Prices are added as floats**

With 0.1 and 0.2 the sum is off.

```suggestion
amount += Decimal(item.price)
```

<sub>Nit · performance · static rule python-float-money</sub>

<!-- argus:v1:finding:abc.def:0123 -->"""


def comment(finding_id: str, body: str = BODY, line: int | None = 4) -> StandingComment:
    return StandingComment(
        finding_id=finding_id,
        fingerprint="def",
        path="cart.py",
        line=line,
        side=Side.LEFT,
        body=body,
        url="https://github.com/old",
        commit=HEAD,
    )


def read_back(*comments: StandingComment) -> ReviewRecord:
    posted = PostedReview(id=3, url="https://github.com/r", comment_urls={"abc": "https://new"})
    scope = Scope(files=(), omitted=())
    blank = ReviewRecord(head=HEAD, base=BASE, coverage=covered(scope), notes=("kept",))
    outcome = adopted(posted, comments, a_pull_request(), scope, blank)
    assert outcome.record is not None
    return outcome.record


def test_claim_severity_and_place_are_read_and_code_is_not():
    (finding,) = read_back(comment("abc")).findings
    assert finding.title == "Prices are added as floats"
    assert finding.body == "With 0.1 and 0.2 the sum is off."
    assert (finding.severity, finding.category) == (Severity.NIT, Category.PERFORMANCE)
    assert (finding.path, finding.line, finding.side) == ("cart.py", 4, Side.LEFT)
    assert finding.url == "https://new"


def test_comments_of_other_reviews_are_no_part_of_it():
    assert read_back(comment("other")).findings == ()


def test_a_comment_in_an_unknown_form_is_still_a_finding():
    (finding,) = read_back(comment("abc", "Something else", line=None)).findings
    assert (finding.title, finding.body, finding.line) == ("Finding", "Something else", 0)
    assert finding.severity is Severity.IMPORTANT


def test_what_was_known_of_the_run_is_kept():
    assert read_back().notes == ("kept",)
