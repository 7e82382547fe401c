"""The repository's code and its story over the API: bounded, and never a reason to fail."""

import gzip
import io
import tarfile
from typing import Any

import httpx
import pytest

from core.errors import TransientError
from core.models import Background, LinkedIssue, PullRequest, RepositoryText
from github.pull_requests import GitHubPullRequest
from github.repository_text import MAX_ARCHIVE_BYTES, MAX_REPOSITORY_KILOBYTES
from tests.fakes.core import HEAD, REF, a_pull_request
from tests.github.wire import API, Bytes, Wire, json_answer, routes

REPO = f"/repos/{REF.owner}/{REF.repo}"
TARBALL = f"GET {REPO}/tarball/{HEAD}"
TREE = f"GET {REPO}/git/trees/{HEAD}"
COMMITS = f"GET {REPO}/pulls/{REF.number}/commits"
LISTED = {
    "tree": [
        {"path": "a.py", "mode": "100644", "type": "blob"},
        {"path": "run.sh", "mode": "100755", "type": "blob"},
        {"path": "link.py", "mode": "120000", "type": "blob"},
        {"path": "lib", "mode": "160000", "type": "commit"},
        {"path": "src", "mode": "040000", "type": "tree"},
        "noise",
    ]
}
ONLY_PATHS = RepositoryText({}, ("a.py", "run.sh"))


def archive() -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as tar:
        member = tarfile.TarInfo("octo-shop-abc/a.py")
        member.size = 6
        tar.addfile(member, io.BytesIO(b"x = 1\n"))
    return stream.getvalue()


def host(answers: dict[str, Any], api_url: str = API) -> tuple[GitHubPullRequest, Wire]:
    wire = Wire(routes(answers))
    return GitHubPullRequest(wire.client(api_url=api_url), REF, None, None), wire


async def read(answers: dict[str, Any], **pull: object) -> RepositoryText | None:
    return await host(answers)[0].repository(a_pull_request(**pull))


async def test_archive_at_the_head_gives_the_code() -> None:
    given = httpx.Response(200, content=archive())
    assert await read({TARBALL: given}) == RepositoryText({"a.py": "x = 1\n"})


@pytest.mark.parametrize(
    ("api", "codeload"),
    [
        ("https://api.github.com", "https://codeload.github.com"),
        ("https://ghe.example.org/api/v3", "https://codeload.ghe.example.org"),
    ],
)
async def test_redirect_to_the_archive_host_is_followed_without_credentials(
    api: str, codeload: str
) -> None:
    prefix = httpx.URL(api).path.rstrip("/")
    moved = httpx.Response(302, headers={"location": f"{codeload}/octo/shop/x?token=t"})
    subject, wire = host(
        {
            TARBALL.replace("GET ", f"GET {prefix}"): moved,
            "GET /octo/shop/x": httpx.Response(200, content=archive()),
        },
        api_url=api,
    )
    found = await subject.repository(a_pull_request())
    assert found == RepositoryText({"a.py": "x = 1\n"})
    first, second = wire.requests
    assert first.headers["authorization"] == "Bearer t0"
    assert second.url.host == httpx.URL(codeload).host
    assert "authorization" not in second.headers


@pytest.mark.parametrize(
    "location",
    [
        "https://evil.example.org/x",
        "https://codeload.github.com.evil.org/x",
        "http://codeload.api.github.test/x",
        "https://169.254.169.254/latest/meta-data",
    ],
)
async def test_redirect_to_any_other_host_is_not_followed(location: str) -> None:
    moved = httpx.Response(302, headers={"location": location})
    subject, wire = host({TARBALL: moved, TREE: LISTED})
    assert await subject.repository(a_pull_request()) == ONLY_PATHS
    assert {request.url.host for request in wire.requests} == {"api.github.test"}


@pytest.mark.parametrize(
    "given",
    [
        None,
        httpx.Response(404),
        httpx.Response(500),
        httpx.Response(200, content=b"no archive"),
        httpx.Response(200, content=gzip.compress(b"no tar")),
    ],
)
async def test_without_an_archive_the_paths_are_listed(given: httpx.Response | None) -> None:
    assert await read({TARBALL: given, TREE: LISTED}) == ONLY_PATHS


async def test_archive_over_the_limit_is_broken_off() -> None:
    body = Bytes(iter([b"x" * 1024 * 1024] * 100))
    assert await read({TARBALL: httpx.Response(200, stream=body), TREE: LISTED}) == ONLY_PATHS
    assert body.produced <= MAX_ARCHIVE_BYTES + 2 * 1024 * 1024


async def test_archive_of_a_huge_repository_is_not_asked_for() -> None:
    subject, wire = host({TREE: LISTED})
    large = a_pull_request(repo_kilobytes=MAX_REPOSITORY_KILOBYTES + 1)
    assert await subject.repository(large) == ONLY_PATHS
    assert len(wire.requests) == 1


async def test_archive_that_fails_is_tried_once() -> None:
    subject, wire = host({TARBALL: httpx.Response(502), TREE: LISTED})
    await subject.repository(a_pull_request())
    assert len(wire.requests) == 2


async def test_server_that_gives_neither_gives_nothing() -> None:
    assert await read({}) is None
    assert await read({TREE: {"tree": "odd"}}) is None


async def test_trouble_with_the_list_is_passed_on() -> None:
    with pytest.raises(TransientError):
        await read({TREE: httpx.Response(502)})


def closing(body: str) -> PullRequest:
    return a_pull_request(body=body)


async def told(answers: dict[str, Any], body: str = "") -> Background:
    return await host(answers)[0].background(closing(body))


async def test_commits_and_closed_issues_are_told() -> None:
    answers = {
        COMMITS: [
            {"commit": {"message": "Begin\n\nWhy"}},
            {"commit": None},
            {"commit": {"message": ""}},
            {"commit": {"message": "x" * 5_000}},
        ],
        f"GET {REPO}/issues/12": {"title": "Carts lose items", "body": "Steps"},
        f"GET {REPO}/issues/13": {"title": "A pull request", "body": "", "pull_request": {}},
    }
    found = await told(answers, "Fixes #12, closes #13, resolves #14, fixes #15. See #16")
    assert found.commits == ("Begin\n\nWhy", "x" * 1_000)
    assert found.issues == (LinkedIssue(12, "Carts lose items", "Steps"),)


async def test_background_that_cannot_be_read_is_empty() -> None:
    assert await told({}, "Fixes #12") == Background()
    assert await told({COMMITS: httpx.Response(500)}) == Background()
    assert await told({COMMITS: {"odd": 1}}) == Background()


async def test_hostile_description_costs_two_requests_for_issues_at_most() -> None:
    subject, wire = host({})
    await subject.background(closing("".join(f"fixes #{n} " for n in range(500))))
    assert sum("/issues/" in sent for sent in wire.sent) == 2


async def test_code_that_is_refused_is_no_reason_to_fail() -> None:
    refused = json_answer({"message": "Resource not accessible by integration"}, 403)
    assert await read({TARBALL: refused, TREE: refused}) is None
