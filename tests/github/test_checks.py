"""The check run of a head: made once, updated in place, never left in progress."""

import json
from typing import Any

import httpx
import pytest

from core.errors import PermanentError, TransientError
from core.models import Delivery, OutboxRow, Outcome, OutcomeKind, RowKind, Stage
from github.checks import CheckDeliverer
from github.client import GitHubClient
from tests.github.render_samples import HEAD, REF, outcome, recorded
from tests.github.wire import Wire, json_answer, routes

RUNS = "/repos/acme/shop/check-runs"
SEARCH = f"/repos/acme/shop/commits/{HEAD}/check-runs"
NONE = {f"GET {SEARCH}": {"total_count": 0, "check_runs": []}}


def a_delivery(stage: Stage = Stage.IDLE, ended: Outcome | None = None, **row: Any) -> Delivery:
    values = {"kind": RowKind.CHECK, "job_id": "7:7", "target": f"{HEAD}:0", "generation": 3}
    return Delivery(
        row=OutboxRow.model_validate(values | row),
        ref=REF,
        repo_id=7,
        installation_id=3,
        head=HEAD,
        stage=stage,
        outcome=ended,
        correlation_id="c-1",
        ahead=2,
    )


def a_deliverer(wire: Wire, **options: Any) -> CheckDeliverer:
    client = wire.client()

    async def connect(_delivery: Delivery) -> GitHubClient:
        return client

    return CheckDeliverer(connect, **options)


def sent(wire: Wire) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(wire.requests[-1].content)
    return body


async def test_new_run_carries_name_head_and_correlation() -> None:
    wire = Wire(routes(NONE | {f"POST {RUNS}": {"id": 41}}))
    receipt = await a_deliverer(wire).deliver(a_delivery(Stage.RUNNING))
    assert receipt == "41"
    assert [request.method for request in wire.requests] == ["GET", "POST"]
    body = sent(wire)
    assert body["name"] == "Argus"
    assert body["head_sha"] == HEAD
    assert body["external_id"] == "c-1"
    assert body["status"] == "in_progress"
    assert "conclusion" not in body
    assert "details_url" not in body


@pytest.mark.parametrize(
    ("stage", "status", "conclusion", "words"),
    [
        (Stage.WAITING, "queued", None, "2 reviews before it"),
        (Stage.RUNNING, "in_progress", None, "running"),
        (Stage.IDLE, "completed", "neutral", "a newer one arrived"),
        (Stage.DEAD, "completed", "neutral", "gave up"),
    ],
)
async def test_every_stage_without_an_outcome_has_its_state(
    stage: Stage, status: str, conclusion: str | None, words: str
) -> None:
    wire = Wire(routes(NONE | {f"POST {RUNS}": {"id": 41}}))
    await a_deliverer(wire).deliver(a_delivery(stage))
    body = sent(wire)
    assert (body["status"], body.get("conclusion")) == (status, conclusion)
    assert words in body["output"]["summary"]


@pytest.mark.parametrize("stage", Stage)
async def test_an_outcome_ends_the_run_whatever_the_stage(stage: Stage) -> None:
    wire = Wire(routes({f"PATCH {RUNS}/41": {"id": 41}}))
    ended = outcome(recorded())
    assert await a_deliverer(wire).deliver(a_delivery(stage, ended, receipt="41")) == "41"
    body = sent(wire)
    assert (body["status"], body["conclusion"]) == ("completed", "neutral")
    assert body["output"]["title"] == "1 important finding"
    assert "Claim 1" in body["output"]["text"]
    assert "head_sha" not in body


async def test_failed_outcome_ends_it_with_its_reason() -> None:
    wire = Wire(routes(NONE | {f"POST {RUNS}": {"id": 41}}))
    failed = Outcome(kind=OutcomeKind.FAILED, head=HEAD, reason="No model answered.")
    await a_deliverer(wire).deliver(a_delivery(Stage.IDLE, failed))
    body = sent(wire)
    assert body["output"]["title"] == "Failed"
    assert "No model answered." in body["output"]["summary"]
    assert "text" not in body["output"]


@pytest.mark.parametrize("attempts", [0, 1])
async def test_run_that_was_made_already_is_taken_over(attempts: int) -> None:
    runs = [{"id": 44, "external_id": "c-1"}, {"id": 40, "external_id": "other"}]
    answers = {
        f"GET {SEARCH}": {"total_count": 2, "check_runs": runs},
        f"PATCH {RUNS}/44": {"id": 44},
    }
    wire = Wire(routes(answers))
    assert await a_deliverer(wire).deliver(a_delivery(attempts=attempts)) == "44"
    assert [request.method for request in wire.requests] == ["GET", "PATCH"]
    assert wire.requests[0].url.params["check_name"] == "Argus"
    assert wire.requests[0].url.params["filter"] == "all"


async def test_retry_that_finds_nothing_creates() -> None:
    answers = {f"GET {SEARCH}": {"total_count": 0, "check_runs": []}, f"POST {RUNS}": {"id": 45}}
    wire = Wire(routes(answers))
    assert await a_deliverer(wire).deliver(a_delivery(attempts=1)) == "45"


async def test_vanished_run_is_made_anew() -> None:
    wire = Wire(routes({f"POST {RUNS}": {"id": 46}}))
    assert await a_deliverer(wire).deliver(a_delivery(receipt="41")) == "46"
    assert wire.sent == [f"PATCH {RUNS}/41", f"POST {RUNS}"]


async def test_missing_permission_is_permanent_and_says_which() -> None:
    refusal = json_answer({"message": "Resource not accessible by integration"}, 403)
    wire = Wire(lambda _request: refusal)
    with pytest.raises(PermanentError, match="permission checks: write"):
        await a_deliverer(wire).deliver(a_delivery())


async def test_archived_repository_is_no_missing_permission() -> None:
    refusal = json_answer({"message": "Repository was archived so is read-only."}, 403)
    with pytest.raises(PermanentError, match=r"read-only\.$"):
        await a_deliverer(Wire(lambda _request: refusal)).deliver(a_delivery())


@pytest.mark.parametrize("answer", [httpx.ReadError("lost"), json_answer({}, 502), json_answer([])])
async def test_doubtful_creation_is_tried_again_later(answer: Any) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return json_answer({"total_count": 0, "check_runs": []})
        if isinstance(answer, Exception):
            raise answer
        return answer

    wire = Wire(handler)
    with pytest.raises(TransientError):
        await a_deliverer(wire).deliver(a_delivery())
    assert [request.method for request in wire.requests] == ["GET", "POST"]


async def test_details_lead_to_the_public_address_when_there_is_one() -> None:
    wire = Wire(routes(NONE | {f"POST {RUNS}": {"id": 41}}))
    deliverer = a_deliverer(wire, details_url="https://argus.acme.example/")
    await deliverer.deliver(a_delivery())
    assert sent(wire)["details_url"] == "https://argus.acme.example/"
