"""The thread under a card: a reply for each finding, said once and edited when it is settled.

A reply that was sent while its receipt was lost is sent again: Slack knows no key that would
prevent it, and Argus may not read messages to find its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from core.following import Talk
from core.models import Delivery
from slack.blocks import Message
from slack.blocks.finding import finding_reply, no_longer_open, shown_findings
from slack.errors import MESSAGE_LOST, SlackRefused
from slack.pace import EDITS, Pace, in_turn, posts
from slack.plainly import plainly
from slack.receipts import Receipt, Said, digest_of
from slack.replies import Reply
from slack.speaker import Speaker, Threads

MOST_OPEN: Final = 5
"""Findings that are said one by one; the others stand in the review."""
MOST_REPLIES: Final = 30
"""In one thread, over all rounds."""


@dataclass(frozen=True, slots=True)
class Due:
    """A reply that is to be said, or to say something else."""

    finding_id: str
    message: Message
    ts: str = ""
    """Of what stands; empty for a new one."""


def due_replies(delivery: Delivery, replies: Mapping[str, Said], web_url: str) -> tuple[Due, ...]:
    """Return what is to be said under a card, important first; pure.

    An outcome that looked at nothing leaves the thread as it is.
    """
    outcome = delivery.outcome
    if outcome is None or outcome.record is None:
        return ()
    shown = shown_findings(outcome)
    settled = {key: no_longer_open() for key in replies if key not in shown}
    known = {key: finding_reply(each, web_url) for key, each in shown.items()}
    open_now = [key for key, each in shown.items() if each.state.is_open][:MOST_OPEN]
    fresh = [key for key in open_now if key not in replies][: max(0, MOST_REPLIES - len(replies))]
    stale = [
        Due(key, message, replies[key].ts)
        for key, message in {**known, **settled}.items()
        if key in replies and replies[key].digest != digest_of(message)
    ]
    return (*stale, *(Due(key, known[key]) for key in fresh))


class FindingThread:
    """Keeps the replies under cards current, one message a call."""

    def __init__(self, speaker: Speaker, threads: Threads, pace: Pace, *, web_url: str) -> None:
        self._speaker = speaker
        self._threads = threads
        self._pace = pace
        self._web_url = web_url

    def is_due(self, delivery: Delivery, receipt: Receipt) -> bool:
        """Tell whether something is to be said."""
        return bool(due_replies(delivery, receipt.replies, self._web_url))

    async def go_on(self, delivery: Delivery, receipt: Receipt, reply: Reply) -> "Step":
        """Say or edit the next reply. Raises SlackRefused, TransientError, NotYet."""
        due = due_replies(delivery, receipt.replies, self._web_url)
        if not due:
            return Step(receipt, left=0)
        first = due[0]
        ts = first.ts if first.ts and await self._edited(first, delivery, receipt) else ""
        if not ts:
            ts = await self._posted(first, delivery, receipt, reply)
        return Step(receipt.with_reply(first.finding_id, ts, first.message), left=len(due) - 1)

    async def _edited(self, due: Due, delivery: Delivery, receipt: Receipt) -> bool:
        """Edit in place; False when the reply is gone and a new one must take its place."""

        async def say() -> None:
            await plainly(lambda m: self._speaker.edit(receipt.channel, due.ts, m), due.message)

        try:
            await in_turn(self._pace, EDITS, turn_of(delivery, receipt), say)
        except SlackRefused as refusal:
            if refusal.code in MESSAGE_LOST:
                return False
            raise
        return True

    async def _posted(self, due: Due, delivery: Delivery, receipt: Receipt, reply: Reply) -> str:
        """Post below the card, or beside it where the card itself stands in a thread."""
        channel = receipt.channel

        async def say() -> str:
            thread = reply.thread or receipt.ts
            return await plainly(
                lambda m: self._speaker.post(channel, m, thread=thread), due.message
            )

        where = await in_turn(self._pace, posts(channel), turn_of(delivery, receipt), say)
        ts = where.partition(":")[2]
        talk = Talk(
            ref=delivery.ref,
            repo_id=delivery.repo_id,
            finding_id=due.finding_id,
            private=reply.private,
        )
        await self._threads.remember(channel, ts, talk)
        return ts


@dataclass(frozen=True, slots=True)
class Step:
    """What stands after one more reply, and how many are still due."""

    receipt: Receipt
    left: int


def turn_of(delivery: Delivery, receipt: Receipt) -> str:
    """Name the next message of a card: it changes with each one that was sent."""
    row = delivery.row
    return f"{row.job_id}|{row.target}|{digest_of(Message(str(receipt)))}"
