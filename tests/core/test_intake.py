"""The door: what is refused for its form, what is admitted, and when the bell rings."""

import pytest

from core.intake import MAX_FOCUS, Intake
from core.models import (
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

HEAD = "a" * 40


class Ledger:
    """Admits everything and remembers it."""

    def __init__(self) -> None:
        self.admitted: list[ReviewRequest] = []

    async def admit(self, request: ReviewRequest) -> Admission:
        self.admitted.append(request)
        return Accepted(job_id="7:1", correlation_id=request.correlation_id)

    async def cancel(self, closed: PullRequestClosed) -> Cancelled | None:
        return Cancelled(job_id="7:1") if self.admitted else None


class CountingBell:
    """Remembers which jobs were rung for."""

    def __init__(self) -> None:
        self.rung: list[str] = []

    async def ring(self, job_id: str) -> None:
        self.rung.append(job_id)


def request(**changes: object) -> ReviewRequest:
    values: dict[str, object] = {
        "ref": PullRequestRef(owner="octo", repo="app.js", number=12),
        "repo_id": 7,
        "head": HEAD,
        "origin": Origin(kind=OriginKind.WEBHOOK, id="d"),
    }
    return ReviewRequest.model_validate(values | changes)


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
def bell() -> CountingBell:
    return CountingBell()


@pytest.fixture
def intake(ledger: Ledger, bell: CountingBell) -> Intake:
    return Intake(ledger, bell, new_id=lambda: "new")


async def test_request_gets_a_correlation_id(intake: Intake, ledger: Ledger) -> None:
    assert await intake.accept(request()) == Accepted(job_id="7:1", correlation_id="new")
    assert ledger.admitted == [request(correlation_id="new")]


async def test_given_correlation_id_is_kept(intake: Intake) -> None:
    admission = await intake.accept(request(correlation_id="mine"))
    assert admission == Accepted(job_id="7:1", correlation_id="mine")


async def test_words_of_an_asker_are_bounded(intake: Intake, ledger: Ledger) -> None:
    await intake.accept(request(focus="x" * 10_000))
    assert len(ledger.admitted[0].focus) == MAX_FOCUS


async def test_sha256_commits_are_commits(intake: Intake) -> None:
    assert isinstance(await intake.accept(request(head="b" * 64)), Accepted)


@pytest.mark.parametrize(
    "changes",
    [
        {"head": "main"},
        {"head": "A" * 40},
        {"head": HEAD + "\n"},
        {"repo_id": 0},
        {"ref": PullRequestRef(owner="octo", repo="../app", number=12)},
        {"ref": PullRequestRef(owner="", repo="app", number=12)},
        {"ref": PullRequestRef(owner="octo", repo="app", number=0)},
    ],
)
async def test_malformed_request_is_refused_and_not_admitted(
    intake: Intake, ledger: Ledger, changes: dict[str, object]
) -> None:
    assert isinstance(await intake.accept(request(**changes)), Refused)
    assert ledger.admitted == []


async def test_closing_ends_what_was_admitted(intake: Intake, bell: CountingBell) -> None:
    ref = PullRequestRef(owner="octo", repo="app.js", number=12)
    closed = PullRequestClosed(ref=ref, repo_id=7, closed_at=1.0, delivery="d")
    assert await intake.close(closed) is None
    await intake.accept(request())
    assert await intake.close(closed) == Cancelled(job_id="7:1")
    assert bell.rung == []


async def test_accepting_does_not_ring(intake: Intake, bell: CountingBell) -> None:
    await intake.accept(request())
    assert bell.rung == []


@pytest.mark.parametrize(
    ("admission", "rung"),
    [
        (Accepted(job_id="7:1"), ["7:1"]),
        (Accepted(job_id="7:1", starts_in=3.0), []),
        (Duplicate(job_id="7:1", of=DuplicateOf.RUNNING), ["7:1"]),
        (Duplicate(job_id="7:1", of=DuplicateOf.DELIVERY), []),
        (Duplicate(job_id="7:1", of=DuplicateOf.REVIEWED), []),
        (Refused(reason="no"), []),
    ],
)
async def test_bell_rings_for_what_is_due(
    intake: Intake, bell: CountingBell, admission: Admission, rung: list[str]
) -> None:
    await intake.ring(admission)
    assert bell.rung == rung
