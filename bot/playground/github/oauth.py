"""Grants of people to the App: codes, tokens, renewals, and what GitHub demands of each.

https://docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-user-access-token-for-a-github-app
"""

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from typing import Any, Final

from bot.playground.github.records import Account, Token

CODE_SECONDS: Final = 600
REFRESH_SECONDS: Final = 15_811_200
"""Six months."""
BAD_CODE: Final = "bad_verification_code"
BAD_REFRESH: Final = "bad_refresh_token"


class OAuthRefused(Exception):
    """An error that is answered with status 200, in GitHub's own word."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


@dataclass(frozen=True, slots=True)
class Code:
    """What the browser carries from GitHub to the App; it counts once."""

    person: Account
    redirect_uri: str
    challenge: str
    """Empty where the App sent none."""
    expires_at: float


@dataclass(slots=True)
class Renewal:
    """What renews a token, once."""

    person: Account
    access: str
    expires_at: float


@dataclass(slots=True)
class Grants:
    """All grants of one App."""

    client_secret: str = ""
    callback_urls: tuple[str, ...] = ()
    browser: Account | None = None
    """Who is signed in with GitHub in every browser; nobody at first."""
    declines: bool = False
    """Whether they refuse what the App asks for."""
    codes: dict[str, Code] = field(default_factory=dict)
    renewals: dict[str, Renewal] = field(default_factory=dict)

    def code(self, redirect_uri: str, challenge: str, now: float) -> str:
        """Return a code for whoever is signed in."""
        assert self.browser is not None
        value = secrets.token_hex(10)
        self.codes[value] = Code(self.browser, redirect_uri, challenge, now + CODE_SECONDS)
        return value

    def redeem(self, value: str, redirect_uri: str, verifier: str, now: float) -> Account:
        """Return whose code it was. Raises OAuthRefused."""
        code = self.codes.pop(value, None)
        if code is None or now >= code.expires_at:
            raise OAuthRefused(BAD_CODE)
        if redirect_uri and redirect_uri != code.redirect_uri:
            raise OAuthRefused("redirect_uri_mismatch")
        if code.challenge and code.challenge != challenge_of(verifier):
            raise OAuthRefused(BAD_CODE)
        return code.person

    def renew(self, value: str, tokens: dict[str, Token], now: float) -> Account:
        """Spend a renewal and what it renews; return whose it was. Raises OAuthRefused."""
        renewal = self.renewals.pop(value, None)
        if renewal is None or now >= renewal.expires_at:
            raise OAuthRefused(BAD_REFRESH)
        tokens.pop(renewal.access, None)
        return renewal.person

    def hand_out(
        self, person: Account, tokens: dict[str, Token], now: float, seconds: float
    ) -> dict[str, Any]:
        """Return a new token as GitHub answers; without `seconds` it never expires."""
        access = f"ghu_{secrets.token_hex(18)}"
        expires = now + seconds if seconds else float("inf")
        tokens[access] = Token(expires, person=person, via_app=True)
        answer: dict[str, Any] = {"access_token": access, "token_type": "bearer", "scope": ""}
        if not seconds:
            return answer
        refresh = f"ghr_{secrets.token_hex(38)}"
        self.renewals[refresh] = Renewal(person, access, now + REFRESH_SECONDS)
        return answer | {
            "expires_in": int(seconds),
            "refresh_token": refresh,
            "refresh_token_expires_in": REFRESH_SECONDS,
        }

    def forget_token(self, access: str, tokens: dict[str, Token]) -> bool:
        """Make one token invalid, and what renews it; False where there is no such token."""
        token = tokens.get(access)
        if token is None or not token.via_app:
            return False
        del tokens[access]
        self.renewals = {k: r for k, r in self.renewals.items() if r.access != access}
        return True

    def forget_person(self, person: Account, tokens: dict[str, Token]) -> None:
        """Take back everything that a person granted."""
        for access, token in list(tokens.items()):
            if token.via_app and token.person is person:
                del tokens[access]
        self.renewals = {k: r for k, r in self.renewals.items() if r.person is not person}


def challenge_of(verifier: str) -> str:
    """Return the S256 challenge of a verifier: https://www.rfc-editor.org/rfc/rfc7636."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
