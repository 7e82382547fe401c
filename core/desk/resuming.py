"""Lets automatic reviews run again, and makes up for the commit that the pause passed over.

The same from every front end; who may resume was judged there, and the words are theirs.
"""

from dataclasses import dataclass
from typing import Final

from core.desk.desk import Desk
from core.desk.values import JobView
from core.intake import Intake
from core.models import (
    Accepted,
    Duplicate,
    DuplicateOf,
    Origin,
    OriginKind,
    Paused,
    PullRequest,
    ReviewRequest,
    Stage,
)

AGAIN: Final = Origin(kind=OriginKind.WEBHOOK, id="webhook:resumed")
"""Nobody asked for this review in person: it is the one that the push would have had."""


@dataclass(frozen=True, slots=True)
class Resumption:
    """Ask that automatic reviews of a pull request run again."""

    pull: PullRequest
    delivery: str
    """Makes a repeated wish recognisable, as in `ReviewRequest`."""
    author: str = ""
    """Login of whoever resumes, empty where it is not known."""
    installation_id: int | None = None
    correlation_id: str = ""


@dataclass(frozen=True, slots=True)
class Resumed:
    """Automatic reviews run."""

    before: Paused | None
    """Who had paused them, None where nobody had."""
    reviewed_now: bool = False
    """The commit that was passed over is being reviewed, or about to be."""


async def resume_reviews(desk: Desk, intake: Intake, wish: Resumption) -> Resumed:
    """Resume, and ask for the review that the pause held back. Raises TransientError.

    After an error it may be called again: what was passed over is still known then, though not
    who had paused.
    """
    pull = wish.pull
    before = await desk.resume(pull.ref, pull.repo_id)
    job = (await desk.status(pull.ref, pull.repo_id)).job
    if not pull.open or job is None:
        return Resumed(before)
    if _comes_anyway(job):
        return Resumed(before, reviewed_now=before is not None)
    if not _was_passed_over(job):
        return Resumed(before)
    admission = await intake.accept(_request(wish))
    await intake.ring(admission)
    match admission:
        case Accepted() | Duplicate(of=DuplicateOf.RUNNING | DuplicateOf.DELIVERY):
            return Resumed(before, reviewed_now=True)
        case _:
            return Resumed(before)


def _comes_anyway(job: JobView) -> bool:
    """Tell whether a push waited while reviews were paused, and finds them resumed."""
    return job.stage in {Stage.WAITING, Stage.RUNNING}


def _was_passed_over(job: JobView) -> bool:
    return job.outcome is not None and job.outcome.by_pause


def _request(wish: Resumption) -> ReviewRequest:
    pull = wish.pull
    return ReviewRequest(
        ref=pull.ref,
        repo_id=pull.repo_id,
        head=pull.head,
        origin=AGAIN,
        installation_id=wish.installation_id,
        delivery=wish.delivery,
        author=wish.author,
        correlation_id=wish.correlation_id,
    )
