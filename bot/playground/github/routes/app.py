"""The App, its installations and their tokens; the rate limit; the person behind a token.

https://docs.github.com/en/rest/apps/apps
"""

import secrets
from collections.abc import Mapping
from typing import Any

from bot.playground.github.gate import Needs, covers
from bot.playground.github.limits import WINDOW, Budget, Limits
from bot.playground.github.records import App, Installation, Repository, Token
from bot.playground.github.routing import Route, Visit
from bot.playground.github.shapes import accounts
from bot.playground.github.shapes.repositories import repository
from bot.playground.github.wire import Refusal, Reply, accepted, not_found, paginate
from bot.playground.github.world import World, iso, reaches

TOKEN_SECONDS = 3600
MAX_REPOSITORIES = 500
"""That a token can be narrowed to."""
FOREIGN = (
    "There is at least one repository that does not exist or is not accessible to the parent "
    "installation."
)


async def get_app(visit: Visit) -> Reply:
    """Answer with the App itself."""
    app = _app(visit.world)
    count = len(visit.world.installations)
    return accepted({**accounts.app(visit.site, app), "installations_count": count})


async def list_installations(visit: Visit) -> Reply:
    """List where the App is installed."""
    world = visit.world
    rows = [accounts.installation(world, record) for record in world.installations.values()]
    return paginate(visit.call, rows)


async def get_installation(visit: Visit) -> Reply:
    """Answer with one installation."""
    return accepted(accounts.installation(visit.world, _installation(visit)))


async def repository_installation(visit: Visit) -> Reply:
    """Answer with the installation that reaches a repository."""
    found = visit.world.installation_for(visit.repo)
    if found is None:
        raise not_found()
    return accepted(accounts.installation(visit.world, found))


async def mint_token(visit: Visit) -> Reply:
    """Make an installation token, narrowed as asked for."""
    world, record, wanted = visit.world, _installation(visit), visit.call.json()
    if record.suspended_at is not None:
        raise Refusal(403, "This installation has been suspended")
    repos = _narrowed_repos(world, record, wanted)
    permissions = _narrowed_permissions(record, wanted.get("permissions") or {})
    expires = world.now() + TOKEN_SECONDS
    value = f"ghs_{_app(world).id}_{secrets.token_urlsafe(96)}.{secrets.token_urlsafe(32)}"
    ids = frozenset(repo.id for repo in repos) if repos is not None else None
    world.tokens[value] = Token(expires, record.id, ids, permissions)
    body: dict[str, Any] = {
        "token": value,
        "expires_at": iso(expires),
        "permissions": permissions,
        "repository_selection": "selected" if repos or record.repo_ids is not None else "all",
    }
    if repos is not None:
        body["repositories"] = [repository(visit.site, repo) for repo in repos]
    return accepted(body, 201)


async def reachable_repositories(visit: Visit) -> Reply:
    """List the repositories that an installation token reaches."""
    caller, world = visit.caller, visit.world
    token, held = caller.token, caller.installation
    rows = [
        repository(visit.site, repo)
        for repo in world.repos.values()
        if held and token and reaches(held, repo)
        if token.repo_ids is None or repo.id in token.repo_ids
    ]
    extra = {"repository_selection": "selected" if token and token.repo_ids else "all"}
    return paginate(visit.call, rows, key="repositories", extra=extra)


async def rate_limit(visit: Visit) -> Reply:
    """Answer with what is left of the hour; asking costs nothing."""
    limit = visit.world.knobs.requests_per_hour
    fresh = Budget(visit.world.now() + WINDOW)
    budget = visit.world.limits.budgets.get(visit.caller.label, fresh)
    numbers = Limits.headers(budget, limit)
    core = {
        name: int(numbers[f"x-ratelimit-{name}"])
        for name in ("limit", "remaining", "used", "reset")
    }
    resources = {"core": core, "search": core, "graphql": core}
    return accepted({"resources": resources, "rate": core})


async def get_user(visit: Visit) -> Reply:
    """Answer with the person a token belongs to."""
    if visit.caller.kind == "anonymous":
        raise Refusal(401, "Requires authentication")
    if visit.caller.kind != "user":
        raise Refusal(403, "Resource not accessible by integration")
    return accepted(accounts.private_user(visit.site, visit.author))


def _app(world: World) -> App:
    if world.app is None:
        raise not_found()
    return world.app


def _installation(visit: Visit) -> Installation:
    found = visit.world.installations.get(visit.call.number("installation_id"))
    if found is None:
        raise not_found()
    return found


def _narrowed_repos(
    world: World, record: Installation, wanted: Mapping[str, Any]
) -> list[Repository] | None:
    ids, names = wanted.get("repository_ids"), wanted.get("repositories")
    if ids is None and names is None:
        return None
    reachable = [repo for repo in world.repos.values() if reaches(record, repo)]
    chosen = [repo for repo in reachable if repo.id in (ids or []) or repo.name in (names or [])]
    asked = len(set(ids or [])) + len(set(names or []))
    if not asked or asked > MAX_REPOSITORIES or len(chosen) < asked:
        raise Refusal(422, FOREIGN)
    return chosen


def _narrowed_permissions(record: Installation, wanted: Mapping[str, str]) -> dict[str, str]:
    for name, level in wanted.items():
        if level not in {"read", "write", "admin"} or not covers(
            record.permissions.get(name, "none"), level
        ):
            raise Refusal(422, "The permissions requested are not granted to this installation.")
    return {"metadata": "read", **(wanted or record.permissions)}


_APP = Needs(app=True)
ROUTES = (
    Route("GET", "/app", get_app, _APP),
    Route("GET", "/app/installations", list_installations, _APP),
    Route("GET", "/app/installations/{installation_id}", get_installation, _APP),
    Route("POST", "/app/installations/{installation_id}/access_tokens", mint_token, _APP),
    Route("GET", "/repos/{owner}/{repo}/installation", repository_installation, _APP),
    Route("GET", "/installation/repositories", reachable_repositories, Needs(installation=True)),
    Route("GET", "/rate_limit", rate_limit),
    Route("GET", "/user", get_user),
)
