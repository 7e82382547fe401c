"""Requests and outcomes for tests of the ledger and the worker, with what matters as arguments."""

from itertools import count

from core.models import (
    Coverage,
    Origin,
    OriginKind,
    Outcome,
    OutcomeKind,
    PullRequestRef,
    ReviewRecord,
    ReviewRequest,
)

_deliveries = count(1)

A, B, C = (letter * 40 for letter in "abc")
"""Three heads."""


def push(
    head: str = A,
    *,
    number: int = 1,
    repo_id: int = 7,
    inst: int | None = 3,
    settle: bool = False,
    delivery: str = "",
) -> ReviewRequest:
    """An event of GitHub, with a delivery of its own unless one is given."""
    delivery = delivery or f"event-{next(_deliveries)}"
    return ReviewRequest(
        ref=PullRequestRef(owner="o", repo=f"r{repo_id}", number=number),
        repo_id=repo_id,
        head=head,
        origin=Origin(kind=OriginKind.WEBHOOK, id=delivery),
        installation_id=inst,
        delivery=delivery,
        settle=settle,
        correlation_id=f"c-{delivery}",
    )


def ask(
    head: str = A,
    *,
    person: str = "ada",
    kind: OriginKind = OriginKind.SLACK,
    full: bool = False,
    focus: str = "",
) -> ReviewRequest:
    """A person's request for the same pull request."""
    return push(head).model_copy(
        update={
            "origin": Origin(kind=kind, id=f"{kind.value}-{person}", person=person, reply="C1"),
            "full": full,
            "focus": focus,
        }
    )


def reviewed(head: str = A, *, url: str = "https://github.test/r/1") -> Outcome:
    """An outcome with a posted review."""
    coverage = Coverage(files_total=1, files_read=1)
    record = ReviewRecord(head=head, base="0" * 40, coverage=coverage)
    return Outcome(kind=OutcomeKind.REVIEWED, head=head, record=record, review_id=9, review_url=url)
