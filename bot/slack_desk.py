"""Composes what people in Slack can do, the same for commands, mentions, shortcuts and sockets."""

from bot.adapters.ledger import RedisLedger
from bot.adapters.limits import Limits
from bot.parts import SlackSide, open_desk
from bot.people import PeopleSide
from bot.settings import Settings
from bot.worker.announcing import Announcing
from core.intake import Intake
from github.visibility import Access
from slack.commands import About, Channels, Commands, Decisions, Reviewing
from slack.commands.ports import Instance
from slack.subscriptions import ChannelDeliverer
from slack.workspace import Workspace


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
            desk=desk, visibility=see, permissions=judges.permissions, web_url=web_url
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


def announcing(slack: SlackSide, ledger: RedisLedger) -> Announcing:
    """Return what tells channels of runs."""
    return Announcing(ledger.subscriptions, ledger.mutes, slack.client, slack.seal)


def channel_deliverer(
    settings: Settings, slack: SlackSide, ledger: RedisLedger, limits: Limits
) -> ChannelDeliverer:
    """Return what keeps the cards of channels that follow."""
    return ChannelDeliverer(
        slack.client,
        slack.seal,
        Workspace(slack.client),
        ledger.threads,
        web_url=settings.github_web_url,
        pace=limits.slack(),
    )
