"""Keeps the card of a pull request in a channel that follows it; implements `Deliverer`.

One message for each channel, edited in place, with its findings as quiet replies below. Only when
a new important finding came, or when the last one went, the channel is shown that as well.
"""

from typing import Final, Protocol

import structlog

from core.errors import PermanentError
from core.following import reaches
from core.models import (
    Delivery,
    OutcomeKind,
    RecordedFinding,
    ReviewRecord,
    Severity,
    Unfinished,
)
from slack import blocks
from slack.blocks import Message
from slack.cards import Cards
from slack.errors import NO_BROADCAST, CardGone, SealBroken, SlackRefused
from slack.pace import NoPace, Pace, in_turn, posts
from slack.plainly import plainly
from slack.receipts import Receipt, receipt_from
from slack.replies import Reply, unsealed
from slack.seal import Seal
from slack.speaker import Speaker, Threads
from slack.subscribers import Subscribers
from slack.thread import below, is_hushed, turn_of

KNOWN, WAS_OPEN, JUST_POSTED = "known", "open", "posted"
"""Of a receipt: the important findings that people know of here, by id; that at the last outcome
something was open; that the card was new in the channel with this outcome."""
ENDED: Final = "ended"
"""Of a receipt: the subscription ended with this row, and the channel is still to be told."""
MOST_KNOWN: Final = 200
"""Findings that a card remembers; a pull request with more is not followed one by one."""
_ENDS: Final = frozenset({OutcomeKind.REVIEWED, OutcomeKind.CLEAN, OutcomeKind.NOTHING_NEW})

log = structlog.get_logger(__name__)


class Readership(Protocol):
    """Knows who reads channels."""

    async def is_shared(self, channel: str) -> bool:
        """Tell whether another company may read a channel. Raises TransientError."""
        ...


class ChannelDeliverer:
    """Delivers rows of channels; the receipt is a `Receipt` with what people know."""

    def __init__(
        self,
        speaker: Speaker,
        seal: Seal,
        readership: Readership,
        threads: Threads,
        subscribers: Subscribers,
        *,
        web_url: str,
        pace: Pace | None = None,
    ) -> None:
        self._speaker = speaker
        self._seal = seal
        self._readership = readership
        self._subscribers = subscribers
        self._web_url = web_url
        self._pace = pace or NoPace()
        self._cards = Cards(speaker, threads, self._pace, web_url=web_url)

    async def deliver(self, delivery: Delivery) -> str | Unfinished:
        """Bring one message to what it is to say: the card, what is below it, or a ping.

        Raises TransientError, PermanentError.
        """
        reply, receipt = self._reply(delivery), receipt_from(delivery.row.receipt)
        if receipt.word(ENDED):
            return await self._told_of_end(delivery, reply, receipt)
        if receipt == Receipt() and not _appears(delivery, reply):
            return ""
        if reply.private and await self._readership.is_shared(reply.channel):
            raise PermanentError("Another company reads the channel, or Argus cannot see it.")
        if reply.private and not await self._subscribers.may_be_shown(delivery, reply):
            return await self._ended(delivery, reply, receipt)
        setting = blocks.Setting(below=below(delivery, receipt, reply))
        card = blocks.followed(delivery, reply, self._web_url, setting)
        try:
            step = await self._cards.go_on(card, delivery, receipt, reply)
        except CardGone:
            log.info("slack.card_gone", channel=reply.channel)
            return str(receipt)
        standing = _as_posted(delivery, receipt, step.receipt)
        said = step.receipt != receipt
        if step.more or (said and self._news(delivery, reply, standing) is not None):
            return Unfinished(receipt=str(standing))
        return await self._with_news(delivery, reply, standing)

    def _reply(self, delivery: Delivery) -> Reply:
        if delivery.origin is None:
            raise PermanentError("It is not known which channel follows.")
        try:
            return unsealed(delivery.origin.reply, self._seal)
        except SealBroken as failure:
            raise PermanentError("What the channel follows cannot be opened.") from failure

    async def _ended(self, delivery: Delivery, reply: Reply, receipt: Receipt) -> str | Unfinished:
        """End the subscription; whoever does keeps in the receipt that it is still to be told."""
        if not await self._subscribers.end(delivery, reply):
            return str(receipt)
        return Unfinished(receipt=str(receipt.with_word(ENDED, "yes")))

    async def _told_of_end(self, delivery: Delivery, reply: Reply, receipt: Receipt) -> Unfinished:
        """Tell the channel once; what the row says is looked at again after that."""
        turn, lane = turn_of(delivery, receipt), posts(reply.channel)

        async def say() -> str:
            return await plainly(
                lambda said: self._speaker.post(reply.channel, said), blocks.follows_no_more()
            )

        try:
            await in_turn(self._pace, lane, turn, say)
        except SlackRefused as refusal:
            log.info("slack.end_untold", channel=reply.channel, code=refusal.code)
        return Unfinished(receipt=str(receipt.with_word(ENDED, "")))

    async def _with_news(self, delivery: Delivery, reply: Reply, receipt: Receipt) -> str:
        """Tell the channel what it is to know, once everything stands that it will look at."""
        news = self._news(delivery, reply, receipt)
        if news is not None:
            await self._ping(news, delivery, receipt)
        return str(_with_known(delivery, receipt))

    def _news(self, delivery: Delivery, reply: Reply, receipt: Receipt) -> Message | None:
        """Return what is worth a ping, None for what the card says quietly."""
        outcome = delivery.outcome
        if outcome is None or outcome.record is None or is_hushed(delivery, reply):
            return None
        known = receipt.word(KNOWN).split(",")
        fresh = [each for each in _important(outcome.record) if each.id not in known]
        if fresh:
            return blocks.news(delivery.ref, fresh, self._web_url)
        if receipt.word(WAS_OPEN) and not outcome.record.findings:
            return blocks.turned_clean(delivery.ref, outcome)
        return None

    async def _ping(self, said: Message, delivery: Delivery, receipt: Receipt) -> None:
        """Say it in the thread and show it in the channel, but for what a new card just showed."""

        async def say(*, broadcast: bool) -> str:
            return await plainly(
                lambda m: self._speaker.post(
                    receipt.channel, m, thread=receipt.ts, broadcast=broadcast
                ),
                said,
            )

        turn, lane = turn_of(delivery, receipt), posts(receipt.channel)
        loud = not receipt.word(JUST_POSTED)
        try:
            await in_turn(self._pace, lane, turn, lambda: say(broadcast=loud))
        except SlackRefused as refusal:
            if refusal.code != NO_BROADCAST:
                raise
            await say(broadcast=False)


def _appears(delivery: Delivery, reply: Reply) -> bool:
    """Tell whether there is something to begin a card with."""
    if is_hushed(delivery, reply):
        return False
    if reply.minimum is None:
        return delivery.outcome is None or delivery.outcome.kind in _ENDS
    record = delivery.outcome.record if delivery.outcome else None
    found = record.findings if record else ()
    return any(reaches(each.severity, reply.minimum) for each in found)


def _as_posted(delivery: Delivery, before: Receipt, after: Receipt) -> Receipt:
    """Return what stands, with the note that a card was posted that shows an outcome."""
    is_new = after.ts and after.ts != before.ts and delivery.outcome is not None
    return after.with_word(JUST_POSTED, "yes") if is_new else after


def _with_known(delivery: Delivery, receipt: Receipt) -> Receipt:
    """Return what stands, with what people know after this outcome."""
    receipt = receipt.with_word(JUST_POSTED, "")
    record = delivery.outcome.record if delivery.outcome else None
    if record is None:
        return receipt
    before = filter(None, receipt.word(KNOWN).split(","))
    known = list(dict.fromkeys((*before, *(each.id for each in _important(record)))))
    return receipt.with_word(KNOWN, ",".join(known[-MOST_KNOWN:])).with_word(
        WAS_OPEN, "yes" if record.findings else ""
    )


def _important(record: ReviewRecord) -> tuple[RecordedFinding, ...]:
    return tuple(each for each in record.findings if each.severity is Severity.IMPORTANT)
