"""Sockets that the app opens, and what is sent through them instead of its request URL.

A connection begins with a ticket that is good once. Everything sent carries an envelope's id, and
counts as acknowledged when that comes back.
https://docs.slack.dev/apis/events-api/using-socket-mode
"""

import asyncio
import json
from secrets import token_hex
from typing import Any, Final

from aiohttp import WSMsgType, web

from bot.playground.slack.records import Json, Kind

TYPES: Final[dict[Kind, str]] = {
    "command": "slash_commands",
    "action": "interactive",
    "event": "events_api",
}
LOOPBACK: Final = "127.0.0.1"


class Sockets:
    """The open connections of the app."""

    def __init__(self) -> None:
        self._runner: web.AppRunner | None = None
        self._tickets: set[str] = set()
        self._open: list[web.WebSocketResponse] = []
        self._waiting: dict[str, asyncio.Future[Any]] = {}
        self.url = ""

    async def start(self) -> None:
        """Listen on a free port of this machine."""
        app = web.Application()
        app.router.add_get("/link/", self._connect)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, LOOPBACK, 0)
        await site.start()
        port = self._runner.addresses[0][1]
        self.url = f"ws://{LOOPBACK}:{port}/link/"

    async def close(self) -> None:
        """Cut every connection."""
        for socket in list(self._open):
            await socket.close()
        if self._runner is not None:
            await self._runner.cleanup()

    @property
    def are_open(self) -> bool:
        """Tell whether the app is connected."""
        return bool(self._open)

    def ticket(self) -> str:
        """Return an address for one connection."""
        ticket = token_hex(16)
        self._tickets.add(ticket)
        return f"{self.url}?ticket={ticket}"

    async def drop(self) -> None:
        """Ask for new connections, as Slack does every few hours, and cut the old ones."""
        old, self._open = self._open, []  # nothing more is sent through these
        for socket in old:
            await socket.send_json({"type": "disconnect", "reason": "refresh_requested"})
            await socket.close()

    async def send(self, kind: Kind, payload: Json) -> Any:
        """Send through the newest connection and return what the acknowledgement says."""
        envelope = token_hex(16)
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[envelope] = answer
        try:
            await self._open[-1].send_json(
                {
                    "envelope_id": envelope,
                    "type": TYPES[kind],
                    "payload": payload,
                    "accepts_response_payload": kind != "event",
                }
            )
            return await answer
        finally:
            self._waiting.pop(envelope, None)

    async def _connect(self, request: web.Request) -> web.StreamResponse:
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            return web.Response(status=404)
        self._tickets.discard(ticket)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"type": "hello", "num_connections": len(self._open) + 1})
        self._open.append(socket)
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    self._take(message.data)
        finally:
            if socket in self._open:
                self._open.remove(socket)
        return socket

    def _take(self, text: str) -> None:
        try:
            said = json.loads(text)
            waiting = self._waiting.get(said["envelope_id"])
        except (ValueError, KeyError, TypeError):
            return
        if waiting is not None and not waiting.done():
            waiting.set_result(said.get("payload"))
