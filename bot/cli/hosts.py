"""Hosts around a host: one that tells what is being read, one with a configuration of our own."""

from collections.abc import Callable
from dataclasses import replace

from core.models import (
    Background,
    ChangeSet,
    FileChange,
    PullRequest,
    Remark,
    RepositoryText,
    StandingComment,
)
from core.ports import Host
from core.repo_config import FILENAMES
from github.render.words import count


class WatchedHost:
    """Tells what is being read, and keeps the list of files for the report.

    With `ended_too` a closed or merged pull request passes for an open one: reading it does no
    harm, and a person asked.
    """

    def __init__(self, host: Host, say: Callable[[str], None], *, ended_too: bool) -> None:
        self._host = host
        self._say = say
        self._ended_too = ended_too
        self.files: tuple[FileChange, ...] = ()

    async def pull_request(self) -> PullRequest:
        """Return it as it is now."""
        pull = await self._host.pull_request()
        return replace(pull, open=True) if self._ended_too else pull

    async def changes(self, pull: PullRequest) -> ChangeSet:
        """Return the files of base...head with their parsed hunks."""
        self._say("Listing what changed")
        changes = await self._host.changes(pull)
        self.files = changes.files
        self._say(f"Reviewing {count(len(self.files), 'file')}")
        return changes

    async def text(self, path: str, commit: str) -> bytes | None:
        """Return a file's bytes at a commit."""
        return await self._host.text(path, commit)

    async def standing_comments(self) -> tuple[StandingComment, ...]:
        """Return our own inline comments on the pull request."""
        return await self._host.standing_comments()

    async def remarks(self) -> tuple[Remark, ...]:
        """Return what other reviewers say on lines of the change."""
        return await self._host.remarks()

    async def repository(self, pull: PullRequest) -> RepositoryText | None:
        """Return the code at the head."""
        return await self._host.repository(pull)

    async def background(self, pull: PullRequest) -> Background:
        """Return commit messages and linked issues."""
        return await self._host.background(pull)


class ConfiguredHost:
    """Shows a configuration of our own where the base branch's would be read."""

    def __init__(self, host: Host, base: str, configuration: bytes) -> None:
        self._host = host
        self._base = base
        self._configuration = configuration

    async def pull_request(self) -> PullRequest:
        """Return it as it is now."""
        return await self._host.pull_request()

    async def changes(self, pull: PullRequest) -> ChangeSet:
        """Return the files of base...head with their parsed hunks."""
        return await self._host.changes(pull)

    async def text(self, path: str, commit: str) -> bytes | None:
        """Return a file's bytes at a commit, ours for the configuration at the base."""
        if commit == self._base and path in FILENAMES:
            return self._configuration if path == FILENAMES[0] else None
        return await self._host.text(path, commit)

    async def standing_comments(self) -> tuple[StandingComment, ...]:
        """Return our own inline comments on the pull request."""
        return await self._host.standing_comments()

    async def remarks(self) -> tuple[Remark, ...]:
        """Return what other reviewers say on lines of the change."""
        return await self._host.remarks()

    async def repository(self, pull: PullRequest) -> RepositoryText | None:
        """Return the code at the head."""
        return await self._host.repository(pull)

    async def background(self, pull: PullRequest) -> Background:
        """Return commit messages and linked issues."""
        return await self._host.background(pull)
