"""GitHub's answer for one pull request → the core's value; only the used fields are decoded."""

from typing import Any, Final

from pydantic import BaseModel, ConfigDict, ValidationError

from core.errors import TransientError
from core.models import PullRequest, PullRequestRef

GHOST: Final = "ghost"
"""The account GitHub shows in place of a deleted one."""


def read_pull_request(answer: Any) -> PullRequest:
    """Return the value of GitHub's answer for one pull request."""
    try:
        pull = _Pull.model_validate(answer)
    except ValidationError as failure:
        raise TransientError("GitHub's pull request is not what it should be.") from failure
    base, head = pull.base, pull.head
    return PullRequest(
        ref=PullRequestRef(owner=base.repo.owner.login, repo=base.repo.name, number=pull.number),
        repo_id=base.repo.id,
        title=pull.title,
        body=pull.body or "",
        author=pull.user.login if pull.user else GHOST,
        author_is_bot=pull.user is not None and pull.user.type == "Bot",
        head=head.sha,
        base=base.sha,
        base_branch=base.ref,
        head_branch=head.ref,
        open=pull.state == "open",
        merged=pull.merged,
        draft=pull.draft,
        locked=pull.locked,
        private=base.repo.private,
        labels=tuple(label.name for label in pull.labels),
        changed_files=pull.changed_files,
        additions=pull.additions,
        deletions=pull.deletions,
        url=pull.html_url or "",
        fork=head.repo is None or head.repo.id != base.repo.id,
        commented=pull.review_comments != 0,
        commits=pull.commits,
        repo_kilobytes=base.repo.size,
    )


class _Part(BaseModel):
    """A part of GitHub's answer; what is not named here may change."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class _Account(_Part):
    login: str
    type: str = "User"


class _Repository(_Part):
    id: int
    name: str
    owner: _Account
    private: bool = False
    size: int = 0
    """Kilobytes."""


class _HeadRepository(_Part):
    id: int


class _Base(_Part):
    ref: str
    sha: str
    repo: _Repository


class _Head(_Part):
    ref: str
    sha: str
    repo: _HeadRepository | None = None


class _Label(_Part):
    name: str


class _Pull(_Part):
    number: int
    state: str
    title: str
    body: str | None = None
    html_url: str | None = None
    user: _Account | None = None
    base: _Base
    head: _Head
    labels: tuple[_Label, ...] = ()
    merged: bool = False
    draft: bool = False
    locked: bool = False
    commits: int = 0
    changed_files: int = 0
    additions: int = 0
    deletions: int = 0
    review_comments: int | None = None
