"""The hand that moves the local GitHub: people, pushes, faults, knobs, and a look at everything.

It answers this machine alone, and takes JSON only, so that no web page can drive it.
"""

from typing import Final

from bot.playground.github.control import (
    deliveries,
    faults,
    oauth,
    people,
    pulls,
    repositories,
    snapshot,
)
from bot.playground.github.gate import Caller
from bot.playground.github.git import GitFailed
from bot.playground.github.records import Repository
from bot.playground.github.routing import Route, Router, Visit
from bot.playground.github.wire import Call, Refusal, Reply
from bot.playground.github.world import World

ROUTES: Final[tuple[Route, ...]] = (
    *people.ROUTES,
    *repositories.ROUTES,
    *pulls.ROUTES,
    *deliveries.ROUTES,
    *faults.ROUTES,
    *oauth.ROUTES,
    *snapshot.ROUTES,
)


async def answer(world: World, router: Router, call: Call, *, local: bool) -> Reply:
    """Answer one request of the control."""
    try:
        _require_local_json(call, local=local)
        route, matched = router.match(call)
        repo = _repository(world, matched)
        return await route.handler(Visit(world, matched, Caller("anonymous", "control"), repo))
    except Refusal as refusal:
        return refusal.reply()
    except (KeyError, TypeError, ValueError, GitFailed) as error:
        return Refusal(400, f"{type(error).__name__}: {error}").reply()


def _require_local_json(call: Call, *, local: bool) -> None:
    if not local:
        raise Refusal(403, "The control answers this machine only")
    if call.body and not call.headers.get("content-type", "").startswith("application/json"):
        raise Refusal(415, "The control takes application/json")


def _repository(world: World, call: Call) -> Repository | None:
    if "owner" not in call.params:
        return None
    found = world.repo_named(f"{call.params['owner']}/{call.params['repo']}")
    if found is None:
        raise Refusal(404, "There is no such repository")
    return found
