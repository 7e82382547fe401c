"""`@Argus …` in channels and threads: read, told from its repetitions, carried out as a command.

Slash commands do not work in threads, so a mention is the way to speak of a card there.
https://docs.slack.dev/reference/events/app_mention
"""

import re
from functools import partial
from typing import Any, Final, Protocol

import structlog
from pydantic import Field, ValidationError
from slack_bolt.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck

from core.commands import one_command
from core.errors import TransientError
from slack.commands import Commands
from slack.errands import Errands
from slack.requests import Part, SlashCommand

_ID: Final = r"^[A-Za-z0-9_-]{1,64}$"
_ADDRESS: Final = re.compile(r"<@([A-Za-z0-9_-]{1,64})(?:\|[^<>]*)?>[:,]?")

log = structlog.get_logger(__name__)


class Heard(Protocol):
    """Tells events that are new."""

    async def is_new(self, event: str) -> bool:
        """Note an event; False for one that was noted before. Raises TransientError."""
        ...


class Mentions:
    """Carries mentions out."""

    def __init__(self, commands: Commands, heard: Heard) -> None:
        self._commands = commands
        self._heard = heard
        self._errands = Errands()

    def listen(self, bolt: AsyncApp) -> None:
        """Take part in an app."""

        @bolt.event("app_mention")
        async def mentioned(ack: AsyncAck, body: dict[str, Any]) -> None:
            await ack()
            self.start(body)

    def start(self, body: dict[str, Any]) -> None:
        """Carry a mention out after this call returned; what is none is left alone."""
        command = command_in(body)
        if command is not None:
            self._errands.send(partial(self._carry_out, command))

    async def drain(self) -> None:
        """Wait for mentions under way."""
        await self._errands.drain()

    async def _carry_out(self, command: SlashCommand) -> None:
        try:
            is_new = await self._heard.is_new(f"{command.team_id}:{command.trigger_id}")
        except TransientError as error:
            # Whoever asked is told that something is away, perhaps twice.
            log.warning("slack.away", reason=error.reason)
            is_new = True
        if is_new:
            await self._commands.carry_out(command)


def command_in(body: dict[str, Any]) -> SlashCommand | None:
    """Return what a mention says to Argus; None for what machines say, and for edits."""
    try:
        told = _Told.model_validate(body)
        event = told.event
        if event.bot_id or event.subtype or event.edited or not event.user:
            return None
        return SlashCommand(
            team_id=told.team_id,
            channel_id=told.event.channel,
            user_id=told.event.user,
            user_team_id=told.event.user_team or "",
            trigger_id=told.event_id,
            text=_behind_name(told),
            thread_ts=told.event.thread_ts or "",
        )
    except ValidationError as failure:
        log.warning("slack.unreadable_mention", problems=failure.error_count())
        return None


def _behind_name(told: "_Told") -> str:
    """Return what stands behind the bot's name, else behind the first one."""
    bots = {each.user_id for each in told.authorizations if each.is_bot}
    names = list(_ADDRESS.finditer(told.event.text))
    ours = next((each for each in names if each[1] in bots), next(iter(names), None))
    return one_command(told.event.text[ours.end() :].lstrip()) if ours else ""


class _Event(Part):
    channel: str = Field(pattern=_ID)
    user: str = ""
    text: str = Field(default="", max_length=40_000)
    thread_ts: str | None = None
    user_team: str | None = None
    """The person's own workspace, or its organisation. Where Slack leaves it out, the `team` beside
    it is no proof of whose the person is."""
    bot_id: str | None = None
    subtype: str | None = None
    edited: dict[str, Any] | None = None
    """Stands in the event of a mention that was changed: a new id, the same message."""


class _Authorization(Part):
    user_id: str = ""
    is_bot: bool = False


class _Told(Part):
    team_id: str = Field(pattern=_ID)
    event_id: str = Field(pattern=_ID)
    event: _Event
    authorizations: tuple[_Authorization, ...] = ()
