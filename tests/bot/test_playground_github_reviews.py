"""What the local GitHub accepts as a review, and how what it accepted looks afterwards."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.playground.github.diffs import FileDiff
from bot.playground.github.rules.anchors import place
from tests.fakes import github as fakes
from tests.fakes.github import REPO, FakeGitHub, Opened

hub = fakes.github

LINES = [f"line {n}" for n in range(1, 61)]
PULL = f"/repos/{REPO}/pulls/1"
NOT_IN_DIFF = "Pull request review thread line must be part of the diff"


def text(**changes: str | None) -> str:
    """Return sixty lines, some replaced, some left out."""
    by_number = {int(name.removeprefix("at_")): new for name, new in changes.items()}
    kept = [by_number.get(n, line) for n, line in enumerate(LINES, 1)]
    return "\n".join(line for line in kept if line is not None) + "\n"


@pytest.fixture
def opened(hub: FakeGitHub) -> Opened:
    """Line 10 is replaced and line 40 removed: two hunks, 7-13 and 37-43 of the old file."""
    return hub.open({"a.txt": text()}, {"a.txt": text(at_10="ten", at_40=None)}, author="mona")


@pytest.fixture
def api(hub: FakeGitHub, opened: Opened) -> Iterator[httpx.Client]:
    with hub.api(hub.installation_token(opened.installation)) as client:
        yield client


def comment(line: int, side: str = "RIGHT", **more: Any) -> dict[str, Any]:
    return {"path": "a.txt", "line": line, "side": side, "body": "why?", **more}


def review(api: httpx.Client, *comments: Any, **more: Any) -> httpx.Response:
    return api.post(f"{PULL}/reviews", json={"body": "b", "comments": list(comments), **more})


def shown(api: httpx.Client, path: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = api.get(f"{PULL}{path}").json()
    return rows


@pytest.mark.parametrize(
    "wanted",
    [
        comment(10),
        comment(7),
        comment(13),
        comment(10, "LEFT"),
        comment(40, "LEFT"),
        comment(42, "RIGHT"),
        comment(10, start_line=8, start_side="RIGHT"),
        comment(10, "RIGHT", start_line=10, start_side="LEFT"),
        {"path": "a.txt", "position": 4, "body": "by position"},
    ],
)
def test_lines_of_the_diff_can_carry_a_comment(api: httpx.Client, wanted: dict[str, Any]) -> None:
    assert review(api, wanted).status_code == 200


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (comment(6), NOT_IN_DIFF),
        (comment(14), NOT_IN_DIFF),
        (comment(25), NOT_IN_DIFF),
        (comment(-1), NOT_IN_DIFF),
        (comment(10, "MIDDLE"), NOT_IN_DIFF),
        (comment(10, path="b.txt"), "Path could not be resolved"),
        (comment(42, start_line=10), "same hunk"),
        (comment(10, start_line=10), "precede the end line"),
        (comment(10, start_line=12), "precede the end line"),
        (comment(10, body=""), "Body can't be blank"),
        (comment(10, body="x" * 65_537), "Body is too long (maximum is 65536 characters)"),
    ],
)
def test_a_bad_comment_refuses_the_whole_review(
    api: httpx.Client, wanted: dict[str, Any], said: str
) -> None:
    answer = review(api, comment(10), wanted, event="COMMENT")
    assert answer.status_code == 422
    assert any(said in error for error in answer.json()["errors"])
    assert shown(api, "/reviews") == []
    assert shown(api, "/comments") == []


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"body": "x" * 65_537}, "Body is too long (maximum is 65536 characters)"),
        ({"body": "", "event": "COMMENT"}, "Review body can't be blank"),
        ({"body": "b", "commit_id": "f" * 40}, "The commit_id is not part of the pull request"),
        ({"body": "b", "event": "SHOUT"}, "PullRequestReviewEvent"),
    ],
)
def test_other_bad_reviews_are_refused(
    api: httpx.Client, wanted: dict[str, Any], said: str
) -> None:
    answer = api.post(f"{PULL}/reviews", json=wanted)
    assert answer.status_code == 422
    assert said in answer.json()["errors"][0]


def test_a_pending_review_is_its_authors_alone(
    hub: FakeGitHub, opened: Opened, api: httpx.Client
) -> None:
    made = review(api, comment(10)).json()
    assert (made["state"], "submitted_at" in made) == ("PENDING", False)
    assert [row["id"] for row in shown(api, "/reviews")] == [made["id"]]
    assert len(shown(api, f"/reviews/{made['id']}/comments")) == 1
    assert shown(api, "/comments") == []
    with hub.api(hub.add_token("mona")) as mona:
        assert mona.get(f"{PULL}/reviews").json() == []
        assert mona.get(f"{PULL}/reviews/{made['id']}").status_code == 404


def test_only_one_review_may_be_pending(api: httpx.Client) -> None:
    review(api)
    for answer in (
        review(api),
        review(api, event="COMMENT"),
        api.post(f"{PULL}/comments", json=comment(10)),
    ):
        assert answer.status_code == 422
        assert answer.json()["errors"] == ["User can only have one pending review per pull request"]


def test_a_submitted_review_is_seen_and_stays(api: httpx.Client, opened: Opened) -> None:
    made = review(api, comment(10), commit_id=opened.head).json()
    one = f"{PULL}/reviews/{made['id']}"
    submitted = api.post(f"{one}/events", json={"event": "COMMENT"}).json()
    assert (submitted["state"], submitted["commit_id"]) == ("COMMENTED", opened.head)
    assert submitted["user"]["login"] == "argus[bot]"
    assert submitted["user"]["type"] == "Bot"
    assert submitted["body"] == "b"
    assert [row["line"] for row in shown(api, "/comments")] == [10]
    assert api.post(f"{one}/events", json={"event": "COMMENT"}).status_code == 422
    assert api.delete(one).json()["message"] == "Can not delete a non-pending pull request review"


def test_a_submission_needs_an_event(api: httpx.Client) -> None:
    made = review(api, comment(10)).json()
    assert api.post(f"{PULL}/reviews/{made['id']}/events", json={}).status_code == 422
    assert shown(api, "/reviews")[0]["state"] == "PENDING"


def test_a_deleted_draft_leaves_nothing(api: httpx.Client) -> None:
    made = review(api, comment(10)).json()
    assert api.delete(f"{PULL}/reviews/{made['id']}").status_code == 200
    assert shown(api, "/reviews") == []
    assert review(api).status_code == 200


def test_another_persons_draft_is_out_of_reach(hub: FakeGitHub, api: httpx.Client) -> None:
    draft = hub.review(REPO, 1, author="mona", body="mine", comments=[comment(10)])
    assert api.delete(f"{PULL}/reviews/{draft['id']}").status_code == 404
    assert review(api).status_code == 200


def test_nobody_approves_their_own_pull_request(hub: FakeGitHub, opened: Opened) -> None:
    with pytest.raises(httpx.HTTPStatusError, match="Can not approve your own"):
        hub.review(REPO, 1, author="mona", event="APPROVE")
    assert hub.review(REPO, 1, author="octo", event="APPROVE")["state"] == "APPROVED"


def test_too_many_comments_are_posted_and_answered_with_an_error(api: httpx.Client) -> None:
    answer = review(api, *[comment(10)] * 31, event="COMMENT")
    assert answer.status_code == 502
    assert len(shown(api, "/comments")) == 30
    assert len(shown(api, "/reviews")) == 1


def test_lists_lag_but_single_reviews_do_not(hub: FakeGitHub, api: httpx.Client) -> None:
    hub.set_knobs(list_lag=60)
    made = review(api, comment(10), event="COMMENT").json()
    assert shown(api, "/reviews") == shown(api, "/comments") == []
    assert api.get(f"{PULL}/reviews/{made['id']}").status_code == 200
    hub.advance_clock(61)
    assert len(shown(api, "/reviews")) == len(shown(api, "/comments")) == 1


def test_comments_move_with_their_line_or_are_outdated(
    hub: FakeGitHub, api: httpx.Client, opened: Opened
) -> None:
    review(api, comment(10), comment(42), comment(40, "LEFT"), event="COMMENT")
    pushed = text(at_1="one\none and a half", at_10="ten", at_40=None, at_43="forty-three")
    head = hub.push(REPO, "change", {"a.txt": pushed})
    right, gone, left = shown(api, "/comments")
    assert (right["line"], right["commit_id"], right["original_line"]) == (11, head, 10)
    assert right["original_commit_id"] == opened.head
    assert (gone["line"], gone["position"], gone["commit_id"]) == (None, None, opened.head)
    assert left["line"] == 40


def test_a_commit_that_was_pushed_away_can_not_be_reviewed(
    hub: FakeGitHub, api: httpx.Client, opened: Opened
) -> None:
    hub.push(REPO, "change", {"a.txt": text(at_10="zehn")}, onto="main")
    answer = review(api, commit_id=opened.head)
    assert answer.json()["errors"] == ["The commit_id is not part of the pull request"]


def test_an_earlier_commit_of_the_pull_request_can(
    hub: FakeGitHub, api: httpx.Client, opened: Opened
) -> None:
    hub.push(REPO, "change", {"b.txt": "new\n"})
    assert review(api, comment(10), commit_id=opened.head).status_code == 200


def test_threads_have_one_level(api: httpx.Client) -> None:
    review(api, comment(10), event="COMMENT")
    (first,) = shown(api, "/comments")
    answer = api.post(f"{PULL}/comments/{first['id']}/replies", json={"body": "because"})
    assert answer.json()["in_reply_to_id"] == first["id"]
    deeper = f"{PULL}/comments/{answer.json()['id']}/replies"
    assert api.post(deeper, json={"body": "b"}).status_code == 422


def test_others_comments_can_not_be_edited(hub: FakeGitHub, api: httpx.Client) -> None:
    theirs = hub.comment(REPO, 1, "hello", author="mona")
    path = f"/repos/{REPO}/issues/comments/{theirs['id']}"
    assert api.patch(path, json={"body": "mine"}).status_code == 403
    assert api.delete(path).status_code == 403


def test_a_locked_conversation_takes_no_word(hub: FakeGitHub, api: httpx.Client) -> None:
    hub.act(REPO, 1, "lock")
    path = f"/repos/{REPO}/issues/1/comments"
    assert api.post(path, json={"body": "b"}).status_code == 403
    assert review(api, comment(10), event="COMMENT").status_code == 403


def test_a_comment_in_the_conversation_has_its_limits(api: httpx.Client) -> None:
    path = f"/repos/{REPO}/issues/1/comments"
    assert api.post(path, json={"body": "x" * 65_536}).status_code == 201
    long = api.post(path, json={"body": "x" * 65_537}).json()
    assert long["errors"][0]["message"] == "body is too long (maximum is 65536 characters)"
    assert api.post(path, json={"body": " "}).status_code == 422


def test_a_reaction_is_counted_once(api: httpx.Client) -> None:
    made = api.post(f"/repos/{REPO}/issues/1/comments", json={"body": "b"}).json()
    path = f"/repos/{REPO}/issues/comments/{made['id']}"
    first = api.post(f"{path}/reactions", json={"content": "eyes"})
    again = api.post(f"{path}/reactions", json={"content": "eyes"})
    assert (first.status_code, again.status_code) == (201, 200)
    assert api.get(path).json()["reactions"]["eyes"] == 1


@given(
    st.integers(0, 20), st.sampled_from(["LEFT", "RIGHT"]), st.sets(st.integers(1, 9), max_size=9)
)
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_a_placed_comment_ends_its_excerpt_with_its_own_line(
    line: int, side: str, changed: set[int]
) -> None:
    body = "@@ -1,9 +1,9 @@\n" + "".join(
        f"-old {n}\n+new {n}\n" if n in changed else f" same {n}\n" for n in range(1, 10)
    )
    file = FileDiff("f", "modified", "0" * 40, None, body.encode())
    placed, errors = place([file], {"path": "f", "body": "b", "side": side, "line": line})
    assert (placed is not None) == (1 <= line <= 9) == (errors == [])
    if placed is not None:
        word = {"LEFT": "-old", "RIGHT": "+new"}[side] if line in changed else " same"
        assert placed.diff_hunk.split("\n")[-1] == f"{word} {line}"
