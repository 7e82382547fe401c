"""Deliveries and findings for tests of what Slack is told."""

from core.models import (
    Category,
    Coverage,
    Delivery,
    Origin,
    OriginKind,
    OutboxRow,
    Outcome,
    OutcomeKind,
    Place,
    PullRequestRef,
    RecordedFinding,
    ReviewRecord,
    RowKind,
    Severity,
    Stage,
)
from slack.replies import Reply, sealed
from tests.slack.wire import CHANNEL, SEAL, USER

REF = PullRequestRef(owner="octo", repo="shop", number=7)
HEAD = "0123456789abcdef0123456789abcdef01234567"
REVIEW_URL = "https://github.com/octo/shop/pull/7#pullrequestreview-5"


def a_reply(**changes: object) -> Reply:
    values: dict[str, object] = {
        "channel": CHANNEL,
        "user": USER,
        "response_url": "https://hooks.slack.com/commands/T0/1/x",
        "title": "Take payments",
        "author": "mona",
        "additions": 120,
        "deletions": 8,
        "changed_files": 4,
    }
    return Reply.model_validate(values | changes)


def a_delivery(*, reply: Reply | None = None, receipt: str = "", **changes: object) -> Delivery:
    row = OutboxRow(
        kind=RowKind.SLACK, job_id="7:7", target="slack:1", generation=1, receipt=receipt
    )
    origin = Origin(
        kind=OriginKind.SLACK, id="slack:1", person=USER, reply=sealed(reply or a_reply(), SEAL)
    )
    values: dict[str, object] = {
        "row": row,
        "ref": REF,
        "repo_id": 7,
        "installation_id": 1,
        "head": HEAD,
        "stage": Stage.WAITING,
        "origin": origin,
    }
    return Delivery.model_validate(values | changes)


def a_done_delivery(*, receipt: str = "", reply: Reply | None = None, **record: object) -> Delivery:
    return a_delivery(reply=reply, receipt=receipt, stage=Stage.IDLE, outcome=an_outcome(**record))


def an_outcome(kind: OutcomeKind = OutcomeKind.REVIEWED, **record: object) -> Outcome:
    return Outcome(kind=kind, head=HEAD, record=a_record(**record), review_url=REVIEW_URL)


def a_record(**changes: object) -> ReviewRecord:
    values: dict[str, object] = {
        "head": HEAD,
        "base": "b" * 40,
        "findings": (a_finding(),),
        "coverage": Coverage(files_total=4, files_read=4, hunks_total=9, hunks_read=9),
        "models": ("openai:gpt-5",),
    }
    return ReviewRecord.model_validate(values | changes)


def a_finding(**changes: object) -> RecordedFinding:
    values: dict[str, object] = {
        "id": "f1",
        "fingerprint": "fp",
        "path": "src/payments.py",
        "line": 42,
        "severity": Severity.IMPORTANT,
        "category": Category.BUG,
        "title": "The retry charges the card twice.",
        "body": "A timeout after the charge retries it.",
        "place": Place.INLINE,
        "url": "https://github.com/octo/shop/pull/7#discussion_r1",
    }
    return RecordedFinding.model_validate(values | changes)
