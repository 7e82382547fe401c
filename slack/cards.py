"""Keeps a card in a channel and its findings below it, one message a call.

What a card says, and who may be shown it, is the business of whoever delivers it. A message that
was sent while its receipt was lost is sent again: Slack knows no key that would prevent it.
"""

from typing import Final

import structlog

from core.following import Talk
from core.models import Delivery
from slack.blocks import Message
from slack.errors import MESSAGE_LOST, THREAD_LOST, CardGone, SlackRefused
from slack.pace import EDITS, Pace, in_turn, one_message, posts
from slack.plainly import plainly
from slack.receipts import Receipt, digest_of
from slack.replies import Reply
from slack.speaker import Speaker, Threads
from slack.thread import FindingThread, Step, is_hushed, turn_of

ANEW: Final = "anew"
"""Of a receipt: the commit for which a card that was gone came back."""
_DIGITS: Final = 12
"""Of a commit; they tell those of one pull request apart."""

log = structlog.get_logger(__name__)


class Cards:
    """Posts and edits cards, and what stands in their threads."""

    def __init__(self, speaker: Speaker, threads: Threads, pace: Pace, *, web_url: str) -> None:
        self._speaker = speaker
        self._threads = threads
        self._pace = pace
        self._replies = FindingThread(speaker, threads, pace, web_url=web_url)

    async def go_on(
        self, card: Message, delivery: Delivery, receipt: Receipt, reply: Reply
    ) -> Step:
        """Bring the card, or else the next reply below it, to what it is to say.

        Raises SlackRefused, CardGone, TransientError, NotYet.
        """
        try:
            if receipt.digest == digest_of(card):
                return await self._replies.go_on(delivery, receipt, reply)
            receipt = await self._with_card(card, delivery, receipt, reply)
        except SlackRefused as refusal:
            if refusal.code != THREAD_LOST:
                raise
            return Step(_without_card(delivery, receipt, reply), more=True)
        return Step(receipt, more=self._replies.is_due(delivery, receipt, reply))

    async def _with_card(
        self, card: Message, delivery: Delivery, receipt: Receipt, reply: Reply
    ) -> Receipt:
        """Edit the card, or post it where none stands any more."""
        if receipt.ts:
            if await self._edited(card, delivery, receipt):
                return receipt.with_card(f"{receipt.channel}:{receipt.ts}", card)
            receipt = _without_card(delivery, receipt, reply)

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
                log.info("slack.card_lost", code=refusal.code)
                return False
            raise
        return True


def _without_card(delivery: Delivery, receipt: Receipt, reply: Reply) -> Receipt:
    """Return what is left of a card that is gone; it comes back once for each commit.

    Raises CardGone where it does not: somebody takes it away, or wants no more of it.
    """
    commit = delivery.head[:_DIGITS] or "none"
    if receipt.word(ANEW) == commit or is_hushed(delivery, reply):
        raise CardGone
    return receipt.without_card().with_word(ANEW, commit)
