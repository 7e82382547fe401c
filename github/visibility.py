"""Answers who may see a pull request, before anything is queued for it.

Argus must not show people more than GitHub would. So a question from Slack is asked with the
asker's eyes, not with the App's; an installation token is made only once the checks have passed.
https://docs.github.com/apps/creating-github-apps/about-creating-github-apps/best-practices-for-creating-a-github-app
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection
from enum import StrEnum
from functools import partial
from typing import Final, Protocol, TypeVar

from core.errors import (
    AccessDenied,
    PermanentError,
    PullRequestGone,
    TransientError,
    UserError,
)
from core.models import PullRequest, PullRequestRef
from core.together import together
from github import refusals
from github.app_auth import AppAuth
from github.client import Authorize, GitHubClient
from github.connect import Connections
from github.errors import RateLimited
from github.looking import Overview, Public, PublicLooks, Question, Seen, about_repository
from github.people import Known
from github.permissions import Collaborators
from github.pull_requests import GitHubPullRequest
from github.repositories import SeenRepository

DENIAL_SECONDS: Final = 1.5
"""After which a denial is said: how many calls it took must not tell what there is."""
AT_ONCE: Final = 8
"""Repositories of one answer that are looked at together."""


class Access(StrEnum):
    """Whose eyes count."""

    LINKED = "linked"
    """What is not visibly public needs the person's own GitHub account."""
    WORKSPACE = "workspace"
    """Everybody in the workspace may see what the App can see; its guests count as LINKED."""


T = TypeVar("T")


class People(Protocol):
    """Knows whom people are on GitHub."""

    @property
    def can_link(self) -> bool:
        """Tell whether people can sign in with GitHub."""
        ...

    async def known(self, person: str) -> Known | None:
        """Return whom a person is, None where nobody knows. Raises TransientError."""
        ...

    async def token(self, person: str, *, refused: str | None = None) -> str | None:
        """Return a token of their own, None where their link ended. Raises TransientError."""
        ...


class Members(Protocol):
    """Tells who belongs to the workspace, and who is a guest there."""

    async def is_full_member(self, person: str) -> bool:
        """Tell whether a person is no guest. Raises TransientError."""
        ...


class GitHubVisibility:
    """Implements `core.ports.Visibility`."""

    def __init__(
        self,
        connections: Connections,
        *,
        access: Access = Access.LINKED,
        allowed_owners: Collection[str] = (),
        people: People | None = None,
        members: Members | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._connections = connections
        self._collaborators = Collaborators(connections)
        self._public = PublicLooks(connections, clock=clock)
        self._access = access
        self._allowed = frozenset(owner.lower() for owner in allowed_owners)
        self._people = people
        self._members = members
        self._clock = clock
        self._sleep = sleep

    async def look(self, ref: PullRequestRef, person: str) -> PullRequest:
        """Return the pull request if this person may see it.

        Raises AccessDenied with one sentence for "not found" and "not allowed", UserError when it
        is public but the App is not installed there, TransientError when GitHub cannot tell.
        """

        async def read(client: GitHubClient) -> Seen[PullRequest]:
            pull = await GitHubPullRequest(client, ref, None, None).pull_request()
            return Seen(pull, pull.ref.owner, pull.ref.repo, pull.private)

        return await self._unhurried(Question("pull request", ref.owner, ref.repo, read), person)

    async def look_at_repository(self, owner: str, repo: str, person: str) -> SeenRepository:
        """Return a repository by the same rules, and with the same errors."""
        return await self._unhurried(about_repository(owner, repo), person)

    async def look_over(self, names: Collection[str], person: str) -> Overview:
        """Return which of `owner/repo` this person may see, where no more than names is shown.

        What is public may have been so minutes ago; what GitHub does not tell is not shown.
        """
        public, wanted = self._public.bounded(), sorted(set(names))
        told = await together(
            [partial(self._glance, name, person, public) for name in wanted], AT_ONCE
        )
        seen = {
            name: found
            for name, found in zip(wanted, told, strict=True)
            if isinstance(found, SeenRepository)
        }
        failures = [each for each in told if isinstance(each, TransientError)]
        return Overview(seen, refusals.why_untold(failures))

    async def _glance(
        self, name: str, person: str, public: Public[SeenRepository]
    ) -> SeenRepository | TransientError | None:
        owner, _, repo = name.partition("/")
        try:
            return (await self._seen(about_repository(owner, repo), person, public)).value
        except TransientError as failure:
            return failure
        except UserError:
            return None

    async def _unhurried(self, asked: Question[T], person: str) -> T:
        began = self._clock()
        try:
            seen = await self._seen(asked, person, self._public.look)
        except AccessDenied:
            await self._sleep(max(0.0, began + DENIAL_SECONDS - self._clock()))
            raise
        if not await self._counts_as_app(person):
            await self._require_installed(seen.owner, seen.repo)
        return seen.value

    async def _seen(self, asked: Question[T], person: str, public: Public[T]) -> Seen[T]:
        as_app = await self._counts_as_app(person)
        denied = self._denied(asked.noun, as_app=as_app)
        self._require_allowed(asked.owner, denied)
        try:
            if as_app:
                seen = await self._as_app(asked)
            else:
                seen = await self._with_own_eyes(asked, person, denied, public)
        except PermanentError as failure:
            raise denied from failure
        # A renamed or transferred repository answers under its new owner.
        self._require_allowed(seen.owner, denied)
        return seen

    async def _counts_as_app(self, person: str) -> bool:
        """Tell whether this person may see all that the App sees."""
        if self._access is Access.LINKED:
            return False
        return self._members is None or await self._members.is_full_member(person)

    async def _with_own_eyes(
        self, asked: Question[T], person: str, denied: AccessDenied, public: Public[T]
    ) -> Seen[T]:
        """Look without credentials first; what is not visibly public needs a person's own."""
        known = await self._people.known(person) if self._people else None
        try:
            seen = await public(asked)
        except RateLimited as limited:
            if known is None:
                raise refusals.spent(limited, can_link=self._can_link) from limited
            seen = None
        if seen is not None:
            return seen
        if self._people is None or known is None:
            raise denied
        if known.entered:
            return await self._as_entered(asked, known.login, denied)
        ended = refusals.link_ended(denied.what)
        return await asked.read(self._connections.as_person(_own(self._people, person, ended)))

    async def _as_app(self, asked: Question[T]) -> Seen[T]:
        return await asked.read(await self._connections.client(asked.ref, None, None))

    async def _as_entered(self, asked: Question[T], login: str, denied: AccessDenied) -> Seen[T]:
        """Ask with the App what the login may see; whoever runs Argus answers for whose it is."""
        if await self._collaborators.right_of(login, asked.ref) is None:
            raise denied
        return await self._as_app(asked)

    async def _require_installed(self, owner: str, repo: str) -> None:
        """Say at once what would otherwise fail later: without the App nothing can be posted."""
        auth = self._connections.auth
        if auth is None:
            return
        try:
            await auth.installation_of(owner, repo)
        except PullRequestGone as failure:
            page = await _install_page(auth)
            raise refusals.not_installed(f"{owner}/{repo}", page) from failure

    def _require_allowed(self, owner: str, denied: AccessDenied) -> None:
        if self._allowed and owner.lower() not in self._allowed:
            raise denied

    def _denied(self, noun: str, *, as_app: bool) -> AccessDenied:
        return refusals.denied(noun, as_app=as_app, can_link=self._can_link)

    @property
    def _can_link(self) -> bool:
        return self._people is not None and self._people.can_link


async def _install_page(auth: AppAuth) -> str:
    """Return where to install the App; what it is for can be said without it."""
    try:
        return await auth.install_page()
    except (PermanentError, TransientError):
        return ""


def _own(people: People, person: str, ended: AccessDenied) -> Authorize:
    """Return a person's own credentials, renewed where GitHub does not take them."""
    given: str | None = None

    async def authorize(fresh: bool) -> str | None:
        nonlocal given
        given = await people.token(person, refused=given if fresh else None)
        if given is None:
            raise ended
        return f"Bearer {given}"

    return authorize
