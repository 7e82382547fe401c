"""The owner of repositories as configuration sees it: its `.github` repository, and its teams.

Implements `core.repo_config.gathering.Organisation`. What the App may not see is no trouble: then
there is no such file, and nobody knows who is in a team.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from core.errors import PermanentError
from core.models import PullRequestRef
from core.repo_config.gathering import ORGANISATION_REPOSITORY
from github.answers import file_content
from github.client import GitHubClient, segment
from github.connect import Connections
from github.errors import NotFound, TooLarge

RAW: Final = "application/vnd.github.raw+json"
MAX_BYTES: Final = 64 * 1024
"""Of a configuration file; a quarter of it is refused with a word by whoever parses it."""
KEEP_SECONDS: Final = 60.0
"""For which a file is believed to stay as it is: reviews of many repositories ask for it."""
MAX_KEPT: Final = 1_000


class Organisations:
    """Owners, and what was read of them lately; one for a process."""

    def __init__(
        self, connections: Connections, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._connections = connections
        self._clock = clock
        self._files: OrderedDict[tuple[str, str], tuple[float, bytes | None]] = OrderedDict()

    def of(self, ref: PullRequestRef, installation_id: int | None) -> "GitHubOrganisation":
        """Return the owner of a pull request's repository."""
        return GitHubOrganisation(self, ref, installation_id)

    async def file(
        self, ref: PullRequestRef, installation_id: int | None, name: str
    ) -> bytes | None:
        """Return a file of the owner's `.github` repository. Raises TransientError."""
        key = (ref.owner.lower(), name)
        known = self._files.get(key)
        if known is None or self._clock() - known[0] > KEEP_SECONDS:
            known = (self._clock(), await self._read(ref, installation_id, name))
            self._files[key] = known
            self._files.move_to_end(key)
            while len(self._files) > MAX_KEPT:
                self._files.popitem(last=False)
        return known[1]

    async def teams_of(
        self, ref: PullRequestRef, installation_id: int | None, login: str, among: Iterable[str]
    ) -> frozenset[str] | None:
        """Return to which teams a person belongs, None where we may not know.

        https://docs.github.com/rest/teams/members#get-team-membership-for-a-user
        """
        try:
            client = await self._connections.members(ref, installation_id)
            found = [team for team in sorted(among) if await _is_in(client, ref.owner, team, login)]
        except PermanentError:
            return None
        return frozenset(found)

    async def _read(
        self, ref: PullRequestRef, installation_id: int | None, name: str
    ) -> bytes | None:
        """Read it with a token for that repository; a public one is there for any token."""
        theirs = PullRequestRef(owner=ref.owner, repo=ORGANISATION_REPOSITORY, number=ref.number)
        for seen_from in (theirs, ref):
            try:
                client = await self._connections.client(seen_from, None, installation_id)
                return await read_file(client, ref.owner, ORGANISATION_REPOSITORY, name)
            except PermanentError:
                continue
        return None


@dataclass(frozen=True, slots=True)
class GitHubOrganisation:
    """One owner, as a review of one of its repositories may see it."""

    organisations: Organisations
    ref: PullRequestRef
    installation_id: int | None

    async def file(self, name: str) -> bytes | None:
        """Return a file of its `.github` repository, None where there is none for us to read."""
        return await self.organisations.file(self.ref, self.installation_id, name)

    async def teams_of(self, login: str, among: Iterable[str]) -> frozenset[str] | None:
        """Return to which of these teams a person belongs, None where we may not know."""
        return await self.organisations.teams_of(self.ref, self.installation_id, login, among)


async def read_file(
    client: GitHubClient, owner: str, repo: str, path: str, branch: str = ""
) -> bytes | None:
    """Return a file of a branch, the default one where none is named; None where it is not.

    Raises PermanentError where the repository is out of reach, TransientError.
    """
    quoted = "/".join(segment(part) for part in path.split("/"))
    try:
        answer = await client.raw(
            f"/repos/{segment(owner)}/{segment(repo)}/contents/{quoted}",
            accept=RAW,
            params={"ref": branch} if branch else None,
            max_bytes=MAX_BYTES,
        )
    except TooLarge:
        return b"#" * MAX_BYTES  # whoever parses it says that it is too large
    return None if answer is None else file_content(answer)


async def _is_in(client: GitHubClient, owner: str, team: str, login: str) -> bool:
    path = f"/orgs/{segment(owner)}/teams/{segment(team)}/memberships/{segment(login)}"
    try:
        answer = await client.get(path)
    except NotFound:
        return False
    return isinstance(answer, dict) and answer.get("state") == "active"
