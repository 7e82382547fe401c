"""The message shortcut "Review this PR": finds pull requests in a message, and asks for reviews.

One is taken at once; of several, the person picks in a modal.
https://docs.slack.dev/interactivity/implementing-shortcuts
"""

import hashlib
from functools import partial
from typing import Any, Final, Protocol, TypeVar

import structlog
from pydantic import Field, ValidationError
from slack_bolt.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck

from core.errors import ArgusError
from core.intake import new_correlation_id
from slack import blocks
from slack.blocks import Message
from slack.commands import Commands
from slack.errands import Errands
from slack.errors import SealBroken
from slack.named_pulls import pull_requests_in
from slack.replies import Reply, is_answerable, sealed, unsealed
from slack.requests import Asker, Named, Part, SlashCommand
from slack.seal import Seal

CALLBACK: Final = "review_pull_request"
PICKED: Final = "reviews_picked"
MOST_PICKED: Final = 4
"""A `response_url` takes five answers, and each review has one.
https://docs.slack.dev/interactivity/handling-user-interaction#message_responses"""
_ID: Final = r"^[A-Za-z0-9_-]{1,64}$"

log = structlog.get_logger(__name__)


class Voice(Protocol):
    """Opens modals, and answers."""

    async def open_view(self, trigger_id: str, view: dict[str, Any]) -> None:
        """Open a modal. Raises SlackRefused, TransientError."""
        ...

    async def respond(self, url: str, message: Message, *, thread: str = "") -> None:
        """Answer through a `response_url`, in a thread if one is given.

        Raises SlackRefused, TransientError.
        """
        ...


class Shortcuts:
    """Carries shortcuts out."""

    def __init__(
        self, commands: Commands, voice: Voice, seal: Seal, *, web_url: str, api_url: str
    ) -> None:
        self._commands = commands
        self._voice = voice
        self._seal = seal
        self._web_url = web_url
        self._api_url = api_url
        self._errands = Errands()

    def listen(self, bolt: AsyncApp) -> None:
        """Take part in an app."""

        @bolt.message_shortcut(CALLBACK)
        async def chosen(ack: AsyncAck, body: dict[str, Any]) -> None:
            await ack()
            self.start(body)

        @bolt.view(PICKED)
        async def picked(ack: AsyncAck, body: dict[str, Any]) -> None:
            await ack()
            self.take(body)

    def start(self, body: dict[str, Any]) -> None:
        """Review what a message names, after this call returned."""
        shortcut = _read(_Shortcut, body)
        if shortcut is not None and is_answerable(shortcut.response_url, self._api_url):
            self._errands.send(partial(self._carry_out, shortcut))

    def take(self, body: dict[str, Any]) -> None:
        """Review what a person picked, after this call returned."""
        submission = _read(_Submission, body)
        if submission is None:
            return
        try:
            reply = unsealed(submission.view.private_metadata, self._seal)
        except SealBroken:
            log.warning("slack.foreign_view", team=submission.team_id)
            return
        for name in submission.picked[:MOST_PICKED]:
            self._commands.start(_command(submission, reply, name, submission.view.id))

    async def drain(self) -> None:
        """Wait for shortcuts under way."""
        await self._errands.drain()

    async def _carry_out(self, shortcut: "_Shortcut") -> None:
        found = pull_requests_in(shortcut.message.said, self._web_url)
        if len(found) == 1:
            await self._commands.carry_out(
                _command(shortcut, shortcut.reply, str(found[0]), shortcut.trigger_id)
            )
            return
        try:
            if found:
                metadata = sealed(shortcut.reply, self._seal)
                view = blocks.picker(found, PICKED, metadata, most=MOST_PICKED)
                await self._voice.open_view(shortcut.trigger_id, view)
            else:
                nothing = blocks.no_link(self._web_url, new_correlation_id())
                await self._voice.respond(
                    shortcut.response_url, nothing, thread=shortcut.message.thread
                )
        except ArgusError as error:
            log.warning("slack.answer_lost", reason=str(error))


class _Said(Part):
    text: str | None = None
    attachments: Any = None
    blocks: Any = None
    """Other apps' parts, of whatever form."""
    ts: str = Field(default="", max_length=64)
    thread_ts: str | None = Field(default=None, max_length=64)

    @property
    def said(self) -> dict[str, Any]:
        """Return what it says, and where else it says it."""
        return {"text": self.text, "attachments": self.attachments, "blocks": self.blocks}

    @property
    def thread(self) -> str:
        """Return the thread in which it stands, empty in the channel itself."""
        return self.thread_ts if self.thread_ts and self.thread_ts != self.ts else ""


P = TypeVar("P", bound=Asker)


class _Shortcut(Asker):
    trigger_id: str = Field(min_length=1, max_length=300)
    response_url: str = Field(default="", max_length=2_000, repr=False)
    channel: Named
    message: _Said = _Said()

    @property
    def reply(self) -> Reply:
        """Return where it is answered."""
        return Reply(
            channel=self.channel.id,
            user=self.user.id,
            response_url=self.response_url,
            thread=self.message.thread,
        )


class _Option(Part):
    value: str = Field(max_length=300)


class _Picked(Part):
    selected_options: tuple[_Option, ...] = ()


class _State(Part):
    values: dict[str, dict[str, _Picked]] = Field(default_factory=dict)


class _View(Part):
    id: str = Field(pattern=_ID)
    private_metadata: str = Field(default="", max_length=3_000)
    state: _State = _State()


class _Submission(Asker):
    view: _View

    @property
    def picked(self) -> tuple[str, ...]:
        """Return the names that were picked."""
        inputs = (each for block in self.view.state.values.values() for each in block.values())
        return tuple(option.value for each in inputs for option in each.selected_options)


def _read(kind: type[P], body: dict[str, Any]) -> P | None:
    try:
        return kind.model_validate(body)
    except ValidationError as failure:
        log.warning("slack.unreadable_shortcut", problems=failure.error_count())
        return None


def _command(asker: Asker, reply: Reply, name: str, turn: str) -> SlashCommand:
    """Return the same as a command; one turn and one name are one request, however often sent."""
    trigger = hashlib.sha256(f"{turn}:{name.lower()}".encode()).hexdigest()
    return SlashCommand(
        team_id=asker.team_id,
        channel_id=reply.channel,
        user_id=asker.user.id,
        user_team_id=asker.user.team_id,
        trigger_id=trigger,
        response_url=reply.response_url,
        thread_ts=reply.thread,
        text=f"review {name}",
    )
