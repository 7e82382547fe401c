"""The page's routes: the document, what is new in it, and its view as JSON.

What a person does there is in `acts`.
"""

import hashlib
from dataclasses import asdict
from typing import Any

import httpx
from litestar import MediaType, Response, get
from litestar.exceptions import HTTPException
from litestar.params import FromPath
from litestar.response import Redirect
from litestar.types import ControllerRouterHandler

from bot.playground.page.acts import act_routes
from bot.playground.page.desk import Desk
from bot.playground.page.pages import HEADERS, Pages, static_file
from bot.playground.page.platforms import GitHubDesk, Planted, Scene, SlackDesk
from bot.playground.page.requests import PATH, Asked, tried
from bot.playground.sample import Sample


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
        *act_routes(desk),
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
        shown = pages.live(await tried(desk.look))
        tag = f'"{hashlib.sha256(shown.encode()).hexdigest()[:24]}"'
        headers = {**HEADERS, "cache-control": "no-cache", "etag": tag}
        if request.headers.get("if-none-match") == tag:
            return Response("", status_code=304, headers=headers)
        return Response(shown, headers=headers)

    @get(f"{PATH}/state")
    async def state() -> Response[dict[str, Any]]:
        return Response(asdict(await tried(desk.look)), headers=HEADERS)

    @get(f"{PATH}/readme", media_type=MediaType.HTML)
    async def readme() -> Response[str]:
        shown = pages.readme()
        if shown is None:
            raise HTTPException("README.md is not here.", status_code=404)
        return Response(shown, headers=HEADERS)

    return playground, live, state, readme


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
