"""Faults on order, and the record of requests."""

from dataclasses import asdict

from bot.playground.github.routing import Route, Visit
from bot.playground.github.wire import Reply, accepted, empty


async def order(visit: Visit) -> Reply:
    """Order a fault for the next requests that match."""
    return accepted(asdict(visit.world.faults.order(**visit.call.json())), 201)


async def list_faults(visit: Visit) -> Reply:
    """List the faults that still wait."""
    return accepted(visit.world.faults.as_json())


async def clear_faults(visit: Visit) -> Reply:
    """Cancel all faults."""
    visit.world.faults.waiting.clear()
    return empty()


async def list_requests(visit: Visit) -> Reply:
    """List every request to the API since the start, oldest first."""
    return accepted(visit.world.record.as_json())


async def clear_requests(visit: Visit) -> Reply:
    """Forget the requests so far."""
    visit.world.record.requests.clear()
    return empty()


ROUTES = (
    Route("POST", "/_control/faults", order),
    Route("GET", "/_control/faults", list_faults),
    Route("DELETE", "/_control/faults", clear_faults),
    Route("GET", "/_control/requests", list_requests),
    Route("DELETE", "/_control/requests", clear_requests),
)
