"""Incoming webhooks without an app, against a receiver on this machine."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from bot.adapters.notify_webhooks import ByChannel, Hook, WebhookNotifier
from core.errors import PermanentError, TransientError
from core.models import Delivery, OutcomeKind, Round, RowKind, Stage
from tests.slack.samples import HEAD, a_delivery, a_finding, an_outcome
from tests.slack.wire import SEAL, WEB, Answer, RecordingSlack, served


@dataclass
class Receiver(RecordingSlack):
    """Takes what webhooks are told."""

    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    @property
    def told(self) -> list[dict[str, Any]]:
        return [body for _, body in self.calls]


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    made = Receiver()
    async with served(made) as made.url:
        yield made


@pytest.fixture
async def notifier(receiver: Receiver) -> AsyncIterator[WebhookNotifier]:
    addresses = {Hook.SLACK: f"{receiver.url}/slack", Hook.DISCORD: f"{receiver.url}/discord"}
    async with httpx.AsyncClient(trust_env=False) as http:
        yield WebhookNotifier(http, addresses, SEAL, web_url=WEB)


def ended(
    hook: Hook = Hook.SLACK,
    *,
    kind: OutcomeKind = OutcomeKind.REVIEWED,
    receipt: str = "",
    **record: Any,
) -> Delivery:
    """Return the end of a review as a webhook's row brings it."""
    delivery = a_delivery(stage=Stage.IDLE, outcome=an_outcome(kind, **record))
    assert delivery.origin is not None
    row = {"kind": RowKind.CHANNEL, "target": f"channel:{hook}", "receipt": receipt}
    return delivery.model_copy(
        update={
            "row": delivery.row.model_copy(update=row),
            "origin": delivery.origin.model_copy(update={"id": f"channel:{hook}"}),
        }
    )


async def test_slack_gets_the_summary_without_anything_to_press(
    notifier: WebhookNotifier, receiver: Receiver
) -> None:
    receipt = await notifier.deliver(ended())
    (told,) = receiver.told
    assert "octo/shop#7" in told["text"]
    assert "actions" not in {block["type"] for block in told["blocks"]}
    assert receipt == f"{HEAD}:0"


async def test_discord_gets_plain_words_that_mention_nobody(
    notifier: WebhookNotifier, receiver: Receiver
) -> None:
    loud = a_finding(title="@everyone <b> & " + "x" * 3_000)
    await notifier.deliver(ended(Hook.DISCORD, findings=(loud,) * 30))
    (told,) = receiver.told
    assert told["allowed_mentions"] == {"parse": []}
    assert len(told["content"]) <= 2_000
    assert "<b> &" in told["content"]


async def test_the_same_head_is_told_once(notifier: WebhookNotifier, receiver: Receiver) -> None:
    receipt = await notifier.deliver(ended())
    assert await notifier.deliver(ended(receipt=receipt)) == receipt
    assert len(receiver.told) == 1


@pytest.mark.parametrize(
    "quiet",
    [
        ended(kind=OutcomeKind.SUPERSEDED),
        ended(kind=OutcomeKind.NOTHING_NEW),
        ended(round=Round(number=2)),
        ended().model_copy(update={"ended": "merged"}),
        ended().model_copy(update={"outcome": None, "stage": Stage.RUNNING}),
    ],
)
async def test_what_is_no_news_is_not_told(
    notifier: WebhookNotifier, receiver: Receiver, quiet: Delivery
) -> None:
    assert await notifier.deliver(quiet) == ""
    assert receiver.told == []


async def test_later_round_with_something_new_is_told(
    notifier: WebhookNotifier, receiver: Receiver
) -> None:
    await notifier.deliver(ended(round=Round(number=2, new=1)))
    assert len(receiver.told) == 1


async def test_limit_is_waited_out(notifier: WebhookNotifier, receiver: Receiver) -> None:
    receiver.will("slack", Answer(429, {"retry_after": 2.5}, {"retry-after": "2.5"}))
    with pytest.raises(TransientError) as waits:
        await notifier.deliver(ended())
    assert waits.value.retry_after == 2.5


@pytest.mark.parametrize(
    ("status", "error"), [(500, TransientError), (404, PermanentError), (302, PermanentError)]
)
async def test_refusal_does_not_repeat_the_address(
    notifier: WebhookNotifier, receiver: Receiver, status: int, error: type[Exception]
) -> None:
    receiver.will("slack", Answer(status, "no", {"location": f"{receiver.url}/elsewhere"}))
    with pytest.raises(error) as refused:
        await notifier.deliver(ended())
    assert receiver.url not in str(refused.value)
    assert len(receiver.told) == 1


async def test_receiver_that_is_away_is_tried_again(receiver: Receiver) -> None:
    async with httpx.AsyncClient(trust_env=False) as http:
        away = WebhookNotifier(http, {Hook.SLACK: "http://127.0.0.1:9/x"}, SEAL, web_url=WEB)
        with pytest.raises(TransientError, match="cannot be reached"):
            await away.deliver(ended())


async def test_channel_without_an_app_is_dropped_in_words(notifier: WebhookNotifier) -> None:
    row = ended().row.model_copy(update={"target": "channel:C0000000001"})
    lost = ended().model_copy(update={"row": row})
    with pytest.raises(PermanentError, match="No Slack app"):
        await ByChannel(notifier, None).deliver(lost)
