"""The playground leads sign-ins to its own local GitHub, and nowhere else."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pytest
from litestar import Litestar

from bot.playground.signing_in import sign_in_routes
from tests.fakes import github as fakes
from tests.fakes.github import FakeGitHub

hub = fakes.github
CALLBACK = "http://page/auth/github/callback"
CLIENT = "Iv23liargus"
JSON = {"accept": "application/json"}
NOBODY = "http://127.0.0.1:9"


@asynccontextmanager
async def page(github: str) -> AsyncIterator[httpx.AsyncClient]:
    app = Litestar(route_handlers=list(sign_in_routes(github)), openapi_config=None)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://page") as http:
        yield http


async def test_sign_in_goes_through_the_local_github_and_comes_back(hub: FakeGitHub) -> None:
    secret = secrets.token_hex(20)
    hub.set_up_sign_in(secret, CALLBACK)
    hub.sit_down("mona")
    query = urlencode({"client_id": CLIENT, "redirect_uri": CALLBACK, "state": "s&1 é"})
    async with page(hub.url) as argus, httpx.AsyncClient(trust_env=False) as browser:
        sent = await argus.get(f"/login/oauth/authorize?{query}")
        assert sent.status_code == 302
        assert sent.headers["location"] == f"{hub.url}/login/oauth/authorize?{query}"
        back = urlsplit((await browser.get(sent.headers["location"])).headers["location"])
        told = dict(parse_qsl(back.query))
        assert (f"{back.scheme}://{back.netloc}{back.path}", told["state"]) == (CALLBACK, "s&1 é")
        body = {"client_id": CLIENT, "client_secret": secret, "code": told["code"]}
        for expected in ("access_token", "error"):
            answer = await argus.post("/login/oauth/access_token", json=body, headers=JSON)
            assert answer.status_code == 200
            assert answer.headers["content-type"].startswith("application/json")
            assert expected in answer.json()


@pytest.mark.parametrize("path", ["?x=http://evil.test", "?@evil.test", "?x=1%0d%0alocation:evil"])
async def test_browser_is_sent_to_one_place_whatever_is_asked(path: str) -> None:
    async with page(NOBODY) as argus:
        sent = await argus.get(f"/login/oauth/authorize{path}")
    assert sent.headers.get_list("location") == [f"{NOBODY}/login/oauth/authorize{path}"]
    assert urlsplit(sent.headers["location"]).netloc == urlsplit(NOBODY).netloc


async def test_github_that_is_away_is_said() -> None:
    async with page(NOBODY) as argus:
        answer = await argus.post("/login/oauth/access_token", json={"code": "1"})
        long = await argus.post("/login/oauth/access_token", content=b"x" * 5000)
    assert (answer.status_code, long.status_code) == (502, 413)
