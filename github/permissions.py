"""Asks GitHub what people may do in a repository; implements `core.ports.Permissions`.

The question is asked with the App, so only of repositories that the person who set it off was
proven to see, or spoke on. Who may see what is `github.visibility`'s.
"""

from typing import Any, Final, Protocol

from pydantic import BaseModel, ConfigDict, ValidationError

from core.errors import AccessDenied, PermanentError, TransientError, UserError
from core.models import PullRequestRef, Right
from core.ports import Visibility
from github.client import segment
from github.connect import Connections
from github.people import Known

MOST_BYTES: Final = 256 * 1024
"""Of an answer about one person."""
_BY_WORD: Final = {
    "admin": Right.WRITE,
    "maintain": Right.WRITE,
    "write": Right.WRITE,
    "triage": Right.TRIAGE,
    "read": Right.READ,
}
"""GitHub's own roles; a role that an organisation made itself is told by what it includes."""


class Collaborators:
    """The people of repositories, as the App sees them."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    async def right_of(
        self, login: str, ref: PullRequestRef, *, account_id: int | None = None
    ) -> Right | None:
        """Return what a person may do, None where nothing, or where GitHub knows no such login.

        `account_id` tells whose login it was: another account may carry it by now, and has no
        right here. Raises PullRequestGone where the App is not installed, TransientError.
        https://docs.github.com/rest/collaborators/collaborators#get-repository-permissions-for-a-user
        """
        client = await self._connections.client(ref, None, None)
        path = f"/repos/{segment(ref.owner)}/{segment(ref.repo)}"
        found = await client.raw(
            f"{path}/collaborators/{segment(login)}/permission",
            accept="application/vnd.github+json",
            max_bytes=MOST_BYTES,
        )
        if found is None:
            return None
        answer = _read(found.parse())
        if account_id is not None and answer.user is not None and answer.user.id != account_id:
            return None
        return _right(answer)


class GitHubPermissions:
    """Judges people by their logins, as those who comment on a pull request."""

    def __init__(self, collaborators: Collaborators) -> None:
        self._collaborators = collaborators

    async def may(self, person: str, ref: PullRequestRef, right: Right) -> bool:
        """Tell whether they may. Raises TransientError when GitHub cannot tell."""
        try:
            held = await self._collaborators.right_of(person, ref)
        except PermanentError:
            return False
        return held is not None and held.includes(right)

    async def require(self, person: str, ref: PullRequestRef, right: Right) -> None:
        """Do nothing for whoever may. Raises AccessDenied for others, TransientError."""
        if not await self.may(person, ref, right):
            raise lacking(ref, right)


class People(Protocol):
    """Knows whom people of another front end are on GitHub."""

    @property
    def can_link(self) -> bool:
        """Tell whether people can sign in with GitHub."""
        ...

    async def known(self, person: str) -> Known | None:
        """Return whom a person is, None where nobody knows. Raises TransientError."""
        ...


class PeoplePermissions:
    """Judges people of another front end by the GitHub accounts that are theirs.

    Whoever may not even see the repository is told what `look` tells.
    """

    def __init__(
        self, visibility: Visibility, people: People, collaborators: Collaborators
    ) -> None:
        self._visibility = visibility
        self._people = people
        self._collaborators = collaborators

    async def may(self, person: str, ref: PullRequestRef, right: Right) -> bool:
        """Tell whether they may. Raises TransientError when GitHub cannot tell."""
        try:
            await self.require(person, ref, right)
        except UserError:
            return False
        return True

    async def require(self, person: str, ref: PullRequestRef, right: Right) -> None:
        """Do nothing for whoever may. Raises AccessDenied for others, TransientError.

        Raises UserError where the App is not installed.
        """
        pull = await self._visibility.look(ref, person)
        if right is Right.READ:
            return
        known = await self._people.known(person)
        if known is None:
            raise unknown(can_link=self._people.can_link)
        try:
            held = await self._collaborators.right_of(
                known.login, pull.ref, account_id=known.account_id
            )
        except PermanentError as failure:
            raise lacking(pull.ref, right) from failure
        if held is None or not held.includes(right):
            raise lacking(pull.ref, right)


def unknown(*, can_link: bool) -> AccessDenied:
    """Return what somebody is told whose GitHub account nobody knows."""
    return AccessDenied(
        "Argus does not know who you are on GitHub.",
        why="What may be done is judged by your own rights there.",
        next_step="`/argus connect` your account, then try again."
        if can_link
        else "Ask whoever runs Argus to let people link their GitHub accounts.",
    )


def lacking(ref: PullRequestRef, right: Right) -> AccessDenied:
    """Return what somebody is told who sees a repository and may do no more there."""
    return AccessDenied(
        f"You may not do that on {ref.repository}.",
        why=f"It takes {right} access to the repository on GitHub, or more.",
        next_step="Ask somebody who has it, or ask an owner for it.",
    )


class _Part(BaseModel):
    """A part of GitHub's answer; what is not named here may change."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class _Levels(_Part):
    push: bool = False
    triage: bool = False
    pull: bool = False


class _Person(_Part):
    id: int
    permissions: _Levels | None = None


class _Answer(_Part):
    permission: str
    role_name: str = ""
    user: _Person | None = None


def _read(answer: Any) -> _Answer:
    try:
        return _Answer.model_validate(answer)
    except ValidationError as failure:
        raise TransientError(
            "GitHub's answer about a person is not what it should be."
        ) from failure


def _right(answer: _Answer) -> Right | None:
    """Return the right; GitHub tells `triage` in the role's name alone."""
    named = _BY_WORD.get(answer.role_name) or _BY_WORD.get(answer.permission)
    levels = answer.user.permissions if answer.user else None
    if levels is None or answer.role_name in _BY_WORD:
        return named
    if levels.push:
        return Right.WRITE
    return Right.TRIAGE if levels.triage else Right.READ if levels.pull else None
