"""What the ledger returns beyond the core's nouns."""

from dataclasses import dataclass
from enum import StrEnum

from core.models import (
    Delivery,
    Outcome,
    PullRequestRef,
    Stage,
)


class Hold(StrEnum):
    """What the holder of a lease learns when it asks."""

    HELD = "held"
    LOST = "lost"
    """Another epoch, or none: stop, write nothing more."""
    MOVED = "moved"
    """Still held, but a newer head is wanted."""


class Ending(StrEnum):
    """What became of a job when a run ended."""

    IDLE = "idle"
    AGAIN = "again"
    """It waits for another run, now or later."""
    DEAD = "dead"
    SETTLED = "settled"
    """The live head had its outcome already."""
    CRASHED = "crashed"
    """The lease had run out before."""
    LOST = "lost"
    """Another epoch holds the job; nothing was changed."""


class Move(StrEnum):
    """What to do when the live head is not the one under review."""

    ADOPTED = "adopted"
    """Go on with the live head under the same lease."""
    DOUBTFUL = "doubtful"
    """The live head was left behind moments ago: give it back and look again."""
    AGAIN = "again"
    SETTLED = "settled"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class JobEntry:
    """A job as people inspect it."""

    id: str
    ref: PullRequestRef
    stage: Stage
    head: str
    ordinal: int
    attempts: int
    crashes: int
    reason: str
    correlation_id: str
    worker: str
    """Who runs it, or ran it last."""
    due_at: float | None
    """Seconds since 1970, as all times here."""
    lease_until: float | None
    updated: float
    outcome: Outcome | None = None
    """The latest outcome of its head."""


@dataclass(frozen=True, slots=True)
class Counts:
    """The state of the ledger in numbers; ages in seconds."""

    due: int
    waiting: int
    """Not due yet."""
    running: int
    dead: int
    oldest_due_age: float
    rows: int
    """Outbox rows to send."""
    oldest_row_age: float
    workers: int
    """Workers with a heartbeat."""


@dataclass(frozen=True, slots=True)
class Beat:
    """A worker's heartbeat."""

    worker: str
    slots: int
    busy: int
    started: float
    """Seconds since 1970, by the worker's clock."""
    version: str = ""
    heard: float | None = None
    """Seconds before this heartbeat that it heard the bell; None for never."""
    unrung: float | None = None
    """Seconds before this heartbeat that it took jobs without a ring; None for never."""

    @property
    def idle(self) -> int:
        """Return how many more jobs it can take."""
        return max(0, self.slots - self.busy)


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that needs an operator, as long as it lasts."""

    name: str
    words: str
    """What is wrong, in one sentence."""
    next_step: str
    size: int = 1
    """How much there is of it: an alarm that grows is said again."""


@dataclass(frozen=True, slots=True)
class RaisedAlarm:
    """An alarm and when it was raised, in seconds since 1970 on the ledger's clock."""

    alarm: Alarm
    since: float


@dataclass(frozen=True, slots=True)
class Seen:
    """A heartbeat, and the seconds since by the ledger's own clock."""

    beat: Beat
    ago: float


@dataclass(frozen=True, slots=True)
class ClaimedRow:
    """An outbox row that this sender holds, ready to be rendered."""

    id: str
    token: str
    delivery: Delivery
