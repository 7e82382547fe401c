"""The reading side against the strict local GitHub, judged by GitHub's own description."""

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from core.errors import AccessDenied, PullRequestGone
from core.models import FileChange, FileStatus, LineKind, PullRequestRef
from github.app_auth import AppAuth
from github.connect import Connections
from github.errors import Forbidden
from github.pull_requests import GitHubPullRequest
from github.visibility import Access, GitHubVisibility
from tests.contracts.openapi import validate_request, validate_response
from tests.fakes.github import REPO, FakeGitHub, Opened
from tests.github.wire import no_sleep

ODD_PATHS = ["a b.py", "50%/x%20y.py", "größe/ключ.py", "q#r?s=t&u.py", ".github/x.yml", "+a;b.py"]


@pytest.fixture
def fake(tmp_path: Path) -> Iterator[FakeGitHub]:
    served = FakeGitHub.start(tmp_path / "github")
    yield served
    served.stop()


async def judge(response: httpx.Response) -> None:
    """Hold a request, and a good JSON answer to it, against GitHub's own description."""
    request, body = response.request, await response.aread()
    path = request.url.raw_path.decode()
    if path.startswith("/repositories/"):
        return  # where renames lead: followed as GitHub asks, and described nowhere
    validate_request(request.method, path, json.loads(request.content or b"null"))
    if response.is_success and response.headers["content-type"].startswith("application/json"):
        validate_response(request.method, path, response.status_code, json.loads(body))


@pytest.fixture
async def connections(fake: FakeGitHub) -> AsyncIterator[Connections]:
    async with httpx.AsyncClient(trust_env=False, event_hooks={"response": [judge]}) as http:
        auth = AppAuth(fake.app_id, fake.private_key, http, fake.url, sleep=no_sleep)
        yield Connections(auth, http, fake.url)


def ref_of(opened: Opened) -> PullRequestRef:
    owner, _, repo = opened.repo.partition("/")
    return PullRequestRef(owner=owner, repo=repo, number=opened.number)


async def host_of(connections: Connections, opened: Opened) -> GitHubPullRequest:
    ref = ref_of(opened)
    client = await connections.client(ref, opened.repo_id, opened.installation)
    return GitHubPullRequest(client, ref, None, None)


async def changes(connections: Connections, opened: Opened) -> dict[str, FileChange]:
    host = await host_of(connections, opened)
    listed = await host.changes(await host.pull_request())
    assert listed.unlisted == 0
    return {file.path: file for file in listed.files}


def added(file: FileChange) -> list[str]:
    lines = [line for hunk in file.hunks or () for line in hunk.lines]
    return [line.text for line in lines if line.kind is LineKind.ADDED]


async def test_a_private_pull_request_is_read_with_a_token_of_its_own(
    fake: FakeGitHub, connections: Connections
):
    opened = fake.open({"a.py": "x = 1\n"}, {"a.py": "x = 1\ny = 2\n"}, private=True)
    host = await host_of(connections, opened)
    pull = await host.pull_request()
    assert (pull.head, pull.base, pull.repo_id) == (opened.head, opened.base, opened.repo_id)
    assert (pull.open, pull.private, pull.changed_files) == (True, True, 1)
    assert await host.text("a.py", pull.head) == b"x = 1\ny = 2\n"
    assert await host.text("a.py", pull.base) == b"x = 1\n"
    assert await host.text("b.py", pull.head) is None
    assert added((await changes(connections, opened))["a.py"]) == ["y = 2"]


async def test_files_of_every_kind_are_told_apart(fake: FakeGitHub, connections: Connections):
    binary = {"base64": "AAECAwQF"}
    body = "".join(f"line {number}\n" for number in range(30))
    opened = fake.open(
        {"moved.py": body, "gone.py": "x\n", "run.sh": "echo\n", "logo.png": {"base64": "AAE="}},
        {
            "moved.py": None,
            "new.py": body,
            "gone.py": None,
            "run.sh": {"text": "echo\n", "mode": "100755"},
            "logo.png": binary,
            "data": binary,
            "empty.py": "",
            "windows.py": "a\r\nb\r\n",
            "unended.py": "a\nb",
        },
    )
    files = await changes(connections, opened)
    assert files["new.py"].status is FileStatus.RENAMED
    assert (files["new.py"].previous_path, files["new.py"].hunks) == ("moved.py", ())
    assert files["gone.py"].status is FileStatus.REMOVED
    assert [path for path, file in files.items() if file.binary] == ["data", "logo.png"]
    assert files["empty.py"].hunks == ()
    assert files["run.sh"].hunks == ()
    assert added(files["windows.py"]) == ["a", "b"]
    assert added(files["unended.py"]) == ["a", "b"]


async def test_paths_of_every_kind_are_read(fake: FakeGitHub, connections: Connections):
    opened = fake.open({"README": "x\n"}, {path: f"{path}\n" for path in ODD_PATHS})
    files = await changes(connections, opened)
    host = await host_of(connections, opened)
    assert sorted(files) == sorted(ODD_PATHS)
    for path in ODD_PATHS:
        assert await host.text(path, opened.head) == f"{path}\n".encode()


async def test_hollow_rows_are_filled(fake: FakeGitHub, connections: Connections):
    fake.set_knobs(zero_rows_after=300)
    opened = fake.open({"README": "x\n"}, {f"f{n:02}.py": "x = 1\n" * 20 for n in range(30)})
    files = await changes(connections, opened)
    assert [len(added(file)) for file in files.values()] == [20] * 30


async def test_a_patch_that_github_leaves_out_is_rebuilt(
    fake: FakeGitHub, connections: Connections
):
    fake.set_knobs(zero_rows_after=10)
    old = "".join(f"line {number}\n" for number in range(60))
    opened = fake.open({"big.py": old}, {"big.py": old.replace("line 5", "other 5")})
    fake.push(REPO, "main", {"later.py": "x\n"})
    file = (await changes(connections, opened))["big.py"]
    assert len(added(file)) == 11
    assert (file.additions, file.deletions) == (11, 11)


async def test_three_hundred_files_cost_at_most_ten_requests(
    fake: FakeGitHub, connections: Connections
):
    opened = fake.open({"README": "x\n"}, {f"f{n}.py": "x = 1\n" for n in range(300)})
    fake.clear_requests()
    assert len(await changes(connections, opened)) == 300
    assert len(fake.requests()) <= 5


async def test_an_expired_token_is_replaced_in_mid_job(fake: FakeGitHub, connections: Connections):
    opened = fake.open({"a.py": "x\n"}, {"a.py": "y\n"}, private=True)
    host = await host_of(connections, opened)
    await host.pull_request()
    fake.expire_tokens()
    assert (await host.pull_request()).head == opened.head
    assert len(fake.requests("POST", "access_tokens")) == 2


async def test_a_renamed_repository_is_still_read(fake: FakeGitHub, connections: Connections):
    opened = fake.open({"a.py": "x\n"}, {"a.py": "y\n"})
    fake.change_repo(REPO, name="store")
    host = await host_of(connections, opened)
    assert (await host.pull_request()).ref.repo == "store"


async def test_a_closed_pull_request_is_a_fact(fake: FakeGitHub, connections: Connections):
    opened = fake.open({"a.py": "x\n"}, {"a.py": "y\n"})
    fake.act(REPO, opened.number, "merge")
    pull = await (await host_of(connections, opened)).pull_request()
    assert (pull.open, pull.merged) == (False, True)


@pytest.mark.parametrize("loss", ["suspend", "uninstall", "delete"])
async def test_access_lost_in_mid_job_reads_as_gone(
    fake: FakeGitHub, connections: Connections, loss: str
):
    opened = fake.open({"a.py": "x\n"}, {"a.py": "y\n"}, private=True)
    host = await host_of(connections, opened)
    pull = await host.pull_request()
    if loss == "delete":
        fake.delete_repo(REPO)
    else:
        getattr(fake, loss)(opened.installation)
    with pytest.raises(PullRequestGone):
        await host.changes(pull)


async def test_a_permission_the_installation_lacks_is_named(
    fake: FakeGitHub, connections: Connections
):
    opened = fake.open({"a.py": "x\n"}, {"a.py": "y\n"})
    granted = {"contents": "read", "pull_requests": "write", "issues": "read", "metadata": "read"}
    fake.grant(opened.installation, granted)
    host = await host_of(connections, opened)
    with pytest.raises((Forbidden, PullRequestGone), match="checks:write"):
        await host.pull_request()


@pytest.mark.parametrize("access", list(Access))
@pytest.mark.parametrize("private", [True, False])
async def test_who_may_see_a_pull_request(
    fake: FakeGitHub, connections: Connections, access: Access, private: bool
):
    opened = fake.open({"a.py": "x\n"}, {"a.py": "y\n"}, private=private)
    visibility = GitHubVisibility(connections, access=access)
    denied = private and access is Access.LINKED
    fake.clear_requests()
    try:
        seen: Any = await visibility.look(ref_of(opened), "U1")
    except AccessDenied as refusal:
        seen = refusal
    assert isinstance(seen, AccessDenied) == denied
    minted = len(fake.requests("POST", "access_tokens"))
    assert minted == (1 if access is Access.WORKSPACE else 0)
