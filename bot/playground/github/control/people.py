"""The App and where it is installed; people and their tokens; the clock."""

import secrets
from dataclasses import asdict
from typing import Any

from bot.playground.github.acts import installations as acts
from bot.playground.github.records import App, Installation, Token
from bot.playground.github.routing import Route, Visit
from bot.playground.github.shapes.accounts import installation
from bot.playground.github.wire import Refusal, Reply, accepted, empty, invalid

PERMISSIONS = {
    "metadata": "read",
    "contents": "read",
    "pull_requests": "write",
    "checks": "write",
    "issues": "read",
}
EVENTS = ["pull_request", "issue_comment", "pull_request_review_comment", "check_run"]
FOREVER = float("inf")


async def register_app(visit: Visit) -> Reply:
    """Register the App, or register it anew; there is one."""
    world, wanted = visit.world, visit.call.json()
    slug = wanted.get("slug", "argus")
    world.app = App(
        id=int(wanted.get("id", 4242)),
        slug=slug,
        name=wanted.get("name", slug.title()),
        owner=world.account(wanted.get("owner", "argus-makers"), "Organization"),
        bot=world.account(f"{slug}[bot]", "Bot"),
        client_id=wanted.get("client_id", f"Iv23li{slug}"),
        public_key=wanted["public_key"],
        permissions=dict(wanted.get("permissions", PERMISSIONS)),
        events=list(wanted.get("events", EVENTS)),
        webhook_url=wanted.get("webhook_url", ""),
        webhook_secret=wanted.get("webhook_secret", ""),
    )
    return accepted({"id": world.app.id, "slug": world.app.slug, "client_id": world.app.client_id})


async def set_webhook(visit: Visit) -> Reply:
    """Say where events go and how they are signed."""
    app, wanted = _app(visit), visit.call.json()
    app.webhook_url = wanted.get("url", app.webhook_url)
    app.webhook_secret = wanted.get("secret", app.webhook_secret)
    app.events = list(wanted.get("events", app.events))
    return empty()


async def ping(visit: Visit) -> Reply:
    """Send the event that GitHub sends when a webhook is set up."""
    app = _app(visit)
    hook = {
        "type": "App",
        "id": app.id + 1,
        "name": "web",
        "active": True,
        "events": app.events,
        "config": {"content_type": "json", "insecure_ssl": "0", "url": app.webhook_url},
        "app_id": app.id,
    }
    payload = {"zen": "Keep it logically awesome.", "hook_id": app.id + 1, "hook": hook}
    visit.world.emit("ping", None, None, payload)
    return empty()


async def install(visit: Visit) -> Reply:
    """Install the App on an account, for some repositories or for all."""
    world, wanted = visit.world, visit.call.json()
    account = world.account(wanted["account"])
    names = wanted.get("repositories")
    ids = None if names is None else {_repo_id(visit, name) for name in names}
    permissions = dict(wanted.get("permissions", _app(visit).permissions))
    made = Installation(next(world.ids), account, permissions, ids, world.now())
    world.installations[made.id] = made
    acts.announce(world, made, "created")
    return accepted(installation(world, made), 201)


async def change_installation(visit: Visit) -> Reply:
    """Suspend, unsuspend, uninstall, or change which repositories are covered."""
    world, action = visit.world, visit.call.params["action"]
    found = world.installations.get(visit.call.number("installation_id"))
    if found is None:
        raise Refusal(404, "There is no such installation")
    if action == "repositories":
        names = visit.call.json()["repositories"]
        ids = None if names is None else {_repo_id(visit, name) for name in names}
        acts.choose(world, found, ids)
    elif action == "permissions":
        found.permissions = dict(visit.call.json()["permissions"])
        acts.announce(world, found, "new_permissions_accepted")
    else:
        acts.ACTIONS[action](world, found)
    return accepted(installation(world, found))


async def add_person(visit: Visit) -> Reply:
    """Add a person, an organization or a bot."""
    wanted = visit.call.json()
    account = visit.world.account(
        wanted["login"], wanted.get("type", "User"), wanted.get("name", "")
    )
    return accepted({"id": account.id, "login": account.login, "type": account.kind}, 201)


async def add_token(visit: Visit) -> Reply:
    """Give a person a token."""
    wanted: dict[str, Any] = visit.call.json()
    value = wanted.get("token") or f"ghp_{secrets.token_hex(18)}"
    visit.world.tokens[value] = Token(FOREVER, person=visit.world.account(wanted["login"]))
    return accepted({"token": value}, 201)


async def expire_tokens(visit: Visit) -> Reply:
    """Make every installation token invalid at once."""
    for token in visit.world.tokens.values():
        if token.installation_id is not None:
            token.expires_at = 0.0
    return empty()


async def set_clock(visit: Visit) -> Reply:
    """Move this GitHub's clock by seconds, forward or back."""
    visit.world.clock_offset += float(visit.call.json()["advance"])
    return accepted({"now": visit.world.now()})


async def set_knobs(visit: Visit) -> Reply:
    """Turn knobs; answers with all of them."""
    knobs = visit.world.knobs
    for name, value in visit.call.json().items():
        if name not in knobs.__slots__:
            raise invalid("Knobs", name, "unknown")
        setattr(knobs, name, value)
    return accepted(asdict(knobs))


def _app(visit: Visit) -> App:
    if visit.world.app is None:
        raise Refusal(409, "No App is registered")
    return visit.world.app


def _repo_id(visit: Visit, full_name: str) -> int:
    found = visit.world.repo_named(full_name)
    if found is None:
        raise Refusal(404, f"There is no repository {full_name}")
    return found.id


ROUTES = (
    Route("POST", "/_control/app", register_app),
    Route("POST", "/_control/webhook", set_webhook),
    Route("POST", "/_control/ping", ping),
    Route("POST", "/_control/installations", install),
    Route("POST", "/_control/installations/{installation_id}/{action}", change_installation),
    Route("POST", "/_control/people", add_person),
    Route("POST", "/_control/tokens", add_token),
    Route("POST", "/_control/tokens/expire", expire_tokens),
    Route("POST", "/_control/clock", set_clock),
    Route("POST", "/_control/knobs", set_knobs),
)
