"""Signed deliveries of events to the App, one attempt each, recorded as GitHub records them.

GitHub never tries again by itself; a redelivery is asked for, and carries the same GUID.
https://docs.github.com/en/webhooks/using-webhooks/handling-failed-webhook-deliveries
"""

import asyncio
import hashlib
import hmac
import json
import ssl
import time
from dataclasses import replace
from typing import Any
from uuid import uuid4

import httpx

from bot.playground.github.records import App, Delivery, Installation, Repository
from bot.playground.github.shapes.accounts import node_id
from bot.playground.github.shapes.repositories import repository
from bot.playground.github.world import World

DEADLINE = 10.0
"""Seconds for the whole answer."""
ALWAYS_SENT = frozenset({"ping", "installation", "installation_repositories"})
"""Events that no App needs to subscribe to."""
BODY_KEPT = 65_536
"""Characters of an answer kept in the record."""


class Courier:
    """Delivers the world's events, each in a task of its own: order is not promised."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._http = httpx.AsyncClient(
            trust_env=False, follow_redirects=False, verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        )
        self._tasks: set[asyncio.Task[None]] = set()

    def emit(
        self, event: str, action: str | None, repo: Repository | None, payload: dict[str, Any]
    ) -> None:
        """Send an event if the App is there to hear it."""
        app = self._world.app
        installation = self._world.installation_for(repo) if repo else None
        if app is None or not self._world.knobs.hooks or not _hears(app, event, repo, installation):
            return
        whole: dict[str, Any] = {"action": action} if action else {}
        whole |= payload
        if repo is not None:
            whole["repository"] = repository(self._world.site, repo)
        if installation is not None:
            number = installation.id
            whole["installation"] = {"id": number, "node_id": node_id("MDIz", number)}
        self._send(
            Delivery(
                id=next(self._world.ids),
                guid=str(uuid4()),
                event=event,
                action=action,
                delivered_at=self._world.now(),
                payload=json.dumps(whole, separators=(",", ":")).encode(),
                installation_id=(whole.get("installation") or {}).get("id"),
                repository_id=repo.id if repo else None,
            )
        )

    def redeliver(self, former: Delivery) -> Delivery:
        """Deliver the same event again, under the same GUID."""
        again = replace(
            former,
            id=next(self._world.ids),
            delivered_at=self._world.now(),
            redelivery=True,
            status="pending",
            status_code=0,
            response_body="",
            response_headers={},
        )
        self._send(again)
        return again

    async def close(self) -> None:
        """Give up deliveries under way."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._http.aclose()

    def _send(self, delivery: Delivery) -> None:
        self._world.deliveries[delivery.id] = delivery
        task = asyncio.create_task(self._deliver(delivery))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _deliver(self, delivery: Delivery) -> None:
        app = self._world.app
        if app is None or not app.webhook_url:
            delivery.status = "no webhook URL is configured"
            return
        delivery.request_headers = _headers(app, delivery)
        started = time.monotonic()
        try:
            async with asyncio.timeout(DEADLINE):
                answer = await self._http.post(
                    app.webhook_url,
                    content=delivery.payload,
                    headers=delivery.request_headers,
                    timeout=DEADLINE,
                )
        except (TimeoutError, httpx.TimeoutException):
            delivery.status, delivery.status_code = "timed out", 504
        except httpx.HTTPError:
            delivery.status, delivery.status_code = "failed to connect to host", 502
        else:
            _note(delivery, answer)
        delivery.duration = round(time.monotonic() - started, 3)


def sign(secret: str, payload: bytes) -> str:
    """Return the value of X-Hub-Signature-256."""
    return f"sha256={hmac.new(secret.encode(), payload, hashlib.sha256).hexdigest()}"


def _hears(app: App, event: str, repo: Repository | None, on: Installation | None) -> bool:
    if event in ALWAYS_SENT:
        return True
    heard = event in app.events and repo is not None
    return heard and on is not None and on.suspended_at is None


def _headers(app: App, delivery: Delivery) -> dict[str, str]:
    """https://docs.github.com/en/webhooks/webhook-events-and-payloads#delivery-headers"""
    headers = {
        "Accept": "*/*",
        "Content-Type": "application/json",
        "User-Agent": f"GitHub-Hookshot/{delivery.guid[:7]}",
        "X-GitHub-Delivery": delivery.guid,
        "X-GitHub-Event": delivery.event,
        "X-GitHub-Hook-ID": str(app.id + 1),
        "X-GitHub-Hook-Installation-Target-ID": str(app.id),
        "X-GitHub-Hook-Installation-Target-Type": "integration",
    }
    if app.webhook_secret:
        headers["X-Hub-Signature-256"] = sign(app.webhook_secret, delivery.payload)
    return headers


def _note(delivery: Delivery, answer: httpx.Response) -> None:
    delivery.status_code = answer.status_code
    delivery.status = "OK" if answer.is_success else f"Invalid HTTP Response: {answer.status_code}"
    delivery.response_headers = dict(answer.headers)
    delivery.response_body = answer.text[:BODY_KEPT]
