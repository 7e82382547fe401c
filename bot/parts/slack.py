"""What speaks to Slack with the bot's token."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bot.settings import Settings
from slack.client import SlackClient
from slack.seal import Seal


@dataclass(frozen=True)
class SlackSide:
    """Everything that speaks to Slack with the bot's token."""

    client: SlackClient
    seal: Seal


@asynccontextmanager
async def open_slack(settings: Settings) -> AsyncIterator[SlackSide | None]:
    """Open Slack's side; None where Slack is not configured."""
    if not settings.has_slack:
        yield None
        return
    client = SlackClient(settings.slack_bot_token.get_secret_value(), settings.slack_api_url)
    try:
        yield SlackSide(client, Seal(settings.secret_keys))
    finally:
        await client.close()
