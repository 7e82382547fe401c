"""What a review ends in; pure."""

from dataclasses import replace

from core.adoption import adopted
from core.coverage import covered
from core.findings import Placed, recorded
from core.models import (
    Finding,
    Outcome,
    OutcomeKind,
    PostedReview,
    PullMemory,
    ReviewRecord,
    Round,
    Strength,
)
from core.review.values import Case, Past, Proven, Read
from core.rounds import all_paths, omitted_paths, open_findings, quiet_findings

NOTHING_TO_REVIEW = "There is nothing to review in this change."
NOTHING_READ = "Nothing of this change could be read."


def record_of(case: Case, read: Read, proven: Proven, *, seconds: float) -> ReviewRecord:
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


def outcome_of(record: ReviewRecord, proven: Proven, posted: PostedReview | None = None) -> Outcome:
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


def as_posted(placed: Placed, posted: PostedReview) -> Placed:
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


def adopted_outcome(posted: PostedReview, case: Case, past: Past) -> Outcome:
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


def nothing_to_read(case: Case) -> Outcome:
    unread = case.record.coverage.files_total > 0
    reason = NOTHING_READ if unread else NOTHING_TO_REVIEW
    return Outcome(kind=OutcomeKind.CLEAN, head=case.pull.head, reason=reason, record=case.record)
