"""Fixtures of the Slack front end."""

from collections.abc import AsyncIterator

import pytest

from bot.adapters.ledger import RedisLedger
from tests.slack.wire import Desk, RecordingSlack, a_desk, served


@pytest.fixture
async def desk(ledger: RedisLedger) -> AsyncIterator[Desk]:
    async with a_desk(ledger) as desk:
        yield desk


@pytest.fixture
async def slack_api() -> AsyncIterator[RecordingSlack]:
    slack = RecordingSlack()
    async with served(slack) as slack.url:
        yield slack
