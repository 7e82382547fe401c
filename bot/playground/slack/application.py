"""The ASGI application: what happens to a request from its first byte to its answer.

A fault on order comes first, then the Web API or a response_url; all of it is recorded.
`/_control` stands beside and is no part of Slack.
"""

import asyncio
import logging
import re
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

from bot.playground.github.faults import Dropped, Fault, strike
from bot.playground.github.wire import Call, Reply, query_of
from bot.playground.slack import arguments, control
from bot.playground.slack.answers import respond
from bot.playground.slack.courier import Courier
from bot.playground.slack.methods import METHODS
from bot.playground.slack.methods.visit import enter
from bot.playground.slack.records import Called, Json
from bot.playground.slack.wire import Refused, answered
from bot.playground.slack.world import World

log = logging.getLogger(__name__)

BODY_LIMIT: Final = 1024 * 1024
"""Bytes of a request."""
API: Final = "/api/"

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class Slack:
    """The application; it owns a workspace and the courier of its requests."""

    def __init__(self, url: str) -> None:
        self.world = World(url)
        self._courier: Courier | None = None

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> object:
        """Serve one connection of the ASGI server.

        A value returned instead of None makes uvicorn close the connection at once, which is how
        an answer is dropped.
        """
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
            return None
        call = await _read(scope, receive, self.world.url)
        try:
            reply = await self._answer(call, _local(scope))
        except Dropped:
            return "dropped"
        await _write(reply, send)
        return None

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await self.world.sockets.start()
                self._courier = Courier(self.world)
                await send({"type": "lifespan.startup.complete"})
            else:
                if self._courier is not None:
                    await self._courier.close()
                await self.world.sockets.close()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _answer(self, call: Call, local: bool) -> Reply:
        if call.path.startswith(control.PREFIX) and self._courier is not None:
            hand = control.Hand(self.world, self._courier, {})
            return await control.answer(hand, call, local=local)
        started = time.monotonic()
        reply: Reply | None = None
        try:
            fault = self.world.faults.due(call)
            if fault is None:
                reply = self._served(call)
            elif fault.commit:
                reply = await _strike(fault, self._served(call))
            else:
                reply = await self._struck(fault, call)
            return reply
        finally:
            self._note(call, reply, time.monotonic() - started)

    async def _struck(self, fault: Fault, call: Call) -> Reply:
        """Fail before anything is carried out; a mere delay carries it out afterwards."""
        if fault.delay and not fault.drop and not fault.status:
            await asyncio.sleep(fault.delay)
            return self._served(call)
        return await _strike(fault, None)

    def _served(self, call: Call) -> Reply:
        try:
            if not call.path.startswith(API):
                return respond(self.world, call)
            given = arguments.read(call)
            body = enter(self.world, METHODS, call.path.removeprefix(API), given)
            return answered(body, given.warnings)
        except Refused as refused:
            return refused.reply()
        except Exception:
            log.exception("%s failed", call.path)
            return Reply(500, {"ok": False, "error": "internal_error"})

    def _note(self, call: Call, reply: Reply | None, seconds: float) -> None:
        in_api = call.path.startswith(API)
        method = call.path.removeprefix(API) if in_api else "response_url"
        error = _error(reply) if reply is not None else "dropped"
        status = reply.status if reply is not None else 0
        self.world.calls.append(
            Called(self.world.now(), method, _recorded(call), status, error, seconds)
        )


async def _strike(fault: Fault, usual: Reply | None) -> Reply:
    """Carry out a fault; without a body of its own it speaks as Slack does."""
    if fault.status and fault.body is None:
        fault.body = {"ok": False, "error": "internal_error"}
    return await strike(fault, usual)


def _error(reply: Reply) -> str:
    if isinstance(reply.body, dict):
        return str(reply.body.get("error", ""))
    return "" if reply.status < 400 else f"http_{reply.status}"


def _recorded(call: Call) -> Json:
    """Return a call's arguments without the token; what cannot be read is left out."""
    try:
        return dict(arguments.read(call).values)
    except Refused:
        return {}


async def _read(scope: Message, receive: Receive, base: str) -> Call:
    chunks, size = [], 0
    while True:
        message = await receive()
        chunk = message.get("body", b"")
        size += len(chunk)
        if size <= BODY_LIMIT:
            chunks.append(chunk)
        if not message.get("more_body"):
            break
    headers = {key.decode("latin-1"): value.decode("latin-1") for key, value in scope["headers"]}
    query = query_of(scope["query_string"])
    return Call(scope["method"], scope["path"], query, headers, b"".join(chunks), base)


async def _write(reply: Reply, send: Send) -> None:
    body = reply.encoded()
    headers = {
        "content-type": reply.media,
        "content-length": str(len(body)),
        **{name.lower(): value for name, value in reply.headers.items()},
    }
    encoded = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": reply.status, "headers": encoded})
    await send({"type": "http.response.body", "body": body})


def _local(scope: Message) -> bool:
    """Tell whether a caller and the name it used are of this machine."""
    host = dict(scope["headers"]).get(b"host", b"").decode("latin-1")
    client = (scope.get("client") or ("",))[0]
    return client == "127.0.0.1" and bool(re.fullmatch(r"(127\.0\.0\.1|localhost)(:\d+)?", host))
