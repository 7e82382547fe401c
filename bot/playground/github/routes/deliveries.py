"""The App's deliveries: listed newest first by cursor, looked at, sent again.

https://docs.github.com/en/rest/apps/webhooks
"""

import json
from typing import Any
from urllib.parse import urlencode

from bot.playground.github.gate import Needs
from bot.playground.github.records import Delivery
from bot.playground.github.routing import Route, Visit
from bot.playground.github.wire import Reply, accepted, not_found, page_of
from bot.playground.github.world import World, iso

KEPT_SECONDS = 3 * 24 * 3600
"""Deliveries older than this can neither be seen nor repeated."""


async def list_deliveries(visit: Visit) -> Reply:
    """List deliveries, all or by how they ended; `cursor` leads on from the last one seen."""
    call = visit.call
    rows = [d for d in reversed(visit.world.deliveries.values()) if _kept(visit.world, d)]
    wanted = call.query.get("status", "")
    if wanted:
        rows = [d for d in rows if _ended(d) == wanted]
    cursor = call.query.get("cursor", "")
    if cursor.isdigit():
        rows = [d for d in rows if d.id < int(cursor)]
    _, size = page_of(call)
    shown = rows[:size]
    headers = {}
    if len(rows) > size:
        following = {**call.query, "per_page": size, "cursor": shown[-1].id}
        address = f"{call.base}{call.path}?{urlencode(following)}"
        headers["link"] = f'<{address}>; rel="next"'
    return Reply(200, [delivery(d) for d in shown], headers)


async def get_delivery(visit: Visit) -> Reply:
    """Answer with a delivery, its request and its response."""
    return accepted(whole_delivery(_find(visit)))


async def redeliver(visit: Visit) -> Reply:
    """Send it again; a delivery that had succeeded too."""
    visit.world.redeliver(_find(visit))
    return Reply(202, {})


def delivery(record: Delivery) -> dict[str, Any]:
    """Return a delivery as lists show it."""
    return {
        "id": record.id,
        "guid": record.guid,
        "delivered_at": iso(record.delivered_at),
        "redelivery": record.redelivery,
        "duration": record.duration,
        "status": record.status,
        "status_code": record.status_code,
        "event": record.event,
        "action": record.action,
        "installation_id": record.installation_id,
        "repository_id": record.repository_id,
        "throttled_at": None,
    }


def whole_delivery(record: Delivery) -> dict[str, Any]:
    """Return a delivery with what was sent and what came back."""
    return {
        **delivery(record),
        "url": "",
        "request": {"headers": record.request_headers, "payload": json.loads(record.payload)},
        "response": {"headers": record.response_headers, "payload": record.response_body},
    }


def _ended(record: Delivery) -> str:
    if record.status == "pending":
        return ""
    return "success" if record.status == "OK" else "failure"


def _find(visit: Visit) -> Delivery:
    found = visit.world.deliveries.get(visit.call.number("delivery_id"))
    if found is None or not _kept(visit.world, found):
        raise not_found()
    return found


def _kept(world: World, record: Delivery) -> bool:
    return world.now() - record.delivered_at < KEPT_SECONDS


_APP = Needs(app=True)
ROUTES = (
    Route("GET", "/app/hook/deliveries", list_deliveries, _APP),
    Route("GET", "/app/hook/deliveries/{delivery_id}", get_delivery, _APP),
    Route("POST", "/app/hook/deliveries/{delivery_id}/attempts", redeliver, _APP),
)
