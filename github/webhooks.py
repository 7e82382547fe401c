"""Receives a delivery of GitHub and says what to answer; knows no web framework.

The order is the point: signature over the raw bytes, then JSON, then meaning, then the ledger,
and 202 only when the ledger has it. Reading the body within its limit is the route's work.
"""

import asyncio
import hashlib
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog

from core.errors import TransientError
from core.models import (
    Accepted,
    Admission,
    Cancelled,
    Order,
    OrderTaken,
    PullRequestClosed,
    Refused,
    ReviewRequest,
)
from github.events import MalformedEvent, decode
from github.signature import verify
from github.triggers import End, Hear, Ignore, Rules, decide

RETRY_SECONDS = 30
"""What a 503 suggests; GitHub itself never repeats a delivery, redelivery tools do."""
INLINE_BYTES = 1024 * 1024
"""Larger bodies are hashed in a thread, which takes 19 ms for 25 MB, beside other deliveries."""
_ORDERS = {
    OrderTaken.NEW: "accepted",
    OrderTaken.KNOWN: "duplicate",
    OrderTaken.FULL: "refused",
}
_DELIVERY_ID = re.compile(r"[0-9A-Za-z-]{1,64}")

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Reply:
    """What to answer, and the admission behind it, for which the bell is rung afterwards."""

    status: int
    body: Mapping[str, Any] = field(default_factory=dict)
    """Empty for 204."""
    headers: Mapping[str, str] = field(default_factory=dict)
    admission: Admission | None = None


class WebhookReceiver:
    """Judges deliveries by the secrets, the App and the rules it was built with."""

    def __init__(
        self,
        accept: Callable[[ReviewRequest], Awaitable[Admission]],
        close: Callable[[PullRequestClosed], Awaitable[Cancelled | None]],
        hear: Callable[[Order], Awaitable[OrderTaken]],
        *,
        secrets: Sequence[str],
        rules: Rules,
        app_id: str | None = None,
    ) -> None:
        self._accept = accept
        self._close = close
        self._hear = hear
        self._secrets = tuple(secret.encode() for secret in secrets if secret)
        self._rules = rules
        self._app_id = app_id

    async def receive(self, headers: Iterable[tuple[bytes, bytes]], body: bytes) -> Reply:
        """Return the answer; `headers` are the request's own, in ASGI's form, repeats included."""
        if not self._secrets:
            return _unavailable("GitHub is not configured: GITHUB_WEBHOOK_SECRET is not set")
        heads = _Headers(headers)
        if not await self._genuine(heads.all("x-hub-signature-256"), body):
            return _error(401, "the signature is missing or wrong")
        if not self._meant_for_us(heads):
            return _error(401, "this delivery is meant for another App")
        name = heads.one("x-github-event")
        if not name:
            return _error(400, "X-GitHub-Event is missing")
        if heads.one("content-type").lower().startswith("application/x-www-form-urlencoded"):
            return _error(400, "the body is a form: set the webhook's content type to JSON")
        return await self._judge(name, heads.delivery(body), body)

    async def _judge(self, name: str, delivery: str, body: bytes) -> Reply:
        """Decode, decide and admit."""
        try:
            verdict = decide(decode(name, body), self._rules, delivery)
        except MalformedEvent as failure:
            return _error(400, str(failure))
        if isinstance(verdict, Ignore):
            log.debug("delivery.ignored", delivery=delivery, why=verdict.reason)
            return Reply(204)
        try:
            if isinstance(verdict, End):
                return await self._ended(verdict.closed)
            if isinstance(verdict, Hear):
                return await self._heard(verdict.order)
            return await self._admitted(verdict.request)
        except TransientError as failure:
            log.warning("delivery.not_admitted", delivery=delivery, why=failure.reason)
            return _unavailable("the ledger cannot be reached")

    async def _ended(self, closed: PullRequestClosed) -> Reply:
        cancelled = await self._close(closed)
        if cancelled is None:
            return Reply(204)
        return Reply(202, {"status": "cancelled", "job": cancelled.job_id})

    async def _heard(self, order: Order) -> Reply:
        taken = await self._hear(order)
        return Reply(202, {"status": _ORDERS[taken], "order": order.origin.id})

    async def _admitted(self, request: ReviewRequest) -> Reply:
        admission = await self._accept(request)
        if isinstance(admission, Refused):
            log.info("delivery.refused", delivery=request.delivery, why=admission.reason)
            return Reply(204)
        status = "accepted" if isinstance(admission, Accepted) else "duplicate"
        return Reply(202, {"status": status, "job": admission.job_id}, admission=admission)

    async def _genuine(self, signatures: list[bytes], body: bytes) -> bool:
        if len(body) <= INLINE_BYTES:
            return verify(body, signatures, self._secrets)
        return await asyncio.to_thread(verify, body, signatures, self._secrets)

    def _meant_for_us(self, heads: "_Headers") -> bool:
        """Compare App ids where both sides tell theirs; webhooks of repositories have none."""
        kind = heads.one("x-github-hook-installation-target-type")
        target = heads.one("x-github-hook-installation-target-id")
        known = self._app_id is not None and self._app_id.isdigit()
        if not known or not target or kind not in {"", "integration"}:
            return True
        return target == self._app_id


class _Headers:
    """A request's headers by lower-case name; bytes that are no text read as absent."""

    def __init__(self, headers: Iterable[tuple[bytes, bytes]]) -> None:
        self._pairs = [(name.lower(), value) for name, value in headers]

    def all(self, name: str) -> list[bytes]:
        wanted = name.encode()
        return [value for header, value in self._pairs if header == wanted]

    def one(self, name: str) -> str:
        values = self.all(name)
        return values[0].decode("ascii", "ignore").strip() if len(values) == 1 else ""

    def delivery(self, body: bytes) -> str:
        """Return the delivery's GUID, or what makes a repeated body recognisable without one."""
        guid = self.one("x-github-delivery")
        return guid if _DELIVERY_ID.fullmatch(guid) else hashlib.sha256(body).hexdigest()


def _error(status: int, words: str) -> Reply:
    return Reply(status, {"error": words})


def _unavailable(words: str) -> Reply:
    return Reply(503, {"error": words}, {"retry-after": str(RETRY_SECONDS)})
