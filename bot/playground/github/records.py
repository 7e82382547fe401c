"""What the local GitHub remembers: accounts, repositories, pull requests and what stands on them.

Plain records that routes change; what can be derived from git is not kept here.
"""

from dataclasses import dataclass, field
from typing import Any

from bot.playground.github.git import GitRepository


@dataclass(slots=True)
class Account:
    """A person, an organization or an App's bot."""

    id: int
    login: str
    kind: str = "User"
    """`User`, `Organization` or `Bot`."""
    name: str = ""


@dataclass(slots=True)
class App:
    """The GitHub App under test."""

    id: int
    slug: str
    name: str
    owner: Account
    bot: Account
    client_id: str
    public_key: str
    permissions: dict[str, str]
    events: list[str]
    webhook_url: str = ""
    webhook_secret: str = ""


@dataclass(slots=True)
class Installation:
    """The App on an account; `repo_ids` is None for all repositories of it."""

    id: int
    account: Account
    permissions: dict[str, str]
    repo_ids: set[int] | None
    created_at: float
    suspended_at: float | None = None


@dataclass(slots=True)
class Token:
    """A bearer token of an installation or of a person."""

    expires_at: float
    installation_id: int | None = None
    repo_ids: frozenset[int] | None = None
    """None for every repository of the installation."""
    permissions: dict[str, str] = field(default_factory=dict)
    person: Account | None = None
    via_app: bool = False
    """Granted to the App by a person, so that it reaches what both of them reach."""


@dataclass(slots=True)
class Repository:
    """A repository; `branches` is the truth about its references."""

    id: int
    owner: Account
    name: str
    git: GitRepository
    created_at: float
    private: bool = False
    archived: bool = False
    default_branch: str = "main"
    description: str = ""
    branches: dict[str, str] = field(default_factory=dict)
    collaborators: dict[str, str] = field(default_factory=dict)
    """Login → `read`, `write` or `admin`."""
    parent_id: int | None = None
    numbers: int = 0
    pushed_at: float = 0.0
    pushes: dict[str, float] = field(default_factory=dict)
    """Commit → when a branch first pointed at it."""

    @property
    def full_name(self) -> str:
        """Return `owner/name`."""
        return f"{self.owner.login}/{self.name}"


@dataclass(slots=True)
class Pull:
    """A pull request; while it is open, its head and base follow their branches."""

    id: int
    repo: Repository
    number: int
    title: str
    body: str
    author: Account
    head_repo: Repository | None
    """None when the fork was deleted."""
    head_branch: str
    head_sha: str
    base_branch: str
    base_sha: str
    created_at: float
    updated_at: float
    draft: bool = False
    state: str = "open"
    locked: bool = False
    closed_at: float | None = None
    merged_at: float | None = None
    merged_by: Account | None = None
    merge_sha: str | None = None
    labels: list[str] = field(default_factory=list)
    timeline: list[dict[str, Any]] = field(default_factory=list)


@dataclass(slots=True)
class Review:
    """A review; one that is PENDING is its author's alone."""

    id: int
    pull: Pull
    author: Account
    body: str
    state: str
    commit_id: str
    created_at: float
    submitted_at: float | None = None
    minimized: str = ""
    """Why it was folded away, in GraphQL's words; empty when it was not."""

    @property
    def pending(self) -> bool:
        """Tell whether it was not submitted yet."""
        return self.state == "PENDING"


@dataclass(slots=True)
class ReviewComment:
    """A comment on lines of the diff, as it was placed; where it stands now is derived."""

    id: int
    pull: Pull
    review: Review
    author: Account
    body: str
    path: str
    commit_id: str
    side: str
    line: int | None
    """None for a comment on the whole file."""
    start_line: int | None
    start_side: str | None
    position: int | None
    diff_hunk: str
    created_at: float
    updated_at: float
    in_reply_to: int | None = None
    resolved_by: Account | None = None
    """Of a comment that opened a thread: who resolved that."""
    reactions: list[tuple[int, Account, str]] = field(default_factory=list)


@dataclass(slots=True)
class IssueComment:
    """A comment in the conversation."""

    id: int
    pull: Pull
    author: Account
    body: str
    created_at: float
    updated_at: float
    via_app: bool = False
    reactions: list[tuple[int, Account, str]] = field(default_factory=list)


@dataclass(slots=True)
class CheckRun:
    """A check run on a commit."""

    id: int
    repo: Repository
    name: str
    head_sha: str
    created_at: float
    status: str = "queued"
    conclusion: str | None = None
    external_id: str = ""
    details_url: str = ""
    started_at: str | None = None
    completed_at: str | None = None
    title: str | None = None
    summary: str | None = None
    text: str | None = None
    annotations: list[dict[str, Any]] = field(default_factory=list)
    actions: list[dict[str, Any]] = field(default_factory=list)


@dataclass(slots=True)
class Delivery:
    """One attempt to deliver an event to the App."""

    id: int
    guid: str
    event: str
    action: str | None
    delivered_at: float
    payload: bytes
    installation_id: int | None
    repository_id: int | None
    redelivery: bool = False
    duration: float = 0.0
    status: str = "pending"
    status_code: int = 0
    request_headers: dict[str, str] = field(default_factory=dict)
    response_headers: dict[str, str] = field(default_factory=dict)
    response_body: str = ""
