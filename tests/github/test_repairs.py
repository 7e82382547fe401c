"""What is a double, what is debris, and how both are repaired on the local GitHub."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import PermanentError
from core.models import PullRequestRef
from github.client import GitHubClient
from github.identity import Identity
from github.markers import MarkerKind, Markers
from github.posting.own_reviews import OwnReview, OwnReviews
from github.repairs import REPEATED, Repairs, debris, doubles
from tests.contracts.openapi import validate_request
from tests.fakes.github import SLUG, FakeGitHub, Opened
from tests.github.wire import Wire, routes

MARKERS = Markers(["key"])
NAME = "7.1.abc.0"
CHANGE = {"a.py": "a = 1\nb = 2\n"}


def a_review(number: int, marker: str = NAME, *, pending: bool = False) -> OwnReview:
    return OwnReview(number, f"https://x/{number}", pending, marker, body="")


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        ([a_review(1)], []),
        ([a_review(2), a_review(1)], [(1, [2])]),
        ([a_review(1), a_review(2), a_review(3)], [(1, [2, 3])]),
        ([a_review(1), a_review(2, "7.1.abc.1")], []),
        ([a_review(1), a_review(2, pending=True)], []),
        ([a_review(1, ""), a_review(2, "")], []),
        ([a_review(1), a_review(2, NAME + REPEATED), a_review(3, NAME + REPEATED)], []),
    ],
    ids=[
        *("one", "two", "three", "another ordinal", "a draft is none", "no marker of ours"),
        "repaired before",
    ],
)
def test_what_is_a_double(own: list[OwnReview], expected: list[tuple[int, list[int]]]) -> None:
    found = doubles(own)
    assert [(d.first.id, [later.id for later in d.later]) for d in found] == expected


reviews = st.lists(
    st.builds(
        lambda number, marker, pending: a_review(number, marker, pending=pending),
        st.integers(1, 50),
        st.sampled_from(["", "a", "b", "a" + REPEATED]),
        st.booleans(),
    ),
    unique_by=lambda review: review.id,
)


@given(reviews)
def test_one_of_each_stays_and_nothing_of_people_is_touched(own: list[OwnReview]) -> None:
    touched = {later.id for double in doubles(own) for later in double.later}
    for marker in ("a", "b"):
        posted = {r.id for r in own if r.marker == marker and not r.pending}
        assert posted - touched == ({min(posted)} if posted else set())
    assert not touched & {r.id for r in own if not r.marker or r.pending}
    assert {r.id for r in debris(own)} == {r.id for r in own if r.marker and r.pending}


class Desk:
    """A pull request, and the App's hand on it."""

    def __init__(self, github: FakeGitHub) -> None:
        self.github = github
        self.opened: Opened = github.open({"a.py": "a = 1\n"}, CHANGE)
        self.token = github.installation_token(self.opened.installation)
        self.http = httpx.AsyncClient(
            trust_env=False, verify=github.no_tls, event_hooks={"request": [self._judge]}
        )

        async def authorize(_fresh: bool) -> str | None:
            return f"Bearer {self.token}"

        client = GitHubClient(self.http, github.url, authorize)
        ref = PullRequestRef(owner="octo", repo="shop", number=1)
        identity = Identity(github.app_id, SLUG)
        self.own = OwnReviews(client, ref, MARKERS, identity)
        self.repairs = Repairs(client, ref, MARKERS)

    async def _judge(self, request: httpx.Request) -> None:
        """Hold what is sent against GitHub's own description."""
        if request.url.path != "/graphql":
            body = json.loads(request.content) if request.content else None
            validate_request(request.method, request.url.raw_path.decode(), body)

    def post(self, name: str = NAME, line: int | None = 2, event: str = "COMMENT") -> int:
        """Post a review of ours."""
        body = f"1 finding.\n\n{MARKERS.make(MarkerKind.REVIEW, name)}"
        comment = {"path": "a.py", "line": line, "side": "RIGHT", "body": "wrong"}
        wanted: dict[str, Any] = {"body": body, "comments": [comment] if line else []}
        if event:
            wanted["event"] = event
        with self.github.api(self.token) as api:
            answer = api.post("/repos/octo/shop/pulls/1/reviews", json=wanted)
        return int(answer.raise_for_status().json()["id"])

    def shown(self, what: str = "reviews") -> list[dict[str, Any]]:
        return list(self.github.snapshot(self.opened.repo, 1)[what])


@pytest.fixture
async def desk(github: FakeGitHub) -> AsyncIterator[Desk]:
    made = Desk(github)
    yield made
    await made.http.aclose()


async def test_a_double_is_taken_back_and_leads_to_the_first(desk: Desk) -> None:
    first, second = desk.post(), desk.post()
    (double,) = doubles(await desk.own.all())

    await desk.repairs.repair(double)
    await desk.repairs.minimize(double.later[0])

    kept, repaired = desk.shown()
    assert kept["id"] == first
    assert f"pullrequestreview-{first}" in repaired["body"]
    assert repaired["minimized"] == "DUPLICATE"
    assert [c["pull_request_review_id"] for c in desk.shown("review_comments")] == [first]
    assert doubles(await desk.own.all()) == ()
    assert second == repaired["id"]


async def test_a_comment_that_somebody_answered_stays(desk: Desk) -> None:
    desk.post()
    second = desk.post()
    answered = next(
        c for c in desk.shown("review_comments") if c["pull_request_review_id"] == second
    )
    desk.github.comment_on_diff(
        desk.opened.repo, 1, "why?", author="mona", in_reply_to=answered["id"]
    )
    (double,) = doubles(await desk.own.all())

    await desk.repairs.repair(double)

    assert answered["id"] in [c["id"] for c in desk.shown("review_comments")]


async def test_a_repair_that_was_cut_off_is_found_and_finished(desk: Desk) -> None:
    desk.post()
    desk.post()
    (double,) = doubles(await desk.own.all())
    desk.github.fault("PUT", r"/reviews/\d+$", status=403, body={"message": "no"})
    with pytest.raises(PermanentError):
        await desk.repairs.repair(double)

    (again,) = doubles(await desk.own.all())
    await desk.repairs.repair(again)

    assert doubles(await desk.own.all()) == ()


async def test_folding_away_may_be_refused(desk: Desk) -> None:
    desk.github.set_knobs(may_minimize=False)
    desk.post()
    (review,) = await desk.own.all()
    with pytest.raises(PermanentError, match="not accessible"):
        await desk.repairs.minimize(review)


async def test_debris_goes_and_what_was_submitted_meanwhile_stays(desk: Desk) -> None:
    desk.post(event="")
    (draft,) = debris(await desk.own.all())
    await desk.repairs.delete(draft)
    await desk.repairs.delete(draft)  # gone already
    assert desk.shown() == []
    desk.post()
    (posted,) = await desk.own.all()
    await desk.repairs.delete(posted)
    assert len(desk.shown()) == 1


async def test_graphql_stands_beside_the_api_of_a_server_of_ones_own() -> None:
    wire = Wire(
        routes(
            {
                "GET /api/v3/repos/o/r/pulls/1/reviews/5": {"node_id": "PRR_5"},
                "POST /api/graphql": {"data": {}},
            }
        )
    )
    client = wire.client(api_url="https://git.test/api/v3")
    ref = PullRequestRef(owner="o", repo="r", number=1)
    await Repairs(client, ref, MARKERS).minimize(a_review(5))
    assert wire.sent[-1] == "POST /api/graphql"
