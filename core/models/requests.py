"""Who asks for a review of what, and how the intake answers."""

from enum import StrEnum

from core.models.value import Value


class PullRequestRef(Value):
    """Names one pull request of the configured GitHub."""

    owner: str
    repo: str
    number: int

    def __str__(self) -> str:
        return f"{self.owner}/{self.repo}#{self.number}"

    @property
    def repository(self) -> str:
        """Return `owner/repo`."""
        return f"{self.owner}/{self.repo}"


class OriginKind(StrEnum):
    """Where a request came from; only notifiers read it."""

    WEBHOOK = "webhook"
    """An event of GitHub; nobody asked in person."""
    SWEEP = "sweep"
    """The reconciler found a head without an outcome."""
    SLACK = "slack"
    """A person in Slack; answered there."""
    COMMENT = "comment"
    """A person on the pull request; answered there."""
    API = "api"
    """A caller of the API or of the command line."""
    CHANNEL = "channel"
    """A channel of Slack that follows the repository; nobody asked in person."""


class Origin(Value):
    """One asker of a job. A job holds a set of them, by `id`, and all are answered."""

    kind: OriginKind
    id: str
    """Unique for the place that gets the answer, such as a Slack request or a comment."""
    person: str = ""
    """The asker's login or Slack user id; empty for events."""
    event: str = ""
    """The action of the event (`opened`, `synchronize` …); empty for people and for sweeps."""
    reply: str = ""
    """Where the answer goes, opaque to the core; bearer values in it are encrypted."""

    @property
    def in_person(self) -> bool:
        """Tell whether a person asked and so gets an answer whatever the outcome."""
        return self.kind in {OriginKind.SLACK, OriginKind.COMMENT, OriginKind.API}


class ReviewRequest(Value):
    """Ask for a review of one head; the imperative that `intake.accept` takes."""

    ref: PullRequestRef
    repo_id: int
    head: str
    """Commit sha the asker saw; the worker acts on the live head."""
    origin: Origin
    installation_id: int | None = None
    delivery: str = ""
    """GitHub's delivery GUID or another key that makes a repeated call recognisable."""
    author: str = ""
    """Login of whoever caused the event, empty when nobody did; whose limit it counts for."""
    action: str = ""
    """The event's action (`opened`, `synchronize` …) for the log; empty for people."""
    settle: bool = False
    """Wait for quiet first: later pushes of a pull request already known."""
    full: bool = False
    """Review again a head that has its review (`review full`)."""
    focus: str = ""
    """What the asker wants looked at, untrusted words."""
    correlation_id: str = ""


class PullRequestClosed(Value):
    """A pull request was closed: what is queued for it has nothing left to review."""

    ref: PullRequestRef
    repo_id: int
    closed_at: float
    """Seconds since 1970, by the host's clock; what was asked for later is not meant."""
    delivery: str
    """As in `ReviewRequest`."""
    merged: bool = False

    @property
    def reason(self) -> str:
        """Return why a review of it ends, as a sentence for people."""
        return "It was merged." if self.merged else "It was closed."


class Cancelled(Value):
    """The job of a closed pull request has ended."""

    job_id: str


class Limit(StrEnum):
    """Whose reviews an hour are used up, so that a request waits."""

    REPOSITORY = "repository"
    ORGANISATION = "organisation"
    PERSON = "person"
    """The author's: of all, or what one person may have of a repository or an organisation."""


class Accepted(Value):
    """The request became a job, or joined the one of its pull request."""

    job_id: str
    correlation_id: str = ""
    ahead: int = 0
    """Jobs that are due before it."""
    starts_in: float = 0.0
    """Seconds until it is due; a later push waits for quiet."""
    limited_by: Limit | None = None
    """Why `starts_in` is that long, when a limit is the reason."""
    ready_in: float = 0.0
    """Seconds until there is an outcome, roughly, for a person who asks; 0 where nothing tells."""


class DuplicateOf(StrEnum):
    """What made a request a duplicate."""

    DELIVERY = "delivery"
    """The same delivery was admitted before."""
    REVIEWED = "reviewed"
    """This head already has its outcome."""
    RUNNING = "running"
    """This head is waiting or being reviewed; the origin joined it and will be answered."""


class Duplicate(Value):
    """Nothing new to do; `review_url` leads to what there is."""

    job_id: str
    of: DuplicateOf
    review_url: str = ""
    starts_in: float = 0.0
    """As in `Accepted`, for what was joined and waits."""
    limited_by: Limit | None = None
    ready_in: float = 0.0


class Refused(Value):
    """Not admitted; `reason` says why and what to do next."""

    reason: str


Admission = Accepted | Duplicate | Refused
