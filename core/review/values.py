"""What is known between the steps of one review."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.context import Context
from core.findings import Placed
from core.models import Omission, PullRequest, Remark, ReviewRecord, Scope, StandingComment
from core.proof import Proof
from core.repo_config import Configuration
from core.reviewer import ReadResult
from core.rounds import Compared, Look


@dataclass(frozen=True, slots=True)
class Case:
    """What is known before anything is read."""

    pull: PullRequest
    configuration: Configuration
    scope: Scope
    instructions: str
    record: ReviewRecord
    """Empty so far: head, notes, and that nothing of the scope was read."""


@dataclass(frozen=True, slots=True)
class Past:
    """The change held against what is remembered, before anything is read."""

    look: Look
    texts: Mapping[str, str]
    comments: tuple[StandingComment, ...]
    """Ours, that stand on the pull request."""
    remarks: tuple[Remark, ...]
    """Those of other reviewers."""
    context: Context
    """What explains the unread part of the change."""


@dataclass(frozen=True, slots=True)
class Read:
    """What reading gave: claims, and what could not be looked at."""

    result: ReadResult
    unchecked: tuple[Omission, ...]
    """Files that the analyzers could not look at."""


@dataclass(frozen=True, slots=True)
class Proven:
    """What stands, by its place, beside what earlier rounds found."""

    compared: Compared
    placed: Placed
    rejected: int
    proof: Proof
