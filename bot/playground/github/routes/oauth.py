"""Signing in with GitHub: the page that asks, the exchange, and taking grants back.

Whoever is signed in consents at once, as somebody does who granted the App before.
https://docs.github.com/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps
"""

from collections.abc import Mapping
from urllib.parse import urlencode

from bot.playground.github.gate import Needs
from bot.playground.github.oauth import OAuthRefused
from bot.playground.github.records import Account, App
from bot.playground.github.routing import Route, Visit
from bot.playground.github.wire import (
    Call,
    Json,
    Reply,
    accepted,
    empty,
    invalid,
    not_found,
    query_of,
)

DOCS = "https://docs.github.com/apps/managing-oauth-apps/troubleshooting"
CREDENTIALS = "incorrect_client_credentials"
NOT_ASKED = "The redirect_uri is not associated with this application."


async def authorize(visit: Visit) -> Reply:
    """Ask whoever is signed in for consent, and send the browser back with a code."""
    app, grants, query = _app(visit), visit.world.grants, visit.call.query
    if query.get("client_id") != app.client_id or not grants.callback_urls:
        raise not_found()
    wanted = query.get("redirect_uri", grants.callback_urls[0])
    state = {"state": query["state"]} if "state" in query else {}
    if wanted not in grants.callback_urls:
        error = {"error": "redirect_uri_mismatch", "error_description": NOT_ASKED}
        return _to(grants.callback_urls[0], {**error, **state})
    method = query.get("code_challenge_method", "S256" if "code_challenge" not in query else "")
    if method != "S256":
        return _to(wanted, {"error": "invalid_request", **state})
    if grants.browser is None:
        return Reply(200, b"<!doctype html><title>Sign in to GitHub</title>", media="text/html")
    if grants.declines:
        denied = {
            "error": "access_denied",
            "error_description": "The user has denied your application access.",
        }
        return _to(wanted, {**denied, **state})
    code = grants.code(wanted, query.get("code_challenge", ""), visit.world.now())
    return _to(wanted, {"code": code, **state})


async def access_token(visit: Visit) -> Reply:
    """Exchange a code or a renewal for a token; errors come with status 200."""
    app, world, given = _app(visit), visit.world, _given(visit.call)
    secrets = (given.get("client_id"), given.get("client_secret"))
    if secrets != (app.client_id, world.grants.client_secret):
        return _refused(visit.call, CREDENTIALS)
    try:
        person = _person(visit, given)
    except OAuthRefused as refused:
        return _refused(visit.call, refused.code)
    seconds = world.knobs.user_token_seconds
    return _answer(visit.call, world.grants.hand_out(person, world.tokens, world.now(), seconds))


async def delete_grant(visit: Visit) -> Reply:
    """Take back everything that the owner of a token granted."""
    token = visit.world.tokens.get(_named(visit))
    if token is None or token.person is None or not token.via_app:
        raise not_found()
    visit.world.grants.forget_person(token.person, visit.world.tokens)
    return empty()


async def delete_token(visit: Visit) -> Reply:
    """Make one token invalid."""
    if not visit.world.grants.forget_token(_named(visit), visit.world.tokens):
        raise not_found()
    return empty()


def _person(visit: Visit, given: Mapping[str, str]) -> Account:
    """Return whose code or renewal it is. Raises OAuthRefused."""
    world, grants = visit.world, visit.world.grants
    if given.get("grant_type") == "refresh_token":
        return grants.renew(given.get("refresh_token", ""), world.tokens, world.now())
    return grants.redeem(
        given.get("code", ""),
        given.get("redirect_uri", ""),
        given.get("code_verifier", ""),
        world.now(),
    )


def _refused(call: Call, code: str) -> Reply:
    words = code.replace("_", " ").capitalize() + "."
    answer = {"error": code, "error_description": words, "error_uri": f"{DOCS}#{code}"}
    return _answer(call, answer)


def _app(visit: Visit) -> App:
    if visit.world.app is None:
        raise not_found()
    return visit.world.app


def _named(visit: Visit) -> str:
    """Return the token that a request is about. Raises Refusal."""
    if visit.call.params["client_id"] != _app(visit).client_id:
        raise not_found()
    token = visit.call.json().get("access_token")
    if not isinstance(token, str) or not token:
        raise invalid("OauthAccess", "access_token", "missing_field")
    return token


def _given(call: Call) -> dict[str, str]:
    """Return what was posted, as JSON or as a form, and what stands in the address."""
    if "json" in call.headers.get("content-type", ""):
        posted = {key: str(value) for key, value in call.json().items()}
    else:
        posted = query_of(call.body)
    return {**call.query, **posted}


def _answer(call: Call, answer: Json) -> Reply:
    """Answer as a form unless JSON was asked for."""
    if "application/json" in call.accept:
        return accepted(answer)
    form = "application/x-www-form-urlencoded; charset=utf-8"
    return Reply(200, urlencode(answer).encode(), media=form)


def _to(address: str, query: Mapping[str, str]) -> Reply:
    return Reply(302, b"", {"location": f"{address}?{urlencode(query)}"}, media="text/html")


_CLIENT = Needs(client=True)
_APPLICATION = "/applications/{client_id}"
ROUTES = (
    Route("GET", "/login/oauth/authorize", authorize),
    Route("POST", "/login/oauth/access_token", access_token),
    Route("DELETE", f"{_APPLICATION}/grant", delete_grant, _CLIENT),
    Route("DELETE", f"{_APPLICATION}/token", delete_token, _CLIENT),
)
