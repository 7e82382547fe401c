"""Signing in with GitHub: the App's secret and callbacks, and who sits in front of the browser."""

from bot.playground.github.routing import Route, Visit
from bot.playground.github.wire import Reply, empty


async def set_up(visit: Visit) -> Reply:
    """Say the App's client secret and callback URLs."""
    grants, wanted = visit.world.grants, visit.call.json()
    grants.client_secret = wanted.get("client_secret", grants.client_secret)
    grants.callback_urls = tuple(wanted.get("callback_urls", grants.callback_urls))
    return empty()


async def sit_down(visit: Visit) -> Reply:
    """Say who is signed in in every browser, nobody without a login, and whether they decline."""
    world, wanted = visit.world, visit.call.json()
    login = wanted.get("login")
    world.grants.browser = world.account(login) if login else None
    world.grants.declines = bool(wanted.get("declines", False))
    return empty()


async def revoke(visit: Visit) -> Reply:
    """Take back what a person granted, as in their settings."""
    world = visit.world
    world.grants.forget_person(world.account(visit.call.json()["login"]), world.tokens)
    return empty()


async def expire(visit: Visit) -> Reply:
    """Make every granted token invalid; what renews them stays good."""
    for token in visit.world.tokens.values():
        if token.via_app:
            token.expires_at = 0.0
    return empty()


ROUTES = (
    Route("POST", "/_control/oauth/app", set_up),
    Route("POST", "/_control/oauth/browser", sit_down),
    Route("POST", "/_control/oauth/revoke", revoke),
    Route("POST", "/_control/oauth/expire", expire),
)
