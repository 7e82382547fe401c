"""One listing answers for all files that may configure a review; doubt means asking."""

from pathlib import Path

import httpx
import pytest

from core.models import PullRequestRef
from github.client import GitHubClient
from github.listings import LIST_LIMIT, Listings
from github.pull_requests import GitHubPullRequest
from tests.fakes.github import FakeGitHub

BASE = {".argus.yaml": "review: {}\n", ".github/CODEOWNERS": "* @mona\n", "src/a.py": "x = 1\n"}


def client_of(fake: FakeGitHub, http: httpx.AsyncClient) -> GitHubClient:
    async def authorize(_fresh: bool) -> str | None:
        return None

    return GitHubClient(http, fake.url, authorize)


async def test_files_are_told_from_gaps_with_one_request_a_folder(github: FakeGitHub) -> None:
    opened = github.open(BASE, {"src/a.py": "x = 2\n"})
    github.clear_requests()
    async with httpx.AsyncClient(trust_env=False) as http:
        listings = Listings(client_of(github, http), f"/repos/{opened.repo}", opened.base)
        told = {
            path: await listings.may_hold(path)
            for path in (".argus.yaml", "AGENTS.md", ".github/CODEOWNERS", ".github/argus.yaml")
        }

    assert told == {
        ".argus.yaml": True,
        "AGENTS.md": False,
        ".github/CODEOWNERS": True,
        ".github/argus.yaml": False,
    }
    assert len(github.requests("GET", "/contents")) == 2


@pytest.mark.parametrize("answer", [{"status": 404}, {"status": 200, "body": {"type": "file"}}])
async def test_what_github_does_not_tell_is_asked_for(
    github: FakeGitHub, answer: dict[str, object]
) -> None:
    opened = github.open(BASE, {"src/a.py": "x = 2\n"})
    github.fault("GET", r"/contents$", times=9, **answer)
    async with httpx.AsyncClient(trust_env=False) as http:
        listings = Listings(client_of(github, http), f"/repos/{opened.repo}", opened.base)

        assert await listings.may_hold("AGENTS.md")


async def test_a_folder_of_the_longest_length_is_not_trusted(github: FakeGitHub) -> None:
    many = {f"f{n:04}.py": "" for n in range(LIST_LIMIT)}
    opened = github.open(many, {"f0000.py": "x = 2\n"})
    async with httpx.AsyncClient(trust_env=False) as http:
        listings = Listings(client_of(github, http), f"/repos/{opened.repo}", opened.base)

        assert await listings.may_hold("AGENTS.md")


async def test_what_was_merged_since_the_last_push_counts(
    github: FakeGitHub, tmp_path: Path
) -> None:
    opened = github.open(BASE, {"src/a.py": "x = 2\n"})
    tip = github.push(opened.repo, "main", {"AGENTS.md": "Be kind.\n"})
    async with httpx.AsyncClient(trust_env=False) as http:
        ref = PullRequestRef(owner="octo", repo="shop", number=opened.number)
        host = GitHubPullRequest(client_of(github, http), ref, None, None, follow_base=True)
        pull = await host.pull_request()
        guidance = await host.text("AGENTS.md", pull.base)

    assert pull.base == tip
    assert guidance == b"Be kind.\n"
