"""The local GitHub answers in the shapes that GitHub describes."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.contracts.openapi import validate_request, validate_response
from tests.fakes import github as fakes
from tests.fakes.github import FakeGitHub, Opened

hub = fakes.github

BASE = {"src/app.py": "import os\n\n\ndef run():\n    return 1\n", "README.md": "# Shop\n"}
CHANGE = {"src/app.py": "import os\n\n\ndef run():\n    return 2\n", "new.py": "print(1)\n"}


@dataclass
class Judged:
    """An API client whose every exchange is judged."""

    api: httpx.Client

    def __call__(self, method: str, path: str, body: Any = None) -> Any:
        validate_request(method, path, body)
        answer = self.api.request(method, path, json=body)
        assert answer.is_success, answer.text
        shown = answer.json() if answer.content else None
        validate_response(method, path, answer.status_code, shown)
        return shown


@pytest.fixture
def opened(hub: FakeGitHub) -> Opened:
    return hub.open(BASE, CHANGE, body="Says what it does", labels=["bug"])


@pytest.fixture
def call(hub: FakeGitHub, opened: Opened) -> Iterator[Judged]:
    with hub.api(hub.installation_token(opened.installation)) as api:
        yield Judged(api)


@pytest.fixture
def app(hub: FakeGitHub) -> Iterator[Judged]:
    with hub.api(hub.app_jwt()) as api:
        yield Judged(api)


def test_the_app_and_its_installations(opened: Opened, app: Judged) -> None:
    app("GET", "/app")
    assert [row["id"] for row in app("GET", "/app/installations")] == [opened.installation]
    app("GET", f"/app/installations/{opened.installation}")
    app("GET", f"/repos/{opened.repo}/installation")
    narrowed = {"repository_ids": [opened.repo_id], "permissions": {"contents": "read"}}
    path = f"/app/installations/{opened.installation}/access_tokens"
    assert app("POST", path, narrowed)["repositories"][0]["full_name"] == opened.repo


def test_deliveries(hub: FakeGitHub, opened: Opened, app: Judged) -> None:
    newest = app("GET", "/app/hook/deliveries?per_page=5")[0]
    assert (newest["event"], newest["action"]) == ("pull_request", "opened")
    app("GET", f"/app/hook/deliveries/{newest['id']}")
    assert app("GET", "/app/hook/deliveries?status=success") == []
    app("POST", f"/app/hook/deliveries/{newest['id']}/attempts")


def test_repository_and_commits(opened: Opened, call: Judged) -> None:
    repo = f"/repos/{opened.repo}"
    call("GET", repo)
    call("GET", "/installation/repositories")
    call("GET", "/rate_limit")
    call("GET", f"{repo}/branches/main")
    call("GET", f"{repo}/commits/{opened.head}")
    call("GET", f"{repo}/git/commits/{opened.head}")
    call("GET", f"{repo}/compare/main...change")
    call("GET", f"{repo}/collaborators/octo/permission")
    call("GET", f"{repo}/git/trees/main")
    content = call("GET", f"{repo}/contents/src/app.py?ref={opened.head}")
    call("GET", f"{repo}/git/blobs/{content['sha']}")
    assert [row["name"] for row in call("GET", f"{repo}/contents/src")] == ["app.py"]


def test_pull_request(opened: Opened, call: Judged) -> None:
    pulls = f"/repos/{opened.repo}/pulls"
    assert call("GET", f"{pulls}?state=open&sort=updated&direction=desc")[0]["number"] == 1
    assert call("GET", f"{pulls}/1")["changed_files"] == 2
    assert [row["filename"] for row in call("GET", f"{pulls}/1/files")] == ["new.py", "src/app.py"]
    assert [row["sha"] for row in call("GET", f"{pulls}/1/commits")] == [opened.head]


def test_the_life_of_a_review(opened: Opened, call: Judged) -> None:
    pull = f"/repos/{opened.repo}/pulls/1"
    comment = {"path": "src/app.py", "line": 5, "side": "RIGHT", "body": "why?"}
    wanted = {"commit_id": opened.head, "body": "draft", "comments": [comment]}
    draft = call("POST", f"{pull}/reviews", wanted)
    call("PUT", f"{pull}/reviews/{draft['id']}", {"body": "better"})
    call("DELETE", f"{pull}/reviews/{draft['id']}")
    made = call("POST", f"{pull}/reviews", wanted)
    call("GET", f"{pull}/reviews/{made['id']}")
    call("GET", f"{pull}/reviews/{made['id']}/comments")
    call("POST", f"{pull}/reviews/{made['id']}/events", {"event": "COMMENT"})
    assert [row["state"] for row in call("GET", f"{pull}/reviews")] == ["COMMENTED"]


def test_comments_on_the_diff(opened: Opened, call: Judged) -> None:
    pulls = f"/repos/{opened.repo}/pulls"
    place = {"commit_id": opened.head, "path": "new.py", "line": 1, "side": "RIGHT"}
    made = call("POST", f"{pulls}/1/comments", {**place, "body": "why?"})
    one = f"{pulls}/comments/{made['id']}"
    reply = call("POST", f"{pulls}/1/comments/{made['id']}/replies", {"body": "because"})
    assert reply["in_reply_to_id"] == made["id"]
    call("PATCH", one, {"body": "why not?"})
    call("POST", f"{one}/reactions", {"content": "eyes"})
    assert call("GET", one)["reactions"]["eyes"] == 1
    assert len(call("GET", f"{pulls}/1/comments")) == 2
    call("DELETE", one)


def test_the_conversation(opened: Opened, call: Judged) -> None:
    issues = f"/repos/{opened.repo}/issues"
    made = call("POST", f"{issues}/1/comments", {"body": "summary"})
    one = f"{issues}/comments/{made['id']}"
    call("PATCH", one, {"body": "new summary"})
    call("POST", f"{one}/reactions", {"content": "+1"})
    assert call("GET", one)["performed_via_github_app"]["slug"] == "argus"
    assert [row["body"] for row in call("GET", f"{issues}/1/comments")] == ["new summary"]
    call("DELETE", one)


def test_check_runs(opened: Opened, call: Judged) -> None:
    runs = f"/repos/{opened.repo}/check-runs"
    started = {"name": "Argus", "head_sha": opened.head, "status": "in_progress"}
    made = call("POST", runs, started)
    output = {
        "title": "1 finding",
        "summary": "one",
        "annotations": [
            {
                "path": "new.py",
                "start_line": 1,
                "end_line": 1,
                "annotation_level": "warning",
                "message": "prints",
            }
        ],
    }
    done = {"status": "completed", "conclusion": "neutral", "output": output}
    assert call("PATCH", f"{runs}/{made['id']}", done)["output"]["annotations_count"] == 1
    call("GET", f"{runs}/{made['id']}")
    assert call("GET", f"{runs}/{made['id']}/annotations")[0]["message"] == "prints"
    listed = call("GET", f"/repos/{opened.repo}/commits/{opened.head}/check-runs?check_name=Argus")
    assert listed["total_count"] == 1
    suites = call("GET", f"/repos/{opened.repo}/commits/{opened.head}/check-suites")
    assert [suite["head_sha"] for suite in suites["check_suites"]] == [opened.head]


def test_the_person_behind_a_token(hub: FakeGitHub) -> None:
    with hub.api(hub.add_token("mona")) as api:
        assert Judged(api)("GET", "/user")["login"] == "mona"
