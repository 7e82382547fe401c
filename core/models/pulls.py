"""A pull request and its diff as values; parsing lives in `core.diff`."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from core.models.requests import PullRequestRef


@dataclass(frozen=True, slots=True)
class PullRequest:
    """A pull request as GitHub shows it now."""

    ref: PullRequestRef
    repo_id: int
    title: str
    body: str
    author: str
    author_is_bot: bool
    head: str
    base: str
    """Commit sha of the base branch's tip."""
    base_branch: str
    head_branch: str
    open: bool
    merged: bool
    draft: bool
    locked: bool
    private: bool
    labels: tuple[str, ...]
    changed_files: int
    additions: int
    deletions: int
    url: str
    fork: bool = False
    commented: bool = True
    """Inline comments stand on it, or may; False saves asking for them."""
    commits: int = 0
    """How many; 0 where the host does not tell."""
    repo_kilobytes: int = 0
    """Size of the repository with its history; 0 where the host does not tell."""


class Side(StrEnum):
    """The side of a diff, in GitHub's words."""

    RIGHT = "RIGHT"
    """After the change: added and context lines."""
    LEFT = "LEFT"
    """Before the change: deleted lines."""


class LineKind(StrEnum):
    """What a diff line does; the values are the diff's own first characters."""

    CONTEXT = " "
    ADDED = "+"
    REMOVED = "-"


@dataclass(frozen=True, slots=True)
class DiffLine:
    """One line of a hunk; numbers count from 1, text carries no line end."""

    kind: LineKind
    old: int | None
    new: int | None
    text: str


@dataclass(frozen=True, slots=True)
class Hunk:
    """A hunk of a unified diff with its lines in order."""

    old_start: int
    old_count: int
    new_start: int
    new_count: int
    section: str
    """What git prints behind the second @@, often the enclosing function."""
    lines: tuple[DiffLine, ...]
    given: bool = True
    """GitHub itself shows it; on one that was made from two texts no comment can stand."""


class FileStatus(StrEnum):
    """What happened to a file, in GitHub's words."""

    ADDED = "added"
    MODIFIED = "modified"
    REMOVED = "removed"
    RENAMED = "renamed"
    COPIED = "copied"
    CHANGED = "changed"
    """Mode or type only."""
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file of base...head; `hunks` is None where GitHub gave no patch."""

    path: str
    status: FileStatus
    additions: int
    deletions: int
    hunks: tuple[Hunk, ...] | None
    previous_path: str | None = None
    blob: str = ""
    """Blob sha at the head."""
    submodule: bool = False
    binary: bool = False


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """The files of base...head that the host could list."""

    files: tuple[FileChange, ...]
    unlisted: int = 0
    """Changed files beyond what GitHub lists (it stops at 3,000)."""
    merge_base: str = ""


@dataclass(frozen=True, slots=True)
class RepositoryText:
    """The text of a repository at one commit, as far as it was read; untrusted."""

    texts: Mapping[str, str]
    """Code by path."""
    unread: tuple[str, ...] = ()
    """Paths of files that can be asked for one by one."""


@dataclass(frozen=True, slots=True)
class LinkedIssue:
    """An issue that a pull request says it closes; untrusted."""

    number: int
    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Background:
    """What people wrote about a change beside its title and body; untrusted."""

    commits: tuple[str, ...] = ()
    """Messages, oldest first."""
    issues: tuple[LinkedIssue, ...] = ()
