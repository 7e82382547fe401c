"""Signs people in with GitHub: the address to send them to, and tokens that see what they see.

A token reaches what both its person and the App reach, expires after hours and is renewed with
another that is good for one renewal. Where tokens are kept is not known here.
https://docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-user-access-token-for-a-github-app
"""

import base64
import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.errors import PermanentError, TransientError
from github.client import GitHubClient, segment
from github.errors import NotFound, Unprocessable
from github.exchange import HttpClient
from github.pace import WritePace

TOKEN_PATH: Final = "/login/oauth/access_token"  # noqa: S105 - an address
PLAIN_JSON: Final = "application/json"
"""Without it GitHub answers the exchange as a form."""


@dataclass(frozen=True, slots=True)
class UserToken:
    """What GitHub hands out for a person; times are seconds since 1970, None for never."""

    access: str = field(repr=False)
    expires_at: float | None = None
    refresh: str = field(default="", repr=False)
    """Empty where the App's tokens do not expire."""
    refresh_expires_at: float | None = None


@dataclass(frozen=True, slots=True)
class GitHubAccount:
    """Whose token it is; the login may change hands, the id does not."""

    id: int
    login: str


class TokenRefused(PermanentError):
    """GitHub does not take a code or a token; `code` is its own word for why."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(f"GitHub refused to sign the person in: {code}.")


class UserTokens:
    """Exchanges, renews and takes back tokens with the App's client id and secret."""

    def __init__(
        self,
        http: HttpClient,
        *,
        api_url: str,
        web_url: str,
        client_id: str,
        client_secret: str,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._http = http
        self._api_url = api_url
        self._web_url = web_url.rstrip("/")
        self._client_id = client_id
        self._client_secret = client_secret
        self._clock = clock

    def sign_in_url(self, *, redirect_uri: str, state: str, verifier: str) -> str:
        """Return where a person consents; GitHub asks which of their accounts it is to be.

        `verifier` stays here, only its hash travels: https://www.rfc-editor.org/rfc/rfc7636
        """
        query = {
            "client_id": self._client_id,
            "redirect_uri": redirect_uri,
            "state": state,
            "code_challenge": challenge_of(verifier),
            "code_challenge_method": "S256",
            "prompt": "select_account",
            "allow_signup": "false",
        }
        return f"{self._web_url}/login/oauth/authorize?{urlencode(query)}"

    async def exchange(self, code: str, *, redirect_uri: str, verifier: str) -> UserToken:
        """Return the token for a code, which GitHub takes once.

        Raises TokenRefused, TransientError.
        """
        return await self._obtain(
            {"code": code, "redirect_uri": redirect_uri, "code_verifier": verifier}
        )

    async def renew(self, refresh: str) -> UserToken:
        """Return a new token; the old one and its renewal are worth nothing from then on.

        Raises TokenRefused, TransientError.
        """
        return await self._obtain({"grant_type": "refresh_token", "refresh_token": refresh})

    async def account(self, token: UserToken) -> GitHubAccount:
        """Return whose token it is. Raises PermanentError, TransientError."""
        answer = await self._client(self._api_url, f"Bearer {token.access}").get("/user")
        try:
            user = _User.model_validate(answer)
        except ValidationError as failure:
            raise TransientError("GitHub does not say who signed in.") from failure
        return GitHubAccount(user.id, user.login)

    async def revoke(self, token: UserToken) -> bool:
        """Take back everything that this person granted; False where GitHub knew of nothing.

        Raises TransientError, PermanentError.
        https://docs.github.com/rest/apps/oauth-applications#delete-an-app-authorization
        """
        return await self._taken_back("grant", token)

    async def discard(self, token: UserToken) -> bool:
        """Take back one token and leave the others; as `revoke` otherwise.

        https://docs.github.com/rest/apps/oauth-applications#delete-an-app-token
        """
        return await self._taken_back("token", token)

    async def _taken_back(self, what: str, token: UserToken) -> bool:
        pair = f"{self._client_id}:{self._client_secret}".encode()
        client = self._client(self._api_url, f"Basic {base64.b64encode(pair).decode()}")
        path = f"/applications/{segment(self._client_id)}/{what}"
        try:
            await client.delete(path, {"access_token": token.access})
        except (NotFound, Unprocessable):
            return False
        return True

    async def _obtain(self, wanted: Mapping[str, str]) -> UserToken:
        client = self._client(self._web_url, None)
        secrets = {"client_id": self._client_id, "client_secret": self._client_secret}
        asked_at = self._clock()
        try:
            answer = await client.post(TOKEN_PATH, {**secrets, **wanted}, accept=PLAIN_JSON)
        except (NotFound, Unprocessable) as refusal:
            raise TokenRefused("incorrect_client_credentials") from refusal
        return _token_from(answer, asked_at)

    def _client(self, url: str, header: str | None) -> GitHubClient:
        async def authorize(_fresh: bool) -> str | None:
            return header

        return GitHubClient(self._http, url, authorize, pace=WritePace())


def challenge_of(verifier: str) -> str:
    """Return what proves later, and only with the verifier, who asked."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


class _Granted(BaseModel):
    """What the exchange answers; a refusal comes with status 200, too."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    error: str = Field(default="", max_length=100)
    access_token: str = Field(default="", repr=False)
    expires_in: int | None = None
    refresh_token: str = Field(default="", repr=False)
    refresh_token_expires_in: int | None = None


class _User(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    id: int
    login: str = Field(min_length=1)


def _token_from(answer: Any, asked_at: float) -> UserToken:
    try:
        granted = _Granted.model_validate(answer)
    except ValidationError:
        # Without its cause: an answer that cannot be read may still hold a token.
        raise TransientError("GitHub's answer to the sign-in is not what it should be.") from None
    if granted.error:
        raise TokenRefused(granted.error if granted.error.isidentifier() else "unknown")
    if not granted.access_token:
        raise TransientError("GitHub answered the sign-in without a token.")
    return UserToken(
        access=granted.access_token,
        expires_at=_later(asked_at, granted.expires_in),
        refresh=granted.refresh_token,
        refresh_expires_at=_later(asked_at, granted.refresh_token_expires_in),
    )


def _later(now: float, seconds: int | None) -> float | None:
    return None if seconds is None else now + seconds
