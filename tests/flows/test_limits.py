"""Several processes together: GitHub is never asked too much, a failing model not again and again.

Each process below is what a worker composes: connections to GitHub or a chain of models, with a
client of Redis of its own.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack

import pytest
from pydantic import SecretStr
from redis.asyncio import Redis

from bot.adapters.ledger import Policy, RedisLedger
from bot.adapters.limits import Limits
from bot.adapters.models import PydanticAIChain, Timeouts, parse_spec
from bot.adapters.redis_client import connect
from bot.parts.github import open_github
from bot.settings import Settings
from core.errors import ModelUnavailable, TransientError
from core.models import OutcomeKind, Prompt, PullRequestRef
from github.client import GitHubClient
from github.pace import KeptBack
from tests.bot.asking import A, push
from tests.bot.working import Review, until, working
from tests.fakes import model_answers as answers
from tests.fakes.github import FakeGitHub, Opened, github  # noqa: F401 - a fixture
from tests.fakes.model_answers import Answer, Fails, Silent, review
from tests.fakes.model_server import ModelServer

WRITES = 5
"""That each of three processes wants to make at once."""
TIMEOUT = 4.0
"""Of a write, half of which it may wait for its turn."""
IN_TIME = 6 + int(TIMEOUT / 2)
"""Writes that may go within that: a burst, then one a second."""
BASE, CHANGE = {"cart.py": "a = 1\n"}, {"cart.py": "a = 2\n"}
PROMPT = Prompt("Be a reviewer.", "the material", ("cart.py",))
QUICK = Timeouts(connect=1.0, first_byte=0.3, idle=0.3, total=1.0)


@pytest.fixture
async def limits(redis_url: str) -> AsyncIterator[Callable[[], Limits]]:
    """Make the limits of one more process."""
    opened: list[Redis] = []

    def start() -> Limits:
        opened.append(connect(redis_url))
        return Limits(opened[-1])

    yield start
    for client in opened:
        await client.aclose()


@pytest.fixture
async def pull(github: FakeGitHub) -> Opened:  # noqa: F811 - the fixture
    return github.open(BASE, CHANGE)


@pytest.fixture
async def clients(
    github: FakeGitHub,  # noqa: F811 - the fixture
    pull: Opened,
    limits: Callable[[], Limits],
) -> AsyncIterator[list[GitHubClient]]:
    """Clients of three processes for one pull request, each with a token already."""
    owner, _, name = pull.repo.partition("/")
    ref = PullRequestRef(owner=owner, repo=name, number=pull.number)
    settings = Settings(
        github_app_id=github.app_id,
        github_app_private_key=SecretStr(github.private_key),
        github_api_url=github.url,
    )
    async with AsyncExitStack() as stack:
        made = []
        for own in (limits(), limits(), limits()):
            side = await stack.enter_async_context(open_github(settings, limits=own))
            client = await side.connections.client(ref, pull.repo_id, pull.installation)
            await client.get(f"/repos/{pull.repo}")
            made.append(client)
        github.clear_requests()
        yield made


async def write(client: GitHubClient, pull: Opened) -> Exception | None:
    """Try to comment, and return what went wrong."""
    path = f"/repos/{pull.repo}/issues/{pull.number}/comments"
    try:
        await client.post(path, {"body": "b"}, timeout=TIMEOUT)
    except TransientError as error:
        return error
    return None


async def test_three_workers_at_once_stay_below_githubs_own_limit(
    github: FakeGitHub,  # noqa: F811 - the fixture
    pull: Opened,
    clients: list[GitHubClient],
) -> None:
    github.set_knobs(content_per_minute=IN_TIME + 1)
    tries = await asyncio.gather(*(write(client, pull) for client in clients * WRITES))
    assert {type(error) for error in tries if error} == {KeptBack}
    assert tries.count(None) >= 6
    sent = [row["status"] for row in github.requests("POST", "/comments")]
    assert sent == [201] * tries.count(None)


async def test_once_one_worker_is_limited_none_sends_anything(
    github: FakeGitHub,  # noqa: F811 - the fixture
    pull: Opened,
    clients: list[GitHubClient],
) -> None:
    github.set_knobs(content_per_minute=1)
    first, *others = clients
    assert await write(first, pull) is None
    assert await write(first, pull) is not None
    github.clear_requests()
    for client in (first, *others):
        with pytest.raises(KeptBack) as held:
            await client.get(f"/repos/{pull.repo}")
        assert 55 < held.value.retry_after <= 62
        assert isinstance(await write(client, pull), KeptBack)
    assert github.requests() == []


@pytest.mark.parametrize(
    "answer",
    [
        answers.rate_limited(),
        answers.rate_limited(retry_after=120),
        answers.out_of_quota(),
        Fails(500),
        answers.overloaded(),
        Fails(401),
        Fails(404),
        Fails(410),
        Silent(),
    ],
    ids=str,
)
async def test_a_failing_model_is_asked_six_times_at_most_by_all_workers_together(
    answer: Answer, model_server: ModelServer, limits: Callable[[], Limits]
) -> None:
    model_server.script = lambda _: answer
    chains = [chain_of(model_server, limits()) for _ in range(3)]
    for chain in chains * 4:
        with pytest.raises(ModelUnavailable):
            await chain.read(PROMPT)
    assert 1 <= len(model_server.requests) <= 6
    # a worker that starts now does not ask either, and says why
    with pytest.raises(ModelUnavailable, match="it is asked again later"):
        await chain_of(model_server, limits()).read(PROMPT)
    for chain in chains:
        await chain.close()


async def test_a_model_with_a_new_key_is_asked_at_once(
    model_server: ModelServer, limits: Callable[[], Limits]
) -> None:
    model_server.script = lambda _: review()
    model_server.key = "new"
    old, new = (chain_of(model_server, limits(), key=key) for key in ("old", "new"))
    with pytest.raises(ModelUnavailable, match="the key was refused"):
        await old.read(PROMPT)
    assert (await new.read(PROMPT)).first_choice
    assert await limits().report() == ()
    await old.close()
    await new.close()


async def test_a_job_that_is_kept_back_again_and_again_is_not_given_up(
    redis: Redis, redis_url: str
) -> None:
    ledger = RedisLedger(redis, policy=Policy(lease=2.0, max_attempts=2))
    run = Review()
    run.errors[A] = [KeptBack("GitHub asked Argus to wait.", retry_after=0.02) for _ in range(6)]
    await ledger.admit(push(A))

    async def reviewed() -> bool:
        entry = await ledger.desk.show("7:1")
        return entry is not None and entry.outcome is not None

    async with working(ledger, redis_url, run):
        await until(reviewed, within=15)
    assert [job.attempt for job in run.started] == [1] * 7
    entry = await ledger.desk.show("7:1")
    assert entry is not None
    assert entry.outcome is not None
    assert entry.outcome.kind is OutcomeKind.REVIEWED


def chain_of(server: ModelServer, own: Limits, *, key: str = "k") -> PydanticAIChain:
    spec = parse_spec("openai:test-model", base_url=server.openai_url, key=key)
    return PydanticAIChain([spec], timeouts=QUICK, sleep=no_sleep, breaker_of=own.model)


async def no_sleep(_seconds: float) -> None:
    """Return at once."""
