"""GitHub's own example deliveries, through the receiver: accepted or politely ignored, all."""

import json

from core.models import Accepted, Admission, Order, PullRequestClosed, ReviewRequest
from github.signature import sign
from github.triggers import Rules
from github.webhooks import WebhookReceiver
from tests.contracts.examples import example_payloads

SECRET = "a-secret-made-for-this-test"
ACTIONS = ("opened", "reopened", "ready_for_review", "synchronize")
RULES = Rules(enabled=frozenset(f"pull_request.{action}" for action in ACTIONS))


async def answers() -> list[tuple[str, str, int]]:
    """Return event, action and status of every example."""

    async def accept(request: ReviewRequest) -> Admission:
        return Accepted(job_id=f"{request.repo_id}:{request.ref.number}")

    async def close(closed: PullRequestClosed) -> None:
        """Nothing is queued for it."""

    async def hear(order: Order) -> bool:
        return bool(order.words)

    receiver = WebhookReceiver(accept, close, hear, secrets=[SECRET], rules=RULES)
    found = []
    for event, payload in example_payloads():
        body = json.dumps(payload).encode()
        headers = {
            "content-type": "application/json",
            "x-github-event": event,
            "x-hub-signature-256": sign(body, SECRET.encode()).decode(),
        }
        pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
        reply = await receiver.receive(pairs, body)
        found.append((event, payload.get("action", ""), reply.status))
    return found


async def test_every_example_is_accepted_or_politely_ignored():
    found = await answers()
    assert len(found) > 200
    assert {status for _, _, status in found} == {202, 204}


async def test_exactly_the_enabled_actions_of_pull_requests_are_accepted():
    found = await answers()
    accepted = {(event, action) for event, action, status in found if status == 202}
    expected = {("pull_request", action) for action in ACTIONS}
    assert accepted == expected & {(event, action) for event, action, _ in found}
    assert len(accepted) >= 3
