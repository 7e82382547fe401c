"""Stories of what got lost, stands twice or was left behind, and how it is set right."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from typing import Any

import httpx
import pytest
from redis import Redis

from bot.adapters.keys import lasting
from bot.adapters.ledger import Policy
from bot.adapters.ledger.marks import Doubt, Marks
from bot.adapters.redis_client import connect
from bot.adapters.redis_server import EmbeddedRedis
from core.models import PullRequestRef
from github.markers import MarkerKind, Markers, review_id
from tests.fakes.argus import Argus
from tests.fakes.github import FakeGitHub, Opened
from tests.flows.test_pull_request import BASE, SQL, own_reviews, summarised

LEASE = 2.0
PATIENCE = 40.0
"""Seconds in which something must be set right here; the waits shrink with the lease."""
CHANGE = {"app/store.py": SQL}
FETCHED = r"^/app/hook/deliveries/\d+$"


@pytest.fixture(scope="module")
def argus(
    hub: FakeGitHub, own_redis: EmbeddedRedis, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Argus]:
    environment = {"ARGUS_LEASE_SECONDS": str(LEASE)}
    logs = tmp_path_factory.mktemp("logs")
    with Argus(hub, own_redis.url, logs, **environment) as running:
        yield running


@pytest.fixture
async def redis(argus: Argus, own_redis: EmbeddedRedis) -> AsyncIterator[Redis]:
    """A client of the server; the looks that come by themselves are over."""
    with Redis.from_url(own_redis.url) as client:
        for duty in ("deliveries", "sweep"):
            await looked(client, duty)
        yield client


def make_due(redis: Redis, duty: str) -> None:
    """Remove the mark of the last look, as a server that came back empty has none."""
    redis.delete(lasting("looked", duty))


async def looked(redis: Redis, duty: str) -> None:
    """Wait until a duty that was made due was done. Raises TimeoutError."""
    async with asyncio.timeout(PATIENCE):
        while not redis.exists(lasting("looked", duty)):
            await asyncio.sleep(0.05)


async def note(own_redis: EmbeddedRedis, opened: Opened) -> None:
    """Note a posting as a run does before it posts."""
    client = connect(own_redis.url)
    owner, _, name = opened.repo.partition("/")
    doubt = Doubt(
        job_id=f"{opened.repo_id}:{opened.number}",
        ref=PullRequestRef(owner=owner, repo=name, number=opened.number),
        repo_id=opened.repo_id,
        installation_id=opened.installation,
    )
    await Marks(client, Policy(lease=LEASE)).doubt(doubt, 0)
    await client.aclose()


class Intruder:
    """Something that writes with the App's own token, as a run of ours would."""

    def __init__(self, hub: FakeGitHub, argus: Argus, opened: Opened) -> None:
        self._token = hub.installation_token(opened.installation)
        self._hub = hub
        self._opened = opened
        self._markers = Markers([argus.environment["SECRET_KEY"]])

    def marker(self, ordinal: int = 0) -> str:
        opened = self._opened
        name = review_id(opened.repo_id, opened.number, opened.head, ordinal)
        return self._markers.make(MarkerKind.REVIEW, name)

    def review(self, body: str, **wanted: Any) -> Mapping[str, Any]:
        """Write a review; without an event it stays a draft."""
        path = f"/repos/{self._opened.repo}/pulls/{self._opened.number}/reviews"
        with self._hub.api(self._token) as api:
            answer = api.post(path, json={"body": body, "commit_id": self._opened.head, **wanted})
        return dict(answer.raise_for_status().json())


async def test_what_came_while_web_was_down_is_reviewed_once(
    hub: FakeGitHub, argus: Argus, redis: Redis
) -> None:
    argus.kill("web")
    lost = [hub.open(BASE, CHANGE, repo=f"octo/down-{n}") for n in range(2)]
    failed = await failures(hub, lost)
    argus.start("web")
    argus.until_ready()
    hub.clear_requests()

    make_due(redis, "deliveries")

    for opened in lost:
        shown = await hub.until(opened.repo, opened.number, summarised, PATIENCE)
        assert len(own_reviews(shown)) == 1
    assert len(hub.requests("GET", FETCHED)) == len(failed) == 2
    make_due(redis, "deliveries")
    await looked(redis, "deliveries")
    assert len(hub.requests("GET", FETCHED)) == 2


async def test_what_came_while_redis_was_away_is_reviewed_once(
    hub: FakeGitHub, argus: Argus, redis: Redis, own_redis: EmbeddedRedis
) -> None:
    os.kill(own_redis.pid, signal.SIGSTOP)
    try:
        opened = hub.open(BASE, CHANGE, repo="octo/away")
        (failed,) = await failures(hub, [opened])
        async with asyncio.timeout(PATIENCE):
            while "remote.redis_away" not in argus.logs():
                await asyncio.sleep(0.1)
    finally:
        os.kill(own_redis.pid, signal.SIGCONT)

    shown = await hub.until(opened.repo, opened.number, summarised, PATIENCE)

    assert failed["status_code"] == httpx.codes.SERVICE_UNAVAILABLE
    assert len(own_reviews(shown)) == 1


async def test_delivery_that_was_redelivered_meanwhile_is_not_fetched(
    hub: FakeGitHub, argus: Argus, redis: Redis
) -> None:
    argus.kill("web")
    opened = hub.open(BASE, CHANGE, repo="octo/redelivered")
    (failed,) = await failures(hub, [opened])
    argus.start("web")
    argus.until_ready()
    hub.redeliver(failed["id"])
    await hub.until(opened.repo, opened.number, summarised, PATIENCE)

    make_due(redis, "deliveries")
    await looked(redis, "deliveries")

    # Those of other stories may be fetched: a 503 can hide an admission that came to pass.
    assert hub.requests("GET", rf"^/app/hook/deliveries/{failed['id']}$") == []


async def test_after_a_loss_of_everything_only_what_has_no_review_is_reviewed(
    hub: FakeGitHub, argus: Argus, redis: Redis
) -> None:
    known = hub.open(BASE, CHANGE, repo="octo/known")
    before = await hub.until(known.repo, known.number, summarised, PATIENCE)
    hub.set_knobs(hooks=False)
    unknown = hub.open(BASE, CHANGE, repo="octo/unknown")
    hub.set_knobs(hooks=True)

    redis.flushall()

    shown = await hub.until(unknown.repo, unknown.number, summarised, PATIENCE)
    assert len(own_reviews(shown)) == 1
    again = await hub.until(known.repo, known.number, more_checks(before), PATIENCE)
    assert own_reviews(again) == own_reviews(before)
    assert again["review_comments"] == before["review_comments"]


async def test_review_posted_twice_is_taken_back_but_for_the_first(
    hub: FakeGitHub, argus: Argus, own_redis: EmbeddedRedis
) -> None:
    opened = hub.open(BASE, CHANGE, repo="octo/double")
    before = await hub.until(opened.repo, opened.number, summarised, PATIENCE)
    (first,) = own_reviews(before)
    await second_look(hub, opened)
    intruder = Intruder(hub, argus, opened)
    comment = {"path": "app/store.py", "line": 2, "side": "RIGHT", "body": "again"}
    body = f"1 finding.\n\n{intruder.marker()}"
    second = intruder.review(body, event="COMMENT", comments=[comment])

    await note(own_redis, opened)
    shown = await hub.until(opened.repo, opened.number, folded(second), PATIENCE)

    kept, repaired = shown["reviews"]
    assert (kept["body"], kept["minimized"]) == (first["body"], "")
    assert first["html_url"] in repaired["body"]
    assert repaired["minimized"] == "DUPLICATE"
    assert shown["review_comments"] == before["review_comments"]
    assert "alarm.double_review" in argus.logs()


async def test_our_draft_is_deleted_and_those_of_people_stay(
    hub: FakeGitHub, argus: Argus, own_redis: EmbeddedRedis
) -> None:
    opened = hub.open(BASE, CHANGE, repo="octo/debris")
    other = hub.open(BASE, CHANGE, repo="octo/draft")
    for each in (opened, other):
        await hub.until(each.repo, each.number, summarised, PATIENCE)
    intruder = Intruder(hub, argus, opened)
    ours = intruder.review(f"left behind\n\n{intruder.marker(ordinal=7)}")
    hub.review(opened.repo, opened.number, author="mona", body="a person's draft")
    unmarked = Intruder(hub, argus, other).review("no marker of Argus")

    for each in (opened, other):
        await note(own_redis, each)
    shown = await hub.until(opened.repo, opened.number, without(ours), PATIENCE)

    assert "a person's draft" in [review["body"] for review in shown["reviews"]]
    await asyncio.sleep(LEASE)
    left = hub.snapshot(other.repo, other.number)["reviews"]
    assert unmarked["id"] in [review["id"] for review in left]


async def failures(hub: FakeGitHub, lost: list[Opened]) -> list[Mapping[str, Any]]:
    """Return the failed deliveries of these pull requests' openings."""
    await hub.delivered(len(hub.deliveries()))
    repositories = {opened.repo_id for opened in lost}
    return [
        row
        for row in hub.deliveries("pull_request")
        if row["repository_id"] in repositories and row["status"] != "OK"
    ]


async def second_look(hub: FakeGitHub, opened: Opened) -> None:
    """Wait until own reviews were listed by the run and once more after it. Raises TimeoutError."""
    path = rf"^/repos/{opened.repo}/pulls/{opened.number}/reviews$"
    async with asyncio.timeout(PATIENCE):
        while len(hub.requests("GET", path)) < 2:
            await asyncio.sleep(0.05)


def more_checks(before: Mapping[str, Any]) -> Callable[[Mapping[str, Any]], bool]:
    """Tell whether another run has completed a check since."""

    def ready(shown: Mapping[str, Any]) -> bool:
        done = [check["completed_at"] for check in shown["checks"] if check["completed_at"]]
        return len(done) > len(before["checks"])

    return ready


def folded(review: Mapping[str, Any]) -> Callable[[Mapping[str, Any]], bool]:
    return lambda shown: any(
        each["id"] == review["id"] and each["minimized"] for each in shown["reviews"]
    )


def without(review: Mapping[str, Any]) -> Callable[[Mapping[str, Any]], bool]:
    return lambda shown: review["id"] not in [each["id"] for each in shown["reviews"]]
