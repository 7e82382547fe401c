"""Buttons and menus of our messages: acknowledged at once, then carried out as the command that
each of them means, with the rights of whoever pressed it.

https://docs.slack.dev/reference/interaction-payloads/block_actions-payload
"""

import re
from functools import partial
from typing import Any, Final, Protocol

import structlog
from pydantic import Field, ValidationError
from slack_bolt.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck

from core.errors import ArgusError, UserError
from core.intake import new_correlation_id
from slack.blocks import Message, problem
from slack.blocks.controls import OPEN, Meant, meaning
from slack.commands import Commands
from slack.errands import Errands
from slack.replies import is_answerable
from slack.requests import Asker, Named, Part, SlashCommand

ACTS: Final = re.compile(rf"(?!{OPEN}).*", re.DOTALL)
"""Everything but what only leads elsewhere: what is not known is answered as well."""
_TS: Final = r"^[0-9.]{0,40}$"

log = structlog.get_logger(__name__)


class Voice(Protocol):
    """Answers whoever pressed."""

    async def respond(self, url: str, message: Message, *, thread: str = "") -> None:
        """Answer through a `response_url`, in a thread if one is given.

        Raises SlackRefused, TransientError.
        """
        ...


class Buttons:
    """Carries presses out; one way into the app, beside commands."""

    def __init__(self, commands: Commands, voice: Voice, *, api_url: str) -> None:
        self._commands = commands
        self._voice = voice
        self._api_url = api_url
        self._errands = Errands()

    def listen(self, bolt: AsyncApp) -> None:
        """Take part in an app."""

        @bolt.action(ACTS)
        async def pressed(ack: AsyncAck, body: dict[str, Any]) -> None:
            await ack()
            self.start(body)

    def start(self, body: dict[str, Any]) -> None:
        """Carry a press out after this call returned; what is none of ours is left alone."""
        press = _read(body)
        if press is None or not is_answerable(press.response_url, self._api_url):
            return
        meant = meaning(press.action.action_id, press.action.sent)
        if meant is None:
            log.info("slack.stale_button", action=press.action.action_id)
            self._errands.send(partial(self._say_stale, press))
        else:
            self._commands.start(command_of(press, meant))

    async def drain(self) -> None:
        """Wait for what is under way."""
        await self._errands.drain()

    async def _say_stale(self, press: "Press") -> None:
        stale = UserError(
            "That button does nothing any more.",
            why="It is of another version of Argus.",
            next_step="`/argus help` lists what works.",
        )
        try:
            said = problem(stale, new_correlation_id())
            await self._voice.respond(press.response_url, said, thread=press.thread)
        except ArgusError as error:
            log.warning("slack.answer_lost", reason=str(error))


class _Container(Part):
    message_ts: str = Field(default="", pattern=_TS)
    thread_ts: str | None = Field(default=None, pattern=_TS)
    is_ephemeral: bool = False


class _Message(Part):
    thread_ts: str | None = Field(default=None, pattern=_TS)


class _Option(Part):
    value: str = Field(default="", max_length=150)


class _Action(Part):
    action_id: str = Field(max_length=255)
    value: str = Field(default="", max_length=2_000)
    selected_option: _Option | None = None

    @property
    def sent(self) -> str:
        """Return the value of a button, or of what was chosen in a menu."""
        return self.selected_option.value if self.selected_option else self.value


class Press(Asker):
    """A press as Slack sends it, by its used fields only."""

    channel: Named
    container: _Container = _Container()
    message: _Message = _Message()
    trigger_id: str = Field(min_length=1, max_length=300)
    response_url: str = Field(default="", max_length=2_000, repr=False)
    actions: tuple[_Action, ...] = Field(min_length=1, max_length=25)

    @property
    def thread(self) -> str:
        """Return the thread in which it was pressed, empty in the channel itself.

        A message that has a thread of its own names it, but stands in the channel.
        """
        thread = self.message.thread_ts or self.container.thread_ts or ""
        return thread if thread != self.container.message_ts else ""

    @property
    def action(self) -> _Action:
        """Return what was pressed; Slack sends one at a time."""
        return self.actions[0]


def command_of(press: Press, meant: Meant) -> SlashCommand:
    """Return a press as the command that it means.

    Pressing twice what is to happen once is one command, however often it is sent.
    """
    here = f"{press.channel.id}:{press.container.message_ts}:{press.action.action_id}"
    return SlashCommand(
        team_id=press.team_id,
        channel_id=press.channel.id,
        user_id=press.user.id,
        user_team_id=press.user.team_id,
        trigger_id=f"{here}:{meant.once}" if meant.once else press.trigger_id,
        response_url=press.response_url,
        text=meant.words,
        thread_ts=press.thread,
        message_ts="" if press.container.is_ephemeral else press.container.message_ts,
        seen=meant.seen,
        about=meant.about,
        card=meant.card,
    )


def _read(body: dict[str, Any]) -> Press | None:
    try:
        return Press.model_validate(body)
    except ValidationError as failure:
        log.warning("slack.unreadable_press", problems=failure.error_count())
        return None
