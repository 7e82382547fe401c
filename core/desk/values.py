"""What the desk tells people: where a pull request stands, what waits, what was answered."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from core.models import Outcome, Paused, PullRequestRef, Severity, Stage, Usage


@dataclass(frozen=True, slots=True)
class JobView:
    """A job as anybody who may see its pull request may see it."""

    id: str
    ref: PullRequestRef
    stage: Stage
    head: str
    """The latest commit that a review was asked for."""
    since: float
    """Seconds since 1970: when it came to this stage, by the ledger's clock."""
    ahead: int = 0
    """Jobs that are due before it, while it waits."""
    starts_in: float = 0.0
    """Seconds until it is due, while it waits."""
    outcome: Outcome | None = None
    """Of its head; None before there is one."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a pull request stands."""

    ref: PullRequestRef
    job: JobView | None
    """None where Argus was never asked to look at it, or has forgotten it."""
    open: Mapping[Severity, int] = field(default_factory=dict)
    """Findings of all rounds that are open, by how much they matter; what is none is absent."""
    paused: Paused | None = None


@dataclass(frozen=True, slots=True)
class QueueView:
    """What is being reviewed and what waits; who may see which of it is for the front end."""

    waiting: int
    """All jobs that wait, shown here or not."""
    running: int
    jobs: tuple[JobView, ...]
    """Running ones first, then those that wait, in the order in which they are due."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said to a person's question."""

    text: str
    """Markdown. A model's words are untrusted: each front end passes them through its policy."""
    model: str = ""
    """What answered, as `provider:model`; empty where the words are Argus' own."""
    usage: Usage = field(default_factory=Usage)


class Turn(StrEnum):
    """Whether somebody may have what is bounded."""

    GIVEN = "given"
    TOLD = "told"
    """No more of it for now, and this is the first to be told."""
    OVER = "over"
    """No more of it for now, as others were told."""
