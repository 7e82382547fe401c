"""The desk: where a pull request stands, and what people decide about it. Asks no model."""

from collections import Counter
from typing import Protocol

from core.desk.values import JobView, QueueView, Standing, Turn
from core.models import (
    Dismiss,
    Dismissed,
    Paused,
    PullMemory,
    PullRequestRef,
    RecordedFinding,
    Refused,
)
from core.ports import Dismissals

QUEUE_LENGTH = 10
"""Jobs that are shown where nobody says how many."""


class Files(Protocol):
    """The ledger's jobs, to be looked at."""

    async def job(self, job_id: str) -> JobView | None:
        """Return one as it stands. Raises TransientError."""
        ...

    async def queue(self, limit: int) -> QueueView:
        """Return the first `limit` that run or wait. Raises TransientError."""
        ...


class Pauses(Protocol):
    """Whose automatic reviews are paused."""

    async def of(self, job_id: str) -> Paused | None:
        """Return who paused it, None where nobody did. Raises TransientError."""
        ...

    async def pause(self, job_id: str, who: str) -> Paused:
        """Pause, and return who did it first. Repeating a call is safe. Raises TransientError."""
        ...

    async def resume(self, job_id: str) -> Paused | None:
        """Resume, and return who had paused. Repeating a call is safe. Raises TransientError."""
        ...


class Turns(Protocol):
    """How often something may be asked for in a while."""

    async def take(self, of: str, turn: str, *, most: int, seconds: float) -> Turn:
        """Take one of `most` turns in so many seconds; the same `turn` gets the same answer.

        Raises TransientError.
        """
        ...


class Memories(Protocol):
    """What is remembered of pull requests, as people's words leave it."""

    async def of(self, job_id: str) -> PullMemory:
        """Return it, an empty one for a pull request that is new. Raises TransientError."""
        ...


class Desk:
    """What both front ends do once it is known that a person may. All raise TransientError."""

    def __init__(
        self, files: Files, pauses: Pauses, memories: Memories, dismissals: Dismissals
    ) -> None:
        self._files = files
        self._pauses = pauses
        self._memories = memories
        self._dismissals = dismissals

    async def status(self, ref: PullRequestRef, repo_id: int) -> Standing:
        """Return where a pull request stands."""
        job_id = job_id_of(ref, repo_id)
        memory = await self._memories.of(job_id)
        return Standing(
            ref=ref,
            job=await self._files.job(job_id),
            open=Counter(each.finding.severity for each in memory.findings if each.state.is_open),
            paused=await self._pauses.of(job_id),
        )

    async def pause(self, ref: PullRequestRef, repo_id: int, who: str) -> Paused:
        """Let automatic reviews of it end as skipped from now on; return who paused it first."""
        return await self._pauses.pause(job_id_of(ref, repo_id), who)

    async def resume(self, ref: PullRequestRef, repo_id: int) -> Paused | None:
        """Let automatic reviews run again; None where nobody had paused them."""
        return await self._pauses.resume(job_id_of(ref, repo_id))

    async def ignore(self, request: Dismiss) -> Dismissed | Refused:
        """Be quiet about findings, or speak of them again."""
        return await self._dismissals.dismiss(request)

    async def finding(self, job_id: str, finding_id: str) -> RecordedFinding | None:
        """Return a finding of any round by its id, None where it is not known."""
        memory = await self._memories.of(job_id)
        known = (each.finding for each in memory.findings)
        return next((each for each in known if each.id == finding_id), None)

    async def queue(self, limit: int = QUEUE_LENGTH) -> QueueView:
        """Return what runs and what waits, the first `limit` of it one by one."""
        return await self._files.queue(limit)


def job_id_of(ref: PullRequestRef, repo_id: int) -> str:
    """Return the id under which the ledger keeps a pull request's job."""
    return f"{repo_id}:{ref.number}"
