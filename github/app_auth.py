"""Proves that we are the App, and gets tokens that can write to one repository and no further.

The private key stays in here. What a token is used for is not known here.
https://docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from core.errors import PermanentError, PullRequestGone, TransientError
from github.client import GitHubClient, segment
from github.errors import Forbidden, NotFound, RateLimited, Unprocessable
from github.pace import TOKENS, Pace, WritePace
from github.reach import PERMISSIONS, Reach, narrowed

BACKDATE, LIFETIME = 60, 540
"""Seconds around now in a JWT; GitHub takes 10 minutes at most and wants room for slow clocks."""
JWT_REUSE = 240
"""Seconds a JWT is used again before another is signed."""
TOKEN_SECONDS = 3_600
"""Life of a token where the answer does not say: GitHub's are good for an hour."""
TOKEN_MARGIN = 300
"""Seconds before its expiry from which a token is not handed out any more."""
MAX_KEPT = 1_000
"""Tokens and installations remembered; the longest unused go first."""
INSTALLATION_SECONDS = 600
"""How long the installation of a repository is believed to stay the same."""
MINT_ATTEMPTS = 3
FIRST_PAUSE = 0.5
"""Seconds before the second attempt to mint; doubled for the third."""
SKEW = 5.0
"""Seconds by which the clocks must differ for a second JWT to be worth a try."""

Result = TypeVar("Result")


@dataclass(slots=True)
class _Slot:
    """One token that is kept, and the lock that lets one caller at a time mint it."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    token: str = field(default="", repr=False)
    expires: float = 0.0
    """Unix seconds by GitHub's clock."""


class AppAuth:
    """Signs as the App, finds installations, mints and keeps tokens."""

    def __init__(
        self,
        app_id: str,
        private_key: str,
        http: httpx.AsyncClient,
        api_url: str,
        *,
        pace: Pace | None = None,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.app_id = app_id
        self._key = _load(private_key)
        self._clock = clock
        self._offset = 0.0
        """Seconds that GitHub's clock is ahead of ours, once it told."""
        self._signed: tuple[float, str] | None = None
        self._sleep = sleep
        pace = pace or WritePace(TOKENS, sleep=sleep)
        self._client = GitHubClient(http, api_url, self._authorize, pace=pace, sleep=sleep)
        self._slots: OrderedDict[tuple[int, Reach], _Slot] = OrderedDict()
        self._installations: OrderedDict[str, tuple[float, int]] = OrderedDict()
        self._own: Mapping[str, Any] | None = None

    def jwt(self) -> str:
        """Return a JWT that says we are the App."""
        now = self._now()
        if self._signed is None or not 0 <= now - self._signed[0] < JWT_REUSE:
            claims = {"iat": int(now) - BACKDATE, "exp": int(now) + LIFETIME, "iss": self.app_id}
            self._signed = (now, jwt.encode(claims, self._key, algorithm="RS256"))
        return self._signed[1]

    async def as_app(self, call: Callable[[GitHubClient], Awaitable[Result]]) -> Result:
        """Make a call with a client that speaks as the App itself, not for an installation."""
        return await self._as_app(lambda: call(self._client))

    async def token(self, installation_id: int, reach: Reach, *, refused: str | None = None) -> str:
        """Return a token that reaches so far and no further.

        `refused` names one that GitHub did not take and that must not be handed out again.
        Raises PullRequestGone when the App lost its access, Forbidden when it lacks a permission.
        """
        slot = self._slot(installation_id, reach)
        async with slot.lock:
            expired = self._now() >= slot.expires - TOKEN_MARGIN
            if expired or slot.token == refused:
                answer = await self._mint(installation_id, reach)
                slot.token = answer["token"]
                slot.expires = _expiry(answer) or self._now() + TOKEN_SECONDS
            return slot.token

    async def installation_of(self, owner: str, repo: str) -> int:
        """Return the installation that covers a repository. Raises PullRequestGone for none."""
        name = f"{owner}/{repo}".lower()
        known = self._installations.get(name)
        if known is None or self._clock() - known[0] > INSTALLATION_SECONDS:
            known = (self._clock(), await self._find_installation(owner, repo))
            self._installations[name] = known
            _trim(self._installations)
        return known[1]

    async def slug(self) -> str | None:
        """Return the App's name in URLs; its account is `<slug>[bot]`."""
        return (await self._about_app()).get("slug")

    async def install_page(self) -> str:
        """Return where people install the App, empty where GitHub does not say.

        https://docs.github.com/apps/sharing-github-apps/sharing-your-github-app
        """
        home = (await self._about_app()).get("html_url")
        return f"{home}/installations/new" if home else ""

    async def _about_app(self) -> Mapping[str, Any]:
        """Return what GitHub says of the App, asked once."""
        if self._own is None:
            try:
                own: Mapping[str, Any] = await self._as_app(lambda: self._client.get("/app"))
            except NotFound as failure:
                raise NotFound("GitHub knows no such App: GITHUB_APP_ID is wrong.") from failure
            self._own = own
        return self._own

    def _now(self) -> float:
        """Return Unix time by GitHub's clock, as far as it is known."""
        return self._clock() + self._offset

    async def _authorize(self, _fresh: bool) -> str | None:
        # The same JWT again tells the client that a second try is pointless.
        return f"Bearer {self.jwt()}"

    async def _as_app(self, call: Callable[[], Awaitable[Result]]) -> Result:
        """Make a call with our JWT, once more by GitHub's clock when ours is wrong."""
        try:
            return await call()
        except Forbidden as refusal:
            if refusal.status != 401 or not self._resync(refusal.server_time):
                raise _explained(refusal) from refusal
        try:
            return await call()
        except Forbidden as refusal:
            raise _explained(refusal) from refusal

    def _resync(self, server_time: float | None) -> bool:
        """Take over GitHub's clock; tell whether that changes anything."""
        offset = 0.0 if server_time is None else server_time - self._clock()
        if server_time is None or abs(offset - self._offset) < SKEW:
            return False
        self._offset, self._signed = offset, None
        return True

    def _slot(self, installation_id: int, reach: Reach) -> _Slot:
        key = (installation_id, reach)
        slot = self._slots.setdefault(key, _Slot())
        self._slots.move_to_end(key)
        _trim(self._slots)
        return slot

    async def _find_installation(self, owner: str, repo: str) -> int:
        path = f"/repos/{segment(owner)}/{segment(repo)}/installation"
        try:
            answer = await self._as_app(lambda: self._client.get(path))
        except NotFound as failure:
            raise PullRequestGone(f"Argus is not installed on {owner}/{repo}.") from failure
        return int(answer["id"])

    async def _mint(self, installation_id: int, reach: Reach) -> dict[str, Any]:
        """Mint one token. Repeating is harmless here: an unused token simply expires."""
        path = f"/app/installations/{installation_id}/access_tokens"
        body = narrowed(reach)
        for attempt in range(MINT_ATTEMPTS):
            try:
                answer: dict[str, Any] = await self._as_app(lambda: self._client.post(path, body))
            except RateLimited:
                raise
            except TransientError as failure:
                last = failure
                await self._sleep(FIRST_PAUSE * 2**attempt)
            except PermanentError as failure:
                raise await self._why_no_token(failure, installation_id) from failure
            else:
                return answer
        raise TransientError(last.reason, retry_after=last.retry_after) from last

    async def _why_no_token(self, failure: PermanentError, installation_id: int) -> PermanentError:
        """Return the error that says in words why there is no token."""
        if isinstance(failure, NotFound):
            return PullRequestGone("The App is not installed there any more.")
        if isinstance(failure, Unprocessable) and "permission" in failure.reason.lower():
            return Forbidden(await self._missing(installation_id))
        if isinstance(failure, Unprocessable):
            return PullRequestGone(f"The App cannot reach the repository. {failure.reason}")
        if isinstance(failure, Forbidden) and failure.status != 401:
            return PullRequestGone(f"The App lost its access. {failure.reason}")
        return failure

    async def _missing(self, installation_id: int) -> str:
        """Name the permissions that the installation did not grant."""
        path = f"/app/installations/{installation_id}"
        installation = await self._as_app(lambda: self._client.get(path))
        granted = installation.get("permissions") or {}
        lacking = [
            f"{name}:{level}"
            for name, level in PERMISSIONS.items()
            if granted.get(name) not in {level, "write", "admin"}
        ]
        return (
            f"The App lacks {', '.join(lacking) or 'a permission'} on this installation: an owner "
            "has to accept its permissions in GitHub's settings."
        )


def _explained(refusal: Forbidden) -> Forbidden:
    """Say what a refused JWT means; other refusals speak for themselves."""
    if refusal.status != 401:
        return refusal
    return Forbidden(
        "GitHub does not accept the App's key: GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY do not "
        "belong together, or the key was revoked.",
        status=401,
    )


def _load(pem: str) -> RSAPrivateKey:
    """Parse the key once, so that a token costs one signature and a bad key fails at start.

    Raises ValueError without the key's content.
    """
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError):
        key = None
    if isinstance(key, RSAPrivateKey):
        return key
    raise ValueError("GITHUB_APP_PRIVATE_KEY is not an RSA private key in PEM form")


def _expiry(answer: Mapping[str, Any]) -> float | None:
    """Return when a token ends, in Unix seconds; None where the answer does not say."""
    try:
        return datetime.fromisoformat(answer["expires_at"]).timestamp()
    except (KeyError, TypeError, ValueError):
        return None


def _trim(kept: OrderedDict[Any, Any]) -> None:
    while len(kept) > MAX_KEPT:
        kept.popitem(last=False)
