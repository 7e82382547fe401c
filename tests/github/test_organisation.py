"""An owner's own repository and teams: what is read, with which reach, and what is not there."""

import json

import httpx
import pytest

from core.errors import ConfigurationInvalid, TransientError
from core.models import PullRequestRef
from core.repo_config import parse_bytes
from core.repo_config.safe_yaml import MAX_BYTES as MOST_TAKEN
from github.app_auth import AppAuth
from github.connect import Connections
from github.organisation import KEEP_SECONDS, MAX_BYTES, Organisations
from tests.github.test_app_auth import PEM
from tests.github.wire import API, Clock, Handler, Wire, json_answer, no_sleep

REF = PullRequestRef(owner="acme", repo="shop", number=7)
MINT = "/app/installations/99/access_tokens"
FILE = "/repos/acme/.github/contents/.argus.yaml"
TEAMS = "/orgs/acme/teams"
CONFIGURATION = b"review: {gate: true}\n"


def organisations(handler: Handler, clock: Clock | None = None) -> tuple[Organisations, Wire]:
    wire = Wire(handler)
    auth = AppAuth("1234", PEM, wire.http(), API, sleep=no_sleep)
    connections = Connections(auth, wire.http(), API)
    return Organisations(connections, clock=clock or Clock()), wire


def minted(request: httpx.Request, *, without: str = "") -> httpx.Response | None:
    """Answer a wish for a token, refused when it is to reach `without`."""
    if request.url.path != MINT:
        return None
    if without and without in request.content.decode():
        return json_answer({"message": "There is at least one repository that is not there."}, 422)
    return json_answer({"token": "ghs_x", "expires_at": "2099-01-01T00:00:00Z"}, 201)


async def test_the_file_is_read_with_a_token_for_that_repository_alone() -> None:
    def github(request: httpx.Request) -> httpx.Response:
        if (answer := minted(request)) is not None:
            return answer
        assert request.url.path == FILE
        return httpx.Response(200, content=CONFIGURATION)

    known, wire = organisations(github)

    assert await known.of(REF, 99).file(".argus.yaml") == CONFIGURATION
    assert json.loads(wire.requests[0].content)["repositories"] == [".github"]


async def test_a_public_file_is_read_where_the_app_is_not_installed_on_it() -> None:
    def github(request: httpx.Request) -> httpx.Response:
        answer = minted(request, without=".github")
        return answer or httpx.Response(200, content=CONFIGURATION)

    known, _ = organisations(github)

    assert await known.of(REF, 99).file(".argus.yaml") == CONFIGURATION


@pytest.mark.parametrize("status", [404, 403])
async def test_what_may_not_be_read_is_not_there(status: int) -> None:
    def github(request: httpx.Request) -> httpx.Response:
        return minted(request) or json_answer({"message": "No"}, status)

    known, _ = organisations(github)

    assert await known.of(REF, 99).file(".argus.yaml") is None


async def test_a_server_in_trouble_is_not_taken_for_no_file() -> None:
    def github(request: httpx.Request) -> httpx.Response:
        return minted(request) or json_answer({"message": "Bad gateway"}, 502)

    known, _ = organisations(github)

    with pytest.raises(TransientError):
        await known.of(REF, 99).file(".argus.yaml")


async def test_a_file_is_believed_for_a_minute_by_all_repositories_of_the_owner() -> None:
    clock, texts = Clock(), [b"a: 1", b"b: 2"]

    def github(request: httpx.Request) -> httpx.Response:
        return minted(request) or httpx.Response(200, content=texts[0])

    known, wire = organisations(github, clock)
    other = PullRequestRef(owner="Acme", repo="web", number=1)
    assert await known.of(REF, 99).file(".argus.yaml") == b"a: 1"
    asked, texts[0] = len(wire.requests), texts[1]

    assert await known.of(other, 99).file(".argus.yaml") == b"a: 1"
    assert len(wire.requests) == asked
    clock.now += KEEP_SECONDS + 1
    assert await known.of(other, 99).file(".argus.yaml") == b"b: 2"


async def test_a_file_without_end_is_refused_by_its_size() -> None:
    def github(request: httpx.Request) -> httpx.Response:
        return minted(request) or httpx.Response(200, content=b"#" * (MAX_BYTES + 1))

    known, _ = organisations(github)
    raw = await known.of(REF, 99).file(".argus.yaml")

    assert raw is not None
    assert len(raw) > MOST_TAKEN
    with pytest.raises(ConfigurationInvalid, match="larger than 16 KB"):
        parse_bytes(raw, ".argus.yaml")


async def test_teams_are_asked_with_a_token_that_sees_nothing_else() -> None:
    def github(request: httpx.Request) -> httpx.Response:
        states = {
            f"{TEAMS}/core/memberships/mona": "active",
            f"{TEAMS}/ops/memberships/mona": "pending",
        }
        if (answer := minted(request)) is not None:
            return answer
        state = states.get(request.url.path)
        return json_answer({"state": state}) if state else json_answer({"message": "No"}, 404)

    known, wire = organisations(github)

    assert await known.of(REF, 99).teams_of("mona", ["web", "ops", "core"]) == {"core"}
    assert json.loads(wire.requests[0].content) == {"permissions": {"members": "read"}}


async def test_without_the_permission_nobody_knows_the_teams() -> None:
    def github(request: httpx.Request) -> httpx.Response:
        if request.url.path == MINT:
            return json_answer({"message": "The permissions requested are not granted"}, 422)
        return json_answer({"id": 99, "permissions": {}})

    known, _ = organisations(github)

    assert await known.of(REF, 99).teams_of("mona", ["core"]) is None
