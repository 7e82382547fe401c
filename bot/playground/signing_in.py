"""Leads a browser that signs in "with GitHub" to the local one, and back.

The pages of the local GitHub are said to be at Argus's own address, so that is where a sign-in
begins and where its code is exchanged; both are passed on, to one fixed place on this machine.
"""

from typing import Any, Final

import httpx
from litestar import MediaType, Request, Response, get, post
from litestar.exceptions import HTTPException
from litestar.response import Redirect
from litestar.types import ControllerRouterHandler

AUTHORIZE: Final = "/login/oauth/authorize"
EXCHANGE: Final = "/login/oauth/access_token"
EXCHANGE_BYTES: Final = 4096
"""Of a request for a token."""
SECONDS: Final = 10.0
PASSED_ON: Final = ("accept", "content-type")
"""Headers that say what a request for a token is."""


def sign_in_routes(github: str) -> tuple[ControllerRouterHandler, ...]:
    """Return the routes; `github` is where the local GitHub listens."""

    @get(AUTHORIZE)
    async def authorize(request: Request[Any, Any, Any]) -> Redirect:
        return Redirect(f"{github}{AUTHORIZE}?{request.url.query}", status_code=302)

    @post(EXCHANGE, request_max_body_size=EXCHANGE_BYTES, status_code=200)
    async def exchange(request: Request[Any, Any, Any]) -> Response[bytes]:
        headers = {name: request.headers[name] for name in PASSED_ON if name in request.headers}
        body = await request.body()
        try:
            async with httpx.AsyncClient(base_url=github, timeout=SECONDS, trust_env=False) as http:
                answer = await http.post(EXCHANGE, content=body, headers=headers)
        except httpx.HTTPError as failure:
            raise HTTPException("The local GitHub does not answer.", status_code=502) from failure
        media = answer.headers.get("content-type", MediaType.JSON)
        return Response(answer.content, status_code=answer.status_code, media_type=media)

    return authorize, exchange
