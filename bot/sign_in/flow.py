"""Signing in, step by step: invited in Slack, sent to GitHub, back from there, confirmed.

Whoever holds an invitation could send it to somebody else, whose account would then be linked to
the wrong person. So nothing is linked before whoever signed in has seen both names and agreed.
https://www.rfc-editor.org/rfc/rfc9700
"""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from hmac import compare_digest
from secrets import token_urlsafe
from typing import Final, Protocol, TypeVar

import structlog

from bot.adapters.ledger.identities import SignInUnderWay
from bot.sign_in.endings import Ended, Ending
from core.errors import ArgusError, PermanentError, TransientError
from github.people import Link, People, link_from
from github.user_tokens import TokenRefused, UserTokens
from slack.replies import Reply

MISCONFIGURED: Final = frozenset(
    {"incorrect_client_credentials", "redirect_uri_mismatch", "application_suspended"}
)
"""GitHub's words for what an operator has to put right.

https://docs.github.com/apps/oauth-apps/maintaining-oauth-apps/troubleshooting-authorization-request-errors
"""
DECLINED: Final = "access_denied"
CALLBACK: Final = "/auth/github/callback"
START: Final = "/auth/github/start"

Kept = TypeVar("Kept")
log = structlog.get_logger(__name__)


class SignIns(Protocol):
    """Where sign-ins under way are kept. Every method raises TransientError."""

    async def open(self, sign_in: SignInUnderWay) -> None:
        """Keep one from now on, for a while."""
        ...

    async def change(self, sign_in: SignInUnderWay) -> bool:
        """Keep it changed; False where it ended meanwhile."""
        ...

    async def look(self, ticket: str) -> SignInUnderWay | None:
        """Return one that is under way."""
        ...

    async def take(self, ticket: str) -> SignInUnderWay | None:
        """Return one and end it, for one caller alone."""
        ...


@dataclass(frozen=True, slots=True)
class Sent:
    """Where the browser goes, and what it has to remember."""

    url: str = field(repr=False)
    cookie: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Both:
    """The two names that are about to be linked, and what agreeing takes."""

    login: str
    person: str
    """The name in Slack."""
    agreement: str = field(repr=False)


class SignIn:
    """Links accounts. The browser's steps raise Ended for every end but the good one."""

    def __init__(
        self,
        sign_ins: SignIns,
        tokens: UserTokens,
        people: People,
        *,
        public_url: str,
        name_of: Callable[[str], Awaitable[str]],
        tell: Callable[[Reply, str], Awaitable[None]],
    ) -> None:
        self._sign_ins = sign_ins
        self._tokens = tokens
        self._people = people
        self._public_url = public_url.rstrip("/")
        self._name_of = name_of
        self._tell = tell

    async def invite(self, team: str, reply: Reply) -> str:
        """Return an address for one person alone. Raises TransientError."""
        secret = token_urlsafe(24)
        await self._sign_ins.open(SignInUnderWay(ticket=_named(secret), team=team, reply=reply))
        return f"{self._public_url}{START}?ticket={secret}"

    async def start(self, secret: str) -> Sent:
        """Send a browser to GitHub; each start counts instead of the one before."""
        sign_in = await self._known(_named(secret))
        state, browser, verifier = token_urlsafe(24), token_urlsafe(24), token_urlsafe(48)
        begun = sign_in.model_copy(
            update={"state": state, "browser": browser, "verifier": verifier, "granted": None}
        )
        if not await _kept(self._sign_ins.change(begun)):
            raise Ended(Ending.EXPIRED)
        url = self._tokens.sign_in_url(
            redirect_uri=self._callback, state=f"{sign_in.ticket}.{state}", verifier=verifier
        )
        return Sent(url, f"{sign_in.ticket}.{browser}")

    async def returned(self, state: str, cookie: str, *, code: str, error: str) -> None:
        """Take what GitHub sent back; a state counts once. What is left is to agree."""
        ticket, _, nonce = state.partition(".")
        sign_in = await self._known(ticket)
        if not _same(sign_in.state, nonce):
            raise Ended(Ending.EXPIRED)
        _require_browser(sign_in, cookie)
        taken = await _kept(self._sign_ins.take(ticket))
        if taken != sign_in:
            raise Ended(Ending.EXPIRED)
        waiting = sign_in.model_copy(update={"state": "", "verifier": ""})
        try:
            granted = await self._granted(sign_in, code, error)
        except Ended as end:
            log.info("sign_in.ended", ending=end.ending, user=sign_in.reply.user)
            # The invitation still holds, so the link in Slack leads to another try.
            await _kept(self._sign_ins.open(waiting.model_copy(update={"browser": ""})))
            raise
        agreeing = {"state": token_urlsafe(24), "granted": granted}
        await _kept(self._sign_ins.open(waiting.model_copy(update=agreeing)))

    async def both(self, cookie: str) -> Both:
        """Return what is about to be linked."""
        sign_in, granted = await self._agreeing(cookie)
        user = sign_in.reply.user
        try:
            name = await self._name_of(user)
        except TransientError:
            name = user
        # People choose their names in Slack, and might choose somebody else's; the id is theirs.
        person = name if name == user else f"{name} ({user})"
        return Both(granted.login, person, sign_in.state)

    async def agree(self, cookie: str, agreement: str, *, agreed: bool) -> Ending:
        """Link the account, or forget it; an agreement counts once."""
        sign_in, granted = await self._agreeing(cookie)
        if not _same(sign_in.state, agreement):
            raise Ended(Ending.EXPIRED)
        if await _kept(self._sign_ins.take(sign_in.ticket)) != sign_in:
            raise Ended(Ending.EXPIRED)
        user = sign_in.reply.user
        if not agreed:
            await self._discarded(granted)
            log.info("sign_in.ended", ending=Ending.DECLINED, user=user)
            return Ending.DECLINED
        await _kept(self._people.link(granted))
        log.info("sign_in.linked", user=user, team=sign_in.team, account=granted.account_id)
        await self._tell(sign_in.reply, granted.login)
        return Ending.LINKED

    @property
    def _callback(self) -> str:
        return f"{self._public_url}{CALLBACK}"

    async def _known(self, ticket: str) -> SignInUnderWay:
        sign_in = await _kept(self._sign_ins.look(ticket)) if ticket else None
        if sign_in is None:
            raise Ended(Ending.EXPIRED)
        return sign_in

    async def _agreeing(self, cookie: str) -> tuple[SignInUnderWay, Link]:
        sign_in = await self._known(cookie.partition(".")[0])
        _require_browser(sign_in, cookie)
        if sign_in.granted is None:
            raise Ended(Ending.EXPIRED)
        return sign_in, sign_in.granted

    async def _granted(self, sign_in: SignInUnderWay, code: str, error: str) -> Link:
        """Exchange the code and ask whose it is."""
        if error or not code:
            raise Ended(_ending_of(error))
        try:
            token = await self._tokens.exchange(
                code, redirect_uri=self._callback, verifier=sign_in.verifier
            )
            account = await self._tokens.account(token)
        except TokenRefused as refusal:
            raise Ended(_ending_of(refusal.code)) from refusal
        except TransientError as failure:
            raise Ended(Ending.AWAY) from failure
        except PermanentError as failure:
            raise Ended(Ending.REFUSED) from failure
        return link_from(sign_in.reply.user, account, token)

    async def _discarded(self, granted: Link) -> None:
        """Take back the one token; what the person granted before stays."""
        try:
            await self._tokens.discard(granted.token)
        except ArgusError as error:
            log.info("sign_in.discard_failed", reason=str(error))


async def _kept(call: Awaitable[Kept]) -> Kept:
    """Await the ledger. Raises Ended when it is away."""
    try:
        return await call
    except TransientError as failure:
        raise Ended(Ending.AWAY) from failure


def _named(secret: str) -> str:
    """Return the name under which an invitation is kept: it opens nothing by itself."""
    return hashlib.sha256(secret.encode()).hexdigest()[:32]


def _require_browser(sign_in: SignInUnderWay, cookie: str) -> None:
    ticket, _, browser = cookie.partition(".")
    if not (_same(sign_in.ticket, ticket) and _same(sign_in.browser, browser)):
        raise Ended(Ending.OTHER_BROWSER)


def _same(expected: str, given: str) -> bool:
    """Compare secrets; one that was never made is never the same."""
    return bool(expected) and compare_digest(expected.encode(), given.encode())


def _ending_of(code: str) -> Ending:
    if code == DECLINED:
        return Ending.DECLINED
    return Ending.MISCONFIGURED if code in MISCONFIGURED else Ending.REFUSED
