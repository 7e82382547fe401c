"""A job and its fence where there is no ledger: the run of one command."""

from core.intake import new_correlation_id
from core.models import (
    Delivery,
    Job,
    Origin,
    OriginKind,
    OutboxRow,
    Outcome,
    PullRequest,
    RowKind,
    Stage,
)

WRITE_TIMEOUT_SECONDS = 20.0
"""The most that a write may take anywhere."""
SETTLE_SECONDS = 15.0
"""GitHub's lists may lag behind an interrupted run's writes for about so long."""


class OneRun:
    """Implements `core.ports.Fence` for a run that nobody else can take over."""

    def __init__(self) -> None:
        self._review_id: int | None = None

    async def check(self) -> None:
        """Allow the write: there is no lease to lose."""

    async def remember_review(self, review_id: int) -> None:
        """Keep a pending review's id for as long as the command runs."""
        self._review_id = review_id

    @property
    def review_id(self) -> int | None:
        """The review id of this run."""
        return self._review_id

    @property
    def write_timeout(self) -> float:
        """Seconds a single write may take."""
        return WRITE_TIMEOUT_SECONDS

    @property
    def settle_seconds(self) -> float:
        """Seconds after an earlier run's writes in which an empty list proves nothing."""
        return SETTLE_SECONDS


def job_for(pull: PullRequest) -> Job:
    """Return the job of a person who asks on the command line."""
    return Job(
        id=f"{pull.repo_id}:{pull.ref.number}",
        ref=pull.ref,
        repo_id=pull.repo_id,
        installation_id=None,
        head=pull.head,
        epoch=1,
        generation=1,
        origins=(Origin(kind=OriginKind.API, id="command-line"),),
        correlation_id=new_correlation_id(),
    )


def summary_delivery(job: Job, outcome: Outcome) -> Delivery:
    """Return the sticky summary as a row to deliver at once."""
    return Delivery(
        row=OutboxRow(kind=RowKind.SUMMARY, job_id=job.id, target="", generation=job.generation),
        ref=job.ref,
        repo_id=job.repo_id,
        installation_id=job.installation_id,
        head=outcome.head,
        stage=Stage.IDLE,
        outcome=outcome,
        correlation_id=job.correlation_id,
        asked_in_person=True,
    )
