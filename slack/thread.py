"""The thread under a card: a reply for each finding, said once and edited when it is settled.

A reply that was sent while its receipt was lost is sent again: Slack knows no key that would
prevent it, and Argus may not read messages to find its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from core.following import Talk, reaches
from core.models import Delivery, RowKind
from slack.blocks import Message
from slack.blocks.finding import Shown, finding_reply, no_longer_open, shown_findings
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


def is_hushed(delivery: Delivery, reply: Reply) -> bool:
    """Tell whether nothing new is said, and what stands is only kept true.

    Whoever asked wants their answer all the same; a channel that follows does not.
    """
    return reply.muted or (bool(delivery.ended) and delivery.row.kind is RowKind.CHANNEL)


def below(delivery: Delivery, receipt: Receipt, reply: Reply) -> int:
    """Return how many open findings have a reply under the card, or will have one; pure."""
    if delivery.outcome is None:
        return 0
    shown = shown_findings(delivery.outcome)
    standing = [key for key in receipt.replies if key in shown and shown[key].state.is_open]
    return len(standing) + len(_fresh(delivery, shown, receipt.replies, reply))


def due_replies(
    delivery: Delivery, replies: Mapping[str, Said], reply: Reply, web_url: str
) -> tuple[Due, ...]:
    """Return what is to be said under a card, important first; pure.

    An outcome that looked at nothing leaves the thread as it is.
    """
    outcome = delivery.outcome
    if outcome is None or outcome.record is None:
        return ()
    shown = shown_findings(outcome)
    settled = {key: no_longer_open() for key in replies if key not in shown}
    known = {key: finding_reply(each, web_url) for key, each in shown.items()}
    stale = [
        Due(key, message, replies[key].ts)
        for key, message in {**known, **settled}.items()
        if key in replies and replies[key].digest != digest_of(message)
    ]
    fresh = _fresh(delivery, shown, replies, reply)
    return (*stale, *(Due(key, known[key]) for key in fresh))


def _fresh(
    delivery: Delivery, shown: Mapping[str, Shown], replies: Mapping[str, Said], reply: Reply
) -> list[str]:
    """Return the findings that are to have a reply and have none, by their ids."""
    if is_hushed(delivery, reply):
        return []
    told = [
        key
        for key, each in shown.items()
        if each.state.is_open and reaches(each.finding.severity, reply.minimum)
    ]
    return [key for key in told[:MOST_OPEN] if key not in replies][
        : max(0, MOST_REPLIES - len(replies))
    ]


class FindingThread:
    """Keeps the replies under cards current, one message a call."""

    def __init__(self, speaker: Speaker, threads: Threads, pace: Pace, *, web_url: str) -> None:
        self._speaker = speaker
        self._threads = threads
        self._pace = pace
        self._web_url = web_url

    def is_due(self, delivery: Delivery, receipt: Receipt, reply: Reply) -> bool:
        """Tell whether something is to be said."""
        return bool(due_replies(delivery, receipt.replies, reply, self._web_url))

    async def go_on(self, delivery: Delivery, receipt: Receipt, reply: Reply) -> "Step":
        """Say or edit the next reply. Raises SlackRefused, TransientError, NotYet."""
        due = due_replies(delivery, receipt.replies, reply, self._web_url)
        if not due:
            return Step(receipt)
        first = due[0]
        ts = first.ts if first.ts and await self._edited(first, delivery, receipt) else ""
        if not ts:
            ts = await self._posted(first, delivery, receipt, reply)
        return Step(receipt.with_reply(first.finding_id, ts, first.message), more=len(due) > 1)

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
    """What stands after one more message, and whether others are due."""

    receipt: Receipt
    more: bool = False


def turn_of(delivery: Delivery, receipt: Receipt) -> str:
    """Name the next message of a card: it changes with each one that was sent."""
    row = delivery.row
    return f"{row.job_id}|{row.target}|{digest_of(Message(str(receipt)))}"
