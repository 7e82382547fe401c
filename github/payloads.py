"""The fields of webhook payloads that are used, as GitHub spells them.

A model of the whole payload would refuse deliveries whose other parts GitHub changed. What the
fields come to is told in `events`.
https://docs.github.com/webhooks/webhook-events-and-payloads
"""

from typing import Annotated, Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from core.models import PullRequestRef

LARGEST_ID: Final = 2**53
"""Beyond it Lua and JavaScript, which read our numbers too, lose digits."""

Id = Annotated[int, Field(ge=1, lt=LARGEST_ID)]
Name = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9._-]+$")]
Sha = Annotated[str, Field(pattern=r"^[0-9a-f]{40}(?:[0-9a-f]{24})?$")]
"""SHA-1, or SHA-256 where a repository uses it."""


class Object(BaseModel):
    """Any JSON object."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Account(Object):
    """A person, an App or another machine."""

    login: str = ""
    type: str = ""

    @property
    def is_bot(self) -> bool:
        """Tell whether it belongs to a machine: GitHub says so, or the login does."""
        return self.type == "Bot" or self.login.endswith("[bot]")


class Owner(Object):
    """A person or an organisation that has repositories."""

    login: Name


class Repository(Object):
    """Where it happened."""

    id: Id
    name: Name
    owner: Owner


class Installation(Object):
    """The App on an account; a webhook of the repository itself has none."""

    id: Id


class Commit(Object):
    """The tip of a branch."""

    sha: Sha


class PullRequest(Object):
    """A pull request, as its own events show it."""

    number: Id
    head: Commit
    closed_at: AwareDatetime | None = None
    merged: bool | None = None


class Numbered(Object):
    """A pull request of which the number is enough."""

    number: Id


class Issue(Numbered):
    """An issue, or a pull request in its conversation."""

    pull_request: Object | None = None
    """Absent on what is only an issue."""


class Comment(Object):
    """A comment in the conversation or on a line of the diff."""

    id: Id
    body: str | None = None
    user: Account | None = None
    in_reply_to_id: Id | None = None


class CheckRun(Object):
    """A check run, with the pull requests of its head; forks' are not named."""

    pull_requests: tuple[Numbered, ...] = ()


class Button(Object):
    """The button of a check run that was pressed."""

    identifier: str = ""


class Changes(Object):
    """What an edit changed."""

    base: Object | None = None


class Payload(Object):
    """What all events have."""

    action: str
    repository: Repository
    installation: Installation | None = None
    sender: Account | None = None

    def ref(self, number: int) -> PullRequestRef:
        """Return one of the repository's pull requests."""
        owner = self.repository.owner.login
        return PullRequestRef(owner=owner, repo=self.repository.name, number=number)

    @property
    def installation_id(self) -> int | None:
        """Return the installation that it was delivered for."""
        return self.installation.id if self.installation else None

    @property
    def actor(self) -> str:
        """Return the login of whoever did it; empty when GitHub does not say."""
        return self.sender.login if self.sender else ""

    @property
    def by_bot(self) -> bool:
        """Tell whether a machine did it."""
        return bool(self.sender and self.sender.is_bot)


class PullRequestPayload(Payload):
    """Of `pull_request`."""

    pull_request: PullRequest
    changes: Changes | None = None


class IssueCommentPayload(Payload):
    """Of `issue_comment`."""

    issue: Issue
    comment: Comment


class ReviewCommentPayload(Payload):
    """Of `pull_request_review_comment`."""

    pull_request: Numbered
    comment: Comment


class CheckRunPayload(Payload):
    """Of `check_run`."""

    check_run: CheckRun
    requested_action: Button | None = None
