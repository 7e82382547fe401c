"""Says the answer to a question that was asked in Slack; implements `core.desk.AnswerVoice`.

In the thread where it was asked; to the asker alone where others may not read it. An answer that
was sent while its receipt was lost is said again: Slack knows no key that would prevent it.
"""

from typing import Final

import structlog

from core.desk import Answer
from core.errors import PermanentError, UserError
from core.models import Order
from slack.aside import tell_aside
from slack.blocks import Message
from slack.blocks.replies import answered, unanswered
from slack.errors import OUT_OF_REACH, THREAD_LOST, SealBroken, SlackRefused
from slack.pace import NoPace, Pace, in_turn, posts
from slack.plainly import plainly
from slack.replies import Reply, unsealed
from slack.seal import Seal
from slack.speaker import Speaker

WHISPERED: Final = "whispered"
"""The receipt of an answer for one person, of which nothing is left to find."""

log = structlog.get_logger(__name__)


class SlackVoice:
    """Answers orders of Slack."""

    def __init__(
        self, speaker: Speaker, seal: Seal, *, web_url: str, pace: Pace | None = None
    ) -> None:
        self._speaker = speaker
        self._seal = seal
        self._web_url = web_url
        self._pace = pace or NoPace()

    async def say(self, order: Order, answer: Answer | UserError) -> str:
        """Say it and return where. Raises TransientError, PermanentError."""
        reply = self._reply(order)
        said = self._message(order, reply, answer)
        # A failure concerns nobody but whoever asked.
        if reply.aside or isinstance(answer, UserError):
            return await self._whisper(reply, said)
        try:
            return await self._post(order, reply, said)
        except SlackRefused as refusal:
            if refusal.code not in OUT_OF_REACH | {THREAD_LOST}:
                raise
            log.info("slack.channel_out_of_reach", code=refusal.code)
        return await self._whisper(reply, said)

    def _reply(self, order: Order) -> Reply:
        try:
            return unsealed(order.origin.reply, self._seal)
        except SealBroken as failure:
            raise PermanentError("The answer's address cannot be opened.") from failure

    def _message(self, order: Order, reply: Reply, answer: Answer | UserError) -> Message:
        if isinstance(answer, UserError):
            return unanswered(answer, order.correlation_id)
        url = f"{self._web_url.rstrip('/')}/{order.ref.repository}/pull/{order.ref.number}"
        return answered(
            order.ref, order.words, answer, user=reply.user, url=url, web_url=self._web_url
        )

    async def _post(self, order: Order, reply: Reply, said: Message) -> str:
        async def say() -> str:
            return await plainly(
                lambda m: self._speaker.post(reply.channel, m, thread=reply.thread), said
            )

        turn = f"{order.job_id}|{order.origin.id}|answer"
        return await in_turn(self._pace, posts(reply.channel), turn, say)

    async def _whisper(self, reply: Reply, said: Message) -> str:
        await tell_aside(self._speaker, reply, said)
        return WHISPERED
