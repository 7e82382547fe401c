"""One command from its words to its answer, whichever way it came.

Slack was answered before any of this begins; the work is a task of this process, which `drain`
waits for. What is lost with the process was acknowledged but never promised: the person sees
no "queued" and asks again.
"""

from collections.abc import Callable
from functools import partial
from typing import Final

import structlog
from structlog.contextvars import bound_contextvars

from core.commands import (
    Ask,
    Command,
    Ignore,
    Mute,
    Pause,
    Plain,
    Resume,
    Review,
    ShowConfiguration,
    Status,
    Subscribe,
    Unsubscribe,
    Verb,
    parse,
)
from core.errors import ArgusError
from core.intake import new_correlation_id
from slack.blocks import Message
from slack.commands.about import About
from slack.commands.asked import Asked
from slack.commands.channels import Channels
from slack.commands.ports import Threads, Voice
from slack.commands.reviewing import Reviewing
from slack.commands.standing import Decisions
from slack.errands import DRAIN_SECONDS, Errands, in_words
from slack.requests import SlashCommand
from slack.workspace import Workspace

_ENTITIES: Final = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))
"""How Slack escapes what people type, in the order of undoing it."""

log = structlog.get_logger(__name__)


class Commands:
    """Carries out commands, each in a task of its own."""

    def __init__(
        self,
        *,
        reviewing: Reviewing,
        decisions: Decisions,
        channels: Channels,
        about: About,
        voice: Voice,
        workspace: Workspace,
        threads: Threads,
        web_url: str,
        new_id: Callable[[], str] = new_correlation_id,
    ) -> None:
        self._reviewing = reviewing
        self._decisions = decisions
        self._channels = channels
        self._about = about
        self._voice = voice
        self._workspace = workspace
        self._threads = threads
        self._web_url = web_url
        self._new_id = new_id
        self._errands = Errands()

    def start(self, command: SlashCommand) -> None:
        """Carry a command out after this call returned."""
        self._errands.send(partial(self.carry_out, command))

    async def drain(self, seconds: float = DRAIN_SECONDS) -> None:
        """Wait for commands under way, at most so long; cancel what is left."""
        await self._errands.drain(seconds)

    async def carry_out(self, command: SlashCommand) -> None:
        """Do what was asked and answer; never raises."""
        request_id = self._new_id()
        with bound_contextvars(
            correlation_id=request_id, team=command.team_id, user=command.user_id
        ):
            try:
                message = await self._message(command, request_id)
            except Exception as error:  # noqa: BLE001 - a person waits; `in_words` logs it
                message = in_words(error, request_id)
            if message is not None:
                await self._say(command, message)

    async def _say(self, command: SlashCommand, message: Message) -> None:
        """Answer for the eyes of whoever asked; what came without an address, by a whisper."""
        thread = command.thread_ts
        try:
            if command.response_url:
                await self._voice.respond(command.response_url, message, thread=thread)
            else:
                channel, user = command.channel_id, command.user_id
                await self._voice.whisper(channel, user, message, thread=thread)
        except ArgusError as error:
            log.warning("slack.answer_lost", reason=str(error))
        except Exception:
            log.exception("slack.answer_failed")

    async def _message(self, command: SlashCommand, request_id: str) -> Message | None:
        """Do what was asked and return the answer. Raises UserError, TransientError."""
        await self._workspace.require_member(command)
        said = parse(typed(command.text), web_url=self._web_url)
        talk = command.about
        if talk is None and (about := command.message_ts or command.thread_ts):
            talk = await self._threads.of(command.channel_id, about)
        return await self._done(said, Asked(command, request_id, talk))

    async def _done(self, said: Command, asked: Asked) -> Message | None:
        """Hand a command to its family."""
        match said:
            case Review() | Ask():
                return await self._reviewing.do(said, asked)
            case Status() | Pause() | Resume() | Ignore():
                return await self._decisions.do(said, asked)
            case Subscribe() | Unsubscribe() | Mute():
                return await self._channels.do(said, asked)
            case ShowConfiguration():
                return await self._about.configuration(said, asked)
            case Plain(verb=verb):
                return await self._plain(verb, asked)

    async def _plain(self, verb: Verb, asked: Asked) -> Message | None:
        """Hand a verb that stands alone to its family."""
        match verb:
            case Verb.EXPLAIN:
                return await self._reviewing.explain(asked)
            case Verb.QUEUE:
                return await self._decisions.queue(asked)
            case Verb.LIST:
                return await self._channels.list(asked)
            case _:
                return await self._about.plain(verb, asked)


def typed(text: str) -> str:
    """Return what the person typed, without Slack's escapes.

    Brackets of its addresses are not escaped, and so come out the same.
    """
    for escape, character in _ENTITIES:
        text = text.replace(escape, character)
    return text
