"""Socket Mode: what Slack sends comes through a socket that Argus opens, so it needs no address.

Whatever comes is handed to the same application as requests over HTTP. Slack renews connections,
and may send something twice then; it is recognised as it is over HTTP.
https://docs.slack.dev/apis/events-api/using-socket-mode
"""

import asyncio
import json
import logging
from typing import Any, Final

import structlog
from slack_bolt.response import BoltResponse
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from slack.app import SlackApp

PING: Final = 5.0
"""Seconds between pings, and before another attempt to connect."""
CLOSING: Final = 5.0
"""Seconds for the connection to end."""

log = structlog.get_logger(__name__)


async def serve_socket(
    app: SlackApp, app_token: str, api_url: str, stop: asyncio.Event, *, ping: float = PING
) -> None:
    """Receive through a socket until told to stop; a connection that breaks is made again."""
    web = AsyncWebClient(base_url=api_url, retry_handlers=[])
    web.proxy = None
    client = SocketModeClient(app_token, logger=_silent(), web_client=web, ping_interval=ping)
    # The library takes a proxy from the environment, which is not its to read.
    client.proxy = None

    async def hear(socket: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        if isinstance(request.payload, dict):
            await _hear(app, socket, request)

    client.socket_mode_request_listeners.append(hear)
    connecting = asyncio.create_task(client.connect())  # type: ignore[no-untyped-call]  # the library's
    stopped = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({connecting, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if connecting.done():
            log.info("slack.socket_open")
        await stopped
    finally:
        connecting.cancel()
        stopped.cancel()
        await _close(client)
        await app.drain()


async def _hear(
    app: SlackApp, socket: AsyncBaseSocketModeClient, request: SocketModeRequest
) -> None:
    """Hand over a payload and acknowledge it; what follows is an errand, so this is at once."""
    try:
        answer = await app.dispatch(request.payload)
    except Exception:
        # Slack sends it again, elsewhere perhaps.
        log.exception("slack.socket_failed", kind=request.type)
        return
    acknowledged = SocketModeResponse(envelope_id=request.envelope_id, payload=_payload(answer))
    await socket.send_socket_mode_response(acknowledged)


def _payload(answer: BoltResponse) -> dict[str, Any] | None:
    """Return what an acknowledgement says, as the body of an HTTP answer would."""
    if not answer.body:
        return None
    try:
        found = json.loads(answer.body)
    except ValueError:
        return {"text": answer.body}
    return found if isinstance(found, dict) else None


async def _close(client: SocketModeClient) -> None:
    try:
        async with asyncio.timeout(CLOSING):
            await client.close()  # type: ignore[no-untyped-call]  # the library's
    except TimeoutError:
        log.warning("slack.socket_left_open")


def _silent() -> logging.Logger:
    """Return a logger for the library, whose words hold the ticket of a connection."""
    logger = logging.getLogger("slack.socket.client")
    logger.setLevel(logging.CRITICAL)
    return logger
