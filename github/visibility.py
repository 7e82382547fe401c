"""Answers who may see a pull request, before anything is queued for it.

Argus must not show people more than GitHub would. So a question from Slack is asked with the
asker's eyes, not with the App's; an installation token is made only once the checks have passed.
https://docs.github.com/apps/creating-github-apps/about-creating-github-apps/best-practices-for-creating-a-github-app
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection
from enum import StrEnum
from typing import Final, Protocol

from core.errors import AccessDenied, PermanentError, PullRequestGone, UserError
from core.models import PullRequest, PullRequestRef
from github.client import GitHubClient
from github.connect import Connections
from github.errors import RateLimited
from github.people import Known
from github.permissions import Collaborators
from github.pull_requests import GitHubPullRequest

DENIAL_SECONDS: Final = 1.5
"""After which a denial is said: how many calls it took must not tell what there is."""
NOT_FOUND: Final = "That pull request was not found, or you may not ask for it here."


class Access(StrEnum):
    """Whose eyes count."""

    LINKED = "linked"
    """What is not visibly public needs the person's own GitHub account."""
    WORKSPACE = "workspace"
    """Everybody in the workspace may see what the App can see; its guests count as LINKED."""


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
        began = self._clock()
        try:
            return await self._look(ref, person)
        except AccessDenied:
            await self._sleep(max(0.0, began + DENIAL_SECONDS - self._clock()))
            raise

    async def _look(self, ref: PullRequestRef, person: str) -> PullRequest:
        as_app = await self._counts_as_app(person)
        denied = self._denied(as_app=as_app)
        self._require_allowed(ref, denied)
        try:
            if as_app:
                pull = await self._as_app(ref)
            else:
                pull = await self._with_own_eyes(ref, person, denied)
        except PermanentError as failure:
            raise denied from failure
        # A renamed or transferred repository answers under its new owner.
        self._require_allowed(pull.ref, denied)
        if not as_app:
            await self._require_installed(pull.ref)
        return pull

    async def _counts_as_app(self, person: str) -> bool:
        """Tell whether this person may see all that the App sees."""
        if self._access is Access.LINKED:
            return False
        return self._members is None or await self._members.is_full_member(person)

    async def _with_own_eyes(
        self, ref: PullRequestRef, person: str, denied: AccessDenied
    ) -> PullRequest:
        """Look without credentials first; what is not visibly public needs a person's own."""
        known = await self._people.known(person) if self._people else None
        try:
            public = await self._as_public(ref)
        except RateLimited:
            # Everybody here shares what GitHub allows without credentials, a few a minute.
            if known is None:
                raise
            public = None
        if public is not None:
            return public
        if known is None:
            raise denied
        if known.entered:
            return await self._as_entered(ref, known.login, denied)
        return await self._as_person(ref, person)

    async def _as_app(self, ref: PullRequestRef) -> PullRequest:
        return await _read(await self._connections.client(ref, None, None), ref)

    async def _as_public(self, ref: PullRequestRef) -> PullRequest | None:
        """Look without credentials; None when it is not visibly public."""
        try:
            pull = await _read(self._connections.anonymous(), ref)
        except PermanentError:
            return None
        return None if pull.private else pull

    async def _as_person(self, ref: PullRequestRef, person: str) -> PullRequest:
        """Look with the person's own account, whatever the App could see."""
        people, given = self._people, ""
        assert people is not None

        async def authorize(fresh: bool) -> str:
            nonlocal given
            token = await people.token(person, refused=given if fresh else None)
            if token is None:
                raise _link_ended()
            given = token
            return f"Bearer {given}"

        return await _read(self._connections.as_person(authorize), ref)

    async def _as_entered(
        self, ref: PullRequestRef, login: str, denied: AccessDenied
    ) -> PullRequest:
        """Ask with the App what the login may see; whoever runs Argus answers for whose it is."""
        if await self._collaborators.right_of(login, ref) is None:
            raise denied
        return await self._as_app(ref)

    async def _require_installed(self, ref: PullRequestRef) -> None:
        """Say at once what would otherwise fail later: without the App nothing can be posted."""
        if self._connections.auth is None:
            return
        try:
            await self._connections.auth.installation_of(ref.owner, ref.repo)
        except PullRequestGone as failure:
            raise UserError(
                f"Argus cannot post on {ref.repository}.",
                why="Its GitHub App is not installed there.",
                next_step="Ask an owner of the repository to install it.",
            ) from failure

    def _require_allowed(self, ref: PullRequestRef, denied: AccessDenied) -> None:
        if self._allowed and ref.owner.lower() not in self._allowed:
            raise denied

    def _denied(self, *, as_app: bool) -> AccessDenied:
        if as_app:
            way = "Check the address, and that the App is installed on the repository."
        elif self._people is None or not self._people.can_link:
            way = (
                "Check the address. A private repository can be asked for here once whoever runs "
                "Argus lets people link their GitHub accounts, or sets SLACK_ACCESS=workspace."
            )
        else:
            way = "Check the address. For a private repository, `/argus connect` your account."
        return AccessDenied(NOT_FOUND, next_step=way)


def _link_ended() -> AccessDenied:
    return AccessDenied(
        NOT_FOUND,
        why="Your link to GitHub has ended: it was revoked there, or has run out.",
        next_step="`/argus connect` your account again, then ask again.",
    )


async def _read(client: GitHubClient, ref: PullRequestRef) -> PullRequest:
    return await GitHubPullRequest(client, ref, None, None).pull_request()
