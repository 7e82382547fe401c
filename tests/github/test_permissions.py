"""What people may do in a repository, told by GitHub's roles and by nothing else."""

from typing import Any

import httpx
import pytest

from core.errors import AccessDenied, TransientError
from core.models import PullRequestRef, Right
from github.app_auth import AppAuth
from github.connect import Connections
from github.permissions import Collaborators, GitHubPermissions
from tests.fakes.github import FakeGitHub
from tests.github.test_app_auth import PEM
from tests.github.wire import API, Wire, json_answer, no_sleep, routes

REF = PullRequestRef(owner="acme", repo="shop.api", number=7)
ASKED = "GET /repos/acme/shop.api/collaborators/mona/permission"
OCTOCAT = 583231
TOKEN = {"token": "ghs_app", "expires_at": "2099-01-01T00:00:00Z"}


def wired(answer: Any, *, installed: bool = True) -> tuple[Wire, Collaborators]:
    answers = {ASKED: answer, "POST /app/installations/99/access_tokens": TOKEN}
    if installed:
        answers["GET /repos/acme/shop.api/installation"] = {"id": 99}
    wire = Wire(routes(answers))
    auth = AppAuth("1234", PEM, wire.http(), API, sleep=no_sleep)
    return wire, Collaborators(Connections(auth, wire.http(), API))


def told(permission: str, role: str = "", **levels: bool) -> dict[str, Any]:
    user = {"id": OCTOCAT, "login": "mona", "permissions": levels or None}
    return {"permission": permission, "role_name": role, "user": user}


@pytest.mark.parametrize(
    ("answer", "right"),
    [
        (told("admin", "admin"), Right.WRITE),
        (told("write", "maintain"), Right.WRITE),
        (told("write", "write"), Right.WRITE),
        (told("read", "triage"), Right.TRIAGE),
        (told("read", "read"), Right.READ),
        (told("none"), None),
        (told("read", "release captain", pull=True, triage=True, push=True), Right.WRITE),
        (told("read", "greeter", pull=True, triage=True, push=False), Right.TRIAGE),
        (told("read", "reader of secrets", pull=True), Right.READ),
        (told("write"), Right.WRITE),
        (told("none", "outcast", pull=False), None),
    ],
)
async def test_roles_of_github_and_of_organisations_are_told_apart(
    answer: dict[str, Any], right: Right | None
):
    _, collaborators = wired(answer)
    assert await collaborators.right_of("mona", REF) is right


async def test_a_login_that_another_account_carries_by_now_has_no_right():
    _, collaborators = wired(told("admin", "admin"))
    assert await collaborators.right_of("mona", REF, account_id=OCTOCAT) is Right.WRITE
    assert await collaborators.right_of("mona", REF, account_id=OCTOCAT + 1) is None


async def test_nobody_of_that_name_has_no_right():
    _, collaborators = wired(None)
    assert await collaborators.right_of("mona", REF) is None


async def test_a_login_cannot_lead_to_another_address():
    wire, collaborators = wired(None)
    await collaborators.right_of("../../../user", REF)
    assert wire.sent[-1].endswith("/collaborators/..%2F..%2F..%2Fuser/permission")


async def test_where_the_app_is_not_installed_nobody_may_anything():
    wire, collaborators = wired(told("admin", "admin"), installed=False)
    assert not await GitHubPermissions(collaborators).may("mona", REF, Right.READ)
    assert ASKED not in wire.sent


@pytest.mark.parametrize("answer", [json_answer({}, 429, retry_after="60"), {"permission": 7}])
async def test_trouble_is_no_refusal(answer: Any):
    _, collaborators = wired(answer)
    with pytest.raises(TransientError):
        await GitHubPermissions(collaborators).may("mona", REF, Right.READ)


async def test_whoever_may_not_is_told_what_it_takes():
    _, collaborators = wired(told("read", "read"))
    permissions = GitHubPermissions(collaborators)
    await permissions.require("mona", REF, Right.READ)
    with pytest.raises(AccessDenied, match=r"You may not do that on acme/shop\.api\.") as denied:
        await permissions.require("mona", REF, Right.WRITE)
    assert "write access" in denied.value.why
    assert denied.value.next_step


async def test_the_local_github_answers_as_this_reads_it(github: FakeGitHub):
    opened = github.open({"a.py": "1\n"}, {"a.py": "2\n"}, private=True)
    github.change_repo(opened.repo, collaborators={"reader": "read", "writer": "write"})
    for login in ("reader", "writer", "stranger"):
        github.add_person(login)
    ref = PullRequestRef(owner="octo", repo="shop", number=opened.number)
    async with httpx.AsyncClient(trust_env=False, verify=github.no_tls) as http:
        auth = AppAuth(github.app_id, github.private_key, http, github.url)
        permissions = GitHubPermissions(Collaborators(Connections(auth, http, github.url)))
        held = {
            login: [right for right in Right if await permissions.may(login, ref, right)]
            for login in ("octo", "writer", "reader", "stranger", "nobody")
        }
    everything = list(Right)
    assert held == {
        "octo": everything,
        "writer": everything,
        "reader": [Right.READ],
        "stranger": [],
        "nobody": [],
    }
