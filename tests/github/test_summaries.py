"""The sticky summary: one comment, found again, edited in place, never set back."""

import json
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from core.errors import PermanentError, TransientError
from core.feedback import Counts, CountsOf
from core.models import (
    Coverage,
    Delivery,
    Omission,
    OmissionReason,
    OutboxRow,
    Outcome,
    OutcomeKind,
    Reception,
    RowKind,
    Severity,
    Stage,
    Strength,
)
from github.client import GitHubClient
from github.markers import MarkerKind, Markers, summary_id
from github.summaries import SummaryDeliverer
from tests.github.render_samples import HEAD, REF, outcome, record, recorded
from tests.github.reviews_api import BOT, IDENTITY, MARKERS, pull_payload
from tests.github.wire import Wire, json_answer

ISSUES = "/repos/acme/shop/issues"
FINDINGS = outcome(recorded())
CLEAN = outcome()
OLD = "c" * 40


@dataclass
class Conversation:
    """The comments of the pull request, as GitHub keeps them."""

    head: str = HEAD
    comments: dict[int, dict[str, Any]] = field(default_factory=dict)
    writes: list[str] = field(default_factory=list)
    lose: str = ""
    """Method whose next answer is lost after it was carried out."""
    ids: int = 100

    def add(self, body: str, user: dict[str, str] = BOT, **changes: Any) -> int:
        self.ids += 1
        self.comments[self.ids] = {"id": self.ids, "body": body, "user": user, **changes}
        return self.ids

    def handle(self, request: httpx.Request) -> httpx.Response:
        path, method = request.url.path, request.method
        if method == "GET" and path == "/repos/acme/shop/pulls/7":
            return json_answer(pull_payload(self.head, "open"))
        if method == "GET" and path == f"{ISSUES}/7/comments":
            return json_answer(list(self.comments.values()))
        if method == "POST" and path == f"{ISSUES}/7/comments":
            made = self.add(json.loads(request.content)["body"])
            return self._written(method, self.comments[made])
        found = self.comments.get(int(path.rpartition("/")[2]))
        if found is None:
            return json_answer({"message": "Not Found"}, 404)
        if method == "PATCH":
            found["body"] = json.loads(request.content)["body"]
            return self._written(method, found)
        return json_answer(found)

    def _written(self, method: str, answer: dict[str, Any]) -> httpx.Response:
        self.writes.append(method)
        if self.lose == method:
            self.lose = ""
            raise httpx.ReadError("lost")
        return json_answer(answer)


async def often_dismissed(repo_id: int) -> Counts:
    assert repo_id == 7
    return {"model:bug": {Reception.DISMISSED: 3}, "model:tests": {Reception.DISMISSED: 9}}


@pytest.fixture
def talk() -> Conversation:
    return Conversation()


def a_delivery(
    ended: Outcome | None = FINDINGS, *, head: str = HEAD, asked: bool = False, **row: Any
) -> Delivery:
    values = {"kind": RowKind.SUMMARY, "job_id": "7:7", "target": "", "generation": 3}
    return Delivery(
        row=OutboxRow.model_validate(values | row),
        ref=REF,
        repo_id=7,
        installation_id=3,
        head=head,
        stage=Stage.IDLE,
        outcome=ended,
        asked_in_person=asked,
    )


async def deliver(talk: Conversation, delivery: Delivery, received: CountsOf | None = None) -> str:
    client = Wire(talk.handle).client()

    async def connect(_delivery: Delivery) -> GitHubClient:
        return client

    deliverer = SummaryDeliverer(connect, MARKERS, IDENTITY, received=received)
    return await deliverer.deliver(delivery)


def standing(generation: int, head: str = HEAD, markers: Markers = MARKERS) -> str:
    marker = markers.make(MarkerKind.SUMMARY, summary_id(7, 7, head, generation))
    return f"an earlier summary\n\n{marker}"


async def test_summary_is_created_once_and_then_edited(talk: Conversation) -> None:
    receipt = await deliver(talk, a_delivery())
    newer = outcome(recorded(5))
    again = await deliver(talk, a_delivery(newer, generation=4, receipt=receipt))
    assert again == receipt
    assert talk.writes == ["POST", "PATCH"]
    assert list(talk.comments) == [int(receipt)]
    assert "Claim 5" in talk.comments[int(receipt)]["body"]


async def test_summary_proposes_once_what_people_dismiss_of_what_was_found_here(
    talk: Conversation,
) -> None:
    receipt = await deliver(talk, a_delivery(), often_dismissed)
    again = a_delivery(outcome(recorded(5)), generation=4, receipt=receipt)
    await deliver(talk, again, often_dismissed)
    body = talk.comments[int(receipt)]["body"]
    assert body.count("People here dismiss again and again what 1 rule found") == 1
    assert "A model's findings about `bug`:" in body


async def test_summary_is_found_by_its_marker_without_a_receipt(talk: Conversation) -> None:
    talk.add("hello", {"login": "mona", "type": "User"})
    own = talk.add(standing(2))
    assert await deliver(talk, a_delivery()) == str(own)
    assert talk.writes == ["PATCH"]


async def test_creation_whose_answer_was_lost_is_found_by_the_next_attempt(
    talk: Conversation,
) -> None:
    talk.lose = "POST"
    with pytest.raises(TransientError):
        await deliver(talk, a_delivery())
    receipt = await deliver(talk, a_delivery(attempts=1))
    assert list(talk.comments) == [int(receipt)]
    assert talk.writes == ["POST"]


@pytest.mark.parametrize(
    ("body", "user"),
    [
        (standing(2), {"login": "mallory", "type": "User"}),
        (standing(2, markers=Markers(["guess"])), BOT),
        (MARKERS.make(MarkerKind.SUMMARY, "7.77.x.1"), BOT),
        (MARKERS.make(MarkerKind.REVIEW, "7.7.x.1"), BOT),
    ],
)
async def test_comment_that_only_looks_like_ours_is_left_alone(
    talk: Conversation, body: str, user: dict[str, str]
) -> None:
    other = talk.add(body, user)
    for receipt in ("", str(other)):
        made = await deliver(talk, a_delivery(receipt=receipt))
        assert made != str(other)
        assert talk.comments[other]["body"] == body


async def test_summary_that_a_person_deleted_is_created_again(talk: Conversation) -> None:
    receipt = await deliver(talk, a_delivery())
    del talk.comments[int(receipt)]
    again = await deliver(talk, a_delivery(receipt=receipt))
    assert again != receipt
    assert list(talk.comments) == [int(again)]


async def test_same_summary_is_not_written_twice(talk: Conversation) -> None:
    receipt = await deliver(talk, a_delivery())
    stored = talk.comments[int(receipt)]
    stored["body"] = stored["body"].replace("\n", "\r\n")
    await deliver(talk, a_delivery(receipt=receipt))
    assert talk.writes == ["POST"]


async def test_newer_summary_is_never_set_back(talk: Conversation) -> None:
    talk.head = "d" * 40
    own = talk.add(standing(9, head="d" * 40))
    assert await deliver(talk, a_delivery(generation=3)) == str(own)
    assert talk.writes == []


async def test_newer_generation_of_the_same_head_is_never_set_back(talk: Conversation) -> None:
    own = talk.add(standing(9))
    assert await deliver(talk, a_delivery(generation=3)) == str(own)
    assert talk.writes == []


async def test_after_the_ledger_was_lost_the_live_head_decides(talk: Conversation) -> None:
    own = talk.add(standing(900, head=OLD))
    assert await deliver(talk, a_delivery(generation=1)) == str(own)
    assert talk.writes == ["PATCH"]


UNREAD = Coverage(
    files_total=2,
    files_read=1,
    omitted=(Omission(path="a.py", reason=OmissionReason.TOO_LARGE),),
)
RULED_OUT = Coverage(
    files_total=1,
    files_read=1,
    omitted=(Omission(path="uv.lock", reason=OmissionReason.LOCKFILE),),
)


def clean(coverage: Coverage) -> Outcome:
    return Outcome(kind=OutcomeKind.CLEAN, head=HEAD, record=record(coverage=coverage))


@pytest.mark.parametrize(
    ("ended", "asked", "speaks"),
    [
        (FINDINGS, False, True),
        (outcome(recorded(severity=Severity.NIT)), False, True),
        (CLEAN, False, False),
        (CLEAN, True, True),
        (clean(UNREAD), False, True),
        (clean(RULED_OUT), False, False),
        (clean(Coverage(files_total=1, files_read=1, strength=Strength.DEGRADED)), False, True),
        (clean(Coverage(files_total=1, files_read=1, strength=Strength.STATIC)), False, False),
        (Outcome(kind=OutcomeKind.SKIPPED, head=HEAD, reason="A draft."), False, False),
        (Outcome(kind=OutcomeKind.SKIPPED, head=HEAD, reason="A draft."), True, True),
        (Outcome(kind=OutcomeKind.FAILED, head=HEAD, reason="No model."), True, True),
        (Outcome(kind=OutcomeKind.FAILED, head=HEAD, reason="No model."), False, False),
        (Outcome(kind=OutcomeKind.SUPERSEDED, head=HEAD), True, False),
        (None, True, False),
    ],
)
async def test_summary_is_silent_when_there_is_nothing_to_say(
    talk: Conversation, ended: Outcome | None, asked: bool, speaks: bool
) -> None:
    receipt = await deliver(talk, a_delivery(ended, asked=asked))
    assert bool(receipt) is speaks
    assert len(talk.comments) == speaks


async def test_standing_summary_follows_to_clean(talk: Conversation) -> None:
    receipt = await deliver(talk, a_delivery())
    await deliver(talk, a_delivery(CLEAN, generation=4, receipt=receipt))
    assert "Claim 1" not in talk.comments[int(receipt)]["body"]


@pytest.mark.parametrize("asked", [True, False])
async def test_run_that_read_nothing_leaves_the_standing_summary(
    talk: Conversation, asked: bool
) -> None:
    receipt = await deliver(talk, a_delivery())
    failed = Outcome(kind=OutcomeKind.FAILED, head="d" * 40, reason="No model.")
    later = a_delivery(failed, head="d" * 40, asked=asked, generation=4, receipt=receipt)
    assert await deliver(talk, later) == receipt
    assert "Claim 1" in talk.comments[int(receipt)]["body"]


async def test_refusal_is_permanent(talk: Conversation) -> None:
    refusal = json_answer({"message": "Issue is locked"}, 403)

    async def connect(_delivery: Delivery) -> GitHubClient:
        return Wire(lambda _request: refusal).client()

    deliverer = SummaryDeliverer(connect, MARKERS, IDENTITY)
    with pytest.raises(PermanentError, match="locked"):
        await deliverer.deliver(a_delivery())
