"""The outcome of a run, as it is kept, and a draft ready to be posted."""

from dataclasses import dataclass, field
from enum import StrEnum

from pydantic import Field

from core.models.coverage import Coverage
from core.models.findings import Finding, FindingState, Place, RecordedFinding, Refuted
from core.models.memory import PullMemory
from core.models.pulls import PullRequest
from core.models.value import Value


class Usage(Value):
    """Tokens and money of a run; `usd` is None when a price is unknown."""

    input_tokens: int = 0
    output_tokens: int = 0
    calls: int = 0
    cached_calls: int = 0
    usd: float | None = 0.0

    def __add__(self, other: "Usage") -> "Usage":
        """Sum two usages; an unknown price makes the sum unknown."""
        known = self.usd is not None and other.usd is not None
        return Usage(
            input_tokens=self.input_tokens + other.input_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            calls=self.calls + other.calls,
            cached_calls=self.cached_calls + other.cached_calls,
            usd=(self.usd or 0.0) + (other.usd or 0.0) if known else None,
        )


class Conclusion(StrEnum):
    """Conclusion of the check run, in GitHub's words."""

    SUCCESS = "success"
    NEUTRAL = "neutral"
    FAILURE = "failure"
    SKIPPED = "skipped"


class OutcomeKind(StrEnum):
    """How an admitted request ended for its head."""

    REVIEWED = "reviewed"
    """Findings were posted, or stand."""
    CLEAN = "clean"
    """Read, and nothing to say."""
    NOTHING_NEW = "nothing new"
    """Everything had been read before."""
    SKIPPED = "skipped"
    """Ruled out: draft, label, author, configuration."""
    SUPERSEDED = "superseded"
    """A newer head arrived."""
    CANCELLED = "cancelled"
    """Closed, or the App is gone."""
    FAILED = "failed"
    """Given up; the reason says why."""


class CommentState(Value):
    """What became of the finding of a comment that stands on the pull request."""

    finding_id: str
    state: FindingState
    head: str
    """Where it was addressed, or found to be back."""
    who: str = ""
    """Who dismissed or accepted it."""
    reason: str = ""


class QuietFinding(Value):
    """A finding that a person dismissed or accepted, while its code stands."""

    finding: RecordedFinding
    state: FindingState
    who: str = ""
    reason: str = ""


class Round(Value):
    """What a review changed about the findings of a pull request."""

    number: int = 1
    new: int = 0
    regressed: int = 0
    """Addressed once, and back."""
    dismissed: int = 0
    """Said again and kept quiet, as a person had dismissed it."""
    fixed: tuple[RecordedFinding, ...] = ()
    """Addressed since the round before."""
    comments: tuple[CommentState, ...] = ()
    """Comments of all rounds whose finding is not simply open, newest last."""


class ReviewRecord(Value):
    """What a run found and read, as it is kept and as summaries are rendered from it."""

    head: str
    base: str
    ordinal: int = 0
    summary: str = ""
    """The model's own summary, untrusted."""
    findings: tuple[RecordedFinding, ...] = ()
    """What is open, of this and of earlier rounds."""
    quiet: tuple[QuietFinding, ...] = ()
    """What people dismissed or accepted; it does not count against the change."""
    rejected: int = 0
    """Candidates that a gate stopped."""
    refuted: tuple[Refuted, ...] = ()
    """Findings that passed the gates, and that a second look rejected."""
    coverage: Coverage
    models: tuple[str, ...] = ()
    """What read, as `provider:model`."""
    verifiers: tuple[str, ...] = ()
    """What looked a second time at what was found."""
    usage: Usage = Usage()
    seconds: float = 0.0
    notes: tuple[str, ...] = ()
    """Sentences for the summary: configuration problems, hidden characters found …"""
    gate: bool = False
    round: Round | None = None
    """None where nothing is remembered, as for a local change."""

    def at(self, *places: Place) -> tuple[RecordedFinding, ...]:
        """Return the findings at these places."""
        return tuple(f for f in self.findings if f.place in places)


class Outcome(Value):
    """The one end of an admitted request for its head."""

    kind: OutcomeKind
    head: str
    reason: str = ""
    """A sentence for people; empty for reviewed and clean."""
    by_pause: bool = False
    """It was passed over as somebody had paused automatic reviews."""
    record: ReviewRecord | None = None
    review_id: int | None = None
    review_url: str = ""
    memory: PullMemory | None = Field(default=None, exclude=True)
    """What to remember for the next review; the ledger keeps it apart from outcomes."""


@dataclass(frozen=True, slots=True)
class ReviewDraft:
    """A review ready to be posted: the inline findings, and the record for the rest."""

    pull: PullRequest
    inline: tuple[Finding, ...]
    record: ReviewRecord


@dataclass(frozen=True, slots=True)
class PostedReview:
    """A submitted review as GitHub confirmed it."""

    id: int
    url: str
    comment_urls: dict[str, str] = field(default_factory=dict)
    """Finding id → address of its comment."""
    adopted: bool = False
    """True when an earlier attempt had posted it."""
    refused: tuple[str, ...] = ()
    """Ids of draft findings whose place GitHub did not take; they belong in the summary."""
