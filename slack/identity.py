"""Who people in Slack are on GitHub: `connect` and `disconnect`, and word of how that ended.

Accounts are linked by the people themselves or named by whoever runs Argus, never guessed from an
e-mail address or a name. Signing in happens in a browser, so elsewhere; so does keeping tokens.
"""

from dataclasses import dataclass
from typing import Final, Protocol

import structlog

from core.errors import ArgusError, UserError
from slack.blocks import Message
from slack.blocks.identity import connected, disconnected, invitation, nothing_to_forget
from slack.errors import SlackRefused
from slack.replies import Reply

OPEN_MINUTES: Final = 10
"""For which the way to sign in is open."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Account:
    """Whom a person is on GitHub."""

    login: str
    entered: bool = False
    """By whoever runs Argus; False where the person linked it."""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """A link that was undone."""

    login: str
    revoked: bool
    """GitHub took back what Argus held; False where it could not be told."""


class Accounts(Protocol):
    """The GitHub accounts of people, by their ids in Slack."""

    async def account_of(self, person: str) -> Account | None:
        """Return whom a person is on GitHub. Raises TransientError."""
        ...

    async def forget(self, person: str) -> Forgotten | None:
        """Undo a link, None where there is none. Raises TransientError."""
        ...


class SignIn(Protocol):
    """The way to sign in with GitHub in a browser."""

    async def invite(self, team: str, reply: Reply) -> str:
        """Return an address for this person alone. Raises TransientError."""
        ...


class Speaker(Protocol):
    """Answers, and writes to people."""

    async def respond(self, url: str, message: Message, *, thread: str = "") -> None:
        """Answer through a `response_url`, in a thread if one is given.

        Raises SlackRefused, TransientError.
        """
        ...

    async def post(self, channel: str, message: Message) -> str:
        """Post; a person's id is their direct message. Raises SlackRefused, TransientError."""
        ...


class Identities:
    """Carries out `connect` and `disconnect`; both answers are for one person's eyes."""

    def __init__(self, accounts: Accounts, sign_in: SignIn | None) -> None:
        self._accounts = accounts
        self._sign_in = sign_in

    async def connect(self, team: str, reply: Reply) -> Message:
        """Return the way to link an account to the person whom `reply` names.

        Raises UserError where nobody can sign in, TransientError.
        """
        if self._sign_in is None:
            raise UserError(
                "Argus cannot link accounts yet.",
                why="Whoever runs it has not set GITHUB_CLIENT_ID, GITHUB_CLIENT_SECRET and "
                "PUBLIC_URL.",
                next_step="Ask them to; without a link you can ask for public repositories.",
            )
        account = await self._accounts.account_of(reply.user)
        url = await self._sign_in.invite(team, reply)
        if account is None:
            return invitation(url, OPEN_MINUTES, None)
        return invitation(url, OPEN_MINUTES, account.login, entered=account.entered)

    async def disconnect(self, person: str) -> Message:
        """Undo a person's link and return what there is to say. Raises TransientError."""
        forgotten = await self._accounts.forget(person)
        if forgotten is not None:
            log.info("slack.disconnected", user=person, revoked=forgotten.revoked)
            return disconnected(forgotten.login, revoked=forgotten.revoked)
        account = await self._accounts.account_of(person)
        return nothing_to_forget(account.login if account else None)


async def tell_connected(speaker: Speaker, reply: Reply, login: str) -> None:
    """Tell a person that their account is linked, where they asked or in a direct message.

    The browser has told them as well, so a Slack that is away only costs a log line.
    """
    said = connected(login)
    try:
        if reply.response_url:
            try:
                await speaker.respond(reply.response_url, said, thread=reply.thread)
            except SlackRefused as refusal:
                log.info("slack.response_url_spent", code=refusal.code)
            else:
                return
        await speaker.post(reply.user, said)
    except ArgusError as error:
        log.warning("slack.answer_lost", reason=str(error))
