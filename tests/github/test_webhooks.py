"""Deliveries from the outside: what is answered, and what reaches the ledger."""

import json

import pytest

from core.errors import TransientError
from core.models import (
    Accepted,
    Admission,
    Cancelled,
    Duplicate,
    DuplicateOf,
    Order,
    OrderTaken,
    PullRequestClosed,
    Refused,
    ReviewRequest,
)
from github.signature import sign
from github.triggers import Rules
from github.webhooks import Reply, WebhookReceiver
from tests.github.payloads import (
    HEAD,
    closed_payload,
    comment_payload,
    pull_request_payload,
)

SECRET = "a-secret-made-for-this-test"
BODY = json.dumps(pull_request_payload()).encode()
RULES = Rules(enabled=frozenset({"pull_request.opened"}), own_login="argus[bot]")


class Ledger:
    """Admits once by delivery, as the real one does."""

    def __init__(self) -> None:
        self.requests: list[ReviewRequest] = []
        self.closed: list[PullRequestClosed] = []
        self.orders: list[Order] = []
        self.is_full = False

    async def accept(self, request: ReviewRequest) -> Admission:
        known = any(request.delivery == earlier.delivery for earlier in self.requests)
        self.requests.append(request)
        if known:
            return Duplicate(job_id="4242:7", of=DuplicateOf.DELIVERY)
        return Accepted(job_id="4242:7")

    async def hear(self, order: Order) -> OrderTaken:
        if self.is_full:
            return OrderTaken.FULL
        known = order.origin.id in {earlier.origin.id for earlier in self.orders}
        self.orders.append(order)
        return OrderTaken.KNOWN if known else OrderTaken.NEW

    async def close(self, closed: PullRequestClosed) -> Cancelled | None:
        self.closed.append(closed)
        return Cancelled(job_id="4242:7") if self.requests else None


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
def receiver(ledger: Ledger) -> WebhookReceiver:
    return WebhookReceiver(
        ledger.accept, ledger.close, ledger.hear, secrets=[SECRET, ""], rules=RULES, app_id="1234"
    )


def headers(body: bytes = BODY, **changed: str | None) -> list[tuple[bytes, bytes]]:
    """Return a delivery's headers; a name with None is left out, underscores are hyphens."""
    heads: dict[str, str | None] = {
        "content-type": "application/json",
        "x-github-event": "pull_request",
        "x-github-delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
        "x-hub-signature-256": sign(body, SECRET.encode()).decode(),
    }
    heads |= {name.replace("_", "-"): value for name, value in changed.items()}
    return [(k.title().encode(), v.encode()) for k, v in heads.items() if v is not None]


async def test_an_opened_pull_request_is_admitted(receiver: WebhookReceiver, ledger: Ledger):
    reply = await receiver.receive(headers(), BODY)
    assert (reply.status, reply.body) == (202, {"status": "accepted", "job": "4242:7"})
    assert reply.admission == Accepted(job_id="4242:7")
    assert [request.head for request in ledger.requests] == [HEAD]


async def test_a_repeated_delivery_is_a_duplicate_and_says_so(receiver: WebhookReceiver):
    await receiver.receive(headers(), BODY)
    reply = await receiver.receive(headers(), BODY)
    assert (reply.status, reply.body["status"]) == (202, "duplicate")


@pytest.mark.parametrize(
    "changed",
    [
        {"x_hub_signature_256": None},
        {"x_hub_signature_256": None, "x_hub_signature": "sha1=" + "0" * 40},
        {"x_hub_signature_256": "sha256=" + "0" * 64},
        {"x_hub_signature_256": sign(BODY, b"another").decode()},
    ],
)
@pytest.mark.parametrize("body", [BODY, b"not json", b""])
async def test_without_a_proof_of_origin_nothing_is_parsed_or_admitted(
    receiver: WebhookReceiver, ledger: Ledger, changed: dict[str, str | None], body: bytes
):
    reply = await receiver.receive(headers(**changed), body)
    assert reply.status == 401
    assert ledger.requests == []


async def test_two_signatures_prove_nothing(receiver: WebhookReceiver, ledger: Ledger):
    extra = (b"x-hub-signature-256", b"sha256=" + b"0" * 64)
    assert (await receiver.receive([*headers(), extra], BODY)).status == 401
    assert ledger.requests == []


async def test_a_large_body_is_judged_the_same(receiver: WebhookReceiver):
    payload = pull_request_payload(padding="x" * 2_000_000)
    body = json.dumps(payload).encode()
    assert (await receiver.receive(headers(body), body)).status == 202
    assert (await receiver.receive(headers(BODY), body)).status == 401


@pytest.mark.parametrize(
    ("body", "changed"),
    [
        (b"payload=%7B%7D", {"content_type": "application/x-www-form-urlencoded"}),
        (BODY, {"content_type": "application/x-www-form-urlencoded; charset=utf-8"}),
        (b"not json", {}),
        (b"[]", {}),
        (b"{}", {}),
        (b'{"a":NaN}', {"x_github_event": "ping"}),
        (b"[" * 100_000, {"x_github_event": "ping"}),
        (BODY, {"x_github_event": None}),
        (BODY, {"x_github_event": ""}),
    ],
)
async def test_what_cannot_be_read_is_a_bad_request(
    receiver: WebhookReceiver, ledger: Ledger, body: bytes, changed: dict[str, str | None]
):
    reply = await receiver.receive(headers(body, **changed), body)
    assert reply.status == 400
    assert reply.body["error"]
    assert ledger.requests == []


@pytest.mark.parametrize("name", ["ping", "push", "pull_request_review", "invented"])
async def test_events_without_a_use_are_answered_politely(receiver: WebhookReceiver, name: str):
    reply = await receiver.receive(headers(b"{}", x_github_event=name), b"{}")
    assert Reply(204) == reply


@pytest.mark.parametrize(
    "payload",
    [
        pull_request_payload("labeled"),
        pull_request_payload(sender={"login": "argus[bot]", "type": "Bot"}),
    ],
)
async def test_what_the_rules_ignore_never_reaches_the_ledger(
    receiver: WebhookReceiver, ledger: Ledger, payload: dict[str, object]
):
    body = json.dumps(payload).encode()
    assert (await receiver.receive(headers(body), body)).status == 204
    assert ledger.requests == []


async def test_closing_ends_what_was_admitted_and_says_so(
    receiver: WebhookReceiver, ledger: Ledger
):
    body = json.dumps(closed_payload(merged=True)).encode()
    await receiver.receive(headers(), BODY)
    reply = await receiver.receive(headers(body), body)
    assert Reply(202, {"status": "cancelled", "job": "4242:7"}) == reply
    (closed,) = ledger.closed
    assert (str(closed.ref), closed.repo_id, closed.closed_at, closed.reason) == (
        "acme/shop.api#7",
        4242,
        1_700_000_000.0,
        "It was merged.",
    )


async def test_closing_without_a_job_leaves_nothing_to_do(receiver: WebhookReceiver):
    body = json.dumps(closed_payload()).encode()
    assert Reply(204) == await receiver.receive(headers(body), body)


async def test_closing_that_the_ledger_cannot_take_can_be_redelivered(ledger: Ledger):
    async def close(closed: PullRequestClosed) -> None:
        raise TransientError("connection refused")

    body = json.dumps(closed_payload()).encode()
    receiver = WebhookReceiver(ledger.accept, close, ledger.hear, secrets=[SECRET], rules=RULES)
    assert (await receiver.receive(headers(body), body)).status == 503


@pytest.mark.parametrize(
    ("kind", "target", "status"),
    [
        ("integration", "1234", 202),
        ("integration", "999", 401),
        (None, "999", 401),
        (None, None, 202),
        ("repository", "4242", 202),
    ],
)
async def test_a_delivery_for_another_app_is_not_ours(
    receiver: WebhookReceiver, kind: str | None, target: str | None, status: int
):
    heads = headers(
        x_github_hook_installation_target_type=kind, x_github_hook_installation_target_id=target
    )
    assert status == (await receiver.receive(heads, BODY)).status


async def test_the_previous_secret_still_counts(ledger: Ledger):
    receiver = WebhookReceiver(
        ledger.accept, ledger.close, ledger.hear, secrets=["the-new-one", SECRET], rules=RULES
    )
    assert (await receiver.receive(headers(), BODY)).status == 202


async def test_unconfigured_answers_503_to_everybody(ledger: Ledger):
    receiver = WebhookReceiver(
        ledger.accept, ledger.close, ledger.hear, secrets=["", ""], rules=RULES
    )
    assert (await receiver.receive(headers(), BODY)).status == 503
    assert ledger.requests == []


async def test_a_ledger_out_of_reach_is_a_failure_that_can_be_redelivered():
    async def accept(request: ReviewRequest) -> Admission:
        raise TransientError("connection refused")

    receiver = WebhookReceiver(accept, Ledger().close, Ledger().hear, secrets=[SECRET], rules=RULES)
    reply = await receiver.receive(headers(), BODY)
    assert reply.status == 503
    assert int(reply.headers["retry-after"]) > 0
    assert "refused" not in str(reply.body)


async def test_a_refusal_leaves_nothing_to_do():
    async def accept(request: ReviewRequest) -> Admission:
        return Refused(reason="this repository is paused")

    receiver = WebhookReceiver(accept, Ledger().close, Ledger().hear, secrets=[SECRET], rules=RULES)
    assert Reply(204) == await receiver.receive(headers(), BODY)


@pytest.mark.parametrize("guid", [None, "", "x" * 65, "spaced out", "ключ"])
async def test_without_a_usable_guid_the_body_itself_tells_a_repetition(
    receiver: WebhookReceiver, ledger: Ledger, guid: str | None
):
    await receiver.receive(headers(x_github_delivery=guid), BODY)
    reply = await receiver.receive(headers(x_github_delivery=guid), BODY)
    assert reply.body["status"] == "duplicate"
    assert len(ledger.requests[0].delivery) == 64


async def test_words_to_argus_are_kept_once(receiver: WebhookReceiver, ledger: Ledger):
    body = json.dumps(comment_payload("/argus status")).encode()
    heads = headers(body, x_github_event="issue_comment")
    replies = [await receiver.receive(heads, body) for _ in range(2)]
    assert [(reply.status, reply.body["status"]) for reply in replies] == [
        (202, "accepted"),
        (202, "duplicate"),
    ]
    assert ledger.orders[0].words == "status"


async def test_words_that_find_no_room_are_not_taken_for_known_ones(
    receiver: WebhookReceiver, ledger: Ledger
):
    ledger.is_full = True
    body = json.dumps(comment_payload("/argus status")).encode()
    reply = await receiver.receive(headers(body, x_github_event="issue_comment"), body)
    assert (reply.status, reply.body["status"]) == (202, "refused")


async def test_other_comments_leave_nothing_to_do(receiver: WebhookReceiver, ledger: Ledger):
    body = json.dumps(comment_payload("Nice work")).encode()
    reply = await receiver.receive(headers(body, x_github_event="issue_comment"), body)
    assert (reply.status, ledger.orders) == (204, [])
