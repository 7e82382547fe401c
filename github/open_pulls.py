"""Where the App is installed, and the pull requests that are open there and were pushed lately.

GitHub does not tell when a pull request was last pushed to. The time of its last change of any
kind is an upper bound, and a push is proven by what it makes: the pull request itself, the commit
(the committer's date) or the oldest check suite of the head. The commit is asked for before the
check suites because forks have none. A commit that was made more than a day before it was pushed
to a fork is the one that is not recognised. What a sweep takes of this is `core.sweeps`'.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from core.errors import TransientError
from core.models import PullRequestRef
from core.sweeps import proves_push
from github.app_auth import AppAuth
from github.client import GitHubClient, Params, segment
from github.events import PullRequestEvent

MOST_INSTALLATIONS: Final = 1_000
MOST_REPOSITORIES: Final = 3_000
"""Of one installation that are listed; a sweep looks into fewer."""
MOST_PULLS: Final = 50
"""Of one repository, those that changed last: one page."""
LATEST: Final = {"state": "open", "sort": "updated", "direction": "desc"}
_Shape = TypeVar("_Shape", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Installation:
    """The App on an account."""

    id: int
    account: str
    created_at: float
    suspended: bool


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository that an installation covers and that takes reviews."""

    id: int
    owner: str
    name: str
    pushed_at: float

    @property
    def path(self) -> str:
        """Return its path in the API."""
        return f"/repos/{segment(self.owner)}/{segment(self.name)}"


@dataclass(frozen=True, slots=True)
class OpenPull:
    """An open pull request as a list shows it; times in seconds since 1970."""

    ref: PullRequestRef
    repo_id: int
    installation_id: int
    head: str
    author: str
    by_bot: bool
    created_at: float
    updated_at: float

    @property
    def job_id(self) -> str:
        """Return the id of its job in the ledger."""
        return f"{self.repo_id}:{self.ref.number}"


def event_of(pull: OpenPull, *, earliest: float) -> PullRequestEvent:
    """Return the event that told, or should have told, of a head."""
    return PullRequestEvent(
        action="opened" if pull.created_at >= earliest else "synchronize",
        ref=pull.ref,
        repo_id=pull.repo_id,
        head=pull.head,
        sender=pull.author,
        installation_id=pull.installation_id,
        by_bot=pull.by_bot,
    )


async def installations(auth: AppAuth) -> tuple[Installation, ...]:
    """Return where the App is installed; raises the errors of `github.errors`."""
    rows = await auth.as_app(
        lambda client: client.pages("/app/installations", limit=MOST_INSTALLATIONS)
    )
    return tuple(_installation(row) for row in rows)


class OpenPulls:
    """Looks through one installation; raises the errors of `github.errors`."""

    def __init__(self, client: GitHubClient, installation_id: int) -> None:
        self._client = client
        self._installation_id = installation_id

    async def repositories(self) -> tuple[Repository, ...]:
        """Return the repositories that can be reviewed: neither archived nor disabled."""
        rows = await self._client.pages(
            "/installation/repositories", limit=MOST_REPOSITORIES, key="repositories"
        )
        found = (_read(_RepositoryRow, row) for row in rows)
        return tuple(
            Repository(row.id, row.owner.login, row.name, _seconds(row.pushed_at))
            for row in found
            if not (row.archived or row.disabled)
        )

    async def of(self, repository: Repository, earliest: float) -> tuple[OpenPull, ...]:
        """Return those that changed since `earliest`, in any way, newest change first."""
        query: Params = {**LATEST, "per_page": MOST_PULLS}
        rows = await self._client.get(f"{repository.path}/pulls", params=query)
        if not isinstance(rows, list):
            raise TransientError("GitHub's answer is not the list it should be.")
        found = (self._pull(repository, _read(_PullRow, row)) for row in rows)
        return tuple(pull for pull in found if pull.updated_at >= earliest)

    async def was_pushed(self, repository: Repository, pull: OpenPull, earliest: float) -> bool:
        """Tell whether its last push is proven to have come since `earliest`."""
        bounds = {"earliest": earliest, "updated_at": pull.updated_at}
        if proves_push(pull.created_at, **bounds):
            return True
        path = f"{repository.path}/git/commits/{pull.head}"
        commit = _read(_CommitRow, await self._client.get(path))
        if proves_push(commit.committer.date.timestamp(), **bounds):
            return True
        path = f"{repository.path}/commits/{pull.head}/check-suites"
        rows = await self._client.pages(path, key="check_suites", limit=100)
        made = [_seconds(_read(_SuiteRow, row).created_at) for row in rows]
        return bool(made) and proves_push(min(made), **bounds)

    def _pull(self, repository: Repository, row: "_PullRow") -> OpenPull:
        author = row.user or _Account()
        return OpenPull(
            ref=PullRequestRef(owner=repository.owner, repo=repository.name, number=row.number),
            repo_id=repository.id,
            installation_id=self._installation_id,
            head=row.head.sha,
            author=author.login,
            by_bot=author.type == "Bot" or author.login.endswith("[bot]"),
            created_at=row.created_at.timestamp(),
            updated_at=row.updated_at.timestamp(),
        )


class _Row(BaseModel):
    """The fields of an answer that are used."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class _Account(_Row):
    login: str = ""
    type: str = ""


class _InstallationRow(_Row):
    id: int
    account: _Account | None = None
    created_at: AwareDatetime
    suspended_at: AwareDatetime | None = None


class _RepositoryRow(_Row):
    id: int
    name: str
    owner: _Account
    archived: bool = False
    disabled: bool = False
    pushed_at: AwareDatetime | None = None


class _Commit(_Row):
    sha: str = Field(pattern=r"^[0-9a-f]{40,64}$")


class _PullRow(_Row):
    number: int
    user: _Account | None = None
    head: _Commit
    created_at: AwareDatetime
    updated_at: AwareDatetime


class _Committer(_Row):
    date: AwareDatetime


class _CommitRow(_Row):
    committer: _Committer


class _SuiteRow(_Row):
    created_at: AwareDatetime | None = None


def _installation(row: Mapping[str, Any]) -> Installation:
    read = _read(_InstallationRow, row)
    return Installation(
        id=read.id,
        account=read.account.login if read.account else "",
        created_at=read.created_at.timestamp(),
        suspended=read.suspended_at is not None,
    )


def _read(shape: type[_Shape], row: Any) -> _Shape:
    try:
        return shape.model_validate(row)
    except ValidationError as failure:
        raise TransientError("GitHub described something in an unknown form.") from failure


def _seconds(time: AwareDatetime | None) -> float:
    return time.timestamp() if time else 0.0
