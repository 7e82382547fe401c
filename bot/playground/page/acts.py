"""What a person does on the page: on the pull request, in the channel, and in a modal.

Each act goes to a local platform, which tells Argus of it as the real one does.
"""

from typing import Any, Final

from litestar import Response, post
from litestar.exceptions import HTTPException
from litestar.types import ControllerRouterHandler

from bot.playground.page.desk import Desk
from bot.playground.page.modals import NotPickable
from bot.playground.page.requests import PATH, Asked, done, field, form_of, tried, words
from bot.playground.page.typed import COMMAND, command_in

LINE_LIMIT: Final = 600
"""Characters of a line in Slack; more than any command that Argus knows."""
COMMENT_LIMIT: Final = 4_000
"""Characters of a comment; GitHub takes sixteen times as many."""
NO_COMMANDS: Final = "Slash commands do not work in threads; mention @Argus instead."
"""https://docs.slack.dev/interactivity/implementing-slash-commands"""


def act_routes(desk: Desk) -> tuple[ControllerRouterHandler, ...]:
    """Return the handlers of all acts."""
    return (*_pull_request_acts(desk), *_channel_acts(desk), *_modal_acts(desk))


def _pull_request_acts(desk: Desk) -> tuple[ControllerRouterHandler, ...]:
    @post(f"{PATH}/push", status_code=303)
    async def push(request: Asked) -> Response[Any]:
        await form_of(request)
        pushed = await tried(desk.push)
        return done(request, "Pushed." if pushed else "The follow-up commit is there already.")

    @post(f"{PATH}/comment", status_code=303)
    async def comment(request: Asked) -> Response[Any]:
        text = words(await form_of(request), COMMENT_LIMIT)
        await tried(lambda: desk.comment(text))
        return done(request, "Commented.")

    @post(f"{PATH}/reply", status_code=303)
    async def reply(request: Asked) -> Response[Any]:
        form = await form_of(request)
        text, to = words(form, COMMENT_LIMIT), _number(field(form, "to"))
        await tried(lambda: desk.reply(to, text))
        return done(request, "Replied.")

    @post(f"{PATH}/check", status_code=303)
    async def check(request: Asked) -> Response[Any]:
        form = await form_of(request)
        run, button = _number(field(form, "run")), _required(field(form, "button"))
        await tried(lambda: desk.press_check(run, button))
        return done(request, "Pressed; the check says what became of it.")

    return push, comment, reply, check


def _channel_acts(desk: Desk) -> tuple[ControllerRouterHandler, ...]:
    @post(f"{PATH}/ask", status_code=303)
    async def ask(request: Asked) -> Response[Any]:
        form = await form_of(request)
        line, thread = words(form, LINE_LIMIT), field(form, "thread")
        command = command_in(line)
        if line.startswith("/") and (thread or command is None):
            known = f"A command starts with {COMMAND}."
            raise HTTPException(NO_COMMANDS if thread else known, status_code=400)
        if command is not None:
            await tried(lambda: desk.ask(command))
            return done(request, "Sent; the answer stands in the channel.")
        await tried(lambda: desk.say(line, thread))
        return done(request, "Sent.")

    @post(f"{PATH}/press", status_code=303)
    async def press(request: Asked) -> Response[Any]:
        form = await form_of(request)
        ts, button = _required(field(form, "ts")), _required(field(form, "button"))
        await tried(lambda: desk.press(ts, button, field(form, "option")))
        return done(request, "Pressed; the answer stands in the channel.")

    @post(f"{PATH}/shortcut", status_code=303)
    async def shortcut(request: Asked) -> Response[Any]:
        ts = _required(field(await form_of(request), "ts"))
        await tried(lambda: desk.choose(ts))
        return done(request, "Chosen; the answer stands in the channel.")

    return ask, press, shortcut


def _modal_acts(desk: Desk) -> tuple[ControllerRouterHandler, ...]:
    @post(f"{PATH}/submit", status_code=303)
    async def submit(request: Asked) -> Response[Any]:
        form = await form_of(request)
        try:
            await tried(lambda: desk.submit(field(form, "view"), form))
        except NotPickable as problem:
            raise HTTPException(str(problem), status_code=400) from problem
        return done(request, "Sent; the answers stand in the channel.")

    @post(f"{PATH}/cancel", status_code=303)
    async def cancel(request: Asked) -> Response[Any]:
        view = _required(field(await form_of(request), "view"))
        await tried(lambda: desk.cancel(view))
        return done(request, "Closed.")

    return submit, cancel


def _required(value: str) -> str:
    """Return what names a thing on the page. Raises HTTPException 400 where nothing does."""
    if not value:
        raise HTTPException("That is no button.", status_code=400)
    return value


def _number(value: str) -> int:
    """Return an id of the local GitHub. Raises HTTPException 400."""
    if not (value.isascii() and value.isdigit() and len(value) < 20):
        raise HTTPException("That is nothing on this page.", status_code=400)
    return int(value)
