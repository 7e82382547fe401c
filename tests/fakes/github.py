"""The strict local GitHub for tests: served in a thread, driven through its control.

What it enforces lives in `bot.playground.github`; here is only what a test needs to hold it.
"""

import asyncio
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Self

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from bot.playground.github.driver import Driver, Files
from bot.playground.github.limits import SECONDARY_DOCS
from bot.playground.github.server import LocalServer

APP_ID = 4242
SLUG = "argus"
REPO = "octo/shop"
POLL_SECONDS = 0.02


@dataclass(frozen=True)
class Opened:
    """A pull request of a test."""

    repo: str
    repo_id: int
    number: int
    head: str
    base: str
    installation: int


class FakeGitHub(Driver):
    """A local GitHub with an App registered, and the App's private key."""

    def __init__(self, server: LocalServer) -> None:
        super().__init__(server.url)
        self.server = server
        self.no_tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self.app_id = str(APP_ID)
        self.slug = SLUG
        self.private_key, public_key = key_pair()
        self.register_app(public_key, id=APP_ID, slug=SLUG)

    @classmethod
    def start(cls, data: Path) -> Self:
        """Serve a fresh GitHub whose repositories live in a folder."""
        server = LocalServer(data)
        server.start()
        return cls(server)

    def stop(self) -> None:
        """Stop serving."""
        self.close()
        self.server.stop()

    def app_jwt(self, **claims: Any) -> str:
        """Return the App's own token; claims overwrite the usual ones."""
        now = int(time.time())
        usual = {"iat": now - 60, "exp": now + 540, "iss": self.app_id}
        return jwt.encode(usual | claims, self.private_key, algorithm="RS256")

    def api(self, token: str = "") -> httpx.Client:
        """Return a bare client for the API, anonymous without a token."""
        headers = {"authorization": f"Bearer {token}"} if token else {}
        return httpx.Client(base_url=self.url, headers=headers, trust_env=False, verify=self.no_tls)

    def installation_token(self, installation: int, **narrowed: Any) -> str:
        """Mint an installation token."""
        with self.api(self.app_jwt()) as api:
            answer = api.post(f"/app/installations/{installation}/access_tokens", json=narrowed)
        return str(answer.raise_for_status().json()["token"])

    def open(
        self,
        base: Files,
        change: Files,
        *,
        repo: str = REPO,
        private: bool = False,
        **traits: Any,
    ) -> Opened:
        """Make a repository with the App installed, and a pull request with one commit."""
        made = self.create_repo(repo, base, private=private)
        installation = self.install(repo.partition("/")[0], [repo])
        head = self.push(repo, "change", change)
        pull = self.open_pull(repo, "change", **traits)
        return Opened(repo, made["id"], pull["number"], head, pull["base"]["sha"], installation)

    def refuse_as_too_fast(
        self, method: str = "", path: str = "", *, retry_after: int | None = 60, times: int = 1
    ) -> None:
        """Answer with the secondary limit, with or without saying how long it lasts."""
        message = "You have exceeded a secondary rate limit. Please wait before you try again."
        headers = {} if retry_after is None else {"retry-after": str(retry_after)}
        body = {"message": message, "documentation_url": SECONDARY_DOCS}
        self.fault(method, path, status=403, headers=headers, body=body, times=times)

    def refuse_as_exhausted(
        self, method: str = "", path: str = "", *, reset_in: float = 60, times: int = 1
    ) -> None:
        """Answer with the hourly limit, which says when it starts anew."""
        headers = {
            "x-ratelimit-remaining": "0",
            "x-ratelimit-reset": str(int(time.time() + reset_in)),
        }
        body = {"message": "API rate limit exceeded for installation ID 1."}
        self.fault(method, path, status=403, headers=headers, body=body, times=times)

    async def until(
        self,
        repo: str,
        number: int,
        ready: Callable[[Mapping[str, Any]], object],
        seconds: float = 10.0,
    ) -> Mapping[str, Any]:
        """Return the first snapshot that is ready. Raises TimeoutError with the last one."""
        deadline = time.monotonic() + seconds
        while True:
            shown = await asyncio.to_thread(self.snapshot, repo, number)
            if ready(shown):
                return shown
            if time.monotonic() > deadline:
                raise TimeoutError(f"not within {seconds} s; the pull request shows {shown}")
            await asyncio.sleep(POLL_SECONDS)

    async def delivered(self, count: int, seconds: float = 10.0) -> list[dict[str, Any]]:
        """Return the deliveries once so many were answered. Raises TimeoutError."""
        deadline = time.monotonic() + seconds
        while True:
            rows = await asyncio.to_thread(self.deliveries)
            done = [row for row in rows if row["status"] != "pending"]
            if len(done) >= count:
                return done
            if time.monotonic() > deadline:
                raise TimeoutError(f"only {len(done)} of {count} deliveries were answered")
            await asyncio.sleep(POLL_SECONDS)


@cache
def key_pair() -> tuple[str, str]:
    """Return a private and a public key as PEM, one pair for all tests."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return private.decode(), public.decode()


@pytest.fixture
def github(tmp_path: Path) -> Iterator[FakeGitHub]:
    """A fresh local GitHub."""
    fake = FakeGitHub.start(tmp_path / "github")
    try:
        yield fake
    finally:
        fake.stop()
