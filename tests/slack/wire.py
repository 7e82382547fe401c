"""A recording Slack on loopback, our app served for real, and hand-written collaborators."""

import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from time import time
from typing import Any
from urllib.parse import parse_qs, urlencode

import httpx
import uvicorn

from bot.adapters.ledger import RedisLedger
from core.errors import ArgusError
from core.intake import Intake
from core.models import (
    Accepted,
    Admission,
    Cancelled,
    Order,
    OrderTaken,
    PullRequestClosed,
    ReviewRequest,
)
from slack.app import SlackApp, build_app
from slack.client import SlackClient
from slack.commands import Commands
from slack.interactivity import Buttons
from slack.mentions import Mentions
from slack.seal import Seal
from slack.shortcuts import Shortcuts
from slack.signature import Signature
from tests.slack import offices
from tests.slack.offices import Eyes, Instance, Rights, an_office

WEB = offices.WEB
TEAM, CHANNEL, USER = "T0HOME", "C0REVIEWS", "U0ASKER"
SECRET = "signing-secret-of-this-test"
SEAL = Seal(["a key of this test"])


@asynccontextmanager
async def served(app: Any) -> AsyncIterator[str]:
    """Serve an ASGI application in this process and yield its address."""
    config = uvicorn.Config(app, host="127.0.0.1", port=0, lifespan="off", log_config=None)
    server = uvicorn.Server(config)
    config.load()
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        # Without the tenth of a second that uvicorn's own shutdown always sleeps.
        for listening in server.servers:
            listening.close()
        for connection in list(server.server_state.connections):
            connection.shutdown()


@dataclass
class Answer:
    """What the recording Slack says once."""

    status: int = 200
    body: Any = field(default_factory=lambda: {"ok": True})
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class RecordingSlack:
    """Remembers every call; answers what it was told to, else `ok`."""

    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    url: str = ""

    def will(self, method: str, *answers: Answer) -> None:
        self.answers.setdefault(method, []).extend(answers)

    def made(self, method: str) -> list[dict[str, Any]]:
        return [body for name, body in self.calls if name == method]

    @property
    def api_url(self) -> str:
        return f"{self.url}/api/"

    @property
    def response_url(self) -> str:
        return f"{self.url}/hook"

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        raw = b""
        while True:
            message = await receive()
            raw += message.get("body", b"")
            if not message.get("more_body"):
                break
        method = scope["path"].rpartition("/")[2]
        self.calls.append((method, _body(raw)))
        waiting = self.answers.get(method)
        answer = waiting.pop(0) if waiting else Answer(body=self._ok(method))
        is_text = isinstance(answer.body, str)
        kind = "text/html" if is_text else "application/json"
        headers = {"content-type": kind, **answer.headers}
        pairs = [(key.encode(), value.encode()) for key, value in headers.items()]
        content = answer.body if is_text else json.dumps(answer.body)
        await send({"type": "http.response.start", "status": answer.status, "headers": pairs})
        await send({"type": "http.response.body", "body": content.encode()})

    def _ok(self, method: str) -> dict[str, Any]:
        match method:
            case "auth.test":
                return {"ok": True, "team_id": TEAM}
            case "users.info":
                user = self.made(method)[-1].get("user", "")
                return {"ok": True, "user": {"id": user, "team_id": TEAM, "name": "asker"}}
            case "chat.postMessage":
                posted = len(self.made(method))
                return {"ok": True, "channel": CHANNEL, "ts": f"17.{posted:06}"}
        return {"ok": True}


def _body(raw: bytes) -> dict[str, Any]:
    text = raw.decode()
    if text.startswith("{"):
        return dict(json.loads(text))
    form = {key: values[0] for key, values in parse_qs(text).items()}
    return {k: json.loads(v) if k == "blocks" else v for k, v in form.items()}


@dataclass
class FakeLedger:
    """Admits, takes and rings; says what it was told to."""

    says: Callable[[ReviewRequest], Admission] = lambda _: Accepted(job_id="7:1")
    error: ArgusError | None = None
    is_full: bool = False
    admitted: list[ReviewRequest] = field(default_factory=list)
    taken: list[Order] = field(default_factory=list)
    rung: list[str] = field(default_factory=list)

    async def admit(self, request: ReviewRequest) -> Admission:
        if self.error is not None:
            raise self.error
        self.admitted.append(request)
        return self.says(request)

    async def take(self, order: Order) -> OrderTaken:
        if self.error is not None:
            raise self.error
        if self.is_full:
            return OrderTaken.FULL
        is_new = all(each.origin.id != order.origin.id for each in self.taken)
        self.taken.append(order)
        return OrderTaken.NEW if is_new else OrderTaken.KNOWN

    async def cancel(self, closed: PullRequestClosed) -> Cancelled | None:
        return None

    async def ring(self, job_id: str) -> None:
        self.rung.append(job_id)


@dataclass
class Desk:
    """Everything a test of commands touches."""

    slack: RecordingSlack
    visibility: Eyes
    permissions: Rights
    ledger: FakeLedger
    kept: RedisLedger
    app: SlackApp
    client: SlackClient
    commands: Commands
    http: httpx.AsyncClient
    instance: Instance

    def form(self, text: str, **changes: str) -> dict[str, str]:
        return {
            "command": "/argus",
            "team_id": TEAM,
            "channel_id": CHANNEL,
            "user_id": USER,
            "trigger_id": "13345224609.738474920.8088930838d88f008e0",
            "response_url": self.slack.response_url,
            "text": text,
        } | changes

    async def slash(self, text: str, **changes: str) -> httpx.Response:
        """Send a command as Slack does, and wait for what it set in motion."""
        response = await self.send(urlencode(self.form(text, **changes)).encode())
        await self.app.drain()
        return response

    async def send(
        self, body: bytes, *, headers: dict[str, str] | None = None, at: float | None = None
    ) -> httpx.Response:
        form = {"content-type": "application/x-www-form-urlencoded"}
        signed = {**form, **signature(body, at=at), **(headers or {})}
        return await self.http.post("/slack/events", content=body, headers=signed)

    @property
    def answers(self) -> list[str]:
        """Return the fallback texts of the ephemeral answers so far."""
        return [body["text"] for body in self.slack.made("hook")]


def signature(body: bytes, *, at: float | None = None, secret: str = SECRET) -> dict[str, str]:
    timestamp = str(int(time() if at is None else at))
    signed = b"v0:" + timestamp.encode() + b":" + body
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return {"x-slack-request-timestamp": timestamp, "x-slack-signature": f"v0={digest}"}


@asynccontextmanager
async def a_desk(kept: RedisLedger) -> AsyncIterator[Desk]:
    slack, eyes, rights, ledger = RecordingSlack(), Eyes(), Rights(), FakeLedger()
    argus = Instance()
    judges = {"visibility": eyes, "permissions": rights, "instance": argus}
    async with served(slack) as slack.url:
        client = SlackClient("xoxb-of-this-test", slack.api_url)
        intake = Intake(ledger, ledger)
        commands = an_office(kept, intake, client, SEAL, **judges)
        app = build_app(
            bot_token="xoxb-of-this-test",
            signature=Signature(SECRET),
            commands=commands,
            api_url=slack.api_url,
            entrances=(
                Mentions(commands, kept.heard),
                Shortcuts(commands, client, SEAL, web_url=WEB, api_url=slack.api_url),
                Buttons(commands, client, api_url=slack.api_url),
            ),
        )
        async with served(app) as url, httpx.AsyncClient(base_url=url, timeout=10) as http:
            yield Desk(slack, eyes, rights, ledger, kept, app, client, commands, http, argus)
            await app.drain()
        await client.close()
