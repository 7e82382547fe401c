"""Links that stay usable: renewed once, ended when GitHub ends them, forgotten on request."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from core.errors import PermanentError, TransientError
from github.people import MARGIN, Known, Link, People, link_from
from github.user_tokens import GitHubAccount, TokenRefused, UserToken, UserTokens, challenge_of
from tests.fakes.github import FakeGitHub
from tests.github.wire import API, Wire, json_answer, routes

NOW = 1_000_000.0
WEB = API
EXCHANGE = "POST /login/oauth/access_token"
WHO = "GET /user"
CALLBACK = "https://argus.test/auth/github/callback"
MONA = GitHubAccount(7, "mona")
RENEWED = {
    "access_token": "ghu_new",
    "expires_in": 28_800,
    "refresh_token": "ghr_new",
    "refresh_token_expires_in": 15_811_200,
}


@dataclass
class Kept:
    """Links in memory, with one turn a person."""

    links: dict[str, Link] = field(default_factory=dict)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def get(self, person: str) -> Link | None:
        return self.links.get(person)

    async def put(self, link: Link) -> None:
        self.links[link.person] = link

    async def drop(self, person: str) -> None:
        self.links.pop(person, None)

    @asynccontextmanager
    async def alone(self, _person: str) -> AsyncIterator[None]:
        async with self.turn:
            yield


def a_link(**changes: Any) -> Link:
    token = UserToken("ghu_old", NOW + 3_600, "ghr_old", NOW + 10_000)
    return link_from("U1", MONA, token).model_copy(update=changes)


def tokens(wire: Wire) -> UserTokens:
    return UserTokens(
        wire.http(),
        api_url=API,
        web_url=WEB,
        client_id="Iv23",
        client_secret="cs",
        clock=lambda: NOW,
    )


def people(kept: Kept, answers: dict[str, Any]) -> tuple[Wire, People]:
    wire = Wire(routes({WHO: {"id": 7, "login": "mona"}, **answers}))
    return wire, People(kept, tokens(wire), clock=lambda: NOW)


async def test_a_token_that_holds_is_used_without_a_word_to_github() -> None:
    wire, known = people(Kept({"U1": a_link()}), {})
    assert await known.token("U1") == "ghu_old"
    assert wire.sent == []


@pytest.mark.parametrize(
    ("changes", "refused"),
    [({"expires_at": NOW + MARGIN}, None), ({"expires_at": NOW - 1}, None), ({}, "ghu_old")],
)
async def test_one_that_ends_or_was_refused_is_renewed(
    changes: dict[str, Any], refused: str | None
) -> None:
    kept = Kept({"U1": a_link(**changes)})
    _, known = people(kept, {EXCHANGE: RENEWED})

    assert await known.token("U1", refused=refused) == "ghu_new"

    assert kept.links["U1"].token == UserToken("ghu_new", NOW + 28_800, "ghr_new", NOW + 15_811_200)


async def test_many_who_ask_at_once_renew_it_once() -> None:
    wire, known = people(Kept({"U1": a_link(expires_at=NOW)}), {EXCHANGE: RENEWED})
    assert set(await asyncio.gather(*(known.token("U1") for _ in range(8)))) == {"ghu_new"}
    assert wire.sent.count(EXCHANGE) == 1


@pytest.mark.parametrize(
    ("changes", "answer"),
    [
        ({"expires_at": NOW}, {"error": "bad_refresh_token"}),
        ({"expires_at": NOW, "refresh": ""}, None),
    ],
)
async def test_a_grant_that_ended_ends_the_link(changes: dict[str, Any], answer: Any) -> None:
    kept = Kept({"U1": a_link(**changes)})
    _, known = people(kept, {EXCHANGE: answer})
    assert await known.token("U1") is None
    assert kept.links == {}


@pytest.mark.parametrize(
    "answer",
    [
        json_answer({}, 502),
        json_answer({}, 429, retry_after="60"),
        {"error": "incorrect_client_credentials"},
        {"error": "<script>"},
        {"no": "token"},
        {"access_token": 7},
        ["access_token"],
        None,
    ],
)
async def test_trouble_and_an_operators_mistake_cost_nobody_their_link(answer: Any) -> None:
    kept = Kept({"U1": a_link(expires_at=NOW)})
    _, known = people(kept, {EXCHANGE: answer})
    with pytest.raises(TransientError):
        await known.token("U1")
    assert "U1" in kept.links


@pytest.mark.parametrize("who", [json_answer({}, 500), {"id": "?"}, None])
async def test_a_renewal_is_kept_whatever_happens_next(who: Any) -> None:
    kept = Kept({"U1": a_link(expires_at=NOW)})
    _, known = people(kept, {EXCHANGE: RENEWED, WHO: who})
    assert await known.token("U1") == "ghu_new"
    assert kept.links["U1"].refresh == "ghr_new"


async def test_a_renamed_account_is_known_by_its_new_name() -> None:
    kept = Kept({"U1": a_link(expires_at=NOW)})
    _, known = people(kept, {EXCHANGE: RENEWED, WHO: {"id": 7, "login": "lisa"}})
    await known.token("U1")
    assert await known.known("U1") == Known("lisa", 7)


async def test_a_link_counts_before_what_was_entered() -> None:
    async def entered(person: str) -> str | None:
        return {"U1": "somebody", "U2": "ada"}.get(person)

    wire = Wire(routes({}))
    known = People(Kept({"U1": a_link()}), tokens(wire), entered=entered)
    assert await known.known("U1") == Known("mona", 7)
    assert await known.known("U2") == Known("ada")
    assert (await known.known("U2") or Known("", 1)).entered
    assert await known.known("U3") is None
    unlinked = People(Kept({"U1": a_link()}), None, entered=entered)
    assert await unlinked.known("U1") == Known("somebody")
    assert not unlinked.can_link


async def test_a_new_link_takes_back_the_token_before() -> None:
    kept = Kept({"U1": a_link()})
    wire, known = people(kept, {"DELETE /applications/Iv23/token": httpx.Response(204)})
    await known.link(a_link(login="other", account_id=8))
    assert kept.links["U1"].login == "other"
    assert wire.requests[-1].method == "DELETE"
    assert b"ghu_old" in wire.requests[-1].content
    assert wire.requests[-1].headers["authorization"].startswith("Basic ")


@pytest.mark.parametrize(
    ("answer", "revoked"),
    [(httpx.Response(204), True), (None, False), (json_answer({}, 502), False)],
)
async def test_forgetting_does_not_depend_on_github(answer: Any, revoked: bool) -> None:
    kept = Kept({"U1": a_link()})
    _, known = people(kept, {"DELETE /applications/Iv23/grant": answer})
    assert await known.forget("U1") == ("mona", revoked)
    assert kept.links == {}
    assert await known.forget("U1") is None


async def test_no_answer_of_github_is_repeated_in_an_error() -> None:
    wire = Wire(routes({EXCHANGE: {"access_token": {"ghu_secret": 1}}}))
    with pytest.raises(TransientError) as failed:
        await tokens(wire).exchange("c", redirect_uri=CALLBACK, verifier="v")
    assert failed.value.__cause__ is None
    assert "ghu_secret" not in repr(failed.value)
    assert "ghu_" not in repr(UserToken("ghu_secret", None, "ghr_secret"))


def test_a_person_is_sent_to_github_with_a_hash_and_not_the_secret() -> None:
    url = tokens(Wire(routes({}))).sign_in_url(
        redirect_uri=CALLBACK, state="s", verifier="the-verifier"
    )
    query = dict(parse_qsl(urlsplit(url).query))
    assert url.startswith(f"{WEB}/login/oauth/authorize?")
    assert query["code_challenge"] == challenge_of("the-verifier")
    assert query["code_challenge_method"] == "S256"
    assert "the-verifier" not in url
    assert "cs" not in query.values()


def test_the_challenge_is_that_of_the_standard() -> None:
    # https://www.rfc-editor.org/rfc/rfc7636#appendix-B
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert challenge_of(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


async def test_the_local_github_takes_part_as_this_expects(github: FakeGitHub) -> None:
    secret = secrets.token_hex(20)
    github.set_up_sign_in(secret, CALLBACK)
    github.sit_down("mona")
    async with httpx.AsyncClient(trust_env=False, verify=github.no_tls) as http:
        signing = UserTokens(
            http,
            api_url=github.url,
            web_url=github.url,
            client_id="Iv23liargus",
            client_secret=secret,
        )
        sent = await http.get(
            signing.sign_in_url(redirect_uri=CALLBACK, state="s", verifier="v" * 43)
        )
        code = dict(parse_qsl(urlsplit(sent.headers["location"]).query))["code"]
        token = await signing.exchange(code, redirect_uri=CALLBACK, verifier="v" * 43)
        assert (await signing.account(token)).login == "mona"
        with pytest.raises(TokenRefused, match="bad_verification_code"):
            await signing.exchange(code, redirect_uri=CALLBACK, verifier="v" * 43)

        renewed = await signing.renew(token.refresh)

        with pytest.raises(PermanentError):
            await signing.account(token)
        assert await signing.discard(renewed)
        assert not await signing.revoke(renewed)
