"""Receives what Slack sends: proves it, reads it, acknowledges it, and leaves the rest to tasks.

The proof comes before Bolt, on the raw bytes: Bolt parses a body before it verifies it, and
takes any command whose words hold "payload" for an interaction without one.
"""

import json
import logging
import re
from collections.abc import Awaitable, Callable, Iterable, MutableMapping, Sequence
from http import HTTPStatus
from typing import Any, Final, Protocol
from urllib.parse import parse_qsl

import structlog
from pydantic import ValidationError
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from core.errors import UserError
from core.intake import new_correlation_id
from slack.blocks import problem
from slack.commands import Commands
from slack.replies import is_answerable
from slack.requests import SlashCommand, is_shaped
from slack.signature import Signature

COMMAND: Final = re.compile(r"/argus[\w-]*")
"""The command, under the names that a second installation may give it."""
ASK_AGAIN: Final = "Ask again; if it fails again, give the request id to whoever runs Argus."
MOST_FIELDS: Final = 100
"""Of a form; Slack sends about fifteen."""
_CHECK_BYTES: Final = 512
"""Of Slack's look at the certificate: a token and a word."""

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]

log = structlog.get_logger(__name__)


class Entrance(Protocol):
    """Another way in than commands: mentions, shortcuts, buttons."""

    def listen(self, bolt: AsyncApp) -> None:
        """Take part in the app; called once, before any request."""
        ...

    async def drain(self) -> None:
        """Wait for what is under way."""
        ...


class SlackApp:
    """The ASGI application of `/slack/events`."""

    def __init__(
        self,
        bolt: AsyncApp,
        signature: Signature,
        commands: Commands,
        entrances: Sequence[Entrance] = (),
    ) -> None:
        self._bolt = bolt
        self._signature = signature
        self._commands = commands
        self._entrances = entrances

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request; the body's size is bounded by whoever mounts this."""
        response = await self._response(scope, receive)
        await _answer(send, response)

    async def _response(self, scope: Scope, receive: Receive) -> BoltResponse:
        if scope["method"] != "POST":
            return BoltResponse(status=HTTPStatus.METHOD_NOT_ALLOWED)
        body = await _read(receive)
        if _is_certificate_check(body):
            return BoltResponse(status=HTTPStatus.OK)
        if not self._signature.proves(scope["headers"], body):
            return BoltResponse(status=HTTPStatus.UNAUTHORIZED, body="the signature proves nothing")
        payload = parsed(scope["headers"], body)
        if payload is None:
            return BoltResponse(status=HTTPStatus.BAD_REQUEST, body="not what Slack sends")
        return await self.dispatch(payload)

    async def dispatch(self, payload: dict[str, Any]) -> BoltResponse:
        """Hand a proven payload to Bolt; it came by HTTP or through a socket."""
        if not is_shaped(payload):
            return BoltResponse(status=HTTPStatus.BAD_REQUEST, body="not what Slack sends")
        # Bolt's own proof is for raw HTTP bodies; this mode is for payloads already proven.
        request = AsyncBoltRequest(body=payload, mode="socket_mode")
        response = await self._bolt.async_dispatch(request)
        if response.status == HTTPStatus.NOT_FOUND:
            # Slack counts anything but success as a failure, sends it again and ends the
            # subscription in time; what Argus has no use for was received all the same.
            return BoltResponse(status=HTTPStatus.OK)
        return response

    async def drain(self) -> None:
        """Wait for everything under way; entrances first, because they send commands."""
        for entrance in self._entrances:
            await entrance.drain()
        await self._commands.drain()


def build_app(
    *,
    bot_token: str,
    signature: Signature,
    commands: Commands,
    api_url: str,
    entrances: Sequence[Entrance] = (),
) -> SlackApp:
    """Build the application; nothing is called until a request arrives, and nothing then."""

    async def authorize() -> AuthorizeResult:
        # The token is known, so Slack need not be asked whose it is.
        return AuthorizeResult(enterprise_id=None, team_id=None, bot_token=bot_token)

    client = AsyncWebClient(base_url=api_url, retry_handlers=[])
    client.proxy = None
    bolt = AsyncApp(
        name="argus",
        logger=_errors_only(),
        client=client,
        signing_secret="proven before Bolt",  # noqa: S106 - no secret: Bolt verifies nothing here
        authorize=authorize,
        # Every listener acknowledges and returns at once. Else Bolt starts it beside and looks for
        # its acknowledgement every ten milliseconds.
        process_before_response=True,
    )
    _listen(bolt, commands, api_url)
    for entrance in entrances:
        entrance.listen(bolt)
    return SlackApp(bolt, signature, commands, entrances)


def parsed(headers: Iterable[tuple[bytes, bytes]], body: bytes) -> dict[str, Any] | None:
    """Return the payload of a form, of a form's `payload` field, or of JSON; None for others."""
    kind = next((value for key, value in headers if key.lower() == b"content-type"), b"")
    try:
        text = body.decode()
        if kind.partition(b";")[0].strip().lower() == b"application/json":
            found = json.loads(text)
        else:
            form = dict(parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS))
            found = json.loads(form["payload"]) if "payload" in form else form
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _is_certificate_check(body: bytes) -> bool:
    """Tell Slack's look at our certificate, which proves nothing and asks for nothing.

    https://docs.slack.dev/interactivity/implementing-slash-commands#validating
    """
    return len(body) <= _CHECK_BYTES and b"ssl_check=1" in body.split(b"&")


def _listen(bolt: AsyncApp, commands: Commands, api_url: str) -> None:
    @bolt.command(COMMAND)
    async def argus(ack: AsyncAck, body: dict[str, Any]) -> None:
        try:
            command = SlashCommand.model_validate(body)
        except ValidationError as failure:
            log.warning("slack.unreadable_command", problems=failure.error_count())
            await _refuse(ack, "Slack sent a command in an unknown form.")
            return
        if not is_answerable(command.response_url, api_url):
            log.warning("slack.foreign_response_url", team=command.team_id)
            await _refuse(ack, "The command came without an address to answer to.")
            return
        await ack()
        commands.start(command)

    @bolt.action(re.compile("open_.*"))
    async def opened(ack: AsyncAck) -> None:
        # A button that is a link tells us too, and shows a warning until it is acknowledged.
        await ack()


async def _refuse(ack: AsyncAck, why: str) -> None:
    """Answer with the acknowledgement: there is no other way to whoever asked."""
    request_id = new_correlation_id()
    log.info("slack.refused_at_once", correlation_id=request_id)
    error = UserError("Nothing was queued.", why=why, next_step=ASK_AGAIN)
    said = problem(error, request_id)
    await ack(text=said.text, blocks=list(said.blocks))


def _errors_only() -> logging.Logger:
    """Return a logger for Bolt, whose warnings repeat bodies, and those hold bearer addresses."""
    logger = logging.getLogger("slack.bolt")
    logger.setLevel(logging.ERROR)
    return logger


async def _read(receive: Receive) -> bytes:
    chunks: list[bytes] = []
    while True:
        message = await receive()
        chunks.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(chunks)


async def _answer(send: Send, response: BoltResponse) -> None:
    content = response.body.encode()
    fields = [
        (key.encode(), value.encode())
        for key, values in response.headers.items()
        for value in values
        if key != "content-length"
    ]
    fields.append((b"content-length", str(len(content)).encode()))
    await send({"type": "http.response.start", "status": int(response.status), "headers": fields})
    await send({"type": "http.response.body", "body": content})
