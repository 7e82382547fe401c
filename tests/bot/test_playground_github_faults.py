"""Faults on order: what the caller feels, and what was carried out nevertheless."""

import time
from collections.abc import Iterator

import httpx
import pytest

from tests.fakes import github as fakes
from tests.fakes.github import REPO, FakeGitHub, Opened

hub = fakes.github

COMMENTS = f"/repos/{REPO}/issues/1/comments"
BODY = {"body": "b"}


@pytest.fixture
def opened(hub: FakeGitHub) -> Opened:
    return hub.open({"a": "1\n"}, {"a": "2\n"})


@pytest.fixture
def api(hub: FakeGitHub, opened: Opened) -> Iterator[httpx.Client]:
    with hub.api(hub.installation_token(opened.installation)) as client:
        yield client


def said(hub: FakeGitHub) -> int:
    return len(hub.snapshot(REPO, 1)["issue_comments"])


def test_the_next_matching_requests_are_refused(hub: FakeGitHub, api: httpx.Client) -> None:
    hub.fault("POST", "/comments$", status=403, headers={"retry-after": "7"}, times=2)
    answers = [api.post(COMMENTS, json=BODY) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [403, 403, 201]
    assert answers[0].headers["retry-after"] == "7"
    assert said(hub) == 1


def test_some_requests_pass_first(hub: FakeGitHub, api: httpx.Client) -> None:
    hub.fault("POST", "/comments$", status=500, skip=1)
    assert [api.post(COMMENTS, json=BODY).status_code for _ in range(3)] == [201, 500, 201]


def test_other_methods_and_paths_are_spared(hub: FakeGitHub, api: httpx.Client) -> None:
    hub.fault("PATCH", "/pulls/", status=500)
    assert api.post(COMMENTS, json=BODY).status_code == 201
    hub.clear_faults()


def test_other_bodies_are_spared(hub: FakeGitHub, api: httpx.Client) -> None:
    hub.fault("POST", "/comments$", said="crash", status=500, times=2)
    bodies = ("calm", "crash", "calm", "crash")
    answers = [api.post(COMMENTS, json={"body": body}) for body in bodies]
    assert [answer.status_code for answer in answers] == [201, 500, 201, 500]


def test_an_error_after_the_commit_hides_a_success(hub: FakeGitHub, api: httpx.Client) -> None:
    hub.fault("POST", "/comments$", status=502, body="<html>", commit=True)
    answer = api.post(COMMENTS, json=BODY)
    assert (answer.status_code, answer.text) == (502, "<html>")
    assert said(hub) == 1


@pytest.mark.parametrize(("commit", "expected"), [(True, 1), (False, 0)])
def test_a_dropped_connection_tells_nothing(
    hub: FakeGitHub, api: httpx.Client, commit: bool, expected: int
) -> None:
    hub.fault("POST", "/comments$", drop=True, commit=commit)
    with pytest.raises(httpx.RemoteProtocolError):
        api.post(COMMENTS, json=BODY)
    assert said(hub) == expected
    assert hub.requests("POST", "/comments$")[0]["status"] == 0


@pytest.mark.parametrize("commit", [True, False])
def test_a_delay_is_only_a_delay(hub: FakeGitHub, api: httpx.Client, commit: bool) -> None:
    hub.fault("POST", "/comments$", delay=0.15, commit=commit)
    started = time.monotonic()
    assert api.post(COMMENTS, json=BODY).status_code == 201
    assert time.monotonic() - started >= 0.15
    assert said(hub) == 1


def test_a_caller_that_gives_up_may_have_written(hub: FakeGitHub, api: httpx.Client) -> None:
    hub.fault("POST", "/comments$", delay=0.5, commit=True)
    with pytest.raises(httpx.ReadTimeout):
        api.post(COMMENTS, json=BODY, timeout=0.2)
    assert said(hub) == 1


def test_limits_can_be_ordered(hub: FakeGitHub, api: httpx.Client) -> None:
    hub.refuse_as_too_fast("POST", retry_after=None)
    hub.refuse_as_exhausted("POST", reset_in=30)
    fast, exhausted, fine = (api.post(COMMENTS, json=BODY) for _ in range(3))
    assert "secondary rate limit" in fast.json()["message"]
    assert "retry-after" not in fast.headers
    assert exhausted.headers["x-ratelimit-remaining"] == "0"
    assert 0 < int(exhausted.headers["x-ratelimit-reset"]) - time.time() <= 30
    assert fine.status_code == 201


def test_every_request_is_recorded(hub: FakeGitHub, api: httpx.Client, opened: Opened) -> None:
    hub.clear_requests()
    api.get(f"/repos/{REPO}/pulls/1")
    api.get(f"/repos/{REPO}/pulls/1/files", params={"page": 2})
    api.post(COMMENTS, json=BODY)
    api.get("/nothing")
    rows = [(row["method"], row["path"], row["status"]) for row in hub.requests()]
    assert rows == [
        ("GET", f"/repos/{REPO}/pulls/1", 200),
        ("GET", f"/repos/{REPO}/pulls/1/files", 200),
        ("POST", COMMENTS, 201),
        ("GET", "/nothing", 404),
    ]
    files, post = hub.requests("GET", "/files$")[0], hub.requests("POST")[0]
    assert files["query"] == {"page": "2"}
    assert post["body"] == BODY
    assert post["caller"] == f"installation:{opened.installation}"


@pytest.mark.parametrize("content", ["{", "[1]", '{"a": ' * 3000])
def test_broken_bodies_are_refused(api: httpx.Client, content: str) -> None:
    assert api.post(COMMENTS, content=content).status_code == 400


@pytest.mark.parametrize("comments", ["x", ["x"], {"path": "a"}])
def test_comments_of_a_wrong_type_are_refused(api: httpx.Client, comments: object) -> None:
    answer = api.post(f"/repos/{REPO}/pulls/1/reviews", json={"body": "b", "comments": comments})
    assert answer.status_code == 422


def test_a_fault_of_its_own_is_loud(
    hub: FakeGitHub, api: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    hub.server.github.world.issue_comments[1] = None  # type: ignore[assignment]  # breaks it
    assert api.get(COMMENTS).status_code == 500
    assert "GET /repos/octo/shop/issues/1/comments failed" in caplog.text


def test_an_unknown_knob_is_refused(hub: FakeGitHub) -> None:
    with pytest.raises(httpx.HTTPStatusError, match="Validation Failed"):
        hub.set_knobs(colour=1)
