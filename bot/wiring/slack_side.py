"""Composes what receives from Slack, over HTTP or through a socket, and what answers there."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from redis.asyncio import Redis

from bot.adapters.ledger import RedisLedger
from bot.adapters.limits import Limits
from bot.adapters.runtime_settings import RuntimeSettings
from bot.instance import RunningInstance
from bot.parts.configured import defaults
from bot.parts.github import GitHubSide
from bot.parts.slack import SlackSide
from bot.people import PeopleSide
from bot.settings import Settings
from bot.sight import Lookout
from bot.slack_desk import entrances, slack_commands
from bot.watching import beside, probe
from core.desk import AnswerVoice
from core.intake import Intake
from core.models import OriginKind
from slack.app import SlackApp, build_app
from slack.signature import Signature
from slack.socket import serve_socket
from slack.voice import SlackVoice


def slack_app(
    settings: Settings,
    slack: SlackSide,
    people: PeopleSide,
    intake: Intake,
    ledger: RedisLedger,
    instance: RunningInstance,
) -> SlackApp:
    """Return what answers `/slack/events`, and what comes through a socket."""
    commands = slack_commands(settings, slack, ledger, intake, people, instance)
    return build_app(
        bot_token=settings.slack_bot_token.get_secret_value(),
        signature=Signature(settings.slack_signing_secret.get_secret_value()),
        commands=commands,
        api_url=settings.slack_api_url,
        entrances=entrances(settings, slack, ledger, commands),
    )


def running_instance(
    settings: Settings, redis: Redis, ledger: RedisLedger, lookout: Lookout, github: GitHubSide
) -> RunningInstance:
    """Return Argus as a whole, for people who ask."""
    runtime = RuntimeSettings(redis, ledger.policy)
    return RunningInstance(
        ledger, probe(settings, lookout), github.connections, runtime, defaults(settings)
    )


@asynccontextmanager
async def socket_open(
    settings: Settings,
    slack: SlackSide | None,
    people: PeopleSide | None,
    intake: Intake,
    ledger: RedisLedger,
    instance: RunningInstance,
    stop: asyncio.Event,
) -> AsyncIterator[None]:
    """Receive from Slack through a socket beside a worker's own work, where that is turned on."""
    token = settings.slack_app_token.get_secret_value()
    if slack is None or people is None or not token:
        yield
        return
    app = slack_app(settings, slack, people, intake, ledger, instance)
    async with beside(serve_socket(app, token, settings.slack_api_url, stop)):
        yield


def voices(
    settings: Settings, slack: SlackSide | None, limits: Limits
) -> Mapping[OriginKind, AnswerVoice]:
    """Return who answers questions outside of GitHub."""
    if slack is None:
        return {}
    web_url = settings.github_web_url
    return {
        OriginKind.SLACK: SlackVoice(slack.client, slack.seal, web_url=web_url, pace=limits.slack())
    }
