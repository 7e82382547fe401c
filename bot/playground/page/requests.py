"""What the page's routes share: who may act, what was sent, and how it is answered.

What the acts are is in `acts`.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final, TypeVar
from urllib.parse import parse_qs

import httpx
from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.response import Redirect

from bot.playground.page.pages import HEADERS

PATH: Final = "/playground"
SAME_SITE: Final = frozenset({"", "same-origin", "none"})
"""https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Sec-Fetch-Site"""
Asked = Request[Any, Any, Any]
Form = Mapping[str, Sequence[str]]
T = TypeVar("T")


async def form_of(request: Asked) -> Form:
    """Return what the page's own form sent; another site's is refused.

    Raises HTTPException 403: the playground acts for its own page alone.
    """
    if request.headers.get("sec-fetch-site", "") not in SAME_SITE:
        raise HTTPException("This comes from another site.", status_code=403)
    return parse_qs((await request.body()).decode(errors="replace"))


def field(form: Form, name: str) -> str:
    """Return one field, empty where it was not sent."""
    return form.get(name, [""])[0].strip()


def words(form: Form, limit: int) -> str:
    """Return what was written. Raises HTTPException 400 for nothing, and for too much."""
    text = field(form, "text")
    if not text:
        raise HTTPException("Nothing was written.", status_code=400)
    if len(text) > limit:
        raise HTTPException(f"That is longer than {limit} characters.", status_code=400)
    return text


async def tried(act: Callable[[], Awaitable[T]]) -> T:
    """Act on a platform, and say in words when it does not answer."""
    try:
        return await act()
    except httpx.HTTPError as failure:
        reason = f"The local platform did not take it: {failure}"
        raise HTTPException(reason, status_code=502) from failure


def done(request: Asked, said: str) -> Response[Any]:
    """Answer the page's script with words, and a plain form with the page."""
    if "application/json" in request.headers.get("accept", ""):
        return Response({"said": said}, status_code=200, headers=HEADERS)
    return Redirect(PATH, status_code=303)
