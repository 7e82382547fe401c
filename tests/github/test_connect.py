"""Which credentials a client carries, and that an installation's clients share one pace."""

import asyncio
import json

import httpx
import pytest

from core.errors import PullRequestGone
from core.models import PullRequestRef
from github.app_auth import AppAuth
from github.connect import Connections
from github.errors import RateLimited
from tests.github.test_app_auth import PEM
from tests.github.wire import API, Wire, json_answer, no_sleep, routes

REF = PullRequestRef(owner="acme", repo="shop", number=7)
TOKEN = {"token": "ghs_made_here", "expires_at": "2099-01-01T00:00:00Z"}
MINT = "POST /app/installations/99/access_tokens"


def app(wire: Wire) -> Connections:
    auth = AppAuth("1234", PEM, wire.http(), API, sleep=no_sleep)
    return Connections(auth, wire.http(), API)


async def test_a_job_gets_a_token_of_its_repository():
    wire = Wire(routes({MINT: TOKEN, "GET /x": {}}))
    client = await app(wire).client(REF, 4242, 99)
    assert wire.sent == []
    await client.get("/x")
    assert wire.requests[-1].headers["authorization"] == "Bearer ghs_made_here"
    assert b'"repository_ids": [4242]' in wire.requests[0].content


async def test_an_unknown_installation_is_looked_up_and_the_name_used():
    wire = Wire(
        routes({MINT: TOKEN, "GET /x": {}, "GET /repos/acme/shop/installation": {"id": 99}})
    )
    await (await app(wire).client(REF, None, None)).get("/x")
    assert [s.partition(" ")[2] for s in wire.sent[:2]] == [
        "/repos/acme/shop/installation",
        "/app/installations/99/access_tokens",
    ]
    assert b'"repositories": ["shop"]' in wire.requests[1].content


async def test_without_an_installation_there_is_no_client():
    with pytest.raises(PullRequestGone):
        await app(Wire(routes({}))).client(REF, 4242, None)


@pytest.mark.parametrize(("token", "header"), [("made-here", "Bearer made-here"), (None, None)])
async def test_without_an_app_the_personal_token_or_nothing_is_used(
    token: str | None, header: str | None
):
    wire = Wire(routes({"GET /x": {}}))
    await (await Connections(None, wire.http(), API, token).client(REF, 4242, None)).get("/x")
    assert wire.requests[0].headers.get("authorization") == header


async def test_a_limit_on_an_installation_holds_for_all_its_repositories_and_no_other():
    limited = json_answer({}, 429, retry_after="60")
    other = MINT.replace("99", "100")
    wire = Wire(routes({MINT: TOKEN, other: TOKEN, "GET /limited": limited, "GET /x": {"a": 1}}))
    connections = app(wire)
    with pytest.raises(RateLimited):
        await (await connections.client(REF, 4242, 99)).get("/limited")
    with pytest.raises(RateLimited):
        await (await connections.client(REF, 4243, 99)).get("/x")
    assert await (await connections.client(REF, 5000, 100)).get("/x") == {"a": 1}


async def test_an_expired_token_costs_one_refresh_however_many_reads_meet_it():
    minted: list[str] = []

    def mint(_request: httpx.Request) -> httpx.Response:
        minted.append(f"ghs_{len(minted)}")
        return json_answer(TOKEN | {"token": minted[-1]}, 201)

    def read(request: httpx.Request) -> httpx.Response:
        good = request.headers["authorization"] == "Bearer ghs_1"
        return json_answer({"ok": True}) if good else json_answer({"message": "Bad"}, 401)

    client = await app(Wire(routes({MINT: mint, "GET /x": read}))).client(REF, 4242, 99)
    answers = await asyncio.gather(*(client.get("/x") for _ in range(5)))
    assert answers == [{"ok": True}] * 5
    assert minted == ["ghs_0", "ghs_1"]


async def test_a_survey_reads_all_repositories_and_writes_to_none():
    wire = Wire(routes({MINT: TOKEN, "GET /installation/repositories": {}}))
    await app(wire).survey(99).get("/installation/repositories")
    wanted = json.loads(wire.requests[0].content)
    assert set(wanted) == {"permissions"}
    assert set(wanted["permissions"].values()) == {"read"}


async def test_without_an_app_there_is_nothing_to_survey():
    wire = Wire(routes({}))
    with pytest.raises(ValueError, match="App"):
        Connections(None, wire.http(), API).survey(99)
