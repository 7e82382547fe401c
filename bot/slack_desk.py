"""Composes what people in Slack can do, the same for commands, mentions, shortcuts and sockets."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from bot.adapters.ledger import RedisLedger
from bot.adapters.limits import Limits
from bot.adapters.notify_webhooks import ByChannel, Hook, WebhookNotifier
from bot.parts.ledger import open_desk
from bot.parts.slack import SlackSide
from bot.people import PeopleSide
from bot.settings import Settings
from bot.worker.announcing import Announcing
from core.intake import Intake
from core.ports import Deliverer
from github.visibility import Access
from slack.app import Entrance
from slack.commands import About, Channels, Commands, Decisions, Reviewing
from slack.commands.ports import Instance
from slack.interactivity import Buttons
from slack.mentions import Mentions
from slack.seal import Seal
from slack.shortcuts import Shortcuts
from slack.subscribers import Subscribers
from slack.subscriptions import ChannelDeliverer


def slack_commands(
    settings: Settings,
    slack: SlackSide,
    ledger: RedisLedger,
    intake: Intake,
    judges: PeopleSide,
    instance: Instance,
) -> Commands:
    """Return what carries out people's commands."""
    desk, web_url = open_desk(ledger), settings.github_web_url
    see = judges.visibility
    return Commands(
        reviewing=Reviewing(
            intake=intake,
            visibility=see,
            desk=desk,
            following=ledger.subscriptions,
            mutes=ledger.mutes,
            readership=judges.workspace,
            seal=slack.seal,
            web_url=web_url,
            private_aside=Access(settings.slack_access) is Access.LINKED,
        ),
        decisions=Decisions(
            desk=desk,
            intake=intake,
            repositories=see,
            visibility=see,
            permissions=judges.permissions,
            web_url=web_url,
        ),
        channels=Channels(
            repositories=see,
            visibility=see,
            subscriptions=ledger.subscriptions,
            mutes=ledger.mutes,
            readership=judges.workspace,
            web_url=web_url,
        ),
        about=About(
            instance=instance,
            repositories=see,
            identities=judges.identities,
            web_url=web_url,
        ),
        voice=slack.client,
        workspace=judges.workspace,
        threads=ledger.threads,
        web_url=web_url,
    )


def entrances(
    settings: Settings, slack: SlackSide, ledger: RedisLedger, commands: Commands
) -> tuple[Entrance, ...]:
    """Return the ways in beside commands."""
    shortcuts = Shortcuts(
        commands,
        slack.client,
        slack.seal,
        web_url=settings.github_web_url,
        api_url=settings.slack_api_url,
    )
    buttons = Buttons(commands, slack.client, api_url=settings.slack_api_url)
    return Mentions(commands, ledger.heard), shortcuts, buttons


def webhooks(settings: Settings) -> dict[Hook, str]:
    """Return the webhooks that are told of every review."""
    addresses = {
        Hook.SLACK: settings.slack_webhook_url.get_secret_value(),
        Hook.DISCORD: settings.discord_webhook_url.get_secret_value(),
    }
    return {hook: address for hook, address in addresses.items() if address}


def announcing(
    settings: Settings, slack: SlackSide | None, ledger: RedisLedger
) -> Announcing | None:
    """Return what tells of runs whoever follows; None where nobody can."""
    hooks = webhooks(settings)
    if not settings.secret_keys or not (slack or hooks):
        return None
    return Announcing(
        ledger.subscriptions,
        ledger.mutes,
        slack.seal if slack else Seal(settings.secret_keys),
        names=slack.client if slack else None,
        always=tuple(hooks),
    )


@asynccontextmanager
async def open_followers(
    settings: Settings,
    slack: SlackSide | None,
    judges: PeopleSide | None,
    ledger: RedisLedger,
    limits: Limits,
) -> AsyncIterator[Deliverer]:
    """Open what tells whoever follows: cards in channels, and webhooks."""
    cards = None
    if slack and judges:
        cards = channel_deliverer(settings, slack, judges, ledger, limits)
    async with httpx.AsyncClient(trust_env=False, follow_redirects=False) as http:
        seal = Seal(settings.secret_keys or ("nothing is sealed without a key",))
        notifier = WebhookNotifier(http, webhooks(settings), seal, web_url=settings.github_web_url)
        yield ByChannel(notifier, cards)


def channel_deliverer(
    settings: Settings,
    slack: SlackSide,
    judges: PeopleSide,
    ledger: RedisLedger,
    limits: Limits,
) -> ChannelDeliverer:
    """Return what keeps the cards of channels that follow."""
    return ChannelDeliverer(
        slack.client,
        slack.seal,
        judges.workspace,
        ledger.threads,
        Subscribers(judges.visibility, ledger.subscriptions),
        web_url=settings.github_web_url,
        pace=limits.slack(),
    )
