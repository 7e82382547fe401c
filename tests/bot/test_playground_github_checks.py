"""Check runs on the local GitHub, and their limits."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.fakes import github as fakes
from tests.fakes.github import REPO, FakeGitHub, Opened

hub = fakes.github

RUNS = f"/repos/{REPO}/check-runs"
NOTE = {
    "path": "a",
    "start_line": 1,
    "end_line": 1,
    "annotation_level": "notice",
    "message": "m",
}


@pytest.fixture
def opened(hub: FakeGitHub) -> Opened:
    return hub.open({"a": "1\n"}, {"a": "2\n"})


@pytest.fixture
def api(hub: FakeGitHub, opened: Opened) -> Iterator[httpx.Client]:
    with hub.api(hub.installation_token(opened.installation)) as client:
        yield client


def create(api: httpx.Client, opened: Opened, **more: Any) -> httpx.Response:
    return api.post(RUNS, json={"name": "Argus", "head_sha": opened.head, **more})


def output(**more: Any) -> dict[str, Any]:
    return {"title": "t", "summary": "s", **more}


def test_a_check_starts_and_completes(api: httpx.Client, opened: Opened) -> None:
    made = create(api, opened, status="in_progress", external_id="c-1").json()
    assert (made["status"], made["conclusion"], made["completed_at"]) == ("in_progress", None, None)
    done = api.patch(f"{RUNS}/{made['id']}", json={"conclusion": "neutral"}).json()
    assert (done["status"], done["conclusion"]) == ("completed", "neutral")
    assert done["completed_at"] is not None
    assert done["external_id"] == "c-1"
    assert [pull["number"] for pull in done["pull_requests"]] == [1]


def test_annotations_are_added_fifty_at_a_time(api: httpx.Client, opened: Opened) -> None:
    made = create(api, opened, output=output(annotations=[NOTE] * 50)).json()
    one = f"{RUNS}/{made['id']}"
    more = api.patch(one, json={"output": output(annotations=[NOTE] * 30)}).json()
    assert more["output"]["annotations_count"] == 80
    over = api.patch(one, json={"output": output(annotations=[NOTE] * 51)})
    assert over.status_code == 422
    assert "No more than 50 items are allowed; 51 were supplied." in over.json()["message"]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"output": output(summary="x" * 65_536)}, "Only 65535 characters are allowed; 65536"),
        ({"output": output(text="x" * 65_536)}, "Only 65535 characters are allowed; 65536"),
        ({"output": {"title": "t"}}, "Missing required key: summary"),
        ({"output": output(annotations=[{"path": "a"}])}, '"start_line" wasn\'t supplied.'),
        ({"output": output(annotations=[{**NOTE, "annotation_level": "bad"}])}, "bad is not a"),
        ({"status": "completed"}, '"conclusion" wasn\'t supplied.'),
        ({"status": "done"}, "done is not a member"),
        ({"conclusion": "fine"}, "fine is not a member"),
        ({"head_sha": "f" * 40}, "No commit found for SHA"),
        ({"name": ""}, '"name" wasn\'t supplied.'),
    ],
)
def test_a_bad_check_is_refused(
    api: httpx.Client, opened: Opened, more: dict[str, Any], said: str
) -> None:
    answer = create(api, opened, **more)
    assert answer.status_code == 422
    assert said in answer.json()["message"]


def test_the_latest_run_of_a_name_is_listed(api: httpx.Client, opened: Opened) -> None:
    create(api, opened)
    newest = create(api, opened).json()["id"]
    other = create(api, opened, name="Other").json()["id"]
    path = f"/repos/{REPO}/commits/change/check-runs"
    assert {run["id"] for run in api.get(path).json()["check_runs"]} == {newest, other}
    assert api.get(path, params={"filter": "all"}).json()["total_count"] == 3
    named = api.get(path, params={"check_name": "Other"}).json()["check_runs"]
    assert [run["id"] for run in named] == [other]


def test_a_fork_is_not_linked(hub: FakeGitHub, opened: Opened, api: httpx.Client) -> None:
    hub.fork(REPO, "mona")
    head = hub.push("mona/shop", "fix", {"a": "3\n"})
    hub.open_pull(REPO, "mona:fix", author="mona")
    made = api.post(RUNS, json={"name": "Argus", "head_sha": head}).json()
    assert made["pull_requests"] == []
