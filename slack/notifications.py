"""Keeps the one message of a Slack request current; implements `core.ports.Deliverer`.

A card in the channel, edited in place. Where the bot may not write, or others may not read, the
asker alone is told the result: through the address that the command brought, or, when that is
spent, by a whisper or a direct message.
"""

from collections.abc import Awaitable, Callable
from typing import Final, Protocol, TypeVar

import structlog

from core.errors import PermanentError
from core.models import Delivery
from slack import blocks
from slack.blocks import Message
from slack.errors import (
    BLOCKS_REFUSED,
    MESSAGE_LOST,
    NOT_THERE,
    OUT_OF_REACH,
    SealBroken,
    SlackRefused,
)
from slack.replies import Reply, unsealed
from slack.seal import Seal

ASIDE: Final = "aside:"
"""Receipt of an answer for the asker's eyes; behind it stands how often the address was used."""
MOST_USES: Final = 4
"""Of a `response_url`: Slack takes five, and the first said "queued"."""

T = TypeVar("T")
log = structlog.get_logger(__name__)


class Speaker(Protocol):
    """Posts, edits and answers."""

    async def post(self, channel: str, message: Message) -> str:
        """Post and return `channel:ts`. Raises SlackRefused, TransientError."""
        ...

    async def edit(self, channel: str, ts: str, message: Message) -> None:
        """Edit in place. Raises SlackRefused, TransientError."""
        ...

    async def whisper(self, channel: str, user: str, message: Message) -> None:
        """Show to one person. Raises SlackRefused, TransientError."""
        ...

    async def respond(self, url: str, message: Message) -> None:
        """Answer through a `response_url`. Raises SlackRefused, TransientError."""
        ...


class SlackDeliverer:
    """Delivers Slack rows; the receipt is `channel:ts`, or `aside:<uses>`."""

    def __init__(self, speaker: Speaker, seal: Seal, *, web_url: str) -> None:
        self._speaker = speaker
        self._seal = seal
        self._web_url = web_url

    async def deliver(self, delivery: Delivery) -> str:
        """Post, edit or answer. Raises TransientError, PermanentError."""
        reply = self._reply(delivery)
        receipt = delivery.row.receipt
        if reply.aside or receipt.startswith(ASIDE):
            return await self._tell_aside(delivery, reply)
        card = blocks.card(delivery, reply, self._web_url)
        channel, _, ts = receipt.partition(":")
        try:
            if ts and await self._edited(channel, ts, card):
                return receipt
            return await _plainly(lambda said: self._speaker.post(reply.channel, said), card)
        except SlackRefused as refusal:
            if refusal.code not in OUT_OF_REACH:
                raise
            log.info("slack.channel_out_of_reach", code=refusal.code)
        return await self._tell_aside(delivery, reply)

    def _reply(self, delivery: Delivery) -> Reply:
        if delivery.origin is None:
            raise PermanentError("It is not known whom to answer.")
        try:
            return unsealed(delivery.origin.reply, self._seal)
        except SealBroken as failure:
            raise PermanentError("The answer's address cannot be opened.") from failure

    async def _edited(self, channel: str, ts: str, card: Message) -> bool:
        """Edit in place; False when the message is gone and a new one must take its place."""
        try:
            await _plainly(lambda said: self._speaker.edit(channel, ts, said), card)
        except SlackRefused as refusal:
            if refusal.code in MESSAGE_LOST:
                return False
            raise
        return True

    async def _tell_aside(self, delivery: Delivery, reply: Reply) -> str:
        """Tell the asker the end alone: "queued" was the answer to the command."""
        told = delivery.row.receipt.removeprefix(ASIDE)
        uses = int(told) if delivery.row.receipt.startswith(ASIDE) and told.isdigit() else 0
        if not blocks.is_final(delivery):
            return f"{ASIDE}{uses}"
        card = blocks.card(delivery, reply, self._web_url)
        if uses < MOST_USES:
            try:
                await _plainly(lambda said: self._speaker.respond(reply.response_url, said), card)
            except SlackRefused as refusal:
                log.info("slack.response_url_spent", code=refusal.code)
            else:
                return f"{ASIDE}{uses + 1}"
        await self._tell_without_address(reply, card)
        return f"{ASIDE}{uses}"

    async def _tell_without_address(self, reply: Reply, card: Message) -> None:
        """Whisper in the channel; where the bot may not, write to the asker directly."""
        try:
            await _plainly(
                lambda said: self._speaker.whisper(reply.channel, reply.user, said), card
            )
        except SlackRefused as refusal:
            if refusal.code not in OUT_OF_REACH | NOT_THERE:
                raise
            log.info("slack.whisper_out_of_reach", code=refusal.code)
            await _plainly(lambda said: self._speaker.post(reply.user, said), card)


async def _plainly(say: Callable[[Message], Awaitable[T]], message: Message) -> T:
    """Say it, and once more without blocks where Slack does not take them."""
    try:
        return await say(message)
    except SlackRefused as refusal:
        if refusal.code not in BLOCKS_REFUSED or not message.blocks:
            raise
        log.warning("slack.blocks_refused", code=refusal.code)
    return await say(message.plain)
