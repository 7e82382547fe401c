"""The page's routes: the document, what is new in it, its view as JSON, and its acts."""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any, Final, TypeVar
from urllib.parse import parse_qs

import httpx
from litestar import MediaType, Request, Response, get, post
from litestar.exceptions import HTTPException
from litestar.params import FromPath
from litestar.response import Redirect
from litestar.types import ControllerRouterHandler

from bot.playground.page.desk import Desk, GitHubDesk, Planted, Scene, SlackDesk
from bot.playground.page.pages import HEADERS, Pages, static_file
from bot.playground.sample import Sample

PATH: Final = "/playground"
COMMAND: Final = "/argus"
COMMAND_LIMIT: Final = 600
"""Characters of a command; more than any that Argus knows."""
SAME_SITE: Final = frozenset({"", "same-origin", "none"})
"""https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Sec-Fetch-Site"""
Asked = Request[Any, Any, Any]
T = TypeVar("T")


def playground_routes(
    github: GitHubDesk,
    slack: SlackDesk,
    planted: Planted,
    sample: Sample,
    *,
    channel: str = "reviews",
    person: str = "lena-k",
) -> tuple[ControllerRouterHandler, ...]:
    """Return the handlers; `person` asks in `channel`."""
    desk = Desk(github, slack, Scene(planted, sample, channel, person))
    pages = Pages()
    return (
        *_document_routes(desk, pages),
        *_act_routes(desk),
        *_pull_request_routes(planted),
        _static_route(),
    )


def _document_routes(desk: Desk, pages: Pages) -> tuple[ControllerRouterHandler, ...]:
    @get(PATH, media_type=MediaType.HTML)
    async def playground() -> Response[str]:
        try:
            view = await desk.look()
        except httpx.HTTPError:
            return Response(pages.waiting(), status_code=503, headers=HEADERS)
        return Response(pages.whole(view), headers=HEADERS)

    @get(f"{PATH}/live", media_type=MediaType.HTML)
    async def live(request: Asked) -> Response[str]:
        shown = pages.live(await _tried(desk.look))
        tag = f'"{hashlib.sha256(shown.encode()).hexdigest()[:24]}"'
        headers = {**HEADERS, "cache-control": "no-cache", "etag": tag}
        if request.headers.get("if-none-match") == tag:
            return Response("", status_code=304, headers=headers)
        return Response(shown, headers=headers)

    @get(f"{PATH}/state")
    async def state() -> Response[dict[str, Any]]:
        return Response(asdict(await _tried(desk.look)), headers=HEADERS)

    @get(f"{PATH}/readme", media_type=MediaType.HTML)
    async def readme() -> Response[str]:
        shown = pages.readme()
        if shown is None:
            raise HTTPException("README.md is not here.", status_code=404)
        return Response(shown, headers=HEADERS)

    return playground, live, state, readme


def _act_routes(desk: Desk) -> tuple[ControllerRouterHandler, ...]:
    @post(f"{PATH}/push", status_code=303)
    async def push(request: Asked) -> Response[Any]:
        _same_site(request)
        pushed = await _tried(desk.push)
        return _done(request, "Pushed." if pushed else "The follow-up commit is there already.")

    @post(f"{PATH}/ask", status_code=303)
    async def ask(request: Asked) -> Response[Any]:
        _same_site(request)
        line = _field(await request.body(), "text")
        command, _, text = line.partition(" ")
        if command != COMMAND or len(line) > COMMAND_LIMIT:
            raise HTTPException(f"A command starts with {COMMAND}.", status_code=400)
        await _tried(lambda: desk.ask(text.strip()))
        return _done(request, "Sent; the answer stands in the channel.")

    @post(f"{PATH}/press", status_code=303)
    async def press(request: Asked) -> Response[Any]:
        _same_site(request)
        body = await request.body()
        ts, button, option = (_field(body, name) for name in ("ts", "button", "option"))
        if not ts or not button:
            raise HTTPException("That is no button.", status_code=400)
        await _tried(lambda: desk.press(ts, button, option))
        return _done(request, "Pressed; the answer stands in the channel.")

    return push, ask, press


def _pull_request_routes(planted: Planted) -> tuple[ControllerRouterHandler, ...]:
    """Addresses of the pull request lead here; the browser keeps their fragment."""

    @get([f"/{planted.repository}/pull/{planted.number}", "/"])
    async def pull_page() -> Redirect:
        return Redirect(PATH, status_code=302)

    return (pull_page,)


def _static_route() -> ControllerRouterHandler:
    """Return the handler of the page's own files."""

    @get(f"{PATH}/static/{{name:str}}")
    async def static(name: FromPath[str]) -> Response[bytes]:
        found = static_file(name)
        if found is None:
            raise HTTPException("There is no such file.", status_code=404)
        headers = {**HEADERS, "cache-control": "no-cache"}
        return Response(found[0], media_type=found[1], headers=headers)

    return static


def _same_site(request: Asked) -> None:
    """Refuse what another site's page sent: the playground acts for its own page alone."""
    if request.headers.get("sec-fetch-site", "") not in SAME_SITE:
        raise HTTPException("This comes from another site.", status_code=403)


async def _tried(act: Callable[[], Awaitable[T]]) -> T:
    """Act on a platform, and say in words when it does not answer."""
    try:
        return await act()
    except httpx.HTTPError as failure:
        reason = f"The local platform did not take it: {failure}"
        raise HTTPException(reason, status_code=502) from failure


def _done(request: Asked, said: str) -> Response[Any]:
    """Answer the page's script with words, and a plain form with the page."""
    if "application/json" in request.headers.get("accept", ""):
        return Response({"said": said}, status_code=200, headers=HEADERS)
    return Redirect(PATH, status_code=303)


def _field(body: bytes, name: str) -> str:
    values = parse_qs(body.decode(errors="replace")).get(name, [""])
    return values[0].strip()
