"""The ASGI application: what happens to a request from its first byte to its answer.

One request passes in this order: faults, caller, rate limit, route, gate, handler; all of it is
recorded. `/_control` stands beside the API and is no part of GitHub.
"""

import asyncio
import json
import logging
import re
import time
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import replace
from email.utils import formatdate
from pathlib import Path
from secrets import token_hex
from typing import Any, Final

from bot.playground.github import control
from bot.playground.github.faults import Dropped, Fault, Request, strike
from bot.playground.github.gate import identify
from bot.playground.github.hooks import Courier
from bot.playground.github.routes import ROUTES
from bot.playground.github.routing import Router, by_id, visit
from bot.playground.github.site import Site
from bot.playground.github.wire import Call, Refusal, Reply, query_of
from bot.playground.github.world import World

log = logging.getLogger(__name__)

BODY_LIMIT = 32 * 1024 * 1024
"""Bytes of a request."""
RECORDED_BODY = 256 * 1024
"""Bytes of a request's body up to which it is kept in the record."""
FREE_OF_CHARGE: Final = ("/rate_limit",)

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class GitHub:
    """The application; it owns a world and the courier of its events."""

    def __init__(self, data: Path, api: str, web: str = "") -> None:
        self.world = World(data, Site(api, web or api))
        self._router = Router(ROUTES)
        self._control = Router(control.ROUTES)
        self._courier: Courier | None = None

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> object:
        """Serve one connection of the ASGI server.

        A value returned instead of None makes uvicorn close the connection at once, which is how
        an answer is dropped.
        """
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
            return None
        call = await _read(scope, receive, self.world.site.api)
        try:
            reply = await self._answer(call, _local(scope))
        except Dropped:
            return "dropped"
        await _write(call, reply, send, self.world.now())
        return None

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self._courier = Courier(self.world)
                self.world.emit = self._courier.emit
                self.world.redeliver = self._courier.redeliver
                await send({"type": "lifespan.startup.complete"})
            else:
                if self._courier is not None:
                    await self._courier.close()
                self.world.close()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _answer(self, call: Call, local: bool) -> Reply:
        if call.path.startswith("/_control/"):
            return await control.answer(self.world, self._control, call, local=local)
        started = time.monotonic()
        label, status = "unknown", 0
        try:
            fault = self.world.faults.due(call)
            if fault is not None and not fault.commit:
                reply = await self._struck(fault, call)
            else:
                label, reply = await self._served(call)
                if fault is not None:
                    reply = await strike(fault, reply)
            status = reply.status
            return reply
        finally:
            self._note(call, status, time.monotonic() - started, label)

    async def _struck(self, fault: Fault, call: Call) -> Reply:
        """Fail before anything is carried out; a mere delay carries it out afterwards."""
        if fault.delay and not fault.drop and not fault.status:
            await asyncio.sleep(fault.delay)
            return (await self._served(call))[1]
        return await strike(fault, None)

    async def _served(self, call: Call) -> tuple[str, Reply]:
        label, limits = "unknown", {}
        try:
            caller = identify(self.world, call)
            label = caller.label
            if call.path not in FREE_OF_CHARGE and caller.kind != "app":
                limits = self.world.limits.spend(label, self._hourly(label), self.world.now())
            route, matched = self._router.match(by_id(self.world, call))
            reply = await visit(self.world, route, matched, caller)
        except Refusal as refusal:
            reply = refusal.reply()
        except Exception:
            log.exception("%s %s failed", call.method, call.path)
            reply = Reply(500, {"message": "The local GitHub has a fault of its own; see its log"})
        return label, replace(reply, headers={**limits, **reply.headers})

    def _hourly(self, label: str) -> int:
        knobs = self.world.knobs
        return knobs.anonymous_per_hour if label == "anonymous" else knobs.requests_per_hour

    def _note(self, call: Call, status: int, seconds: float, label: str) -> None:
        body = None
        if call.body and len(call.body) <= RECORDED_BODY:
            try:
                body = json.loads(call.body)
            except (ValueError, RecursionError):
                body = call.body.decode(errors="replace")
        self.world.record.add(
            Request(
                self.world.now(), call.method, call.path, call.query, status, seconds, label, body
            )
        )


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
    return Call(
        method=scope["method"],
        path=scope["path"],
        query=query_of(scope["query_string"]),
        headers=headers,
        body=b"".join(chunks),
        base=base,
    )


async def _write(call: Call, reply: Reply, send: Send, now: float) -> None:
    body = b"" if call.method == "HEAD" else reply.encoded()
    headers = {
        "date": formatdate(now, usegmt=True),
        "content-type": reply.media,
        "x-github-request-id": token_hex(12).upper(),
        "content-length": str(len(body)),
        "x-github-media-type": "github.v3; format=json",
        "x-github-api-version-selected": "2022-11-28",
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
