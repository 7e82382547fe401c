"""The posting protocol: one review a head, whatever is lost, late, dead or in the way."""

import random
from collections.abc import Awaitable, Callable
from contextlib import suppress

import httpx
import pytest

from core.errors import (
    HeadMoved,
    LeaseLost,
    PermanentError,
    PullRequestGone,
    TransientError,
    UserError,
)
from core.models import PostedReview
from github.identity import Identity
from github.markers import MarkerKind, Markers, finding_id, review_id
from tests.github.render_samples import HEAD, finding
from tests.github.reviews_api import (
    MARKERS,
    FakeFence,
    Fault,
    Killed,
    ReviewsApi,
    a_draft,
    a_pace,
    a_publisher,
    a_pull,
    comment_url,
)
from tests.github.wire import Clock, Wire, json_answer

NAME = review_id(7, 7, HEAD, 0)
MARKER = MARKERS.make(MarkerKind.REVIEW, NAME)
OTHER = MARKERS.make(MarkerKind.REVIEW, review_id(7, 7, "c" * 40, 0))
LOST = httpx.ReadError("broken")
BAD_GATEWAY = json_answer({"message": "Server Error"}, 502)


@pytest.fixture
def api() -> ReviewsApi:
    return ReviewsApi(clock=Clock())


async def test_review_is_created_pending_then_submitted_with_its_comments(api: ReviewsApi) -> None:
    fence = FakeFence()
    posted = await a_publisher(api).publish(a_draft(2), fence)
    (review,) = api.submitted
    assert posted == PostedReview(
        id=review.id,
        url=f"https://github.com/acme/shop/pull/7#pullrequestreview-{review.id}",
        comment_urls={"f1": comment_url(review.id, 0), "f2": comment_url(review.id, 1)},
    )
    assert review.commit == HEAD
    assert review.body == f"2 important findings.\n\n{MARKER}"
    assert [(c["path"], c["line"], c["side"]) for c in review.comments] == [
        ("src/cart.py", 1, "RIGHT"),
        ("src/cart.py", 2, "RIGHT"),
    ]
    assert api.log == ["pull", "list", "create", "submit", "comments"]
    assert fence.review_id == review.id


async def test_answer_to_a_write_needs_no_more_than_the_reviews_id(api: ReviewsApi) -> None:
    api.bare = True
    fence = FakeFence()
    posted = await a_publisher(api).publish(a_draft(2), fence)
    assert [review.id for review in api.submitted] == [posted.id] == [fence.review_id]
    assert api.log == ["pull", "list", "create", "submit", "comments"]


async def test_several_lines_have_a_start_and_one_line_has_none(api: ReviewsApi) -> None:
    draft = a_draft(0)
    many = finding("f1", line=5, start_line=3)
    one = finding("f2", line=5, start_line=5)
    await a_publisher(api).publish(type(draft)(draft.pull, (many, one), draft.record), FakeFence())
    first, second = api.submitted[0].comments
    assert (first["start_line"], first["start_side"], first["line"]) == (3, "RIGHT", 5)
    assert "start_line" not in second


async def test_no_suggestion_is_offered_on_a_fork(api: ReviewsApi) -> None:
    draft = a_draft(0, fork=True)
    risky = finding("f1", suggestion="    total -= 0")
    await a_publisher(api).publish(type(draft)(draft.pull, (risky,), draft.record), FakeFence())
    assert "suggestion" not in api.submitted[0].comments[0]["body"]


async def test_review_of_an_earlier_attempt_is_adopted_with_its_findings(api: ReviewsApi) -> None:
    mark = MARKERS.make(MarkerKind.FINDING, finding_id("old", "print"))
    review = api.add(f"1 important finding.\n\n{MARKER}", "COMMENTED", comments=[{"body": mark}])
    publisher = a_publisher(api)
    expected = {"old": comment_url(review.id, 0)}
    for posted in (
        await publisher.find_posted(a_pull(), FakeFence()),
        await publisher.publish(a_draft(), FakeFence()),
    ):
        assert posted is not None
        assert (posted.id, posted.adopted, posted.comment_urls) == (review.id, True, expected)
    assert len(api.reviews) == 1


async def test_adoption_looks_at_every_page(api: ReviewsApi) -> None:
    for _ in range(230):
        api.add("LGTM", "APPROVED", user={"login": "mona", "type": "User"})
    own = api.add(MARKER, "COMMENTED")
    posted = await a_publisher(api).publish(a_draft(), FakeFence())
    assert (posted.id, posted.adopted) == (own.id, True)


@pytest.mark.parametrize(
    ("body", "user"),
    [
        (MARKER, {"login": "mallory", "type": "User"}),
        (MARKER, {"login": "other[bot]", "type": "Bot"}),
        (Markers(["guess"]).make(MarkerKind.REVIEW, NAME), {"login": "argus[bot]", "type": "Bot"}),
        (OTHER, {"login": "argus[bot]", "type": "Bot"}),
    ],
)
async def test_somebody_elses_or_another_review_is_not_adopted(
    api: ReviewsApi, body: str, user: dict[str, str]
) -> None:
    api.add(body, "COMMENTED", user=user)
    assert await a_publisher(api).find_posted(a_pull(), FakeFence()) is None
    posted = await a_publisher(api).publish(a_draft(), FakeFence())
    assert not posted.adopted
    assert len(api.submitted) == 2


async def test_own_pending_review_is_submitted(api: ReviewsApi) -> None:
    review = api.add(MARKER)
    fence = FakeFence()
    posted = await a_publisher(api).publish(a_draft(), fence)
    assert (posted.id, posted.adopted) == (review.id, True)
    assert [r.id for r in api.submitted] == [review.id]
    assert fence.review_id == review.id
    assert "create" not in api.log


async def test_pending_review_of_another_head_is_deleted(api: ReviewsApi) -> None:
    debris = api.add(OTHER)
    posted = await a_publisher(api).publish(a_draft(), FakeFence())
    assert debris.id not in api.reviews
    assert [r.id for r in api.submitted] == [posted.id]


async def test_draft_of_a_person_is_left_alone_and_said(api: ReviewsApi) -> None:
    mona = {"login": "mona", "type": "User"}
    draft = api.add("my notes", user=mona)
    with pytest.raises(UserError, match=r"not submitted yet.*acme/shop#7.*Submit or discard"):
        await a_publisher(api, identity=Identity(login="mona")).publish(a_draft(), FakeFence())
    assert api.pending == [draft]


async def test_second_full_review_of_a_head_is_another_review(api: ReviewsApi) -> None:
    await a_publisher(api).publish(a_draft(), FakeFence())
    posted = await a_publisher(api, ordinal=1).publish(a_draft(), FakeFence())
    assert not posted.adopted
    assert len(api.submitted) == 2


async def test_moved_head_is_not_reviewed(api: ReviewsApi) -> None:
    api.head = "d" * 40
    with pytest.raises(HeadMoved) as moved:
        await a_publisher(api).publish(a_draft(), FakeFence())
    assert moved.value.live_head == "d" * 40
    assert api.log == ["pull"]


async def test_closed_pull_request_is_gone(api: ReviewsApi) -> None:
    api.state = "closed"
    with pytest.raises(PullRequestGone):
        await a_publisher(api).publish(a_draft(), FakeFence())
    assert api.log == ["pull"]


async def test_push_while_posting_leaves_neither_review_nor_debris(api: ReviewsApi) -> None:
    def push() -> None:
        api.clock.now += 5
        api.head = "d" * 40

    class PushedAt(FakeFence):
        async def remember_review(self, review_id: int) -> None:
            push()

    with pytest.raises(HeadMoved):
        await a_publisher(api).publish(a_draft(), PushedAt())
    assert api.reviews == {}


async def test_pull_request_closed_while_posting_leaves_nothing(api: ReviewsApi) -> None:
    class ClosedAt(FakeFence):
        async def remember_review(self, review_id: int) -> None:
            api.clock.now += 5
            api.state = "closed"

    with pytest.raises(PullRequestGone):
        await a_publisher(api).publish(a_draft(), ClosedAt())
    assert api.reviews == {}


async def test_head_is_read_again_when_it_is_older_than_two_seconds(api: ReviewsApi) -> None:
    class Slow(FakeFence):
        async def check(self) -> None:
            await super().check()
            api.clock.now += 0.8

    await a_publisher(api).publish(a_draft(), Slow())
    assert len(api.submitted) == 1
    assert api.ages[0] <= 2.0
    assert api.log.count("pull") == 2


@pytest.mark.parametrize("checks", range(3))
async def test_lost_lease_writes_nothing_more(api: ReviewsApi, checks: int) -> None:
    fence = FakeFence()
    fence.lost_at = checks
    with pytest.raises(LeaseLost):
        await a_publisher(api).publish(a_draft(), fence)
    assert api.submitted == []
    assert ("create" in api.log) is (checks == 2)


@pytest.mark.parametrize("fate", [LOST, BAD_GATEWAY], ids=["connection", "502"])
@pytest.mark.parametrize("committed", [True, False])
@pytest.mark.parametrize("operation", ["create", "submit"])
@pytest.mark.parametrize("lag", [0.0, 10.0])
async def test_doubtful_write_is_looked_for_and_never_doubled(
    api: ReviewsApi, operation: str, committed: bool, lag: float, fate: httpx.Response | Exception
) -> None:
    api.lag = lag
    api.faults.append(Fault(operation, fate, committed=committed))
    posted = await a_publisher(api).publish(a_draft(), FakeFence())
    assert [r.id for r in api.submitted] == [posted.id]
    assert api.pending == []
    assert len(posted.comment_urls) == 3
    assert all(age <= 2.0 for age in api.ages)


async def test_empty_list_counts_only_after_the_settling_time(api: ReviewsApi) -> None:
    started = api.clock()
    api.faults.append(Fault("create", LOST, committed=False))
    times = []
    api.before["submit"] = lambda: times.append(api.clock() - started)
    await a_publisher(api).publish(a_draft(), FakeFence())
    assert times[0] >= 15
    assert api.log.count("create") == 2


async def test_later_attempt_waits_until_an_earlier_write_must_be_visible(api: ReviewsApi) -> None:
    api.lag = 10.0
    earlier = api.add(MARKER)
    earlier.state = "COMMENTED"
    posted = await a_publisher(api, attempt=2, fenced_ago=0.0).publish(a_draft(), FakeFence())
    assert (posted.id, posted.adopted) == (earlier.id, True)
    assert len(api.reviews) == 1


@pytest.mark.parametrize("ago", [None, 60.0])
async def test_nobody_waits_for_what_nobody_can_have_written_lately(
    api: ReviewsApi, ago: float | None
) -> None:
    started, times = api.clock(), []
    api.before["create"] = lambda: times.append(api.clock() - started)
    await a_publisher(api, attempt=2, fenced_ago=ago).publish(a_draft(), FakeFence())
    assert times[0] < 1.0


async def test_a_write_of_moments_ago_is_waited_for(api: ReviewsApi) -> None:
    started, times = api.clock(), []
    api.before["create"] = lambda: times.append(api.clock() - started)
    await a_publisher(api, attempt=1, fenced_ago=5.0).publish(a_draft(), FakeFence())
    assert times[0] >= 30.0


async def test_pending_review_that_lists_do_not_show_yet_is_found_and_used(api: ReviewsApi) -> None:
    api.lag = 10.0
    hidden = api.add(MARKER)
    posted = await a_publisher(api).publish(a_draft(), FakeFence())
    assert [r.id for r in api.submitted] == [hidden.id] == [posted.id]


async def test_hidden_debris_is_cleared_once_it_shows(api: ReviewsApi) -> None:
    api.lag = 10.0
    debris = api.add(OTHER)
    posted = await a_publisher(api).publish(a_draft(), FakeFence())
    assert debris.id not in api.reviews
    assert [r.id for r in api.submitted] == [posted.id]


async def test_stored_review_is_asked_for_by_its_id(api: ReviewsApi) -> None:
    api.lag = 1_000.0
    review = api.add(MARKER)
    posted = await a_publisher(api, review_id=review.id).publish(a_draft(), FakeFence(review.id))
    assert [r.id for r in api.submitted] == [review.id] == [posted.id]
    again = await a_publisher(api, review_id=review.id).find_posted(a_pull(), FakeFence())
    assert again is not None
    assert again.id == review.id


@pytest.mark.parametrize("stored", ["gone", "of another head"])
async def test_stored_review_that_is_not_ours_any_more_is_passed_over(
    api: ReviewsApi, stored: str
) -> None:
    stored_id = 4711 if stored == "gone" else api.add(OTHER, "COMMENTED").id
    posted = await a_publisher(api, review_id=stored_id).publish(a_draft(), FakeFence(stored_id))
    assert not posted.adopted
    assert posted.id != stored_id


@pytest.mark.parametrize("bad", [{2}, {1, 3}, {1, 2, 3, 4}, {5}, {1, 2, 3, 4, 5}])
async def test_comment_that_github_refuses_moves_to_the_summary(
    api: ReviewsApi, bad: set[int]
) -> None:
    api.refused_lines = frozenset(bad)
    posted = await a_publisher(api).publish(a_draft(5), FakeFence())
    (review,) = api.submitted
    assert api.pending == []
    assert {c["line"] for c in review.comments} == {1, 2, 3, 4, 5} - bad
    assert posted.refused == tuple(f"f{n}" for n in sorted(bad))
    assert set(posted.comment_urls) == {f"f{n}" for n in {1, 2, 3, 4, 5} - bad}
    assert "in the summary" in review.body


async def test_lost_connection_while_sifting_leaves_one_whole_review(api: ReviewsApi) -> None:
    api.refused_lines = frozenset({2})
    api.faults.extend([Fault("create", LOST, skip=1), Fault("delete", LOST)])
    with suppress(TransientError):
        await a_publisher(api).publish(a_draft(5), FakeFence())
    posted = await a_publisher(api, attempt=2, fenced_ago=0.0).publish(a_draft(5), FakeFence())
    assert [r.id for r in api.submitted] == [posted.id]
    assert posted.refused == ("f2",)
    assert api.pending == []


async def test_refusal_because_of_a_push_is_a_moved_head(api: ReviewsApi) -> None:
    def push() -> None:
        api.head = "d" * 40

    api.before["create"] = push
    with pytest.raises(HeadMoved):
        await a_publisher(api).publish(a_draft(), FakeFence())
    assert api.reviews == {}


async def test_at_most_thirty_comments_go_into_a_review(api: ReviewsApi) -> None:
    posted = await a_publisher(api).publish(a_draft(33), FakeFence())
    assert len(api.submitted[0].comments) == 30
    assert posted.refused == ("f31", "f32", "f33")
    assert api.submitted[0].body.startswith("30 important findings; 3 more in the summary.")


async def test_lost_access_is_the_end_of_the_pull_request(api: ReviewsApi) -> None:
    api.faults.append(Fault("create", json_answer({"message": "Not Found"}, 404), committed=False))
    with pytest.raises(PullRequestGone):
        await a_publisher(api).publish(a_draft(), FakeFence())


@pytest.mark.parametrize("step", ["create", "submit"])
async def test_forbidden_write_is_the_end_of_the_pull_request(api: ReviewsApi, step: str) -> None:
    refusal = json_answer({"message": "Repository was archived so is read-only."}, 403)
    api.faults.append(Fault(step, refusal, committed=False))
    with pytest.raises(PullRequestGone, match=r"read-only\.$"):
        await a_publisher(api).publish(a_draft(), FakeFence())
    assert api.submitted == []


async def test_pull_request_deleted_before_the_submission_is_gone(api: ReviewsApi) -> None:
    def delete() -> None:
        api.reviews.clear()
        missing = json_answer({"message": "Not Found"}, 404)
        api.faults += [Fault("pull", missing, committed=False)]

    api.before["submit"] = delete
    with pytest.raises(PullRequestGone):
        await a_publisher(api).publish(a_draft(), FakeFence())


async def test_refused_submission_leaves_no_pending_review(api: ReviewsApi) -> None:
    refusal = json_answer({"message": "Validation Failed"}, 422)
    api.faults.append(Fault("submit", refusal, committed=False))
    with pytest.raises(PermanentError):
        await a_publisher(api).publish(a_draft(), FakeFence())
    assert api.reviews == {}


async def test_addresses_that_do_not_show_do_not_undo_a_posted_review(api: ReviewsApi) -> None:
    for _ in range(20):
        api.faults.append(Fault("comments", LOST))
    posted = await a_publisher(api).publish(a_draft(), FakeFence())
    assert posted.comment_urls == {}
    assert [r.id for r in api.submitted] == [posted.id]


async def run_and_die(api: ReviewsApi, number: int, committed: bool, **job: int) -> int | None:
    """Run until the process dies at one request; return the id it had stored."""
    api.kill_at = (number, committed)
    fence = FakeFence()
    with pytest.raises(Killed):
        await a_publisher(api, **job).publish(a_draft(), fence)
    api.kill_at = None
    return fence.review_id


@pytest.mark.parametrize("lag", [0.0, 10.0])
@pytest.mark.parametrize("committed", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("number", range(5))
async def test_death_at_any_step_ends_in_one_review(
    api: ReviewsApi, number: int, committed: bool, lag: float
) -> None:
    api.lag = lag
    stored = await run_and_die(api, number, committed)
    publisher = a_publisher(api, attempt=2, review_id=stored, fenced_ago=0.0)
    posted = await publisher.publish(a_draft(), FakeFence(stored))
    assert [r.id for r in api.submitted] == [posted.id]
    assert api.pending == []
    assert set(posted.comment_urls) == {"f1", "f2", "f3"}


@pytest.mark.parametrize("seed", range(120))
async def test_any_mix_of_faults_ends_in_one_review(api: ReviewsApi, seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 - picks faults
    api.lag = dice.choice([0.0, 0.0, 3.0, 10.0])
    api.refused_lines = frozenset(dice.sample(range(1, 6), dice.choice([0, 0, 1])))
    if dice.random() < 0.3:
        api.add(OTHER)
    stored: int | None = None
    for attempt in range(1, 12):
        operations = ["pull", "list", "create", "create", "submit", "submit", "get", "delete"]
        for _ in range(dice.choice([0, 1, 2])):
            does = dice.choice([LOST, BAD_GATEWAY, Killed()])
            fault = Fault(dice.choice(operations), does, committed=dice.random() < 0.6)
            api.faults.append(fault)
        fence = FakeFence(stored)
        ago = 0.0 if attempt > 1 else None
        publisher = a_publisher(api, attempt=attempt, review_id=stored, fenced_ago=ago)
        try:
            posted = await publisher.publish(a_draft(5), fence)
            break
        except (TransientError, Killed):
            stored = fence.review_id
            api.faults.clear()
            api.clock.now += dice.choice([0.0, 1.0, 60.0])
    assert [r.id for r in api.submitted] == [posted.id]
    assert api.pending == []
    assert all(age <= 2.0 for age in api.ages)


Meanwhile = Callable[[], Awaitable[object]]


class Interrupted(Wire):
    """Lets another run happen just before the first request of one kind."""

    def __init__(self, api: ReviewsApi, operation: str, meanwhile: Meanwhile) -> None:
        super().__init__(api.handle)
        self._api = api
        self._operation: str | None = operation
        self._meanwhile = meanwhile

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        if self._api.operation(request) == self._operation:
            self._operation = None
            await self._meanwhile()
        return await super()._answer(request)


@pytest.mark.parametrize("operation", ["pull", "list", "create", "submit", "comments"])
async def test_run_that_froze_and_wakes_up_posts_no_second_review(
    api: ReviewsApi, operation: str
) -> None:
    fence = FakeFence()

    async def successor() -> None:
        fence.lost_at = fence.checks
        await a_publisher(api, attempt=2, fenced_ago=0.0).publish(a_draft(), FakeFence())

    client = Interrupted(api, operation, successor).client(pace=a_pace(api))
    with suppress(LeaseLost):
        await a_publisher(api, client=client).publish(a_draft(), fence)
    assert len(api.submitted) == 1
    await a_publisher(api, ordinal=1).publish(a_draft(), FakeFence())
    assert api.pending == []
