"""Composes what people in Slack can do, the same for commands, mentions, shortcuts and sockets."""

from dataclasses import dataclass

from bot.adapters.ledger import RedisLedger
from bot.parts import SlackSide, open_desk
from bot.settings import Settings
from core.intake import Intake
from core.ports import Permissions
from github.people import People
from github.visibility import Access, GitHubVisibility
from slack.commands import About, Channels, Commands, Decisions, Reviewing
from slack.commands.ports import Identities, Instance
from slack.identity import Account, Forgotten
from slack.workspace import Workspace


@dataclass(frozen=True, slots=True)
class LinkedAccounts:
    """Implements `slack.identity.Accounts` with GitHub's people."""

    people: People

    async def account_of(self, person: str) -> Account | None:
        """Return whom a person is on GitHub. Raises TransientError."""
        known = await self.people.known(person)
        return Account(known.login, known.entered) if known else None

    async def forget(self, person: str) -> Forgotten | None:
        """Undo a link, None where there is none. Raises TransientError."""
        forgotten = await self.people.forget(person)
        return Forgotten(*forgotten) if forgotten else None


@dataclass(frozen=True, slots=True)
class Judges:
    """Who tells what people may see and do, and who they are."""

    workspace: Workspace
    visibility: GitHubVisibility
    permissions: Permissions
    identities: Identities


def slack_commands(
    settings: Settings,
    slack: SlackSide,
    ledger: RedisLedger,
    intake: Intake,
    judges: Judges,
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
