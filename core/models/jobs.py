"""Jobs of the ledger and the outbox rows that announce their outcomes."""

from enum import StrEnum

from core.models.orders import Order
from core.models.pauses import Paused
from core.models.requests import Origin, OriginKind, PullRequestRef
from core.models.results import Outcome
from core.models.steps import Step
from core.models.value import Value


class Stage(StrEnum):
    """Where the job of a pull request stands."""

    WAITING = "waiting"
    RUNNING = "running"
    IDLE = "idle"
    """Its last head has an outcome."""
    DEAD = "dead"
    """Given up; visible and retryable."""


class Job(Value):
    """A claimed job: one head of one pull request, held under a lease."""

    id: str
    """`<repo_id>:<number>`."""
    ref: PullRequestRef
    repo_id: int
    installation_id: int | None
    head: str
    ordinal: int = 0
    focus: str = ""
    epoch: int
    """Fencing token of this claim."""
    generation: int
    """Counts admissions; a larger one in the ledger means newer wishes."""
    attempt: int = 1
    origins: tuple[Origin, ...] = ()
    correlation_id: str = ""
    first: bool = True
    """No earlier head of this pull request has an outcome."""
    review_id: int | None = None
    """A review stored before it was submitted, by an earlier attempt."""
    fenced_ago: float | None = None
    """Seconds from the last fence that an earlier attempt at this head passed to this claim; None
    where none did, and so none has written."""
    waited: float = 0.0
    """Seconds from the wish for this head to the start of this attempt."""

    @property
    def events(self) -> frozenset[str]:
        """Return the actions of the events that led here; empty where one is not known."""
        events = {o.event for o in self.origins if o.kind is OriginKind.WEBHOOK}
        return frozenset() if "" in events else frozenset(events)

    @property
    def asked_in_person(self) -> bool:
        """Tell whether a person waits for an answer."""
        return any(origin.in_person for origin in self.origins)


class RowKind(StrEnum):
    """What an outbox row brings to its desired state."""

    CHECK = "check"
    """The check run of one head."""
    SUMMARY = "summary"
    """The sticky summary of the pull request."""
    FINDINGS = "findings"
    """The comments of findings whose state changed."""
    SLACK = "slack"
    """The message of one Slack request."""
    CHANNEL = "channel"
    """The card of a pull request in a channel that follows its repository."""
    FEEDBACK = "feedback"
    """What people made of its findings, read from GitHub."""
    ANSWER = "answer"
    """The reply to the comment that asked."""
    ORDER = "order"
    """What a person said, until it is carried out and answered."""


class OutboxRow(Value):
    """A desired state to deliver; rendered when it is sent, from `Delivery`."""

    kind: RowKind
    job_id: str
    target: str
    """Check: `<head>:<ordinal>`; summary and findings: empty; others: the origin's id."""
    generation: int
    attempts: int = 0
    receipt: str = ""
    """What an earlier delivery made: a check run, a comment, a Slack `ts`."""


class Delivery(Value):
    """Everything a deliverer needs to render one row."""

    row: OutboxRow
    ref: PullRequestRef
    repo_id: int
    installation_id: int | None
    head: str
    ordinal: int = 0
    stage: Stage
    """WAITING or RUNNING while there is no outcome for this head."""
    outcome: Outcome | None = None
    origin: Origin | None = None
    """The asker that a Slack or answer row belongs to."""
    order: Order | None = None
    """What an order row asks for; such a row knows no head and no outcome."""
    correlation_id: str = ""
    asked_in_person: bool = False
    ahead: int = 0
    """Jobs that are due before it, while it waits."""
    ready_in: float = 0.0
    """Seconds until it has its outcome, roughly, while it waits; 0 where nothing tells."""
    step: Step | None = None
    """How far its run got, as far as that is told."""
    paused: Paused | None = None
    """Who wants no automatic reviews of the pull request."""
    ended: str = ""
    """`merged` or `closed` once the pull request is."""


class Unfinished(Value):
    """A delivery that did a part, and is to go on: one row may be several messages."""

    receipt: str
    """What was made so far."""
    wait: float = 0.0
    """Seconds until the rest may follow."""
