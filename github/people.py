"""Knows whom people of another front end are on GitHub, and keeps what they granted usable.

A person linked their account, or whoever runs Argus entered it. Where links lie, sealed, is the
store's business; a person goes by the name that the other front end has for them.
"""

import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Final, Protocol

import structlog
from pydantic import Field

from core.errors import ArgusError, TransientError
from core.models.value import Value
from github.user_tokens import GitHubAccount, TokenRefused, UserToken, UserTokens

MARGIN: Final = 60.0
"""Seconds before its end from which a token is renewed."""
ENDED: Final = frozenset({"bad_refresh_token", "bad_verification_code", "unauthorized"})
"""GitHub's words for a grant that was taken back, has run out, or was renewed elsewhere."""
MISCONFIGURED_WAIT: Final = 60.0
"""Seconds; an operator has to look."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Known:
    """Whom a person is on GitHub."""

    login: str
    account_id: int | None = None
    """None where whoever runs Argus entered the login, and no token is held."""

    @property
    def entered(self) -> bool:
        """Tell whether the login was entered and not linked."""
        return self.account_id is None


class Link(Value):
    """A person's own link, as it is kept; times are seconds since 1970, None for never."""

    person: str
    account_id: int
    login: str
    access: str = Field(repr=False)
    expires_at: float | None = None
    refresh: str = Field(default="", repr=False)
    refresh_expires_at: float | None = None

    @property
    def token(self) -> UserToken:
        """Return what GitHub handed out."""
        return UserToken(self.access, self.expires_at, self.refresh, self.refresh_expires_at)


class Links(Protocol):
    """Where links are kept. Every method raises TransientError."""

    async def get(self, person: str) -> Link | None:
        """Return a link, None where there is none that can be opened."""
        ...

    async def put(self, link: Link) -> None:
        """Keep a link in place of the one before."""
        ...

    async def drop(self, person: str) -> None:
        """Forget a link."""
        ...

    def alone(self, person: str) -> AbstractAsyncContextManager[None]:
        """Keep all others, in all processes, from changing this link meanwhile."""
        ...


class People:
    """The people of one front end. Every method raises TransientError."""

    def __init__(
        self,
        links: Links,
        tokens: UserTokens | None,
        *,
        entered: Callable[[str], Awaitable[str | None]] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._links = links
        self._tokens = tokens
        self._entered = entered
        self._clock = clock

    @property
    def can_link(self) -> bool:
        """Tell whether people can sign in with GitHub."""
        return self._tokens is not None

    async def known(self, person: str) -> Known | None:
        """Return whom a person is; their own link counts before what was entered."""
        link = await self._links.get(person) if self._tokens else None
        if link is not None:
            return Known(link.login, link.account_id)
        login = await self._entered(person) if self._entered else None
        return Known(login) if login else None

    async def token(self, person: str, *, refused: str | None = None) -> str | None:
        """Return a token that sees what the person sees, None where their link has ended.

        `refused` names one that GitHub did not take and that must not be handed out again.
        """
        link = await self._links.get(person)
        if link is None or self._tokens is None:
            return None
        if self._usable(link, refused):
            return link.access
        async with self._links.alone(person):
            link = await self._links.get(person)
            if link is None or self._usable(link, refused):
                return link.access if link else None
            return await self._renewed(link, self._tokens)

    async def link(self, link: Link) -> None:
        """Keep what a person granted, in place of what they granted before."""
        async with self._links.alone(link.person):
            before = await self._links.get(link.person)
            await self._links.put(link)
        if before is not None:
            await self._discarded(before)

    async def forget(self, person: str) -> tuple[str, bool] | None:
        """Undo a link and return its login, and whether GitHub took the grant back as well."""
        link = await self._links.get(person)
        if link is None:
            return None
        revoked = await self._revoked(person)
        await self._links.drop(person)
        return link.login, revoked

    def _usable(self, link: Link, refused: str | None) -> bool:
        ends = link.expires_at
        return link.access != refused and (ends is None or self._clock() < ends - MARGIN)

    async def _renewed(self, link: Link, tokens: UserTokens) -> str | None:
        if not link.refresh:
            await self._ended(link, "refused")
            return None
        try:
            token = await tokens.renew(link.refresh)
        except TokenRefused as refusal:
            if refusal.code not in ENDED:
                raise TransientError(refusal.reason, retry_after=MISCONFIGURED_WAIT) from refusal
            await self._ended(link, refusal.code)
            return None
        account = GitHubAccount(link.account_id, link.login)
        # Kept before anything else can fail: the renewal that was spent cannot be had again.
        await self._links.put(link_from(link.person, account, token))
        await self._follow_rename(link, token, tokens)
        return token.access

    async def _ended(self, link: Link, code: str) -> None:
        """Forget a link that GitHub does not honour any more."""
        log.info("github.link_ended", person=link.person, code=code)
        await self._links.drop(link.person)

    async def _follow_rename(self, link: Link, token: UserToken, tokens: UserTokens) -> None:
        """Keep the login current; people rename their accounts."""
        try:
            account = await tokens.account(token)
        except ArgusError as error:
            log.info("github.login_unchecked", reason=str(error))
            return
        if account != GitHubAccount(link.account_id, link.login):
            await self._links.put(link_from(link.person, account, token))

    async def _discarded(self, before: Link) -> None:
        """Take back a token that another replaced; it lapses by itself where that fails."""
        try:
            if self._tokens is not None:
                await self._tokens.discard(before.token)
        except ArgusError as error:
            log.info("github.discard_failed", reason=str(error))

    async def _revoked(self, person: str) -> bool:
        """Take the grant back at GitHub, by a token that is still good."""
        if self._tokens is None:
            return False
        try:
            if await self.token(person) is None:
                return True  # it had ended already
            link = await self._links.get(person)
            return link is None or await self._tokens.revoke(link.token)
        except ArgusError as error:
            log.warning("github.revocation_failed", reason=str(error))
            return False


def link_from(person: str, account: GitHubAccount, token: UserToken) -> Link:
    """Return what is kept of a grant."""
    return Link(
        person=person,
        account_id=account.id,
        login=account.login,
        access=token.access,
        expires_at=token.expires_at,
        refresh=token.refresh,
        refresh_expires_at=token.refresh_expires_at,
    )
