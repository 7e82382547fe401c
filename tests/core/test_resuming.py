"""Resuming makes up for the commit that a pause passed over, once, and for nothing else."""

from dataclasses import dataclass, field

import pytest

from core.desk import Desk, JobView, Resumed, Resumption, resume_reviews
from core.errors import TransientError
from core.intake import Intake
from core.models import (
    Accepted,
    Admission,
    Duplicate,
    DuplicateOf,
    OriginKind,
    Outcome,
    OutcomeKind,
    Paused,
    PullMemory,
    Refused,
    ReviewRequest,
    Stage,
)
from tests.fakes.core import HEAD, REF, a_pull_request

MONA = Paused(who="slack:U0MONA")
PASSED_OVER = Outcome(kind=OutcomeKind.SKIPPED, head=HEAD, by_pause=True)


@dataclass
class Ledger:
    """One pull request: its job, its pause, and what was admitted for it."""

    outcome: Outcome | None = PASSED_OVER
    stage: Stage | None = Stage.IDLE
    paused: Paused | None = MONA
    answer: Admission = field(default_factory=lambda: Accepted(job_id="1:7"))
    is_away: bool = False
    admitted: list[ReviewRequest] = field(default_factory=list)
    rung: list[str] = field(default_factory=list)

    async def job(self, job_id: str) -> JobView | None:
        if self.stage is None:
            return None
        return JobView(job_id, REF, self.stage, HEAD, 0.0, outcome=self.outcome)

    async def resume(self, job_id: str) -> Paused | None:
        before, self.paused = self.paused, None
        return before

    async def of(self, job_id: str) -> Paused | None:
        return self.paused

    async def admit(self, request: ReviewRequest) -> Admission:
        if self.is_away:
            raise TransientError("Redis is away.")
        self.admitted.append(request)
        return self.answer

    async def ring(self, job_id: str) -> None:
        self.rung.append(job_id)


class NoMemory:
    async def of(self, job_id: str) -> PullMemory:
        return PullMemory()


async def resumed(ledger: Ledger, **changes: object) -> Resumed:
    desk = Desk(ledger, ledger, NoMemory(), None)  # type: ignore[arg-type]  # as far as asked
    intake = Intake(ledger, ledger)  # type: ignore[arg-type]  # as far as asked
    wish = Resumption(a_pull_request(**changes), delivery="d-1", author="ada")
    return await resume_reviews(desk, intake, wish)


async def test_commit_that_was_passed_over_is_reviewed_as_its_push_would_have_been() -> None:
    ledger = Ledger()
    assert await resumed(ledger) == Resumed(MONA, reviewed_now=True)
    assert ledger.paused is None
    (request,) = ledger.admitted
    assert (request.head, request.delivery, request.author) == (HEAD, "d-1", "ada")
    assert request.origin.kind is OriginKind.WEBHOOK
    assert not request.full
    assert ledger.rung == ["1:7"]


@pytest.mark.parametrize(
    ("outcome", "stage"),
    [
        (Outcome(kind=OutcomeKind.CLEAN, head=HEAD), Stage.IDLE),
        (Outcome(kind=OutcomeKind.SKIPPED, head=HEAD, reason="It is a draft."), Stage.IDLE),
        (None, Stage.DEAD),
        (None, None),
    ],
)
async def test_nothing_is_asked_for_where_no_pause_passed_anything_over(
    outcome: Outcome | None, stage: Stage | None
) -> None:
    ledger = Ledger(outcome, stage)
    assert await resumed(ledger) == Resumed(MONA)
    assert ledger.admitted == []


@pytest.mark.parametrize("stage", [Stage.WAITING, Stage.RUNNING])
async def test_push_that_waits_is_reviewed_anyway(stage: Stage) -> None:
    ledger = Ledger(None, stage)
    assert await resumed(ledger) == Resumed(MONA, reviewed_now=True)
    assert ledger.admitted == []


async def test_closed_pull_request_is_resumed_and_not_reviewed() -> None:
    ledger = Ledger()
    assert await resumed(ledger, open=False) == Resumed(MONA)
    assert ledger.admitted == []


@pytest.mark.parametrize(
    ("answer", "is_reviewed"),
    [
        (Duplicate(job_id="1:7", of=DuplicateOf.DELIVERY), True),
        (Duplicate(job_id="1:7", of=DuplicateOf.RUNNING), True),
        (Duplicate(job_id="1:7", of=DuplicateOf.REVIEWED), False),
        (Refused(reason="No."), False),
    ],
)
async def test_what_the_intake_knows_already_is_told_as_it_is(
    answer: Admission, is_reviewed: bool
) -> None:
    assert (await resumed(Ledger(answer=answer))).reviewed_now is is_reviewed


async def test_resuming_again_after_trouble_still_asks_for_the_review() -> None:
    ledger = Ledger(is_away=True)
    with pytest.raises(TransientError):
        await resumed(ledger)
    ledger.is_away = False
    assert await resumed(ledger) == Resumed(None, reviewed_now=True)
    assert len(ledger.admitted) == 1
