"""The App's proof of itself, and tokens that are minted once and reach one repository."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from core.errors import PullRequestGone, TransientError
from github.app_auth import AppAuth
from github.errors import Forbidden, NotFound, RateLimited
from tests.github.wire import API, Clock, Wire, json_answer, no_sleep

NOW = 1_795_521_600.0
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM = KEY.private_bytes(
    serialization.Encoding.PEM,
    serialization.PrivateFormat.TraditionalOpenSSL,
    serialization.NoEncryption(),
).decode()
MINT = "/app/installations/99/access_tokens"


class GitHubApp:
    """GitHub's side of an App: checks each JWT by its own clock, counts what it mints."""

    def __init__(self, now: float = NOW) -> None:
        self.now = now
        self.minted = 0
        self.life = 3_600.0
        self.tells_life = True
        self.refusals: list[httpx.Response | Exception] = []
        self.installed = {"/repos/acme/shop/installation": 99}
        self.granted = {"contents": "read", "pull_requests": "write"}
        self.wire = Wire(self.answer)

    def answer(self, request: httpx.Request) -> httpx.Response:
        date = format_datetime(datetime.fromtimestamp(self.now, UTC), usegmt=True)
        if not self.genuine(request):
            return json_answer({"message": "A JSON web token could not be decoded"}, 401, date=date)
        if self.refusals:
            refusal = self.refusals.pop(0)
            if isinstance(refusal, Exception):
                raise refusal
            return refusal
        return self.routed(request)

    def routed(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if path == MINT:
            self.minted += 1
            expires = datetime.fromtimestamp(self.now + self.life, UTC)
            token = f"ghs_{self.minted}_" + "x" * 600
            stamp = expires.strftime("%Y-%m-%dT%H:%M:%SZ")
            told = {"expires_at": stamp} if self.tells_life else {}
            return json_answer({"token": token, **told}, 201)
        if path == "/app/installations/99":
            return json_answer({"id": 99, "permissions": self.granted})
        if path == "/app":
            return json_answer(
                {"id": 1234, "slug": "argus", "html_url": "https://github.com/apps/argus"}
            )
        if path in self.installed:
            return json_answer({"id": self.installed[path]})
        return json_answer({"message": "Not Found"}, 404)

    def genuine(self, request: httpx.Request) -> bool:
        token = request.headers["authorization"].removeprefix("Bearer ")
        claims = jwt.decode(
            token,
            KEY.public_key(),
            algorithms=["RS256"],
            options={"verify_exp": False, "verify_iat": False},
        )
        fits = claims["iat"] <= self.now < claims["exp"] <= self.now + 600
        return fits and claims["iss"] == "1234"


@pytest.fixture
def github() -> GitHubApp:
    return GitHubApp()


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.fixture
def auth(github: GitHubApp, clock: Clock) -> AppAuth:
    return AppAuth("1234", PEM, github.wire.http(), API, clock=clock, sleep=no_sleep)


async def test_a_token_is_narrowed_to_one_repository_and_what_a_job_needs(
    auth: AppAuth, github: GitHubApp
):
    assert (await auth.token(99, 4242)).startswith("ghs_1_")
    assert json.loads(github.wire.requests[0].content) == {
        "repository_ids": [4242],
        "permissions": {
            "contents": "read",
            "pull_requests": "write",
            "checks": "write",
            "issues": "read",
        },
    }


async def test_a_repository_whose_id_is_unknown_is_narrowed_by_name(
    auth: AppAuth, github: GitHubApp
):
    await auth.token(99, "shop")
    assert json.loads(github.wire.requests[0].content)["repositories"] == ["shop"]


async def test_twenty_callers_at_once_cost_one_mint(auth: AppAuth, github: GitHubApp):
    tokens = await asyncio.gather(*(auth.token(99, 4242) for _ in range(20)))
    assert len(set(tokens)) == 1
    assert github.minted == 1


async def test_twenty_refreshes_at_once_cost_one_mint(auth: AppAuth, github: GitHubApp):
    stale = await auth.token(99, 4242)
    tokens = await asyncio.gather(*(auth.token(99, 4242, refused=stale) for _ in range(20)))
    assert github.minted == 2
    assert stale not in tokens
    assert len(set(tokens)) == 1


async def test_another_repository_gets_its_own_token(auth: AppAuth):
    assert await auth.token(99, 4242) != await auth.token(99, 4243)


async def test_a_token_is_kept_until_five_minutes_before_it_ends(
    auth: AppAuth, github: GitHubApp, clock: Clock
):
    first = await auth.token(99, 4242)
    clock.now = github.now = NOW + 3_299
    assert await auth.token(99, 4242) == first
    clock.now = github.now = NOW + 3_301
    assert await auth.token(99, 4242) != first


async def test_a_token_of_unknown_life_is_kept_for_most_of_an_hour(
    auth: AppAuth, github: GitHubApp, clock: Clock
):
    github.tells_life = False
    first = await auth.token(99, 7)
    clock.now += 3_200
    assert await auth.token(99, 7) == first
    clock.now = github.now = clock.now + 200
    assert await auth.token(99, 7) != first


async def test_a_cancelled_caller_does_not_take_the_others_with_it(
    auth: AppAuth, github: GitHubApp
):
    tasks = [asyncio.create_task(auth.token(99, 4242)) for _ in range(3)]
    await asyncio.sleep(0)
    tasks[0].cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(results[0], asyncio.CancelledError)
    assert results[1] == results[2]


@pytest.mark.parametrize("skew", [-3_700.0, -120.0, 120.0, 3_700.0])
async def test_a_wrong_clock_is_mended_once_by_githubs(
    auth: AppAuth, github: GitHubApp, clock: Clock, skew: float
):
    clock.now = NOW + skew
    assert await auth.token(99, 4242)
    assert await auth.token(99, 4242)
    assert github.minted == 1
    assert len(github.wire.requests) <= 2


async def test_a_key_that_does_not_fit_is_said_and_not_hammered(github: GitHubApp, clock: Clock):
    auth = AppAuth("9999", PEM, github.wire.http(), API, clock=clock, sleep=no_sleep)
    with pytest.raises(Forbidden, match="GITHUB_APP_PRIVATE_KEY"):
        await auth.token(99, 4242)
    assert len(github.wire.requests) == 1


async def test_minting_survives_a_server_in_trouble(auth: AppAuth, github: GitHubApp):
    github.refusals = [json_answer({}, 502), httpx.ReadTimeout("late")]
    assert await auth.token(99, 4242)
    assert len(github.wire.requests) == 3


async def test_minting_gives_up_after_three_tries(auth: AppAuth, github: GitHubApp):
    github.refusals = [json_answer({}, 502)] * 3
    with pytest.raises(TransientError):
        await auth.token(99, 4242)
    assert len(github.wire.requests) == 3


async def test_a_limit_on_tokens_is_not_hammered(auth: AppAuth, github: GitHubApp):
    github.refusals = [json_answer({}, 429, retry_after="60")]
    for _ in range(3):
        with pytest.raises(RateLimited):
            await auth.token(99, 4242)
    assert len(github.wire.requests) == 1


@pytest.mark.parametrize(
    "refusal",
    [
        json_answer({"message": "This installation has been suspended"}, 403),
        json_answer({"message": "Not Found"}, 404),
        json_answer({"message": "There is at least one repository that is not accessible"}, 422),
    ],
)
async def test_a_lost_installation_ends_the_job(
    auth: AppAuth, github: GitHubApp, refusal: httpx.Response
):
    github.refusals = [refusal]
    with pytest.raises(PullRequestGone):
        await auth.token(99, 4242)


async def test_a_missing_permission_is_named(auth: AppAuth, github: GitHubApp):
    words = "The permissions requested are not granted to this installation."
    github.refusals = [json_answer({"message": words}, 422)]
    with pytest.raises(Forbidden, match="checks:write, issues:read on this installation"):
        await auth.token(99, 4242)


async def test_an_installation_is_found_and_remembered(
    auth: AppAuth, github: GitHubApp, clock: Clock
):
    assert await auth.installation_of("acme", "shop") == 99
    assert await auth.installation_of("Acme", "Shop") == 99
    assert len(github.wire.requests) == 1
    clock.now = github.now = NOW + 601
    await auth.installation_of("acme", "shop")
    assert len(github.wire.requests) == 2


async def test_a_repository_without_the_app_is_said_in_words(auth: AppAuth):
    with pytest.raises(PullRequestGone, match="not installed on acme/other"):
        await auth.installation_of("acme", "other")


async def test_the_apps_name_is_asked_once(auth: AppAuth, github: GitHubApp):
    assert [await auth.slug(), await auth.slug()] == ["argus", "argus"]
    assert len(github.wire.requests) == 1


async def test_the_page_to_install_the_app_is_asked_with_its_name(auth: AppAuth, github: GitHubApp):
    await auth.slug()
    assert await auth.install_page() == "https://github.com/apps/argus/installations/new"
    assert len(github.wire.requests) == 1


async def test_an_app_that_github_does_not_know_is_said_by_its_variable(
    auth: AppAuth, github: GitHubApp
):
    github.refusals.append(json_answer({"message": "Integration not found"}, 404))
    with pytest.raises(NotFound, match="GITHUB_APP_ID"):
        await auth.slug()


def other_key() -> str:
    public = KEY.public_key()
    return public.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    ).decode()


@pytest.mark.parametrize("pem", [lambda: "", lambda: "nonsense", lambda: PEM[:300], other_key])
def test_an_unusable_key_is_refused_without_repeating_it(pem: Callable[[], str]):
    with pytest.raises(ValueError, match="GITHUB_APP_PRIVATE_KEY") as raised:
        AppAuth("1234", pem(), Wire(lambda _: json_answer({})).http(), API)
    assert "BEGIN" not in str(raised.value)


def test_the_jwt_is_signed_once_for_a_while(auth: AppAuth, clock: Clock):
    first = auth.jwt()
    clock.now += 239
    assert auth.jwt() == first
    clock.now += 2
    claims: dict[str, Any] = jwt.decode(
        auth.jwt(),
        KEY.public_key(),
        algorithms=["RS256"],
        options={"verify_exp": False, "verify_iat": False},
    )
    assert claims == {"iat": NOW + 241 - 60, "exp": NOW + 241 + 540, "iss": "1234"}
