"""What people may do in a repository, told by GitHub's roles and by nothing else."""

from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from core.errors import AccessDenied, TransientError
from core.models import PullRequest, PullRequestRef, Right
from github.app_auth import AppAuth
from github.connect import Connections
from github.people import Known
from github.permissions import Collaborators, GitHubPermissions, PeoplePermissions
from github.pull_answer import read_pull_request
from tests.fakes.github import FakeGitHub
from tests.github.payloads import pull_request_answer
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


@dataclass
class Seen:
    """Shows a pull request to some people, and remembers nobody else."""

    seers: tuple[str, ...]

    async def look(self, ref: PullRequestRef, person: str) -> PullRequest:
        if person not in self.seers:
            raise AccessDenied("not found, or not allowed")
        return read_pull_request(pull_request_answer())


class People:
    """Knows who linked, and who was entered."""

    def __init__(self, *, can_link: bool = True) -> None:
        self.can_link = can_link

    async def known(self, person: str) -> Known | None:
        return {"U1": Known("mona", OCTOCAT), "U2": Known("mona")}.get(person)


def judged(answer: Any, *, seers: tuple[str, ...] = ("U1", "U2", "U9"), **traits: Any) -> Any:
    wire, collaborators = wired(answer, installed=traits.pop("installed", True))
    return wire, PeoplePermissions(Seen(seers), People(**traits), collaborators)


@pytest.mark.parametrize("person", ["U1", "U2"])
async def test_people_elsewhere_may_what_their_accounts_may(person: str):
    _, permissions = judged(told("write", "write"))
    assert [right for right in Right if await permissions.may(person, REF, right)] == list(Right)
    _, permissions = judged(told("read", "triage"))
    assert await permissions.may(person, REF, Right.TRIAGE)
    assert not await permissions.may(person, REF, Right.WRITE)


async def test_whoever_may_not_see_it_is_told_no_more_and_nothing_is_asked_with_the_app():
    wire, permissions = judged(told("admin", "admin"), seers=())
    with pytest.raises(AccessDenied, match="not found, or not allowed"):
        await permissions.require("U1", REF, Right.WRITE)
    assert wire.sent == []


async def test_whoever_sees_it_may_read_without_an_account():
    wire, permissions = judged(None)
    assert await permissions.may("U9", REF, Right.READ)
    assert wire.sent == []


@pytest.mark.parametrize(("can_link", "way"), [(True, "/argus connect"), (False, "whoever runs")])
async def test_to_act_it_takes_a_known_account(can_link: bool, way: str):
    wire, permissions = judged(told("admin", "admin"), can_link=can_link)
    with pytest.raises(AccessDenied, match="does not know who you are") as denied:
        await permissions.require("U9", REF, Right.WRITE)
    assert way in denied.value.next_step
    assert wire.sent == []


async def test_an_account_that_lost_its_name_to_another_may_nothing_by_it():
    answer = told("admin", "admin")
    answer["user"]["id"] = OCTOCAT + 1
    _, permissions = judged(answer)
    assert not await permissions.may("U1", REF, Right.WRITE)


async def test_where_the_app_is_gone_nobody_acts():
    _, permissions = judged(told("admin", "admin"), installed=False)
    assert not await permissions.may("U1", REF, Right.WRITE)


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
