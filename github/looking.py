"""What may be looked at, and looks without credentials, which all people of a workspace share.

GitHub allows 60 of these an hour, so where no more than a name is shown for them they are
remembered, and bounded for each answer. Whose eyes count is `github.visibility`'s.
https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api
"""

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

from core.errors import PermanentError
from core.lately import Lately
from core.models import PullRequestRef
from github.client import GitHubClient
from github.connect import Connections
from github.errors import RateLimited
from github.repositories import SeenRepository, read_repository

REMEMBERED: Final = 300.0
"""Seconds for which a repository counts as public, or as not public, where its name is listed."""
MOST: Final = 2_000
"""Repositories that are remembered."""
FRESH: Final = 10
"""Looks that one answer may cost: six such answers use up what GitHub allows in an hour."""

T = TypeVar("T")


class Enough(RateLimited):
    """One answer has asked its share; the next goes on from what is remembered by then."""

    def __init__(self) -> None:
        super().__init__("One answer asks GitHub for no more.", retry_after=0.0)


@dataclass(frozen=True, slots=True)
class Seen(Generic[T]):
    """What GitHub showed, under the name that it has now."""

    value: T
    owner: str
    repo: str
    private: bool


@dataclass(frozen=True, slots=True)
class Question(Generic[T]):
    """Something that may be seen or not, and how it is read."""

    noun: str
    owner: str
    repo: str
    read: Callable[[GitHubClient], Awaitable[Seen[T]]]

    @property
    def ref(self) -> PullRequestRef:
        """Return the repository in the form in which clients are asked for, without a number."""
        return PullRequestRef(owner=self.owner, repo=self.repo, number=0)


Public = Callable[[Question[T]], Awaitable[Seen[T] | None]]
"""A look without credentials; None for what is not visibly public. Raises RateLimited."""


@dataclass(frozen=True, slots=True)
class Overview:
    """Which of several repositories somebody may see."""

    seen: Mapping[str, SeenRepository] = field(default_factory=dict)
    """By the names that were asked about."""
    untold: str = ""
    """Why GitHub did not tell of all, and what to do next, in words; empty where it did."""


class PublicLooks:
    """Looks without credentials."""

    def __init__(
        self, connections: Connections, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._connections = connections
        self._lately: Lately[Seen[SeenRepository] | None] = Lately(
            seconds=REMEMBERED, most=MOST, clock=clock
        )

    async def look(self, asked: Question[T]) -> Seen[T] | None:
        """Look now; None for what is not visibly public. Raises TransientError."""
        try:
            seen = await asked.read(self._connections.anonymous())
        except PermanentError:
            return None
        return None if seen.private else seen

    def bounded(self, fresh: int = FRESH) -> Public[SeenRepository]:
        """Return the same with memory, which asks no more than `fresh` times and then refuses.

        It raises Enough then.
        """
        left = fresh

        async def look(asked: Question[SeenRepository]) -> Seen[SeenRepository] | None:
            nonlocal left
            name = f"{asked.owner}/{asked.repo}".lower()
            if not self._lately.knows(name):
                if left <= 0:
                    raise Enough
                left -= 1
            return await self._lately.recall(name, lambda: self.look(asked))

        return look


def about_repository(owner: str, repo: str) -> Question[SeenRepository]:
    """Return the question for a repository."""

    async def read(client: GitHubClient) -> Seen[SeenRepository]:
        found = await read_repository(client, owner, repo)
        return Seen(found, found.owner, found.repo, found.private)

    return Question("repository", owner, repo, read)
