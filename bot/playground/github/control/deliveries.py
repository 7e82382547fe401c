"""What was delivered to the App, and deliveries made again by hand."""

from bot.playground.github.routes.deliveries import delivery, whole_delivery
from bot.playground.github.routing import Route, Visit
from bot.playground.github.wire import Reply, accepted, empty


async def list_deliveries(visit: Visit) -> Reply:
    """List all deliveries, oldest first; `payloads=1` includes what was sent."""
    show = whole_delivery if visit.call.query.get("payloads") else delivery
    return accepted([show(record) for record in visit.world.deliveries.values()])


async def redeliver(visit: Visit) -> Reply:
    """Deliver one again."""
    visit.world.redeliver(visit.world.deliveries[visit.call.number("delivery_id")])
    return empty()


ROUTES = (
    Route("GET", "/_control/deliveries", list_deliveries),
    Route("POST", "/_control/deliveries/{delivery_id}/redeliver", redeliver),
)
