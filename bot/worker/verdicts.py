"""From how a run ended to what the ledger is told: pure, no I/O."""

from dataclasses import dataclass

from core.errors import (
    HeadMoved,
    LeaseLost,
    PermanentError,
    PullRequestGone,
    TransientError,
    UserError,
    Withheld,
)
from core.models import Job, Outcome, OutcomeKind, RowKind


@dataclass(frozen=True, slots=True)
class Finish:
    """The head has its outcome."""

    outcome: Outcome


@dataclass(frozen=True, slots=True)
class TryAgain:
    """Another attempt, no sooner than `retry_after` seconds from now."""

    reason: str
    retry_after: float = 0.0
    counted: bool = True
    """False for one that tried nothing: it is no step towards giving up."""


@dataclass(frozen=True, slots=True)
class Follow:
    """The live head is another one."""

    live_head: str


@dataclass(frozen=True, slots=True)
class LetGo:
    """Another worker holds the job, or will: nothing is told."""

    why: str


@dataclass(frozen=True, slots=True)
class GiveBack:
    """The process stops: the job is due again at once, without blame."""


Verdict = Finish | TryAgain | Follow | LetGo | GiveBack


def verdict_on(error: Exception, job: Job) -> Verdict:
    """Judge an error of a run; one that nobody expected is worth another attempt."""
    match error:
        case HeadMoved():
            return Follow(error.live_head)
        case LeaseLost():
            return LetGo(str(error))
        case TransientError():
            counted = not isinstance(error, Withheld)
            return TryAgain(error.reason, error.retry_after, counted)
        case PullRequestGone():
            return Finish(ended(OutcomeKind.CANCELLED, job, error.reason))
        case PermanentError():
            return Finish(ended(OutcomeKind.FAILED, job, error.reason))
        case UserError():
            return Finish(ended(OutcomeKind.FAILED, job, str(error)))
        case _:
            return TryAgain(f"An unexpected error ({type(error).__name__}).")


def ended(kind: OutcomeKind, job: Job, reason: str) -> Outcome:
    """Return an outcome without a record."""
    return Outcome(kind=kind, head=job.head, reason=reason)


def rows_for(job: Job, outcome: Outcome) -> frozenset[RowKind]:
    """Return the rows that announce an outcome.

    The check always; the summary when there is something to read in it, or a person asked.
    """
    record = outcome.record
    if record is None:
        return frozenset({RowKind.CHECK})
    unread = any(not omission.reason.not_reviewable for omission in record.coverage.omitted)
    if record.findings or unread or job.asked_in_person:
        return frozenset({RowKind.CHECK, RowKind.SUMMARY})
    return frozenset({RowKind.CHECK})
