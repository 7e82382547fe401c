"""Composes who people in Slack are: their accounts, what they may see, and how they sign in."""

from dataclasses import dataclass
from functools import partial

from litestar.types import ControllerRouterHandler
from redis.asyncio import Redis

from bot.adapters.ledger.identities import Identities as Links
from bot.adapters.ledger.identities import SignIns
from bot.entered import entered_identities
from bot.parts.github import GitHubSide
from bot.parts.slack import SlackSide
from bot.settings import Settings, split
from bot.sign_in.flow import SignIn
from bot.sign_in.routes import sign_in_routes
from github.people import People
from github.permissions import Collaborators, PeoplePermissions
from github.visibility import Access, GitHubVisibility
from slack.identity import Account, Forgotten, Identities, tell_connected
from slack.workspace import Workspace


@dataclass(frozen=True, slots=True)
class PeopleSide:
    """Who people in Slack are, and what follows from it."""

    workspace: Workspace
    people: People
    visibility: GitHubVisibility
    permissions: PeoplePermissions
    identities: Identities
    routes: tuple[ControllerRouterHandler, ...] = ()
    """Where people sign in; none where they cannot."""


def people_side(
    settings: Settings, slack: SlackSide, github: GitHubSide, redis: Redis
) -> PeopleSide:
    """Compose it. Raises SettingsError where the identity file cannot be used."""
    workspace = Workspace(slack.client)
    file = entered_identities(settings)
    people = People(
        Links(redis, settings.secret_keys),
        github.user_tokens if settings.public_url else None,
        entered=file.login_of if file else None,
    )
    visibility = GitHubVisibility(
        github.connections,
        access=Access(settings.slack_access),
        allowed_owners=split(settings.slack_allowed_owners),
        people=people,
        members=workspace,
    )
    sign_in = _sign_in(settings, slack, github, redis, people, workspace)
    return PeopleSide(
        workspace=workspace,
        people=people,
        visibility=visibility,
        permissions=PeoplePermissions(visibility, people, Collaborators(github.connections)),
        identities=Identities(LinkedAccounts(people), sign_in),
        routes=sign_in_routes(sign_in, settings.public_url) if sign_in else (),
    )


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


def _sign_in(
    settings: Settings,
    slack: SlackSide,
    github: GitHubSide,
    redis: Redis,
    people: People,
    workspace: Workspace,
) -> SignIn | None:
    if github.user_tokens is None or not settings.public_url:
        return None
    return SignIn(
        SignIns(redis, settings.secret_keys),
        github.user_tokens,
        people,
        public_url=settings.public_url,
        name_of=workspace.name_of,
        tell=partial(tell_connected, slack.client),
    )
