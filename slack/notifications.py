"""Keeps the one message of a Slack request current; implements `core.ports.Deliverer`.

A card in the channel, edited in place, with its findings in the thread. Where the bot may not
write, or others may not read, the asker alone is told the result: through the address that the
command brought, or, when that is spent, by a whisper or a direct message.
"""

from typing import Final

import structlog

from core.errors import PermanentError
from core.following import Talk
from core.models import Delivery, Unfinished
from slack import blocks
from slack.aside import tell_aside
from slack.blocks import Message
from slack.blocks.card import Setting
from slack.errors import (
    MESSAGE_LOST,
    OUT_OF_REACH,
    THREAD_LOST,
    SealBroken,
    SlackRefused,
)
from slack.pace import EDITS, NoPace, Pace, in_turn, one_message, posts
from slack.plainly import plainly
from slack.receipts import Receipt, digest_of, receipt_from
from slack.replies import Reply, unsealed
from slack.seal import Seal
from slack.speaker import Speaker, Threads
from slack.thread import FindingThread, turn_of

ASIDE: Final = "aside:"
"""Begins the receipt of an answer for the asker's eyes."""
UNTOLD: Final = frozenset({ASIDE, "aside:0"})
"""Before the end was told; what comes after that is not said to one person alone. The number is
how an earlier version counted."""
TOLD: Final = "aside:told"

log = structlog.get_logger(__name__)


class SlackDeliverer:
    """Delivers Slack rows; the receipt is a `Receipt`, or `aside:told`."""

    def __init__(
        self,
        speaker: Speaker,
        seal: Seal,
        threads: Threads,
        *,
        web_url: str,
        pace: Pace | None = None,
    ) -> None:
        self._speaker = speaker
        self._seal = seal
        self._threads = threads
        self._web_url = web_url
        self._pace = pace or NoPace()
        self._replies = FindingThread(speaker, threads, self._pace, web_url=web_url)

    async def deliver(self, delivery: Delivery) -> str | Unfinished:
        """Post, edit or answer, one message a call. Raises TransientError, PermanentError."""
        reply = self._reply(delivery)
        kept = delivery.row.receipt
        if reply.aside or kept.startswith(ASIDE):
            return await self._tell_aside(delivery, reply)
        receipt = receipt_from(kept)
        card = blocks.card(delivery, reply, self._web_url, Setting(threaded=True))
        try:
            if receipt.digest != digest_of(card):
                receipt = await self._with_card(card, delivery, reply, receipt)
                return self._unless_done(delivery, receipt)
            step = await self._replies.go_on(delivery, receipt, reply)
        except SlackRefused as refusal:
            if refusal.code == THREAD_LOST:
                return Unfinished(receipt=str(receipt.without_card()))
            if refusal.code not in OUT_OF_REACH:
                raise
            log.info("slack.channel_out_of_reach", code=refusal.code)
            return await self._tell_aside(delivery, reply)
        return Unfinished(receipt=str(step.receipt)) if step.left else str(step.receipt)

    def _unless_done(self, delivery: Delivery, receipt: Receipt) -> str | Unfinished:
        """Return what stands; where the thread has more to say, it follows."""
        if self._replies.is_due(delivery, receipt):
            return Unfinished(receipt=str(receipt))
        return str(receipt)

    def _reply(self, delivery: Delivery) -> Reply:
        if delivery.origin is None:
            raise PermanentError("It is not known whom to answer.")
        try:
            return unsealed(delivery.origin.reply, self._seal)
        except SealBroken as failure:
            raise PermanentError("The answer's address cannot be opened.") from failure

    async def _with_card(
        self, card: Message, delivery: Delivery, reply: Reply, receipt: Receipt
    ) -> Receipt:
        """Edit the card, or post it where none stands any more."""
        if receipt.ts and await self._edited(card, delivery, receipt):
            return receipt.with_card(f"{receipt.channel}:{receipt.ts}", card)

        async def say() -> str:
            return await plainly(
                lambda said: self._speaker.post(reply.channel, said, thread=reply.thread), card
            )

        where = await in_turn(self._pace, posts(reply.channel), turn_of(delivery, receipt), say)
        channel, _, ts = where.partition(":")
        talk = Talk(ref=delivery.ref, repo_id=delivery.repo_id, private=reply.private)
        await self._threads.remember(channel, ts, talk)
        return receipt.with_card(where, card)

    async def _edited(self, card: Message, delivery: Delivery, receipt: Receipt) -> bool:
        """Edit in place; False when the message is gone and a new one must take its place."""
        turn = turn_of(delivery, receipt)
        channel, ts = receipt.channel, receipt.ts

        async def say() -> None:
            await plainly(lambda said: self._speaker.edit(channel, ts, said), card)

        await self._pace.enter(one_message(channel, ts), turn)
        try:
            await in_turn(self._pace, EDITS, turn, say)
        except SlackRefused as refusal:
            if refusal.code in MESSAGE_LOST:
                return False
            raise
        return True

    async def _tell_aside(self, delivery: Delivery, reply: Reply) -> str:
        """Tell the asker the end alone, once: "queued" was the answer to the command."""
        kept = delivery.row.receipt
        if kept.startswith(ASIDE) and kept not in UNTOLD:
            return kept
        if not blocks.is_final(delivery):
            return ASIDE
        setting = Setting(aside=True, uninvited=not reply.aside)
        card = blocks.card(delivery, reply, self._web_url, setting)
        await tell_aside(self._speaker, reply, card)
        return TOLD
