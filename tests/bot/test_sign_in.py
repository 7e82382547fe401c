"""Signing in, step by step: each state once, one browser, both names agreed to, clean addresses."""

import re
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import httpx
import pytest
from litestar import Litestar
from redis.asyncio import Redis

from bot.adapters.ledger.identities import Identities, SignIns
from bot.sign_in.endings import WORDS, Ending
from bot.sign_in.flow import Both, SignIn
from bot.sign_in.pages import agreement_page, ending_page
from bot.sign_in.routes import COOKIE, sign_in_routes
from github.people import People
from github.user_tokens import UserTokens
from slack.replies import Reply
from tests.fakes.github import FakeGitHub

PUBLIC = "https://argus.test"
CALLBACK = f"{PUBLIC}/auth/github/callback"
REPLY = Reply(channel="C1", user="U1", response_url="https://hooks.slack.com/commands/T1/1/x")
KEYS = ("a-key",)


@dataclass
class Story:
    """A browser, a GitHub and Argus' routes between them."""

    github: FakeGitHub
    sign_in: SignIn
    tokens: UserTokens
    people: People
    browser: httpx.AsyncClient
    outside: httpx.AsyncClient
    told: list[tuple[str, str]] = field(default_factory=list)

    async def get(self, url: str) -> httpx.Response:
        """Follow an address of ours one step."""
        return await self.browser.get(url)

    async def invited(self) -> str:
        return await self.sign_in.invite("T1", REPLY)

    async def at_github(self, invitation: str) -> str:
        """Open an invitation, consent, and return where GitHub sends the browser."""
        started = await self.get(invitation)
        assert started.status_code == HTTPStatus.FOUND
        answer = await self.outside.get(started.headers["location"])
        return str(answer.headers["location"])

    async def returned(self, invitation: str) -> httpx.Response:
        return await self.get(await self.at_github(invitation))

    async def agreement(self) -> str:
        page = await self.get(f"{PUBLIC}/auth/github/confirm")
        found = re.search(r'name="agreement" value="([^"]+)"', page.text)
        assert found is not None
        return found[1]

    async def answered(self, agreement: str, choice: str = "link") -> httpx.Response:
        form = {"agreement": agreement, "choice": choice}
        return await self.browser.post("/auth/github/confirm", data=form)

    async def linked(self) -> bool:
        return await self.people.known("U1") is not None


async def unnamed(person: str) -> str:
    return f"<b>{person}</b>"


async def untold(_reply: Reply, _login: str) -> None:
    """Tell nobody."""


@pytest.fixture
async def story(github: FakeGitHub, redis: Redis) -> AsyncIterator[Story]:
    secret = secrets.token_hex(20)
    github.set_up_sign_in(secret, CALLBACK)
    github.sit_down("mona")
    told: list[tuple[str, str]] = []

    async def tell(reply: Reply, login: str) -> None:
        told.append((reply.user, login))

    async with httpx.AsyncClient(trust_env=False, verify=github.no_tls) as outside:
        tokens = UserTokens(
            outside,
            api_url=github.url,
            web_url=github.url,
            client_id="Iv23liargus",
            client_secret=secret,
        )
        people = People(Identities(redis, KEYS), tokens)
        sign_in = SignIn(
            SignIns(redis, KEYS), tokens, people, public_url=PUBLIC, name_of=unnamed, tell=tell
        )
        app = Litestar(sign_in_routes(sign_in, PUBLIC), openapi_config=None)
        wire = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=wire, base_url=PUBLIC) as browser:
            yield Story(github, sign_in, tokens, people, browser, outside, told)


def ending(answer: httpx.Response) -> Ending:
    assert answer.status_code == HTTPStatus.SEE_OTHER
    where = httpx.URL(answer.headers["location"])
    assert str(where).startswith(f"{PUBLIC}/auth/github/ended?")
    return Ending(where.params["how"])


async def started(story: Story) -> str:
    """Return GitHub's way back for a browser that has begun."""
    return await story.at_github(await story.invited())


async def test_two_accounts_are_linked_once_both_names_were_agreed_to(story: Story) -> None:
    back = await started(story)
    answer = await story.get(back)
    assert answer.headers["location"] == f"{PUBLIC}/auth/github/confirm"
    page = await story.get(answer.headers["location"])
    assert "@mona" in page.text
    assert "&lt;b&gt;U1&lt;/b&gt; (U1)" in page.text
    assert not await story.linked()

    assert ending(await story.answered(await story.agreement())) is Ending.LINKED

    assert await story.linked()
    assert story.told == [("U1", "mona")]


async def test_the_cookie_is_for_this_alone(story: Story) -> None:
    answer = await story.get(await story.invited())
    cookie = answer.headers["set-cookie"].lower()
    for part in ("httponly", "secure", "samesite=lax", "path=/auth/github", "max-age=600"):
        assert part in cookie
    assert answer.headers["location"].startswith(story.github.url)


async def test_a_state_counts_once(story: Story) -> None:
    back = await started(story)
    await story.get(back)
    assert ending(await story.get(back)) is Ending.EXPIRED
    # the one that counted still leads on
    assert ending(await story.answered(await story.agreement())) is Ending.LINKED


async def test_an_agreement_counts_once(story: Story) -> None:
    await story.get(await started(story))
    agreement = await story.agreement()
    assert ending(await story.answered(agreement)) is Ending.LINKED
    assert ending(await story.answered(agreement)) is Ending.EXPIRED
    assert story.told == [("U1", "mona")]


async def test_another_browser_can_neither_return_nor_agree(story: Story) -> None:
    back = await started(story)
    cookie = story.browser.cookies.get(COOKIE)
    story.browser.cookies.clear()
    assert ending(await story.get(back)) is Ending.OTHER_BROWSER
    story.browser.cookies.set(COOKIE, f"{(cookie or '').partition('.')[0]}.guessed")
    assert ending(await story.get(back)) is Ending.OTHER_BROWSER
    story.browser.cookies.clear()
    story.browser.cookies.set(COOKIE, cookie or "")

    await story.get(back)
    agreement = await story.agreement()
    story.browser.cookies.clear()

    assert ending(await story.answered(agreement)) in {Ending.EXPIRED, Ending.OTHER_BROWSER}
    assert not await story.linked()


async def test_a_wrong_agreement_links_nothing(story: Story) -> None:
    await story.get(await started(story))
    for wrong in ("", "guessed", "x" * 10_000):
        answer = await story.answered(wrong)
        refused = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        assert answer.status_code == refused or ending(answer) is Ending.EXPIRED
    assert not await story.linked()


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?code=c&state=",
        "?code=c&state=a.b",
        "?state=.",
        "?code=c&state=%00.%ff",
        f"?code=c&state={'x' * 5_000}",
        "?code=c&state=a.b&state=c.d",
    ],
)
async def test_a_state_that_was_never_made_leads_nowhere(story: Story, query: str) -> None:
    assert ending(await story.browser.get(f"/auth/github/callback{query}")) is Ending.EXPIRED


@pytest.mark.parametrize("ticket", ["", "?ticket=", "?ticket=guessed", "?ticket=%2e%2e", "?x=1"])
async def test_an_invitation_that_was_never_made_leads_nowhere(story: Story, ticket: str) -> None:
    answer = await story.browser.get(f"/auth/github/start{ticket}")
    assert ending(answer) is Ending.EXPIRED
    assert "set-cookie" not in answer.headers


async def test_an_invitation_runs_out(story: Story, redis: Redis) -> None:
    invitation = await story.invited()
    await redis.flushall()
    assert ending(await story.get(invitation)) is Ending.EXPIRED


async def test_the_last_start_counts(story: Story) -> None:
    invitation = await story.invited()
    first = await story.at_github(invitation)
    second = await story.at_github(invitation)
    assert ending(await story.get(first)) is Ending.EXPIRED
    assert (await story.get(second)).headers["location"].endswith("/confirm")


async def test_whoever_declines_at_github_may_come_back(story: Story) -> None:
    invitation = await story.invited()
    story.github.sit_down("mona", declines=True)
    back = await story.at_github(invitation)
    assert ending(await story.get(back)) is Ending.DECLINED
    story.github.sit_down("mona")
    back = await story.at_github(invitation)
    assert (await story.get(back)).headers["location"].endswith("/confirm")


async def test_declining_here_takes_the_token_back(story: Story) -> None:
    await story.get(await started(story))
    assert ending(await story.answered(await story.agreement(), "decline")) is Ending.DECLINED
    assert not await story.linked()
    assert [r["status"] for r in story.github.requests("DELETE", "/token$")] == [204]
    assert story.told == []


@pytest.mark.parametrize(
    ("path", "fault", "expected"),
    [
        ("access_token$", {"status": 502}, Ending.AWAY),
        ("access_token$", {"drop": True}, Ending.AWAY),
        ("/user$", {"status": 503, "times": 3}, Ending.AWAY),
        ("/user$", {"status": 403}, Ending.REFUSED),
        (
            "access_token$",
            {"status": 200, "body": {"error": "incorrect_client_credentials"}},
            Ending.MISCONFIGURED,
        ),
    ],
)
async def test_githubs_trouble_ends_in_words_and_the_way_in_stays_open(
    story: Story, path: str, fault: dict[str, Any], expected: Ending
) -> None:
    invitation = await story.invited()
    back = await story.at_github(invitation)
    story.github.fault(path=path, **fault)

    assert ending(await story.get(back)) is expected

    back = await story.at_github(invitation)
    assert (await story.get(back)).headers["location"].endswith("/confirm")


async def test_a_code_of_somebody_else_is_no_use(story: Story) -> None:
    mine = httpx.URL(await started(story))
    story.browser.cookies.clear()
    theirs = httpx.URL(await started(story))
    mixed = theirs.copy_set_param("code", mine.params["code"])
    assert ending(await story.get(str(mixed))) is Ending.REFUSED
    assert not await story.linked()


async def test_nothing_secret_stays_in_an_address_or_a_cache(story: Story) -> None:
    back = await started(story)
    for answer in (await story.get(back), await story.get(f"{PUBLIC}/auth/github/confirm")):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "?" not in answer.headers.get("location", "")


async def test_pages_load_nothing_and_cannot_be_framed(story: Story) -> None:
    page = await story.browser.get("/auth/github/ended?how=linked")
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "<script" not in page.text
    assert not re.search(r"(src|href)=", page.text)


@pytest.mark.parametrize("how", [*Ending, "nonsense", "<script>", ""])
async def test_every_ending_has_words_a_next_step_and_a_request(story: Story, how: str) -> None:
    page = await story.browser.get("/auth/github/ended", params={"how": how, "request": "abc-123"})
    known = Ending(how) if how in set(Ending) else Ending.EXPIRED
    assert page.status_code == WORDS[known].status
    assert WORDS[known].title in page.text
    assert ("abc-123" in page.text) is (known not in {Ending.LINKED, Ending.DECLINED})
    assert "<script>" not in page.text


async def test_a_request_that_is_no_id_is_not_repeated(story: Story) -> None:
    forged = {"how": "away", "request": "call 555-0100 <b>now"}
    assert "555" not in (await story.browser.get("/auth/github/ended", params=forged)).text


async def test_redis_away_is_said_in_words(story: Story) -> None:
    away = Redis.from_url("redis://127.0.0.1:9", retry=None)
    sign_in = SignIn(
        SignIns(away, KEYS),
        story.tokens,
        story.people,
        public_url=PUBLIC,
        name_of=unnamed,
        tell=untold,
    )
    app = Litestar(sign_in_routes(sign_in, PUBLIC), openapi_config=None)
    wire = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=wire, base_url=PUBLIC) as browser:
        assert ending(await browser.get("/auth/github/start?ticket=t")) is Ending.AWAY
    await away.aclose()


def test_names_cannot_write_on_the_page() -> None:
    page = agreement_page(Both('"><script>', "<img src=x>", "a'\"b"), "https://argus.test/x")
    assert "<script>" not in page
    assert "<img" not in page
    assert 'value="a&#x27;&quot;b"' in page
    assert "<script>" not in ending_page(Ending.AWAY, "<script>")
