"""Answers who may see a pull request, before anything is queued for it.

Argus must not show people more than GitHub would. So a question from Slack is asked with the
asker's eyes, not with the App's; an installation token is made only once the checks have passed.
https://docs.github.com/apps/creating-github-apps/about-creating-github-apps/best-practices-for-creating-a-github-app
"""

from collections.abc import Collection
from enum import StrEnum
from typing import Protocol

from core.errors import AccessDenied, PermanentError, PullRequestGone, UserError
from core.models import PullRequest, PullRequestRef
from github.client import GitHubClient
from github.connect import Connections
from github.pull_requests import GitHubPullRequest


class Access(StrEnum):
    """Whose eyes count."""

    LINKED = "linked"
    """What is not visibly public needs the person's own GitHub account."""
    WORKSPACE = "workspace"
    """Everybody in the workspace may see what the App can see."""


class Links(Protocol):
    """The GitHub accounts that people linked."""

    async def token_of(self, person: str) -> str | None:
        """Return the person's own GitHub token, None when no account is linked."""
        ...


class GitHubVisibility:
    """Implements `core.ports.Visibility`."""

    def __init__(
        self,
        connections: Connections,
        *,
        access: Access = Access.LINKED,
        allowed_owners: Collection[str] = (),
        links: Links | None = None,
    ) -> None:
        self._connections = connections
        self._access = access
        self._allowed = frozenset(owner.lower() for owner in allowed_owners)
        self._links = links

    async def look(self, ref: PullRequestRef, person: str) -> PullRequest:
        """Return the pull request if this person may see it.

        Raises AccessDenied with one sentence for "not found" and "not allowed", UserError when it
        is public but the App is not installed there, TransientError when GitHub cannot tell.
        """
        self._require_allowed(ref)
        try:
            if self._access is Access.WORKSPACE:
                pull = await self._as_app(ref)
            else:
                pull = await self._as_public(ref) or await self._as_person(ref, person)
        except PermanentError as failure:
            raise self._denied() from failure
        # A renamed or transferred repository answers under its new owner.
        self._require_allowed(pull.ref)
        if self._access is Access.LINKED:
            await self._require_installed(pull.ref)
        return pull

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
        """Look with the person's own account."""
        token = await self._links.token_of(person) if self._links else None
        if token is None:
            raise self._denied()
        return await _read(self._connections.with_token(token), ref)

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

    def _require_allowed(self, ref: PullRequestRef) -> None:
        if self._allowed and ref.owner.lower() not in self._allowed:
            raise self._denied()

    def _denied(self) -> AccessDenied:
        if self._access is Access.WORKSPACE:
            way = "Check the address, and that the App is installed on the repository."
        elif self._links is None:
            way = (
                "Check the address. A private repository can be asked for here once whoever runs "
                "Argus sets SLACK_ACCESS=workspace."
            )
        else:
            way = "Check the address. For a private repository, `/argus connect` your account."
        return AccessDenied(
            "That pull request was not found, or you may not ask for it here.", next_step=way
        )


async def _read(client: GitHubClient, ref: PullRequestRef) -> PullRequest:
    return await GitHubPullRequest(client, ref, None, None).pull_request()
