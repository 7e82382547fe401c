"""The strict local Slack for tests: served in a thread, driven through its control.

What it enforces lives in `bot.playground.slack`; here is only what a test needs to hold it.
"""

import asyncio
import secrets
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Self

import httpx
import pytest

from bot.playground.slack.driver import Driver, Json
from bot.playground.slack.server import LocalSlack

POLL_SECONDS = 0.02
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


class FakeSlack(Driver):
    """A local Slack with the app registered under credentials of its own."""

    def __init__(self, server: LocalSlack) -> None:
        super().__init__(server.url)
        self.server = server
        self.bot_token = f"xoxb-{secrets.token_hex(24)}"
        self.signing_secret = secrets.token_hex(16)
        self.app = self.register_app(self.bot_token, self.signing_secret)

    @classmethod
    def start(cls) -> Self:
        """Serve a fresh workspace."""
        server = LocalSlack()
        server.start()
        return cls(server)

    def stop(self) -> None:
        """Stop serving."""
        self.close()
        self.server.stop()

    def channel(self, name: str, members: Sequence[str] = ("mona",), **traits: bool) -> str:
        """Return the id of a channel with these people and the app; it is made if need be."""
        for shown in self.snapshot()["channels"]:
            if shown.get("name") == name:
                return str(shown["id"])
        return str(self.add_channel(name, members, **traits)["id"])

    def api(self, token: str | None = None) -> httpx.Client:
        """Return a bare client for the Web API, with the app's token unless another is given."""
        given = self.bot_token if token is None else token
        headers = {"authorization": f"Bearer {given}"} if given else {}
        return httpx.Client(base_url=self.api_url, headers=headers, trust_env=False, verify=NO_TLS)

    async def until(
        self, channel: str, ready: Callable[[list[Json]], object], seconds: float = 10.0
    ) -> list[Json]:
        """Return a channel's messages once they are ready. Raises TimeoutError with the last."""
        return await _until(lambda: self.messages(channel), ready, seconds)

    async def until_told(
        self, user: str, ready: Callable[[list[Json]], object] = bool, seconds: float = 10.0
    ) -> list[Json]:
        """Return what a person alone sees once it is ready. Raises TimeoutError with the last."""
        return await _until(lambda: self.ephemerals(user), ready, seconds)


async def _until(
    look: Callable[[], list[Json]], ready: Callable[[list[Json]], Any], seconds: float
) -> list[Json]:
    deadline = time.monotonic() + seconds
    while True:
        shown = await asyncio.to_thread(look)
        if ready(shown):
            return shown
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {seconds} s; Slack shows {shown}")
        await asyncio.sleep(POLL_SECONDS)


@pytest.fixture
def slack_server() -> Iterator[FakeSlack]:
    """A fresh local Slack."""
    fake = FakeSlack.start()
    try:
        yield fake
    finally:
        fake.stop()
