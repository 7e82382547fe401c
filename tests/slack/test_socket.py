"""Socket Mode against the strict local Slack: the same commands, without an address."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Iterator

import pytest

from bot.adapters.ledger import RedisLedger
from core.intake import Intake
from slack.app import SlackApp, build_app
from slack.client import SlackClient
from slack.mentions import Mentions
from slack.signature import Signature
from slack.socket import serve_socket
from tests.fakes.slack import FakeSlack
from tests.slack.offices import an_office
from tests.slack.wire import SEAL, FakeLedger

APP_TOKEN = f"xapp-{secrets.token_hex(8)}"
SECONDS = 10.0


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    fake = FakeSlack.start()
    fake.register_app(fake.bot_token, fake.signing_secret, app_token=APP_TOKEN)
    fake.channel("reviews", ["mona"])
    yield fake
    fake.stop()


@pytest.fixture
def door() -> FakeLedger:
    return FakeLedger()


@pytest.fixture
async def app(slack: FakeSlack, door: FakeLedger, ledger: RedisLedger) -> AsyncIterator[SlackApp]:
    client = SlackClient(slack.bot_token, slack.api_url)
    commands = an_office(ledger, Intake(door, door), client, SEAL)
    app = build_app(
        bot_token=slack.bot_token,
        signature=Signature(slack.signing_secret),
        commands=commands,
        api_url=slack.api_url,
        entrances=(Mentions(commands, ledger.heard),),
    )
    stop = asyncio.Event()
    serving = asyncio.create_task(serve_socket(app, APP_TOKEN, slack.api_url, stop, ping=0.2))
    await until(lambda: slack.server.slack.world.sockets.are_open)
    yield app
    stop.set()
    await serving
    await client.close()


async def until(ready: Callable[[], object]) -> None:
    async with asyncio.timeout(SECONDS):
        while not ready():
            await asyncio.sleep(0.02)


async def slash(slack: FakeSlack, text: str) -> dict[str, object]:
    return dict(await asyncio.to_thread(slack.slash, "mona", "reviews", text))


async def test_command_through_a_socket_is_acknowledged_and_carried_out(
    slack: FakeSlack, app: SlackApp, door: FakeLedger
) -> None:
    sent = await slash(slack, "review octo/shop#7")
    assert (sent["status"], sent["error"]) == (200, "")
    await until(lambda: door.admitted)
    await slack.until_told("mona", lambda told: any("Queued" in str(m) for m in told))


async def test_mention_through_a_socket_is_carried_out(
    slack: FakeSlack, app: SlackApp, door: FakeLedger
) -> None:
    bot = slack.app["user"]
    await asyncio.to_thread(slack.say, "mona", "reviews", f"<@{bot}> review octo/shop#7")
    await until(lambda: door.admitted)
    assert [row["error"] for row in slack.sent("event")] == [""]


async def test_connection_that_slack_renews_is_made_again(
    slack: FakeSlack, app: SlackApp, door: FakeLedger
) -> None:
    sockets = slack.server.slack.world.sockets
    await asyncio.to_thread(slack.drop_sockets)
    await until(lambda: sockets.are_open)
    await slash(slack, "review octo/shop#7")
    await until(lambda: door.admitted)


async def test_bot_token_opens_no_socket(slack: FakeSlack) -> None:
    with slack.api() as api:
        refused = api.post("apps.connections.open").json()
    assert refused["error"] == "not_allowed_token_type"


async def test_command_with_an_unreadable_form_is_told_through_the_socket(
    slack: FakeSlack, app: SlackApp, door: FakeLedger
) -> None:
    spoilt = {"changes": {"channel_id": "no such id!"}}
    await asyncio.to_thread(slack.slash, "mona", "reviews", "review octo/shop#7", **spoilt)
    await slack.until_told("mona", lambda told: any("unknown form" in str(m) for m in told))
    assert door.admitted == []
