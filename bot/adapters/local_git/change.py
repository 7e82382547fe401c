"""A local change as a Host: it looks like a pull request that nobody has opened yet.

It is read once, when it is opened in `targets`; only texts are read later.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from core.models import (
    Background,
    ChangeSet,
    FileChange,
    PullRequest,
    PullRequestRef,
    Remark,
    RepositoryText,
    StandingComment,
)

Read = Callable[[str, str], Awaitable[bytes | None]]
"""(path, commit) → the file's bytes, None when there are none to read."""
Code = Callable[[], Awaitable[RepositoryText | None]]
"""The code around the change, None when it cannot be had."""

OWNER = "local"


async def no_code() -> RepositoryText | None:
    """Return None: a diff alone does not say which repository it is of."""
    return None


@dataclass(frozen=True, slots=True)
class LocalChange:
    """What a range, a working tree or a diff would bring into the repository."""

    pull: PullRequest
    change_set: ChangeSet
    read: Read
    code: Code = no_code

    async def pull_request(self) -> PullRequest:
        """Return it as it was when it was opened."""
        return self.pull

    async def changes(self, pull: PullRequest) -> ChangeSet:  # noqa: ARG002 (the port's signature)
        """Return the files with their hunks."""
        return self.change_set

    async def text(self, path: str, commit: str) -> bytes | None:
        """Return a file's bytes at a commit, None when absent or over the size limit."""
        return await self.read(path, commit)

    async def standing_comments(self) -> tuple[StandingComment, ...]:
        """Return nothing: a local change has no comments."""
        return ()

    async def remarks(self) -> tuple[Remark, ...]:
        """Return nothing: nobody else comments on a local change."""
        return ()

    async def repository(self, pull: PullRequest) -> RepositoryText | None:  # noqa: ARG002 (see above)
        """Return the code around the change."""
        return await self.code()

    async def background(self, pull: PullRequest) -> Background:  # noqa: ARG002 (see above)
        """Return nothing: the title and the body say what the commits say."""
        return Background()


@dataclass(frozen=True, slots=True)
class Story:
    """What a local change says of itself where a pull request has a title and an author."""

    name: str
    """The repository's, or the folder's."""
    title: str
    head: str
    base: str
    body: str = ""
    author: str = ""
    head_branch: str = ""
    base_branch: str = ""


def local_change(
    story: Story, files: Sequence[FileChange], read: Read, code: Code, unlisted: int = 0
) -> LocalChange:
    """Return the change that these files make up."""
    pull = PullRequest(
        ref=PullRequestRef(owner=OWNER, repo=story.name or "change", number=0),
        repo_id=0,
        title=story.title,
        body=story.body,
        author=story.author,
        author_is_bot=False,
        head=story.head,
        base=story.base,
        base_branch=story.base_branch,
        head_branch=story.head_branch,
        open=True,
        merged=False,
        draft=False,
        locked=False,
        private=True,
        labels=(),
        changed_files=len(files) + unlisted,
        additions=sum(file.additions for file in files),
        deletions=sum(file.deletions for file in files),
        url="",
    )
    change_set = ChangeSet(files=tuple(files), unlisted=unlisted, merge_base=story.base)
    return LocalChange(pull, change_set, read, code)
