"""Keeps the one message of a Slack request current; implements `core.ports.Deliverer`.

A card in the channel, edited in place, with its findings in the thread. Where the bot may not
write, or others may not read, the asker alone is told: through the address that the command
brought, or, when that is spent, by a whisper or a direct message.
"""

from typing import Final

import structlog

from core.errors import PermanentError
from core.models import Delivery, Unfinished
from slack import blocks
from slack.aside import tell_aside
from slack.blocks import Setting
from slack.cards import Cards
from slack.errors import OUT_OF_REACH, TOKEN_REFUSED, CardGone, SealBroken, SlackRefused
from slack.pace import NoPace, Pace
from slack.receipts import receipt_from
from slack.replies import Reply, unsealed
from slack.seal import Seal
from slack.speaker import Speaker, Threads
from slack.thread import below

ASIDE: Final = "aside:"
"""Begins the receipt of an answer for the asker's eyes; alone, that the end is not told yet."""
UNREACHED: Final = "aside:unreached"
"""The bot may not write in the channel. The asker knows; by the end it may have been let in."""
TOLD: Final = "aside:told"

log = structlog.get_logger(__name__)


class SlackDeliverer:
    """Delivers Slack rows; the receipt is a `Receipt`, or what begins with `aside:`."""

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
        self._web_url = web_url
        self._cards = Cards(speaker, threads, pace or NoPace(), web_url=web_url)

    async def deliver(self, delivery: Delivery) -> str | Unfinished:
        """Post, edit or answer, one message a call. Raises TransientError, PermanentError."""
        reply, kept = self._reply(delivery), delivery.row.receipt
        if kept == TOLD or (kept == UNREACHED and not blocks.is_final(delivery)):
            return kept
        if reply.aside or (kept.startswith(ASIDE) and kept != UNREACHED):
            return await self._tell_end(delivery, reply)
        try:
            return await self._in_channel(delivery, reply, "" if kept == UNREACHED else kept)
        except CardGone:
            log.info("slack.card_gone")
            return await self._tell_end(delivery, reply)
        except SlackRefused as refusal:
            if refusal.code not in OUT_OF_REACH | TOKEN_REFUSED:
                raise
            return await self._tell_unreached(delivery, reply, refusal.code)

    async def _in_channel(self, delivery: Delivery, reply: Reply, kept: str) -> str | Unfinished:
        receipt = receipt_from(kept)
        setting = Setting(below=below(delivery, receipt, reply))
        card = blocks.card(delivery, reply, self._web_url, setting)
        step = await self._cards.go_on(card, delivery, receipt, reply)
        return Unfinished(receipt=str(step.receipt)) if step.more else str(step.receipt)

    def _reply(self, delivery: Delivery) -> Reply:
        if delivery.origin is None:
            raise PermanentError("It is not known whom to answer.")
        try:
            return unsealed(delivery.origin.reply, self._seal)
        except SealBroken as failure:
            raise PermanentError("The answer's address cannot be opened.") from failure

    async def _tell_end(self, delivery: Delivery, reply: Reply, reason: str = "") -> str:
        """Tell the asker the end alone, once: "queued" was the answer to the command."""
        if not blocks.is_final(delivery):
            return ASIDE
        setting = Setting(aside=True, unreached=reason)
        await tell_aside(self._speaker, reply, blocks.card(delivery, reply, self._web_url, setting))
        return TOLD

    async def _tell_unreached(self, delivery: Delivery, reply: Reply, reason: str) -> str:
        """Tell the asker why nothing stands in the channel, in time to let Argus in."""
        (log.error if reason in TOKEN_REFUSED else log.info)("slack.out_of_reach", code=reason)
        if blocks.is_final(delivery):
            return await self._tell_end(delivery, reply, reason)
        said = blocks.unreached(delivery, reply, reason, self._web_url)
        await tell_aside(self._speaker, reply, said)
        return UNREACHED
