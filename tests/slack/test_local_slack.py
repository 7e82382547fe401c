"""The front end against the strict local Slack, which refuses what Slack refuses."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from bot.adapters.ledger import RedisLedger
from core.errors import TransientError
from core.intake import Intake
from core.models import Delivery, Stage
from slack.app import SlackApp, build_app
from slack.client import SlackClient
from slack.notifications import SlackDeliverer
from slack.signature import Signature
from tests.fakes.slack import FakeSlack
from tests.slack.delivering import ThreadNotes
from tests.slack.offices import an_office
from tests.slack.samples import REVIEW_URL, a_delivery, a_done_delivery
from tests.slack.wire import SEAL, WEB, FakeLedger, served

CHANNEL, PERSON, STRANGER = "reviews", "mona", "eve"
URL = "https://github.com/octo/shop/pull/7"


@dataclass
class Argus:
    """The front end of both processes, on one local Slack."""

    slack: FakeSlack
    ledger: FakeLedger
    app: SlackApp
    deliverer: SlackDeliverer

    async def ask(self, text: str, user: str = PERSON) -> dict[str, Any]:
        """Type a command in a thread of its own, because the app answers in this one."""
        sent = await asyncio.to_thread(self.slack.slash, user, CHANNEL, text)
        assert sent["status"] == 200
        await self.app.drain()
        return dict(sent)

    def row(self, delivery: Delivery) -> Delivery:
        """Return the delivery for the request that was admitted last."""
        return delivery.model_copy(update={"origin": self.ledger.admitted[-1].origin})


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    fake = FakeSlack.start()
    fake.channel(CHANNEL, [PERSON])
    yield fake
    fake.stop()


@pytest.fixture
async def argus(slack: FakeSlack, ledger: RedisLedger) -> AsyncIterator[Argus]:
    door = FakeLedger()
    client = SlackClient(slack.bot_token, slack.api_url)
    commands = an_office(ledger, Intake(door, door), client, SEAL)
    app = build_app(
        bot_token=slack.bot_token,
        signature=Signature(slack.signing_secret),
        commands=commands,
        api_url=slack.api_url,
    )
    async with served(app) as url:
        await asyncio.to_thread(slack.set_request_url, f"{url}/slack/events")
        yield Argus(slack, door, app, SlackDeliverer(client, SEAL, ThreadNotes(), web_url=WEB))
        await app.drain()
    await client.close()


async def test_a_request_is_answered_and_its_card_followed_to_the_end(argus: Argus) -> None:
    await argus.ask(f"review {URL}")
    (told,) = await argus.slack.until_told(PERSON)
    assert "Queued" in told["text"]
    receipt = await argus.deliverer.deliver(argus.row(a_delivery()))
    running = argus.row(a_delivery(receipt=receipt, stage=Stage.RUNNING))
    await argus.deliverer.deliver(running)
    await argus.deliverer.deliver(argus.row(a_done_delivery(receipt=receipt)))
    (card,) = await argus.slack.until(CHANNEL, bool)
    assert "1 important finding" in card["text"]
    assert REVIEW_URL in json.dumps(card["blocks"])


@pytest.mark.parametrize(
    "text", ["help", "reviw", "queue", "review https://evil.example/o/r/pull/1"]
)
async def test_every_answer_is_one_that_slack_takes(argus: Argus, text: str) -> None:
    await argus.ask(text)
    (told,) = await argus.slack.until_told(PERSON)
    assert told["blocks"]
    assert argus.ledger.admitted == []


async def test_uninvited_the_bot_tells_the_asker_alone(argus: Argus) -> None:
    await asyncio.to_thread(argus.slack.kick, CHANNEL, "argus")
    await argus.ask(f"review {URL}")
    receipt = await argus.deliverer.deliver(argus.row(a_delivery()))
    receipt = await argus.deliverer.deliver(argus.row(a_done_delivery(receipt=receipt)))
    assert receipt == "aside:told"
    _, hint, done = await argus.slack.until_told(PERSON, lambda told: len(told) > 2)
    assert "/invite @Argus" in hint["text"]
    assert "1 important finding" in done["text"]
    assert await asyncio.to_thread(argus.slack.messages, CHANNEL) == []


async def test_after_half_an_hour_the_asker_is_told_another_way(argus: Argus) -> None:
    await argus.ask(f"review {URL}")
    await asyncio.to_thread(argus.slack.advance_clock, 31 * 60)
    await argus.deliverer.deliver(argus.row(a_done_delivery(receipt="aside:0")))
    _, done = await argus.slack.until_told(PERSON, lambda told: len(told) > 1)
    assert "1 important finding" in done["text"]


async def test_half_an_hour_later_and_uninvited_the_asker_is_written_to(argus: Argus) -> None:
    await asyncio.to_thread(argus.slack.kick, CHANNEL, "argus")
    await argus.ask(f"review {URL}")
    await asyncio.to_thread(argus.slack.advance_clock, 31 * 60)
    await argus.deliverer.deliver(argus.row(a_done_delivery()))
    assert await asyncio.to_thread(argus.slack.messages, CHANNEL) == []
    posted = await asyncio.to_thread(argus.slack.calls, "chat.postMessage")
    assert [call["error"] for call in posted] == ["not_in_channel", ""]


async def test_a_command_sent_again_has_the_same_delivery(argus: Argus) -> None:
    sent = await argus.ask(f"review {URL}")
    await asyncio.to_thread(argus.slack.resend, sent["id"])
    await argus.app.drain()
    first, again = argus.ledger.admitted
    assert (again.delivery, again.origin.id) == (first.delivery, first.origin.id)


async def test_a_guest_from_another_company_is_told_nothing(argus: Argus) -> None:
    await asyncio.to_thread(argus.slack.add_person, STRANGER, team_id="T0000000099")
    await asyncio.to_thread(argus.slack.change_channel, CHANNEL, external=True)
    await asyncio.to_thread(argus.slack.invite, CHANNEL, STRANGER)
    await argus.ask(f"review {URL}", STRANGER)
    (told,) = await argus.slack.until_told(STRANGER)
    assert "own workspace only" in told["text"]
    assert argus.ledger.admitted == []


@pytest.mark.parametrize("how", [{"skew": 301}, {"skew": -301}, {"secret": "another"}])
async def test_what_is_not_provably_slack_is_refused(argus: Argus, how: dict[str, Any]) -> None:
    sent = await asyncio.to_thread(
        lambda: argus.slack.slash(PERSON, CHANNEL, f"review {URL}", **how)
    )
    assert sent["status"] == 401
    assert argus.ledger.admitted == []


async def test_slack_accepts_the_address_of_the_app(argus: Argus) -> None:
    assert await asyncio.to_thread(argus.slack.verify_request_url)


async def test_a_burst_is_told_to_wait_and_loses_nothing(argus: Argus) -> None:
    await argus.ask(f"review {URL}")

    async def burst() -> None:
        for _ in range(40):
            await argus.deliverer.deliver(argus.row(a_delivery()))

    with pytest.raises(TransientError) as waiting:
        await burst()
    assert waiting.value.retry_after > 0
