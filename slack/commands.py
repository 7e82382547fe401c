"""What `/argus …` does: reads the words, asks who may see, knocks at the intake, answers.

Slack was answered before any of this begins; the work is a task of this process, which `drain`
waits for. What is lost with the process was acknowledged but never promised: the person sees
no "queued" and asks again.
"""

from collections.abc import Callable
from functools import partial
from typing import Final, Protocol

import structlog
from structlog.contextvars import bound_contextvars

from core.commands import Plain, Review, Verb, parse
from core.errors import ArgusError, UserError
from core.intake import Intake, new_correlation_id
from core.models import (
    Accepted,
    Duplicate,
    Origin,
    OriginKind,
    PullRequest,
    PullRequestRef,
    Refused,
    ReviewRequest,
)
from core.ports import Visibility
from slack import blocks
from slack.blocks import Message
from slack.errands import DRAIN_SECONDS, Errands, in_words
from slack.replies import Reply, sealed
from slack.requests import SlashCommand
from slack.seal import Seal
from slack.workspace import Workspace

_ENTITIES: Final = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))
"""How Slack escapes what people type, in the order of undoing it."""

log = structlog.get_logger(__name__)


class Voice(Protocol):
    """Answers through the address that a command brought."""

    async def respond(self, url: str, message: Message) -> None:
        """Show a message to whoever asked. Raises SlackRefused, TransientError."""
        ...


class Commands:
    """Carries out commands, each in a task of its own."""

    def __init__(
        self,
        *,
        intake: Intake,
        visibility: Visibility,
        voice: Voice,
        workspace: Workspace,
        seal: Seal,
        web_url: str,
        private_aside: bool = True,
        new_id: Callable[[], str] = new_correlation_id,
    ) -> None:
        self._intake = intake
        self._visibility = visibility
        self._voice = voice
        self._workspace = workspace
        self._seal = seal
        self._web_url = web_url
        self._private_aside = private_aside
        self._new_id = new_id
        self._errands = Errands()

    def start(self, command: SlashCommand) -> None:
        """Carry a command out after this call returned."""
        self._errands.send(partial(self._carry_out, command))

    async def drain(self, seconds: float = DRAIN_SECONDS) -> None:
        """Wait for commands under way, at most so long; cancel what is left."""
        await self._errands.drain(seconds)

    async def _carry_out(self, command: SlashCommand) -> None:
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
        try:
            await self._voice.respond(command.response_url, message)
        except ArgusError as error:
            log.warning("slack.answer_lost", reason=str(error))
        except Exception:
            log.exception("slack.answer_failed")

    async def _message(self, command: SlashCommand, request_id: str) -> Message | None:
        """Do what was asked and return the answer. Raises UserError, TransientError."""
        await self._workspace.require_member(command)
        match parse(command.text, web_url=self._web_url):
            case Plain(verb=Verb.HELP):
                return blocks.help_text(self._web_url)
            case Review(ref=None):
                raise UserError(
                    "`review` does not say which pull request.",
                    next_step="Put its address or `owner/repo#12` behind it.",
                )
            case Review(ref=PullRequestRef() as ref) as review:
                return await self._review(review, ref, command, request_id)
            case other:
                return blocks.not_yet(other.verb, request_id)

    async def _review(
        self, review: Review, ref: PullRequestRef, command: SlashCommand, request_id: str
    ) -> Message | None:
        pull = await self._visibility.look(ref, command.user_id)
        request = ReviewRequest(
            ref=pull.ref,
            repo_id=pull.repo_id,
            head=pull.head,
            origin=self._origin(pull, command),
            delivery=command.delivery,
            full=review.full,
            focus=_typed(review.focus),
            correlation_id=request_id,
        )
        admission = await self._intake.accept(request)
        await self._intake.ring(admission)
        log.info("slack.review_asked", pull=str(pull.ref), admission=type(admission).__name__)
        match admission:
            case Accepted():
                return blocks.accepted(pull, admission, self._web_url)
            case Duplicate():
                return blocks.duplicate(pull, admission, self._web_url)
            case Refused():
                return blocks.refused(admission, request_id)

    def _origin(self, pull: PullRequest, command: SlashCommand) -> Origin:
        reply = Reply(
            channel=command.channel_id,
            user=command.user_id,
            response_url=command.response_url,
            aside=pull.private and self._private_aside,
        )
        return Origin(
            kind=OriginKind.SLACK,
            id=command.origin_id,
            person=command.user_id,
            reply=sealed(reply.about(pull), self._seal),
        )


def _typed(text: str) -> str:
    """Return what the person typed, without Slack's escapes."""
    for escape, character in _ENTITIES:
        text = text.replace(escape, character)
    return text
