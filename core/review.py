"""The use case: one head of one pull request is read, and what holds is said once.

What each step means lives in its own module; this one is the order of the steps. Nothing is
written before `_posted`, and everything written there passes the fence.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

from core.adoption import adopted
from core.analyzers import Analyzers
from core.base_files import instructions, read_base_files
from core.context import Context
from core.context.reader import ContextReader
from core.coverage import covered
from core.desk import Pauses
from core.errors import HeadMoved, PullRequestGone
from core.fault_points import FaultPoint, reach
from core.findings import Placed, judge, place, recorded
from core.hidden_text import hidden_text_notes
from core.models import (
    Finding,
    Job,
    Omission,
    OmissionReason,
    Outcome,
    OutcomeKind,
    Phase,
    PostedReview,
    PullMemory,
    PullRequest,
    Remark,
    ReviewDraft,
    ReviewRecord,
    Round,
    Scope,
    StandingComment,
    Step,
    Strength,
)
from core.ports import Announcer, Fence, Host, Memory, Progress, Publisher
from core.progress import UNHEARD
from core.prompts.verification import Evidence
from core.proof import Proof, needs_proof
from core.repo_config import Configuration, RepoConfig, ruled_out
from core.repo_config.gathering import (
    Gathered,
    Organisation,
    RuntimeSettings,
    Sources,
    Subject,
    gather,
)
from core.repo_config.proposals import proposal_notes
from core.reviewer import ReadResult, Reviewer
from core.rounds import (
    Change,
    Compared,
    Look,
    all_paths,
    lines_of,
    omitted_paths,
    open_findings,
    quiet_findings,
    restored,
    to_read,
)
from core.selection import select
from core.texts import checkable, read_texts
from core.verification import Verifier, look_again

NOTHING_TO_REVIEW = "There is nothing to review in this change."
NOTHING_READ = "Nothing of this change could be read."


@dataclass(frozen=True, slots=True)
class Desk:
    """Who works on one review. Without a publisher nothing is posted."""

    host: Host
    publisher: Publisher | None
    reviewer: Reviewer
    analyzers: Analyzers
    defaults: RepoConfig
    clock: Callable[[], float]
    """Seconds, monotonic."""
    context: ContextReader = field(default_factory=ContextReader)
    memory: Memory | None = None
    """Without one every review is the first."""
    verifier: Verifier | None = None
    """Without one what passes the gates is said as it is."""
    runtime: RuntimeSettings | None = None
    organisation: Organisation | None = None
    command: RepoConfig | None = None
    """What whoever asked wants of this one review."""
    pauses: Pauses | None = None
    announcer: Announcer | None = None
    progress: Progress = UNHEARD

    @property
    def sources(self) -> Sources:
        """Return where configuration comes from, beside the repository itself."""
        return Sources(self.defaults, self.runtime, self.organisation, self.command)


async def review_pull_request(job: Job, desk: Desk, fence: Fence) -> Outcome:
    """Review the job's head and return the one outcome it ends in.

    Raises HeadMoved when another head is live, and what its collaborators raise: LeaseLost,
    TransientError, PermanentError.
    """
    try:
        return await _review(job, desk, fence)
    except PullRequestGone as gone:
        return Outcome(kind=OutcomeKind.CANCELLED, head=job.head, reason=gone.reason)


@dataclass(frozen=True, slots=True)
class _Case:
    """What is known before anything is read."""

    pull: PullRequest
    configuration: Configuration
    scope: Scope
    instructions: str
    record: ReviewRecord
    """Empty so far: head, notes, and that nothing of the scope was read."""


@dataclass(frozen=True, slots=True)
class _Past:
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
class _Read:
    """What reading gave: claims, and what could not be looked at."""

    result: ReadResult
    unchecked: tuple[Omission, ...]
    """Files that the analyzers could not look at."""


@dataclass(frozen=True, slots=True)
class _Proven:
    """What stands, by its place, beside what earlier rounds found."""

    compared: Compared
    placed: Placed
    rejected: int
    proof: Proof


async def _review(job: Job, desk: Desk, fence: Fence) -> Outcome:
    started = desk.clock()
    pull = await _live_pull_request(job, desk.host)
    if paused := await _paused(job, desk.pauses):
        return Outcome(kind=OutcomeKind.SKIPPED, head=pull.head, reason=paused)
    at_base = partial(_text_at, desk.host, pull.base)
    gathered = await gather(at_base, Subject.of(pull), desk.sources)
    asked, config = job.asked_in_person, gathered.configuration.config
    reason = ruled_out(pull, config, asked=asked, events=job.events)
    if reason is not None:
        return Outcome(kind=OutcomeKind.SKIPPED, head=pull.head, reason=reason)
    if desk.announcer is not None:
        await desk.announcer.announce(job, pull, config.notify.slack)
    case = await _opened(job, desk.host, pull, gathered)
    posted = await _posted_earlier(job, desk.publisher, pull, fence)
    past = await _past(job, desk, case)
    if posted is not None:
        return _adopted(posted, case, past)
    if not case.scope.files and past.look.first:
        return _nothing_to_read(case)
    read = await _read(job, desk, case, past)
    proven = await _proven(job, desk, case, past, read.result)
    record = _record(case, read, proven, seconds=desk.clock() - started)
    if desk.publisher is None or not proven.placed.inline:
        await _live_pull_request(job, desk.host)  # the diff read was this head's, not a newer one's
        return _outcome(record, proven)
    return await _posted(proven, record, pull, desk.publisher, fence)


async def _paused(job: Job, pauses: Pauses | None) -> str:
    """Return why nothing is reviewed until somebody asks; a person's wish outranks a pause."""
    if pauses is None or job.asked_in_person:
        return ""
    paused = await pauses.of(job.id)
    return f"Automatic reviews were paused by `{paused.who}`." if paused else ""


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


async def _opened(job: Job, host: Host, pull: PullRequest, gathered: Gathered) -> _Case:
    """Look at the change and decide what of it is read."""
    base = await read_base_files(host, pull)
    changes = await host.changes(pull)
    await reach(FaultPoint.CHANGES_FETCHED)
    proposed = await proposal_notes(host, pull, changes.files)
    rules = gathered.configuration.over(file.path for file in changes.files)
    scope = await asyncio.to_thread(select, changes, rules, base.attributes)
    record = ReviewRecord(
        head=pull.head,
        base=pull.base,
        ordinal=job.ordinal,
        coverage=covered(scope),
        notes=(*gathered.notes, *proposed, *hidden_text_notes(pull, changes.files)),
        gate=rules.config.review.gate,
    )
    wishes = await asyncio.to_thread(instructions, rules, pull, scope.files, base.guidance)
    return _Case(pull, rules, scope, wishes, record)


async def _posted_earlier(
    job: Job, publisher: Publisher | None, pull: PullRequest, fence: Fence
) -> PostedReview | None:
    """Return the review of an attempt that ended between posting and telling the ledger."""
    if publisher is None or (job.attempt == 1 and job.review_id is None):
        return None
    return await publisher.find_posted(pull, fence)


async def _past(job: Job, desk: Desk, case: _Case) -> _Past:
    """Recall what is known of the pull request, and find what of the change is unread."""
    files, pull = case.scope.files, case.pull
    memory = await desk.memory.recall(job) if desk.memory else PullMemory()
    comments = await desk.host.standing_comments() if pull.commented else ()
    remarks = await desk.host.remarks() if pull.commented else ()
    strength, again = desk.reviewer.strength, job.ordinal > 0
    look = strength is not Strength.STATIC and bool(files)
    async with desk.context.opened(desk.host, pull, look=look) as around:
        texts = await read_texts(desk.host, files, pull.head, around.texts)
        lines = lines_of(texts)
        agenda = await asyncio.to_thread(
            to_read, files, lines, memory, strength=strength, again=again
        )
        context = await around.explain(agenda.files, texts)
    omitted = frozenset(each.path for each in case.scope.omitted)
    change = Change(pull.head, agenda, files, omitted, lines)
    context = replace(context, aside=case.scope.aside)
    return _Past(
        Look(restored(memory, comments, change), change), texts, comments, remarks, context
    )


def _adopted(posted: PostedReview, case: _Case, past: _Past) -> Outcome:
    """Return the outcome of a review that stands already; how much it read is not known."""
    outcome = adopted(posted, past.comments, case.pull, case.scope, case.record)
    compared = past.look.compare((), ())
    memory, round_ = compared.settle(
        (), (), unread=all_paths(case.scope.files), strength=Strength.DEGRADED
    )
    record = _with_all_rounds(outcome.record or case.record, memory, round_)
    ours = {each.id: each for each in outcome.record.findings} if outcome.record else {}
    findings = tuple(ours.get(each.id, each) for each in record.findings)
    record = record.model_copy(update={"findings": findings})
    return outcome.model_copy(update={"record": record, "memory": memory})


def _nothing_to_read(case: _Case) -> Outcome:
    unread = case.record.coverage.files_total > 0
    reason = NOTHING_READ if unread else NOTHING_TO_REVIEW
    return Outcome(kind=OutcomeKind.CLEAN, head=case.pull.head, reason=reason, record=case.record)


async def _read(job: Job, desk: Desk, case: _Case, past: _Past) -> _Read:
    files = past.look.agenda.files
    sources = checkable(files, past.texts)
    await reach(FaultPoint.MODEL_ASKED)
    result = await desk.reviewer.read(
        case.pull,
        files,
        past.texts,
        instructions=case.instructions,
        focus=job.focus,
        static=await desk.analyzers.run(sources.files),
        run=_run_of(job),
        context=past.context,
        earlier=[each.finding for each in past.look.in_question()],
        progress=desk.progress,
    )
    await reach(FaultPoint.MODEL_ANSWERED)
    unchecked = tuple(
        Omission(path=path, reason=OmissionReason.UNREADABLE, detail="its text at the head")
        for path in sources.unreadable
    )
    return _Read(result, unchecked)


async def _proven(job: Job, desk: Desk, case: _Case, past: _Past, result: ReadResult) -> _Proven:
    """Hold the claims against the code and against what was said before."""
    rules = case.configuration
    judged = await asyncio.to_thread(judge, result.candidates, case.scope.files, past.texts, rules)
    compared = await asyncio.to_thread(past.look.compare, judged.findings, result.resolved)
    sources = Evidence(case.scope.files, past.texts, past.context)
    if desk.verifier is not None and any(map(needs_proof, compared.to_say)):
        desk.progress.at(Step(phase=Phase.CHECKING))
    proof = await look_again(desk.verifier, case.pull, compared.to_say, sources, run=_run_of(job))
    in_time = partial(compared.in_time, verified=proof.verified)
    placed = place(proof.standing, past.comments, rules, remarks=past.remarks, in_time=in_time)
    return _Proven(compared, placed, len(judged.rejections), proof)


def _run_of(job: Job) -> str:
    """Name the review, so that a repeated attempt finds the answers that were paid for."""
    return f"{job.id}:{job.head}:{job.ordinal}"


def _record(case: _Case, read: _Read, proven: _Proven, *, seconds: float) -> ReviewRecord:
    result, proof = read.result, proven.proof
    alone = result.strength is Strength.STATIC
    coverage = covered(
        case.scope,
        (*result.unread, *(read.unchecked if alone else ())),
        strength=proof.strength_of(result.strength),
        notes=(*result.notes, *proof.shortcomings),
    )
    return case.record.model_copy(
        update={
            "summary": result.summary,
            "rejected": proven.rejected,
            "refuted": proof.refuted,
            "notes": (*case.record.notes, *proof.remarks),
            "coverage": coverage,
            "models": result.models,
            "verifiers": proof.models,
            "usage": result.usage + proof.usage,
            "seconds": round(seconds, 3),
        }
    )


async def _posted(
    proven: _Proven, record: ReviewRecord, pull: PullRequest, publisher: Publisher, fence: Fence
) -> Outcome:
    """Post what belongs on lines as one review."""
    draft = _outcome(record, proven).record or record
    posted = await publisher.publish(ReviewDraft(pull, proven.placed.inline, draft), fence)
    as_posted = replace(proven, placed=_as_posted(proven.placed, posted))
    return _outcome(record, as_posted, posted)


def _outcome(record: ReviewRecord, proven: _Proven, posted: PostedReview | None = None) -> Outcome:
    """Return the outcome: what is open over all rounds, and what to remember for the next."""
    placed, look = proven.placed, proven.compared.look
    said = recorded(placed, posted.comment_urls if posted else {})
    memory, round_ = proven.compared.settle(
        placed.all,
        said,
        unread=omitted_paths(record.coverage.omitted),
        strength=record.coverage.strength,
        verified=proven.proof.verified,
    )
    record = _with_all_rounds(record, memory, round_)
    kind = OutcomeKind.REVIEWED if record.findings else OutcomeKind.CLEAN
    return Outcome(
        kind=OutcomeKind.NOTHING_NEW if look.nothing_new else kind,
        head=record.head,
        record=record,
        review_id=posted.id if posted else None,
        review_url=posted.url if posted else "",
        memory=memory,
    )


def _with_all_rounds(record: ReviewRecord, memory: PullMemory, round_: Round) -> ReviewRecord:
    return record.model_copy(
        update={"findings": open_findings(memory), "quiet": quiet_findings(memory), "round": round_}
    )


def _as_posted(placed: Placed, posted: PostedReview) -> Placed:
    """Move to the summary what got no comment: refused, or not in a review that was adopted."""

    def stands(finding: Finding) -> bool:
        if posted.adopted:
            return finding.id in posted.comment_urls
        return finding.id not in posted.refused

    left_out = tuple(finding for finding in placed.inline if not stands(finding))
    return replace(
        placed,
        inline=tuple(finding for finding in placed.inline if stands(finding)),
        summary=(*left_out, *placed.summary),
    )
