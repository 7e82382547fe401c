"""Gives each job a client with just the credentials it may use."""

from collections.abc import Callable

from core.models import PullRequestRef
from github.app_auth import AppAuth
from github.client import Authorize, GitHubClient
from github.exchange import HttpClient
from github.pace import Pace, WritePace
from github.reach import Reach, Wide


class Connections:
    """Clients for one GitHub: as the App, with a personal token, or with nothing.

    All clients of an installation in this process share one pace; `pace_of` makes it, for an
    installation's id, where other processes are to share it too.
    """

    def __init__(
        self,
        auth: AppAuth | None,
        http: HttpClient,
        api_url: str,
        static_token: str | None = None,
        *,
        pace_of: Callable[[int], Pace] | None = None,
    ) -> None:
        self.auth = auth
        self._http = http
        self._api_url = api_url
        self._static_token = static_token
        self._pace_of = pace_of or (lambda _installation: WritePace())
        self._paces: dict[int, Pace] = {}
        self._personal_pace, self._anonymous_pace = WritePace(), WritePace()

    @property
    def has_token(self) -> bool:
        """Tell whether there is a personal token."""
        return bool(self._static_token)

    async def client(
        self, ref: PullRequestRef, repo_id: int | None, installation_id: int | None
    ) -> GitHubClient:
        """Return a client for one repository.

        The App's installation is looked up where it is not known. Without an App the personal
        token is used, and without that nothing. Raises PullRequestGone where the App is not
        installed.
        """
        if self.auth is None:
            return self.personal() if self._static_token else self.anonymous()
        if installation_id is None:
            installation_id = await self.auth.installation_of(ref.owner, ref.repo)
        authorize = _installation(self.auth, installation_id, repo_id or ref.repo)
        return self._client(authorize, self._pace(installation_id))

    def survey(self, installation_id: int) -> GitHubClient:
        """Return a client that reads all repositories of an installation. Needs the App."""
        if self.auth is None:
            raise ValueError("only an App has installations")
        authorize = _installation(self.auth, installation_id, Wide.SURVEY)
        return self._client(authorize, self._pace(installation_id))

    async def members(self, ref: PullRequestRef, installation_id: int | None) -> GitHubClient:
        """Return a client that reads who is in which team, and nothing else.

        Raises PullRequestGone where the App is not installed.
        """
        if self.auth is None:
            return self.personal() if self._static_token else self.anonymous()
        if installation_id is None:
            installation_id = await self.auth.installation_of(ref.owner, ref.repo)
        authorize = _installation(self.auth, installation_id, Wide.MEMBERS)
        return self._client(authorize, self._pace(installation_id))

    def personal(self) -> GitHubClient:
        """Return a client with the personal token."""
        return self.with_token(self._static_token or "", self._personal_pace)

    def with_token(self, token: str, pace: Pace | None = None) -> GitHubClient:
        """Return a client with somebody's own token."""

        async def authorize(_fresh: bool) -> str | None:
            return f"Bearer {token}"

        return self._client(authorize, pace or WritePace())

    def as_person(self, authorize: Authorize) -> GitHubClient:
        """Return a client that sees what somebody sees, by a token that may have to be renewed."""
        return self._client(authorize, WritePace())

    def anonymous(self) -> GitHubClient:
        """Return a client that sends no credentials at all."""

        async def authorize(_fresh: bool) -> str | None:
            return None

        return self._client(authorize, self._anonymous_pace)

    def _client(self, authorize: Authorize, pace: Pace) -> GitHubClient:
        return GitHubClient(self._http, self._api_url, authorize, pace=pace)

    def _pace(self, installation_id: int) -> Pace:
        if installation_id not in self._paces:
            self._paces[installation_id] = self._pace_of(installation_id)
        return self._paces[installation_id]


def _installation(auth: AppAuth, installation_id: int, reach: Reach) -> Authorize:
    given: str | None = None

    async def authorize(fresh: bool) -> str | None:
        nonlocal given
        refused = given if fresh else None
        given = await auth.token(installation_id, reach, refused=refused)
        return f"Bearer {given}"

    return authorize
