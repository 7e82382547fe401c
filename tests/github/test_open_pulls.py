"""Where the App is installed, which pull requests were pushed lately, and how that is known."""

from collections.abc import AsyncIterator

import httpx
import pytest

from core.errors import TransientError
from core.models import PullRequestRef
from github.app_auth import AppAuth
from github.client import GitHubClient
from github.errors import Forbidden
from github.open_pulls import OpenPull, OpenPulls, Repository, event_of, installations
from github.reach import Wide
from github.triggers import Act, Ignore, Rules, decide
from tests.fakes.github import FakeGitHub, Opened
from tests.github.wire import Wire, json_answer, routes

DAY = 86_400.0
BASE, CHANGE = {"a.py": "a = 1\n"}, {"a.py": "a = 2\n"}
RULES = Rules(enabled=frozenset({"pull_request.opened"}), own_login="argus[bot]")


def a_pull(**changes: object) -> OpenPull:
    values = {
        "ref": PullRequestRef(owner="octo", repo="shop", number=1),
        "repo_id": 7,
        "installation_id": 99,
        "head": "a" * 40,
        "author": "mona",
        "by_bot": False,
        "created_at": 100.0,
        "updated_at": 200.0,
    }
    return OpenPull(**(values | changes))  # type: ignore[arg-type] -- values of a table


@pytest.mark.parametrize(
    ("pull", "acts"),
    [
        (a_pull(), True),
        (a_pull(created_at=10.0), False),
        (a_pull(author="argus[bot]"), False),
        (a_pull(author="renovate[bot]", by_bot=True), False),
    ],
    ids=["opened lately", "pushed to, which is not enabled", "ours", "a bot's"],
)
def test_the_same_triggers_decide_as_for_events(pull: OpenPull, acts: bool) -> None:
    verdict = decide(event_of(pull, earliest=50.0), RULES, delivery="")
    assert isinstance(verdict, Act if acts else Ignore)


@pytest.fixture
def opened(github: FakeGitHub) -> Opened:
    return github.open(BASE, CHANGE)


@pytest.fixture
async def looking(github: FakeGitHub, opened: Opened) -> AsyncIterator["Looking"]:
    looking = Looking(github, opened)
    yield looking
    await looking.http.aclose()


class Looking:
    """Looks at the local GitHub."""

    def __init__(self, github: FakeGitHub, opened: Opened) -> None:
        self.http = httpx.AsyncClient(trust_env=False, verify=github.no_tls)
        self.auth = AppAuth(github.app_id, github.private_key, self.http, github.url)
        self.opened = opened

        async def authorize(fresh: bool) -> str | None:
            refused = "" if fresh else None
            return (
                f"Bearer {await self.auth.token(opened.installation, Wide.SURVEY, refused=refused)}"
            )

        client = GitHubClient(self.http, github.url, authorize)
        self.pulls = OpenPulls(client, opened.installation)

    async def repository(self) -> Repository:
        (found,) = await self.pulls.repositories()
        return found

    async def pushed(self, earliest: float) -> bool:
        repository = await self.repository()
        (pull,) = await self.pulls.of(repository, 0)
        return await self.pulls.was_pushed(repository, pull, earliest)


async def test_an_installation_tells_when_it_was_made_and_whether_it_sleeps(
    github: FakeGitHub, looking: Looking, opened: Opened
) -> None:
    (awake,) = await installations(looking.auth)
    github.suspend(opened.installation)
    (asleep,) = await installations(looking.auth)
    assert (awake.id, awake.account, awake.suspended) == (opened.installation, "octo", False)
    assert asleep.suspended


async def test_an_archived_repository_is_left_out(
    github: FakeGitHub, looking: Looking, opened: Opened
) -> None:
    assert [r.path for r in await looking.pulls.repositories()] == ["/repos/octo/shop"]
    github.change_repo(opened.repo, archived=True)
    assert await looking.pulls.repositories() == ()


async def test_only_what_changed_lately_is_listed(
    github: FakeGitHub, looking: Looking, opened: Opened
) -> None:
    repository = await looking.repository()
    (pull,) = await looking.pulls.of(repository, 0)
    assert (pull.head, pull.job_id) == (opened.head, f"{opened.repo_id}:1")
    assert await looking.pulls.of(repository, pull.updated_at + 1) == ()


async def test_opening_counts_as_a_push(looking: Looking, github: FakeGitHub) -> None:
    (pull,) = await looking.pulls.of(await looking.repository(), 0)
    github.clear_requests()
    assert await looking.pushed(pull.created_at)
    assert github.requests("GET", "commits") == []


async def test_a_new_commit_proves_a_push(
    github: FakeGitHub, looking: Looking, opened: Opened
) -> None:
    github.advance_clock(3 * DAY)
    github.push(opened.repo, "change", {"a.py": "a = 3\n"})
    (pull,) = await looking.pulls.of(await looking.repository(), 0)
    assert await looking.pushed(pull.updated_at - 60)


async def test_a_word_on_an_old_pull_request_is_no_push(
    github: FakeGitHub, looking: Looking, opened: Opened
) -> None:
    github.advance_clock(3 * DAY)
    github.comment(opened.repo, opened.number, "still there?")
    repository = await looking.repository()
    (pull,) = await looking.pulls.of(repository, 0)
    earliest = pull.updated_at - DAY
    assert await looking.pulls.of(repository, earliest) == (pull,)
    assert not await looking.pushed(earliest)


async def test_the_check_suite_tells_of_an_old_commit_that_was_pushed_lately(
    github: FakeGitHub, looking: Looking, opened: Opened
) -> None:
    fork = github.fork(opened.repo, "mona")["full_name"]
    old = github.push(fork, "elsewhere", {"a.py": "a = 4\n"}, onto="main")
    github.open_pull(opened.repo, "mona:elsewhere")  # brings the old commit here
    github.act(opened.repo, 2, "close")
    github.advance_clock(3 * DAY)
    github.reset(opened.repo, "change", old)
    (pull,) = await looking.pulls.of(await looking.repository(), 0)
    assert pull.head == old
    assert await looking.pushed(pull.updated_at - DAY)


async def test_a_right_that_is_missing_is_said(
    github: FakeGitHub, looking: Looking, opened: Opened
) -> None:
    github.grant(opened.installation, {"contents": "read"})
    with pytest.raises(Forbidden, match="has to accept"):
        await looking.pulls.repositories()


async def test_an_answer_in_another_form_is_no_reason_to_give_up() -> None:
    wire = Wire(routes({"GET /repos/o/r/pulls": lambda _: json_answer({"rows": []})}))
    with pytest.raises(TransientError):
        await OpenPulls(wire.client(), 1).of(Repository(1, "o", "r", 0.0), 0)
