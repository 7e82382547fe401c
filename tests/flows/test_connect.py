"""Stories of who people are: they link their GitHub account, and see what it may see."""

import asyncio
import json
import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from redis import Redis

from bot.adapters.redis_server import EmbeddedRedis
from tests.fakes.argus import Argus
from tests.fakes.github import FakeGitHub, Opened
from tests.fakes.slack import NO_TLS, FakeSlack
from tests.flows.test_pull_request import BASE, SQL, own_reviews, summarised
from tests.flows.test_slack import read

PEOPLE = ("mona", "hubot", "ada", "grace", "linus", "ken", "barbara", "entered", "stranger")
NOT_FOUND = "was not found, or you may not ask for it here"


@pytest.fixture(scope="module")
def slack() -> Iterator[FakeSlack]:
    fake = FakeSlack.start()
    for name in PEOPLE:
        fake.add_person(name, real_name=name.title())
    fake.channel("reviews", PEOPLE)
    try:
        yield fake
    finally:
        fake.stop()


@pytest.fixture(scope="module")
def client_secret() -> str:
    return secrets.token_hex(20)


@pytest.fixture(scope="module")
def identity_file(slack: FakeSlack, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("identities") / "people.txt"
    path.write_text(f"# who is who\n{user_id(slack, 'entered')} octo-entered\n")
    return path


@pytest.fixture(scope="module")
def argus(
    hub: FakeGitHub,
    own_redis: EmbeddedRedis,
    slack: FakeSlack,
    client_secret: str,
    identity_file: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Argus]:
    """Web and worker with both front ends, at which people can sign in with GitHub."""
    running = Argus(
        hub,
        own_redis.url,
        tmp_path_factory.mktemp("logs"),
        SLACK_BOT_TOKEN=slack.bot_token,
        SLACK_SIGNING_SECRET=slack.signing_secret,
        SLACK_API_URL=slack.api_url,
        SLACK_IDENTITY_FILE=str(identity_file),
        REVIEW_ENABLED_EVENTS="pull_request.ready_for_review",
        GITHUB_CLIENT_ID="Iv23liargus",
        GITHUB_CLIENT_SECRET=client_secret,
        LOG_LEVEL="debug",
    )
    running.environment["PUBLIC_URL"] = running.url
    hub.set_up_sign_in(client_secret, f"{running.url}/auth/github/callback")
    with running:
        slack.set_request_url(f"{running.url}/slack/events")
        yield running


def user_id(slack: FakeSlack, name: str) -> str:
    return next(str(p["id"]) for p in slack.snapshot()["people"] if p["name"] == name)


def words(message: dict[str, Any]) -> str:
    return json.dumps(message, ensure_ascii=False)


def private(hub: FakeGitHub, name: str, **people: str) -> Opened:
    """Open a pull request in a private repository that these people may read or more."""
    opened = hub.open(BASE, {"app/store.py": SQL}, repo=f"octo/{name}", private=True)
    hub.change_repo(opened.repo, collaborators=people)
    return opened


async def said(slack: FakeSlack, user: str, text: str, expected: str) -> dict[str, Any]:
    """Type a command and return the answer with these words; what was said before is passed."""
    before = len(slack.ephemerals(user))
    await asyncio.to_thread(slack.slash, user, "reviews", text)
    told = await slack.until_told(
        user, lambda all_: any(expected in words(m) for m in all_[before:])
    )
    return next(m for m in told[before:] if expected in words(m))


async def invitation(slack: FakeSlack, user: str) -> str:
    message = await said(slack, user, "connect", "/auth/github/start")
    found = re.search(r'"url": "([^"]+/auth/github/start[^"]+)"', words(message))
    assert found is not None
    return found[1]


def browser() -> httpx.Client:
    return httpx.Client(trust_env=False, verify=NO_TLS, follow_redirects=True)


def answer(page: httpx.Response, client: httpx.Client, choice: str = "link") -> httpx.Response:
    """Press a button of the page that shows both names."""
    action = re.search(r'action="([^"]+)"', page.text)
    agreement = re.search(r'name="agreement" value="([^"]+)"', page.text)
    assert action is not None
    assert agreement is not None
    return client.post(action[1], data={"agreement": agreement[1], "choice": choice})


async def link(hub: FakeGitHub, slack: FakeSlack, user: str, login: str) -> None:
    url = await invitation(slack, user)
    hub.sit_down(login)
    with browser() as client:
        page = await asyncio.to_thread(client.get, url)
        assert f"@{login}" in page.text
        done = await asyncio.to_thread(answer, page, client)
    assert "Linked" in done.text
    await slack.until_told(user, lambda told: any(f"@{login}" in words(m) for m in told))


@pytest.mark.usefixtures("argus")
async def test_a_linked_person_gets_the_review_of_a_private_repository(
    hub: FakeGitHub, slack: FakeSlack
) -> None:
    opened = private(hub, "mine", mona="read")
    hub.clear_requests()
    text = f"review {opened.repo}#{opened.number}"
    told = await said(slack, "mona", text, NOT_FOUND)
    assert "`/argus connect` your account" in words(told)
    assert hub.requests("POST", r"/access_tokens$") == []

    await link(hub, slack, "mona", "mona")
    hub.clear_requests()
    await said(slack, "mona", text, "Queued")
    shown = await hub.until(opened.repo, opened.number, summarised)

    assert len(own_reviews(shown)) == 1
    asked = [r["caller"] for r in hub.requests() if r["path"].endswith("/pulls/1")]
    assert asked[:2] == ["anonymous", "user:mona"]


def asked_for_people(hub: FakeGitHub) -> list[tuple[str, int]]:
    """Return who asked and what came of it, without what the App asks for itself meanwhile."""
    own = ("app", "installation:")
    rows = [(r["caller"], r["status"]) for r in hub.requests()]
    return [row for row in rows if not row[0].startswith(own)]


@pytest.mark.usefixtures("argus")
async def test_what_there_is_cannot_be_told_from_what_there_is_not(
    hub: FakeGitHub, slack: FakeSlack
) -> None:
    opened = private(hub, "others")
    await link(hub, slack, "hubot", "hubot")
    hub.clear_requests()

    there = await said(slack, "hubot", f"review {opened.repo}#{opened.number}", NOT_FOUND)
    first = asked_for_people(hub)
    tokens = hub.requests("POST", rf"/{opened.installation}/access_tokens$")
    hub.clear_requests()
    nowhere = await said(slack, "hubot", "review octo/no-such-repository#1", NOT_FOUND)

    assert first == asked_for_people(hub)
    assert there["text"] == nowhere["text"]
    assert not any("repository_ids" in (token["body"] or {}) for token in tokens)


@pytest.mark.usefixtures("argus")
async def test_a_token_that_ran_out_is_renewed_unseen(hub: FakeGitHub, slack: FakeSlack) -> None:
    opened = private(hub, "renewed", ada="read")
    await link(hub, slack, "ada", "ada")
    hub.expire_granted_tokens()

    await said(slack, "ada", f"review {opened.repo}#{opened.number}", "Queued")

    hub.expire_granted_tokens()
    await said(slack, "ada", f"review {opened.repo}#{opened.number}", opened.repo)


@pytest.mark.usefixtures("argus")
async def test_many_questions_at_once_renew_a_token_once(hub: FakeGitHub, slack: FakeSlack) -> None:
    opened = [private(hub, f"many{number}", barbara="read") for number in range(4)]
    await link(hub, slack, "barbara", "barbara")
    hub.expire_granted_tokens()
    hub.clear_requests()

    await asyncio.gather(
        *(
            asyncio.to_thread(slack.slash, "barbara", "reviews", f"review {o.repo}#{o.number}")
            for o in opened
        )
    )
    await slack.until_told(
        "barbara",
        lambda told: all(
            any("Queued" in words(m) and o.repo in words(m) for m in told) for o in opened
        ),
    )

    assert len(hub.requests("POST", r"/login/oauth/access_token$")) == 1


@pytest.mark.usefixtures("argus")
async def test_whoever_revokes_at_github_is_told_to_connect_again(
    hub: FakeGitHub, slack: FakeSlack
) -> None:
    opened = private(hub, "revoked", grace="read")
    await link(hub, slack, "grace", "grace")
    hub.revoke_grants("grace")

    told = await said(slack, "grace", f"review {opened.repo}#{opened.number}", NOT_FOUND)
    assert "Your link to GitHub has ended" in words(told)
    assert "/argus connect" in words(told)

    await link(hub, slack, "grace", "grace")
    await said(slack, "grace", f"review {opened.repo}#{opened.number}", "Queued")


@pytest.mark.usefixtures("argus")
async def test_disconnecting_forgets_here_and_revokes_there(
    hub: FakeGitHub, slack: FakeSlack, own_redis: EmbeddedRedis
) -> None:
    opened = private(hub, "left", linus="read")
    await link(hub, slack, "linus", "linus")

    await said(slack, "linus", "disconnect", "worth nothing any more")

    assert [r["status"] for r in hub.requests("DELETE", r"/applications/.+/grant$")] == [204]
    with Redis.from_url(own_redis.url) as redis:
        assert list(redis.scan_iter(f"*identity:{user_id(slack, 'linus')}")) == []
    await said(slack, "linus", f"review {opened.repo}#{opened.number}", NOT_FOUND)
    await said(slack, "linus", "disconnect", "No GitHub account of yours is linked")


@pytest.mark.usefixtures("argus")
async def test_whoever_opens_a_link_of_somebody_else_sees_whose_it_is_and_may_decline(
    hub: FakeGitHub, slack: FakeSlack
) -> None:
    opened = private(hub, "wanted", victim="read")
    url = await invitation(slack, "ken")
    hub.sit_down("victim")
    with browser() as client:
        page = await asyncio.to_thread(client.get, url)
        assert "ken" in page.text
        assert "@victim" in page.text
        await said(slack, "ken", f"review {opened.repo}#{opened.number}", NOT_FOUND)
        done = await asyncio.to_thread(answer, page, client, "decline")

    assert "Nothing was linked" in done.text
    assert [r["status"] for r in hub.requests("DELETE", r"/applications/.+/token$")][-1] == 204
    await said(slack, "ken", f"review {opened.repo}#{opened.number}", NOT_FOUND)


@pytest.mark.usefixtures("argus")
async def test_an_entered_person_needs_no_link_and_has_no_more_than_their_role(
    hub: FakeGitHub, slack: FakeSlack
) -> None:
    may = private(hub, "entered", **{"octo-entered": "read"})
    may_not = private(hub, "closed")
    hub.add_person("octo-entered")

    await said(slack, "entered", f"review {may.repo}#{may.number}", "Queued")
    await said(slack, "entered", f"review {may_not.repo}#{may_not.number}", NOT_FOUND)
    await said(slack, "entered", "disconnect", "Whoever runs Argus entered that you are")


@pytest.mark.usefixtures("argus")
async def test_people_of_another_workspace_are_refused(hub: FakeGitHub, slack: FakeSlack) -> None:
    how = {"changes": {"user_team_id": "T0ELSEWHERE"}}
    hub.clear_requests()
    await asyncio.to_thread(slack.slash, "stranger", "reviews", "connect", **how)
    told = await slack.until_told(
        "stranger", lambda all_: any("own workspace only" in words(m) for m in all_)
    )
    assert "/auth/github/start" not in words(told[-1])
    assert asked_for_people(hub) == []


async def test_no_secret_of_a_sign_in_lies_open_or_is_logged(
    hub: FakeGitHub, slack: FakeSlack, own_redis: EmbeddedRedis, argus: Argus, client_secret: str
) -> None:
    hub.sit_down("mona")
    url = await invitation(slack, "mona")
    with browser() as client:
        page = await asyncio.to_thread(client.get, url)
        with Redis.from_url(own_redis.url) as redis:
            kept = "".join(str(read(redis, key)) + str(key) for key in redis.scan_iter("*"))
        visited = [str(each.url) for each in (*page.history, page)]
        codes = [httpx.URL(each).params.get("code") for each in visited]
        states = [httpx.URL(each).params.get("state") for each in visited]
        cookie = client.cookies["argus_sign_in"]
        await asyncio.to_thread(answer, page, client)

    secret = [httpx.URL(url).params["ticket"], client_secret, cookie.partition(".")[2]]
    secret += [found for found in (*codes, *states) if found]
    assert len(secret) >= 5
    logged = argus.logs()
    assert [s for s in secret if s in kept or s in logged] == []
    assert not re.search(r"gh[ur]_[0-9a-f]{8}", kept + logged)
    assert not httpx.URL(str(page.url)).params
