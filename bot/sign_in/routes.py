"""The routes of signing in: `/auth/github/…`.

What GitHub sends back is spent at once and leads to an address without it, so that no secret
stays in a browser's history. Every address a browser is sent to is one of a fixed few.
"""

import re
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any, Final, TypeAlias
from urllib.parse import urlsplit

import structlog
from litestar import MediaType, Request, Response, get, post
from litestar.datastructures import Cookie
from litestar.types import ControllerRouterHandler
from structlog.contextvars import bound_contextvars

from bot.adapters.ledger.identities import SIGN_IN_SECONDS
from bot.sign_in.endings import WORDS, Ended, Ending
from bot.sign_in.flow import CALLBACK, START, SignIn
from bot.sign_in.pages import agreement_page, ending_page, headers
from core.intake import new_correlation_id

ROOT: Final = "/auth/github"
CONFIRM: Final = f"{ROOT}/confirm"
ENDED: Final = f"{ROOT}/ended"
COOKIE: Final = "argus_sign_in"
FORM_BYTES: Final = 4096
"""Of the one form there is."""
LONGEST: Final = 512
"""Characters of anything that an address or a cookie may hold."""
_REQUEST_ID: Final = re.compile(r"[0-9A-Za-z-]{1,64}")

AnyRequest: TypeAlias = Request[Any, Any, Any]

log = structlog.get_logger(__name__)


def sign_in_routes(sign_in: SignIn, public_url: str) -> tuple[ControllerRouterHandler, ...]:
    """Return the routes; `public_url` is where browsers reach them."""
    site = _Site(public_url)

    @get(START)
    async def start(request: AnyRequest) -> Response[str]:
        async def step() -> Response[str]:
            sent = await sign_in.start(_query(request, "ticket"))
            return site.to(sent.url, HTTPStatus.FOUND, cookie=sent.cookie)

        return await _ending(site, step)

    @get(CALLBACK)
    async def callback(request: AnyRequest) -> Response[str]:
        async def step() -> Response[str]:
            await sign_in.returned(
                _query(request, "state"),
                _cookie(request),
                code=_query(request, "code"),
                error=_query(request, "error"),
            )
            return site.to(site.address(CONFIRM))

        return await _ending(site, step)

    @get(CONFIRM)
    async def confirm(request: AnyRequest) -> Response[str]:
        async def step() -> Response[str]:
            both = await sign_in.both(_cookie(request))
            return _page(agreement_page(both, site.address(CONFIRM)))

        return await _ending(site, step)

    @post(CONFIRM, request_max_body_size=FORM_BYTES, status_code=HTTPStatus.SEE_OTHER)
    async def agree(request: AnyRequest) -> Response[str]:
        async def step() -> Response[str]:
            form = await request.form()
            ended = await sign_in.agree(
                _cookie(request),
                _text(form.get("agreement")),
                agreed=form.get("choice") == "link",
            )
            return site.to(site.ended(ended, ""), cookie="")

        return await _ending(site, step)

    @get(ENDED)
    async def ended(request: AnyRequest) -> Response[str]:
        how = _query(request, "how")
        ending = Ending(how) if how in set(Ending) else Ending.EXPIRED
        request_id = _query(request, "request")
        known = request_id if _REQUEST_ID.fullmatch(request_id) else ""
        return _page(ending_page(ending, known), WORDS[ending].status)

    return (start, callback, confirm, agree, ended)


class _Site:
    """The addresses of these routes, as browsers reach them."""

    def __init__(self, public_url: str) -> None:
        self._base = public_url.rstrip("/")
        parts = urlsplit(self._base)
        self._secure = parts.scheme == "https"
        self._path = f"{parts.path}{ROOT}"

    def address(self, path: str) -> str:
        """Return a route's address."""
        return self._base + path

    def ended(self, ending: Ending, request_id: str) -> str:
        """Return the address of an ending; both parts are ours."""
        told = f"&request={request_id}" if request_id else ""
        return f"{self._base}{ENDED}?how={ending}{told}"

    def to(
        self, url: str, status: HTTPStatus = HTTPStatus.SEE_OTHER, *, cookie: str | None = None
    ) -> Response[str]:
        """Send the browser on; a cookie is set, an empty one is taken away."""
        sent = {**headers(), "location": url}
        cookies = [] if cookie is None else [self._kept(cookie)]
        return Response(
            "", status_code=status, headers=sent, cookies=cookies, media_type=MediaType.HTML
        )

    def _kept(self, value: str) -> Cookie:
        """Return the cookie; it comes back from GitHub's page, but with no other site's form.

        https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Set-Cookie#samesitesamesite-value
        """
        return Cookie(
            key=COOKIE,
            value=value,
            max_age=SIGN_IN_SECONDS if value else 0,
            path=self._path,
            secure=self._secure,
            httponly=True,
            samesite="lax",
        )


async def _ending(site: _Site, step: Callable[[], Awaitable[Response[str]]]) -> Response[str]:
    """Take a step; every other end than the good one leads to its page."""
    request_id = new_correlation_id()
    with bound_contextvars(correlation_id=request_id):
        try:
            return await step()
        except Ended as end:
            log.info("sign_in.stopped", ending=end.ending)
            return site.to(site.ended(end.ending, request_id))


def _page(text: str, status: HTTPStatus = HTTPStatus.OK) -> Response[str]:
    return Response(text, status_code=status, headers=headers(), media_type=MediaType.HTML)


def _query(request: AnyRequest, name: str) -> str:
    return _text(request.query_params.get(name))


def _cookie(request: AnyRequest) -> str:
    return _text(request.cookies.get(COOKIE))


def _text(value: object) -> str:
    """Return a value that is a text of a sane length, else nothing."""
    return value if isinstance(value, str) and len(value) <= LONGEST else ""
