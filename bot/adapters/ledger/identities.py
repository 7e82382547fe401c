"""The GitHub accounts that people linked, and sign-ins under way; all of it lies sealed.

Implements `github.people.Links`. What holds a token is bound to the name it is kept under, so a
row that somebody moved opens for nobody.
"""

import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Final

import structlog
from pydantic import Field, ValidationError
from redis.asyncio import Redis
from redis.exceptions import LockError, RedisError

from bot.adapters import keys
from bot.adapters.ledger.scripts import answer
from core.errors import TransientError
from core.models.value import Value
from github.people import Link
from slack.errors import SealBroken
from slack.replies import Reply
from slack.seal import Seal

LABEL: Final = b"argus identity seal v1"
SIGN_IN_SECONDS: Final = 600
"""For which a sign-in is open; GitHub's codes live as long."""
TURN_SECONDS: Final = 45.0
"""Longest turn at a link: one renewal at GitHub with its timeout, and room."""
WAIT_SECONDS: Final = 30.0
"""That others wait for their turn."""
AFTERLIFE: Final = 86_400
"""Seconds for which a link is kept after it cannot be renewed any more."""

log = structlog.get_logger(__name__)


class Identities:
    """The links of one server. Every method raises TransientError when it is away."""

    def __init__(
        self, redis: Redis, secrets: Sequence[str], *, clock: Callable[[], float] = time.time
    ) -> None:
        self._redis = redis
        self._seal = Seal(secrets, label=LABEL)
        self._clock = clock

    async def get(self, person: str) -> Link | None:
        """Return a link, None where there is none that can be opened."""
        sealed = await answer(self._redis.get(_key(person)))
        if sealed is None:
            return None
        try:
            link = Link.model_validate_json(self._seal.open(sealed.decode(errors="replace")))
        except (SealBroken, ValidationError):
            # A key that was taken out of SECRET_KEY: the person links their account again.
            log.warning("identity.unreadable", person=person)
            return None
        return link if link.person == person else None

    async def put(self, link: Link) -> None:
        """Keep a link in place of the one before, until it cannot be renewed any more."""
        ends = link.refresh_expires_at if link.refresh else link.expires_at
        seconds = None if ends is None else max(1, round(ends - self._clock())) + AFTERLIFE
        sealed = self._seal.close(link.model_dump_json())
        await answer(self._redis.set(_key(link.person), sealed, ex=seconds))

    async def drop(self, person: str) -> None:
        """Forget a link."""
        await answer(self._redis.delete(_key(person)))

    @asynccontextmanager
    async def alone(self, person: str) -> AsyncIterator[None]:
        """Keep all others, in all processes, from changing this link meanwhile."""
        turn = self._redis.lock(
            keys.lasting("identity_turn", person),
            timeout=TURN_SECONDS,
            sleep=0.05,
            blocking_timeout=WAIT_SECONDS,
        )
        if not await answer(turn.acquire()):
            raise TransientError("Somebody else is changing this link to GitHub.")
        try:
            yield
        finally:
            try:
                await turn.release()
            except (LockError, RedisError, OSError) as error:
                # It ends by itself, and what was done in it stands.
                log.info("identity.turn_overrun", error=type(error).__name__)


class SignInUnderWay(Value):
    """A sign-in between the invitation in Slack and the last click in the browser."""

    ticket: str
    team: str
    reply: Reply
    """Who asked, and where they are told; holds a bearer address."""
    state: str = ""
    """What GitHub has to send back; empty before the browser came, and after."""
    browser: str = ""
    """What the browser's cookie has to say."""
    verifier: str = Field(default="", repr=False)
    """PKCE's secret half."""
    granted: Link | None = None
    """What GitHub granted, as a link that nobody confirmed yet."""


class SignIns:
    """Sign-ins under way on one server. Every method raises TransientError when it is away."""

    def __init__(self, redis: Redis, secrets: Sequence[str]) -> None:
        self._redis = redis
        self._seal = Seal(secrets, label=LABEL)

    async def open(self, sign_in: SignInUnderWay) -> None:
        """Keep one from now on, for ten minutes."""
        name = keys.lasting("sign_in", sign_in.ticket)
        await answer(self._redis.set(name, self._sealed(sign_in), ex=SIGN_IN_SECONDS))

    async def change(self, sign_in: SignInUnderWay) -> bool:
        """Keep it changed for what is left of its time; False where it ended meanwhile."""
        name = keys.lasting("sign_in", sign_in.ticket)
        kept = self._redis.set(name, self._sealed(sign_in), xx=True, keepttl=True)
        return bool(await answer(kept))

    async def look(self, ticket: str) -> SignInUnderWay | None:
        """Return one that is under way."""
        return self._opened(ticket, await answer(self._redis.get(keys.lasting("sign_in", ticket))))

    async def take(self, ticket: str) -> SignInUnderWay | None:
        """Return one and end it, for one caller alone."""
        name = keys.lasting("sign_in", ticket)
        return self._opened(ticket, await answer(self._redis.getdel(name)))

    def _sealed(self, sign_in: SignInUnderWay) -> str:
        return self._seal.close(sign_in.model_dump_json())

    def _opened(self, ticket: str, sealed: bytes | None) -> SignInUnderWay | None:
        if sealed is None:
            return None
        try:
            text = self._seal.open(sealed.decode(errors="replace"))
            found = SignInUnderWay.model_validate_json(text)
        except (SealBroken, ValidationError):
            return None
        return found if found.ticket == ticket else None


def _key(person: str) -> str:
    return keys.lasting("identity", person)
