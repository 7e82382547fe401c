"""The nouns of Argus: frozen values that cross module boundaries.

In reading order: `requests` (who asks), `pulls` (the diff), `coverage` (what is read),
`findings` (what is claimed), `results` (how it ends), `memory` (what is kept between reviews),
`jobs` (what the ledger holds), `replies` (what a model says). Behaviour lives with the modules
that own it. Values that are stored or travel between processes are pydantic models; values of
one run are dataclasses.
"""

from core.models.coverage import Coverage, Omission, OmissionReason, Scope, Strength
from core.models.findings import (
    Anchor,
    Candidate,
    Category,
    Finding,
    Place,
    RecordedFinding,
    Rejection,
    Severity,
    StandingComment,
)
from core.models.jobs import Delivery, Job, OutboxRow, RowKind, Stage
from core.models.memory import FindingState, PullMemory, Quoted, RememberedFinding
from core.models.pulls import (
    ChangeSet,
    DiffLine,
    FileChange,
    FileStatus,
    Hunk,
    LineKind,
    PullRequest,
    Side,
)
from core.models.replies import Prompt, Reading, ReplyFinding, Resolved, ReviewReply
from core.models.requests import (
    Accepted,
    Admission,
    Cancelled,
    Duplicate,
    DuplicateOf,
    Origin,
    OriginKind,
    PullRequestClosed,
    PullRequestRef,
    Refused,
    ReviewRequest,
)
from core.models.results import (
    Conclusion,
    Outcome,
    OutcomeKind,
    PostedReview,
    ReviewDraft,
    ReviewRecord,
    Round,
    Usage,
)
from core.models.value import Value

__all__ = [
    "Accepted",
    "Admission",
    "Anchor",
    "Cancelled",
    "Candidate",
    "Category",
    "ChangeSet",
    "Conclusion",
    "Coverage",
    "Delivery",
    "DiffLine",
    "Duplicate",
    "DuplicateOf",
    "FileChange",
    "FileStatus",
    "Finding",
    "FindingState",
    "Hunk",
    "Job",
    "LineKind",
    "Omission",
    "OmissionReason",
    "Origin",
    "OriginKind",
    "OutboxRow",
    "Outcome",
    "OutcomeKind",
    "Place",
    "PostedReview",
    "Prompt",
    "PullMemory",
    "PullRequest",
    "PullRequestClosed",
    "PullRequestRef",
    "Quoted",
    "Reading",
    "RecordedFinding",
    "Refused",
    "Rejection",
    "RememberedFinding",
    "ReplyFinding",
    "Resolved",
    "ReviewDraft",
    "ReviewRecord",
    "ReviewReply",
    "ReviewRequest",
    "Round",
    "RowKind",
    "Scope",
    "Severity",
    "Side",
    "Stage",
    "StandingComment",
    "Strength",
    "Usage",
    "Value",
]
