"""The order of the steps; what each of them means lives beside it.

Nothing is written before `post`, and everything written there passes the fence.
"""

from dataclasses import replace
from functools import partial

from core.desk import Pauses
from core.errors import HeadMoved, PullRequestGone
from core.models import (
    Job,
    Outcome,
    OutcomeKind,
    PostedReview,
    PullRequest,
    ReviewDraft,
    ReviewRecord,
)
from core.ports import Fence, Host, Publisher
from core.repo_config import ruled_out
from core.repo_config.gathering import Subject, gather
from core.review.crew import Crew
from core.review.outcomes import adopted_outcome, as_posted, nothing_to_read, outcome_of, record_of
from core.review.reading import open_case, prove, read_change, recall
from core.review.values import Proven


async def review_pull_request(job: Job, crew: Crew, fence: Fence) -> Outcome:
    """Review the job's head and return the one outcome it ends in.

    Raises HeadMoved when another head is live, and what its collaborators raise: LeaseLost,
    TransientError, PermanentError.
    """
    try:
        return await _review(job, crew, fence)
    except PullRequestGone as gone:
        return Outcome(kind=OutcomeKind.CANCELLED, head=job.head, reason=gone.reason)


async def _review(job: Job, crew: Crew, fence: Fence) -> Outcome:
    started = crew.clock()
    pull = await _live_pull_request(job, crew.host)
    if paused := await _paused(job, crew.pauses):
        return Outcome(kind=OutcomeKind.SKIPPED, head=pull.head, reason=paused, by_pause=True)
    at_base = partial(_text_at, crew.host, pull.base)
    gathered = await gather(at_base, Subject.of(pull), crew.sources)
    asked, config = job.asked_in_person, gathered.configuration.config
    reason = ruled_out(pull, config, asked=asked, events=job.events)
    if reason is not None:
        return Outcome(kind=OutcomeKind.SKIPPED, head=pull.head, reason=reason)
    if crew.announcer is not None:
        await crew.announcer.announce(job, pull, config.notify.slack)
    case = await open_case(job, crew.host, pull, gathered)
    posted = await _posted_earlier(job, crew.publisher, pull, fence)
    past = await recall(job, crew, case)
    if posted is not None:
        return adopted_outcome(posted, case, past)
    if not case.scope.files and past.look.first:
        return nothing_to_read(case)
    read = await read_change(job, crew, case, past)
    proven = await prove(job, crew, case, past, read.result)
    record = record_of(case, read, proven, seconds=crew.clock() - started)
    if crew.publisher is None or not proven.placed.inline:
        await _live_pull_request(job, crew.host)  # the diff read was this head's, not a newer one's
        return outcome_of(record, proven)
    return await _post(proven, record, pull, crew.publisher, fence)


async def _paused(job: Job, pauses: Pauses | None) -> str:
    """Return why nothing is reviewed until somebody asks; a person's wish outranks a pause."""
    if pauses is None or job.asked_in_person:
        return ""
    paused = await pauses.of(job.id)
    return f"Automatic reviews were paused by {paused.by}." if paused else ""


async def _text_at(host: Host, commit: str, path: str) -> bytes | None:
    return await host.text(path, commit)


async def _live_pull_request(job: Job, host: Host) -> PullRequest:
    """Return it as it is now. Raises PullRequestGone, HeadMoved."""
    pull = await host.pull_request()
    if not pull.open:
        raise PullRequestGone("It was merged." if pull.merged else "It was closed.")
    if pull.head != job.head:
        raise HeadMoved(pull.head)
    return pull


async def _posted_earlier(
    job: Job, publisher: Publisher | None, pull: PullRequest, fence: Fence
) -> PostedReview | None:
    """Return the review of an attempt that ended between posting and telling the ledger."""
    if publisher is None or (job.attempt == 1 and job.review_id is None):
        return None
    return await publisher.find_posted(pull, fence)


async def _post(
    proven: Proven, record: ReviewRecord, pull: PullRequest, publisher: Publisher, fence: Fence
) -> Outcome:
    """Post what belongs on lines as one review."""
    draft = outcome_of(record, proven).record or record
    posted = await publisher.publish(ReviewDraft(pull, proven.placed.inline, draft), fence)
    standing = replace(proven, placed=as_posted(proven.placed, posted))
    return outcome_of(record, standing, posted)
