"""What speaks to GitHub with the App's credentials, or with a person's token."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
import structlog

from bot.adapters.limits import Limits
from bot.parts import BOOT_SECONDS
from bot.settings import Settings
from bot.settings_rules import private_key
from core.errors import ArgusError
from core.models import Delivery
from github.app_auth import AppAuth
from github.client import GitHubClient
from github.connect import Connections
from github.identity import Identity
from github.markers import Markers
from github.transport import GitHubTransport
from github.user_tokens import UserTokens

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class GitHubSide:
    """Everything that speaks to GitHub with the App's credentials."""

    auth: AppAuth | None
    connections: Connections
    identity: Identity
    markers: Markers
    web_url: str
    user_tokens: UserTokens | None = None
    """Signs people in; None where the App's client id is not set."""

    @property
    def own_login(self) -> str | None:
        """Return our own account's login, None when GitHub did not tell."""
        return f"{self.identity.slug}[bot]" if self.identity.slug else None

    async def connect(self, delivery: Delivery) -> GitHubClient:
        """Return the client for an outbox row."""
        return await self.connections.client(
            delivery.ref, delivery.repo_id, delivery.installation_id
        )


@asynccontextmanager
async def open_github(
    settings: Settings, *, limits: Limits | None = None, personal_token: str = ""
) -> AsyncIterator[GitHubSide]:
    """Open GitHub's side: as the App, or with a personal token where there is no App.

    Without shared `limits` this process keeps a pace of its own.
    """
    async with httpx.AsyncClient(trust_env=False, transport=GitHubTransport()) as http:
        auth = None
        if settings.has_github:
            key = private_key(settings.github_app_private_key.get_secret_value())
            auth = AppAuth(
                settings.github_app_id,
                key,
                http,
                settings.github_api_url,
                pace=limits.app() if limits else None,
            )
        yield GitHubSide(
            auth=auth,
            connections=Connections(
                auth,
                http,
                settings.github_api_url,
                personal_token or None,
                pace_of=limits.installation if limits else None,
            ),
            identity=Identity(settings.github_app_id or None, await _slug(auth), None),
            markers=Markers(settings.secret_keys or ("unsigned",)),
            web_url=settings.github_web_url,
            user_tokens=_user_tokens(settings, http),
        )


def _user_tokens(settings: Settings, http: httpx.AsyncClient) -> UserTokens | None:
    if not settings.github_client_id:
        return None
    return UserTokens(
        http,
        api_url=settings.github_api_url,
        web_url=settings.github_web_url,
        client_id=settings.github_client_id,
        client_secret=settings.github_client_secret.get_secret_value(),
    )


async def _slug(auth: AppAuth | None) -> str | None:
    """Ask GitHub for our own name; without it authorship is told by the kind of account."""
    if auth is None:
        return None
    try:
        async with asyncio.timeout(BOOT_SECONDS):
            return await auth.slug()
    except (ArgusError, TimeoutError) as error:
        log.warning("github.app_unknown", error=str(error) or type(error).__name__)
        return None
