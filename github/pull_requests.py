"""One pull request on GitHub as the core's Host: what it is, what it changes, what stands on it.

The traps of the list of files are handled in `file_listing`; nothing is written here.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final

from core.errors import PermanentError, PullRequestGone, TransientError
from core.models import (
    Background,
    ChangeSet,
    FileChange,
    FileStatus,
    Hunk,
    LineKind,
    PullRequest,
    PullRequestRef,
    Remark,
    RepositoryText,
    Side,
    StandingComment,
)
from core.together import together
from github.answers import file_content
from github.background import read_background
from github.client import GitHubClient, segment
from github.errors import Forbidden, NotFound, TooLarge, Unprocessable
from github.file_listing import Row, list_files, to_change
from github.identity import Identity
from github.listings import Listings
from github.markers import MarkerKind, Markers
from github.pull_answer import read_pull_request
from github.render.state import state_of
from github.repository_text import read_repository
from github.text_diff import diff_texts, is_binary

RAW: Final = "application/vnd.github.raw+json"
MAX_TEXT_BYTES: Final = 1024 * 1024
"""Larger files are not read: their hunks still are, where GitHub gives them."""
MAX_REBUILT: Final = 50
"""Files whose missing patch is made from their contents; two requests each, most changed first."""
READS_AT_ONCE: Final = 4
MAX_REMARKS: Final = 500
"""Comments of other reviewers that are looked at, the newest."""
MAX_REMARK_CHARACTERS: Final = 4_000


class GitHubPullRequest:
    """Implements `core.ports.Host` over the REST API.

    Every method raises PullRequestGone when the pull request is out of reach, and
    TransientError when GitHub is in trouble.
    """

    def __init__(
        self,
        client: GitHubClient,
        ref: PullRequestRef,
        markers: Markers | None,
        identity: Identity | None,
        *,
        follow_base: bool = False,
        max_text_bytes: int = MAX_TEXT_BYTES,
    ) -> None:
        """Bind it to a pull request; with `follow_base` its base is the base branch's tip."""
        self._client = client
        self._ref = ref
        self._markers = markers
        self._identity = identity
        self._max_text_bytes = max_text_bytes
        self._listed: list[Any] | None = None
        self._repo = f"/repos/{segment(ref.owner)}/{segment(ref.repo)}"
        self._path = f"{self._repo}/pulls/{ref.number}"
        self._follow_base = follow_base
        self._base: Listings | None = None

    async def pull_request(self) -> PullRequest:
        """Return it as it is now, closed ones too."""
        with self._within_reach():
            pull = read_pull_request(await self._client.get(self._path))
            if self._follow_base and self._base is None:
                self._base = Listings(self._client, self._repo, await self._base_tip(pull))
        return replace(pull, base=self._base.commit) if self._base else pull

    async def _base_tip(self, pull: PullRequest) -> str:
        """Return the commit that the base branch is at, asked once.

        A pull request keeps the one it had when it was last pushed to, and so what was merged
        since, configuration too, would not count. Where GitHub does not tell, that one is used.
        """
        try:
            path = f"{self._repo}/branches/{segment(pull.base_branch)}"
            return str((await self._client.get(path))["commit"]["sha"])
        except (PermanentError, TransientError, KeyError, TypeError):
            return pull.base

    async def changes(self, pull: PullRequest) -> ChangeSet:
        """Return the files of base...head; 100 files a request, missing patches rebuilt."""
        with self._within_reach():
            rows = await list_files(self._client, f"{self._path}/files")
        # Parsing 3,000 patches takes seconds, in which other jobs must renew their leases.
        files = await asyncio.to_thread(_by_path, rows)
        missing = [f for f in files.values() if f.hunks is None and not (f.binary or f.submodule)]
        merge_base = ""
        if missing:
            missing.sort(key=lambda f: f.additions + f.deletions, reverse=True)
            if any(f.status is not FileStatus.ADDED for f in missing):
                merge_base = await self._merge_base(pull)
            calls = [self._rebuilding(f, pull, merge_base) for f in missing[:MAX_REBUILT]]
            for change in await together(calls, READS_AT_ONCE):
                files[change.path] = change
        unlisted = max(0, pull.changed_files - len(rows))
        return ChangeSet(tuple(files.values()), unlisted=unlisted, merge_base=merge_base)

    async def text(self, path: str, commit: str) -> bytes | None:
        """Return a file's bytes at a commit, None when absent, too large or not to be named."""
        parts = path.split("/")
        if {"", ".", ".."} & set(parts) or "\0" in path:
            return None
        if self._base and commit == self._base.commit and not await self._base.may_hold(path):
            return None
        quoted = "/".join(segment(part) for part in parts)
        try:
            with self._within_reach():
                answer = await self._client.raw(
                    f"{self._repo}/contents/{quoted}",
                    accept=RAW,
                    params={"ref": commit},
                    max_bytes=self._max_text_bytes,
                )
        except (TooLarge, Unprocessable):
            return None
        return None if answer is None else file_content(answer)

    async def standing_comments(self) -> tuple[StandingComment, ...]:
        """Return our own inline comments: by author, and by the marker only we can make."""
        if self._markers is None or self._identity is None:
            return ()
        rows = await self._comments()
        found = (_standing(row, self._markers, self._identity) for row in rows)
        return tuple(comment for comment in found if comment)

    async def remarks(self) -> tuple[Remark, ...]:
        """Return what others say on lines that are still there; without an identity nothing."""
        if self._identity is None:
            return ()
        found = [_remark(row, self._identity) for row in await self._comments()]
        return tuple(remark for remark in found if remark)[-MAX_REMARKS:]

    async def _comments(self) -> list[Any]:
        """List the comments on lines, once: what comes later is for the next review."""
        if self._listed is None:
            with self._within_reach():
                self._listed = await self._client.pages(f"{self._path}/comments")
        return self._listed

    async def repository(self, pull: PullRequest) -> RepositoryText | None:
        """Return the code at the head; of a large repository the paths alone."""
        with self._within_reach():
            return await read_repository(self._client, self._repo, pull)

    async def background(self, pull: PullRequest) -> Background:
        """Return the messages of the commits, and the issues that the description closes."""
        with self._within_reach():
            return await read_background(self._client, self._repo, pull)

    @contextmanager
    def _within_reach(self) -> Iterator[None]:
        """Say that the pull request is gone when it, or our access to it, ends in mid-run."""
        try:
            yield
        except NotFound as failure:
            raise PullRequestGone(f"{self._ref} is not there any more.") from failure
        except Forbidden as failure:
            raise PullRequestGone(f"{self._ref} is out of reach. {failure.reason}") from failure

    def _rebuilding(
        self, change: FileChange, pull: PullRequest, merge_base: str
    ) -> Callable[[], Awaitable[FileChange]]:
        return lambda: self._rebuild(change, pull, merge_base)

    async def _rebuild(self, change: FileChange, pull: PullRequest, merge_base: str) -> FileChange:
        """Make the hunks that GitHub left out from the file's contents on both sides."""
        old: bytes | None = b""
        new: bytes | None = b""
        if change.status is not FileStatus.ADDED:
            old = await self._text_or_none(change.previous_path or change.path, merge_base)
        if change.status is not FileStatus.REMOVED:
            new = await self._text_or_none(change.path, pull.head)
        if old is None or new is None:
            return change
        if is_binary(old) or is_binary(new):
            return replace(change, binary=True)
        hunks = await asyncio.to_thread(
            diff_texts, old.decode(errors="replace"), new.decode(errors="replace")
        )
        return change if hunks is None else _with_hunks(change, hunks)

    async def _text_or_none(self, path: str, commit: str) -> bytes | None:
        return await self.text(path, commit) if commit else None

    async def _merge_base(self, pull: PullRequest) -> str:
        """Return the commit that base...head starts from, empty when GitHub cannot tell.

        The second page is asked for because the first carries the whole diff along.
        https://docs.github.com/rest/commits/commits#compare-two-commits
        """
        path = f"{self._repo}/compare/{segment(pull.base)}...{segment(pull.head)}"
        try:
            answer = await self._client.get(path, params={"per_page": 1, "page": 2})
        except PermanentError:
            return ""
        commit = answer.get("merge_base_commit") if isinstance(answer, dict) else None
        return str((commit or {}).get("sha") or "")


def _by_path(rows: Iterable[Row]) -> dict[str, FileChange]:
    return {row.filename: to_change(row) for row in rows}


def _with_hunks(change: FileChange, hunks: tuple[Hunk, ...]) -> FileChange:
    """Fill in the hunks, and the counts where GitHub gave none."""
    kinds = [line.kind for hunk in hunks for line in hunk.lines]
    return replace(
        change,
        hunks=hunks,
        additions=change.additions or kinds.count(LineKind.ADDED),
        deletions=change.deletions or kinds.count(LineKind.REMOVED),
    )


def _standing(
    row: Mapping[str, Any], markers: Markers, identity: Identity
) -> StandingComment | None:
    """Return a comment of ours as a value, None for anybody else's."""
    body = row.get("body") or ""
    marker = markers.find(body, MarkerKind.FINDING)
    if marker is None or not identity.wrote(row.get("user"), row.get("performed_via_github_app")):
        return None
    finding, fingerprint = marker.finding
    state, bare = state_of(body)
    return StandingComment(
        finding_id=finding,
        fingerprint=fingerprint,
        path=row["path"],
        line=row.get("line"),
        side=Side.LEFT if row.get("side") == "LEFT" else Side.RIGHT,
        body=bare,
        url=row.get("html_url") or "",
        commit=row.get("original_commit_id") or row.get("commit_id") or "",
        state=state,
    )


def _remark(row: Mapping[str, Any], identity: Identity) -> Remark | None:
    """Return what somebody else began to say on a line, None for answers and outdated comments."""
    line = row.get("line")
    ours = identity.wrote(row.get("user"), row.get("performed_via_github_app"))
    if ours or line is None or row.get("in_reply_to_id"):
        return None
    return Remark(
        path=row["path"],
        line=line,
        first_line=row.get("start_line") or line,
        side=Side.LEFT if row.get("side") == "LEFT" else Side.RIGHT,
        text=(row.get("body") or "")[:MAX_REMARK_CHARACTERS],
        url=row.get("html_url") or "",
    )
