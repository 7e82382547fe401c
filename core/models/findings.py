"""Findings from the claim to the recorded result."""

from dataclasses import dataclass
from enum import StrEnum

from core.models.pulls import Side
from core.models.value import Value


class Severity(StrEnum):
    """How much a finding matters; the order is the order of the ranking."""

    IMPORTANT = "important"
    NIT = "nit"
    PRE_EXISTING = "pre_existing"


class Category(StrEnum):
    """What a finding is about, in the configuration's words."""

    SECURITY = "security"
    BUG = "bug"
    PERFORMANCE = "performance"
    QUALITY = "quality"
    TESTS = "tests"


class FindingState(StrEnum):
    """Where a finding stands."""

    OPEN = "open"
    REGRESSED = "regressed"
    """It was addressed, and its code is back."""
    ADDRESSED = "addressed"
    """Its code is gone, or a later look confirmed that it was fixed."""
    DISMISSED = "dismissed"
    """A person said not to say it again."""
    ACCEPTED = "accepted"
    """A person agreed with it, and leaves its code as it is."""

    @property
    def is_open(self) -> bool:
        """Tell whether it counts against the change."""
        return self in {FindingState.OPEN, FindingState.REGRESSED}

    @property
    def is_quiet(self) -> bool:
        """Tell whether a person decided that nothing more is to be said of it."""
        return self in {FindingState.DISMISSED, FindingState.ACCEPTED}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A finding as a model or an analyzer claims it; nothing of it is proven yet."""

    path: str
    line: int
    severity: Severity
    category: Category
    title: str
    body: str
    quote: str
    side: Side = Side.RIGHT
    end_line: int | None = None
    suggestion: str | None = None
    confidence: float = 0.5
    source: str = "model"
    """`model`, or `static:<rule>`."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """A place GitHub accepts: the last line, and the first where there are several."""

    path: str
    side: Side
    line: int
    start_line: int | None = None
    """Smaller than `line` and in the same hunk; None for a single line."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A candidate that passed the gates; without an anchor it belongs in the summary."""

    id: str
    """Short and stable within the pull request; part of the comment's marker."""
    candidate: Candidate
    anchor: Anchor | None
    fingerprint: str
    unverified: bool = False
    """A second look was due, and did not confirm it: it belongs in the summary."""


@dataclass(frozen=True, slots=True)
class Rejection:
    """A candidate that a gate stopped, and which gate."""

    candidate: Candidate
    reason: str


@dataclass(frozen=True, slots=True)
class StandingComment:
    """An inline comment of ours that already stands on the pull request."""

    finding_id: str
    fingerprint: str
    path: str
    line: int | None
    """None when GitHub calls it outdated."""
    side: Side
    body: str
    url: str
    commit: str
    """Commit the comment was made on."""
    state: FindingState = FindingState.OPEN
    """What it says of its finding by now; `body` is without that."""


class Refuted(Value):
    """A finding that a second look rejected: nobody is shown it, the record counts it."""

    path: str
    line: int
    title: str
    reason: str
    """The model's words."""


@dataclass(frozen=True, slots=True)
class Remark:
    """What another reviewer, a person or a bot, says on lines of the change; untrusted."""

    path: str
    line: int
    """The last of its lines."""
    first_line: int
    side: Side
    text: str
    url: str


class Place(StrEnum):
    """Where a finding was put."""

    INLINE = "inline"
    SUMMARY = "summary"
    STANDING = "standing"
    """Its comment of an earlier run still stands on the line; not repeated."""
    ELSEWHERE = "elsewhere"
    """Another reviewer's comment on the same lines says it; not repeated."""
    LATE = "late"
    """Found in a later round outside of what was read then; listed, not put on a line."""


class RecordedFinding(Value):
    """A finding as the ledger keeps it: prose and place, no code."""

    id: str
    fingerprint: str
    path: str
    line: int
    end_line: int | None = None
    side: Side = Side.RIGHT
    severity: Severity
    category: Category
    title: str
    body: str
    source: str = "model"
    place: Place
    url: str = ""
    unverified: bool = False
    """A second look was due, and did not confirm it."""
