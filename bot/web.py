"""The web process: routes, body limits and probes; it admits and never reviews.

What a delivery means is judged in `github.webhooks`, what a command means in `slack`.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from secrets import compare_digest
from typing import Any, Protocol, cast

import structlog
import uvicorn
from litestar import Litestar, MediaType, Request, Response, asgi, get
from litestar.config.app import AppConfig
from litestar.exceptions import HTTPException
from litestar.status_codes import HTTP_500_INTERNAL_SERVER_ERROR
from litestar.types import ControllerRouterHandler, Receive, Scope, Send

from bot import __version__
from bot.adapters.figures import ACKNOWLEDGING, DELIVERIES, Figures
from bot.components import Readiness
from core.fault_points import FaultPoint, reach
from core.models import Admission
from github.webhooks import Reply

GITHUB_BODY_LIMIT = 25 * 1024 * 1024
"""Bytes; GitHub sends no larger event.
https://docs.github.com/en/webhooks/webhook-events-and-payloads#payload-cap"""
SLACK_BODY_LIMIT = 1024 * 1024
"""Bytes; Slack's own payloads stay far below."""
BODY_SECONDS = 10.0
"""GitHub cuts the connection after ten seconds, so waiting longer serves nobody."""
EVERYWHERE = "0.0.0.0"  # noqa: S104 - a web process behind a router listens on all interfaces
DRAIN_SECONDS = 10
"""For requests in flight at SIGTERM."""

Ring = Callable[[Admission], Awaitable[None]]
ASGIApp = Callable[[Any, Any, Any], Awaitable[None]]

log = structlog.get_logger(__name__)


class Receiver(Protocol):
    """Judges one delivery of GitHub."""

    async def receive(self, headers: Iterable[tuple[bytes, bytes]], body: bytes) -> Reply:
        """Return what to answer."""
        ...


class Probe(Protocol):
    """Looks at the components that web depends on."""

    async def readiness(self) -> Readiness:
        """Return one entry a component, each with a boolean `ok`."""
        ...

    async def metrics(self) -> bytes:
        """Return the figures in Prometheus' text format."""
        ...


class BodyTooLarge(Exception):
    """The body is over the route's limit."""


@dataclass(frozen=True)
class WebParts:
    """What the composition root puts into the web process."""

    receiver: Receiver
    ring: Ring
    probe: Probe
    slack: ASGIApp | None = None
    admin_token: str = ""
    figures: Figures = field(default_factory=Figures)
    """Where deliveries are counted and timed."""
    routes: tuple[ControllerRouterHandler, ...] = ()
    """More routes, such as the playground's."""
    closing: tuple[Callable[[], Awaitable[None]], ...] = field(default=())
    """Called at shutdown, in order."""


def build_web(parts: WebParts) -> Litestar:
    """Build the application; nothing is connected until it is served."""

    @asynccontextmanager
    async def lifespan(_: Litestar) -> AsyncIterator[None]:
        try:
            yield
        finally:
            for close in parts.closing:
                await close()

    return Litestar.from_config(
        AppConfig(
            route_handlers=[
                _github_route(parts),
                *_probe_routes(parts),
                *([_slack_route(parts.slack)] if parts.slack else []),
                *parts.routes,
            ],
            lifespan=[lifespan],
            after_exception=[_log_exception],
            openapi_config=None,
            request_max_body_size=None,
        )
    )


def _log_exception(error: Exception, scope: Scope) -> None:
    """Log what no route expected; what a route answers itself does not come here."""
    if not isinstance(error, HTTPException) or error.status_code >= HTTP_500_INTERNAL_SERVER_ERROR:
        log.error("web.failed", path=scope["path"], exc_info=error)


class _Server(uvicorn.Server):
    """Leaves signals to the process, which has more to close than this server."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


async def serve_app(app: Litestar, port: int, *, host: str, stop: asyncio.Event) -> None:
    """Serve until `stop` is set, then drain."""
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=DRAIN_SECONDS,
        timeout_keep_alive=75,
        backlog=2048,
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve())
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait((serving, stopping), return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    server.should_exit = True
    await serving


def _github_route(parts: WebParts) -> ControllerRouterHandler:
    """Serve deliveries as plain ASGI: nothing of a request is needed but its bytes."""

    @asgi("/webhooks/github", is_mount=False)
    async def github_webhook(scope: Scope, receive: Receive, send: Send) -> None:
        began = time.monotonic()
        if scope.get("method") != "POST":
            await answer(send, 405, {"error": "deliveries are posted"}, {"allow": "POST"})
            return
        try:
            body = await read_body(scope, receive, GITHUB_BODY_LIMIT)
        except BodyTooLarge:
            await answer(send, 413, {"error": "the body is over 25 MB"})
            return
        except TimeoutError:
            await answer(send, 408, {"error": "the body did not arrive in time"})
            return
        reply = await parts.receiver.receive(scope["headers"], body)
        if reply.admission:
            await reach(FaultPoint.ADMITTED)
        await answer(send, reply.status, reply.body, reply.headers)
        parts.figures.observe(ACKNOWLEDGING, time.monotonic() - began)
        parts.figures.count(f"{DELIVERIES}{reply.status}")
        if reply.admission:
            await reach(FaultPoint.ANSWERED)
            await parts.ring(reply.admission)

    return github_webhook


async def answer(
    send: Send, status: int, body: Mapping[str, Any], headers: Mapping[str, str] | None = None
) -> None:
    """Answer with a small JSON object; 204 has none."""
    content = b"" if status == 204 else json.dumps(body).encode()
    fields = [(name.encode(), value.encode()) for name, value in (headers or {}).items()]
    if content:
        fields.append((b"content-type", b"application/json"))
        fields.append((b"content-length", str(len(content)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": fields})
    await send({"type": "http.response.body", "body": content, "more_body": False})


async def read_body(scope: Scope, receive: Receive, limit: int) -> bytes:
    """Read a request's body. Raises BodyTooLarge before holding more than `limit` bytes."""
    declared = next((v for k, v in scope["headers"] if k == b"content-length"), b"0")
    if not declared.isdigit() or int(declared) > limit:
        raise BodyTooLarge
    chunks: list[bytes] = []
    size = 0
    async with asyncio.timeout(BODY_SECONDS):
        while True:
            message = await receive()
            chunk = cast("bytes", message.get("body", b""))
            size += len(chunk)
            if size > limit:
                raise BodyTooLarge
            chunks.append(chunk)
            if not message.get("more_body"):
                return b"".join(chunks)


def _slack_route(slack: ASGIApp) -> ControllerRouterHandler:
    @asgi("/slack/events", is_mount=False)
    async def slack_events(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            body = await read_body(scope, receive, SLACK_BODY_LIMIT)
        except (BodyTooLarge, TimeoutError):
            await answer(send, 413, {"error": "the body is over 1 MB or late"})
            return
        await slack(scope, _replay(body), send)

    return slack_events


def _replay(body: bytes) -> Receive:
    """Return a `receive` that hands over a body that was read already."""
    messages = iter(({"type": "http.request", "body": body, "more_body": False},))

    async def receive() -> Any:
        return next(messages, {"type": "http.disconnect"})

    return receive


def _probe_routes(parts: WebParts) -> list[ControllerRouterHandler]:
    @get("/healthz", sync_to_thread=False)
    def healthz() -> dict[str, str]:
        return {"status": "alive", "version": __version__}

    @get("/readyz")
    async def readyz() -> Response[dict[str, Any]]:
        found = await parts.probe.readiness()
        return Response(found.document(), status_code=200 if found.ready else 503)

    @get("/metrics", media_type=MediaType.TEXT)
    async def metrics(request: Request[Any, Any, Any]) -> Response[bytes]:
        if parts.admin_token and not _authorized(request, parts.admin_token):
            return Response(b"", status_code=401, headers={"WWW-Authenticate": "Bearer"})
        return Response(await parts.probe.metrics(), media_type="text/plain; version=0.0.4")

    return [healthz, readyz, metrics]


def _authorized(request: Request[Any, Any, Any], token: str) -> bool:
    given = request.headers.get("authorization", "")
    return compare_digest(given.encode(), f"Bearer {token}".encode())
