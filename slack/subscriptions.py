"""Keeps the card of a pull request in a channel that follows it; implements `Deliverer`.

One message for each channel, edited in place. In its thread something is said only when a new
important finding came, or when the last one went. A message that was sent while its receipt was
lost is sent again: Slack knows no key that would prevent it.
"""

from typing import Final, Protocol

import structlog

from core.errors import PermanentError
from core.following import Talk, reaches
from core.models import (
    Delivery,
    OutcomeKind,
    RecordedFinding,
    Severity,
    Unfinished,
    Value,
)
from slack import blocks
from slack.blocks import Message
from slack.errors import BLOCKS_REFUSED, MESSAGE_LOST, SealBroken, SlackRefused
from slack.pace import EDITS, NoPace, Pace, posts
from slack.replies import Reply, unsealed
from slack.seal import Seal

PUT_OFF: Final = 1.0
"""Seconds between a card and what is said under it: Slack's own pace of one message a second."""
MOST_KNOWN: Final = 200
"""Findings that a card remembers; a pull request with more is not followed one by one."""
_ENDS: Final = frozenset({OutcomeKind.REVIEWED, OutcomeKind.CLEAN, OutcomeKind.NOTHING_NEW})

log = structlog.get_logger(__name__)


class Speaker(Protocol):
    """Posts and edits."""

    async def post(self, channel: str, message: Message, *, thread: str = "") -> str:
        """Post and return `channel:ts`. Raises SlackRefused, TransientError."""
        ...

    async def edit(self, channel: str, ts: str, message: Message) -> None:
        """Edit in place. Raises SlackRefused, TransientError."""
        ...


class Readership(Protocol):
    """Knows who reads channels."""

    async def is_shared(self, channel: str) -> bool:
        """Tell whether another company may read a channel. Raises TransientError."""
        ...


class Threads(Protocol):
    """Remembers what threads are about."""

    async def remember(self, channel: str, ts: str, talk: Talk) -> None:
        """Note it. Raises TransientError."""
        ...


class Standing(Value):
    """What stands in a channel, as the row's receipt keeps it."""

    channel: str
    ts: str
    important: tuple[str, ...] = ()
    """Ids of the important findings that people know of here."""
    was_open: bool = False
    """At the last outcome something was open."""
    shown: int = 0
    """The generation that the card shows."""


class ChannelDeliverer:
    """Delivers rows of channels; the receipt is a `Standing`."""

    def __init__(
        self,
        speaker: Speaker,
        seal: Seal,
        readership: Readership,
        threads: Threads,
        *,
        web_url: str,
        pace: Pace | None = None,
    ) -> None:
        self._speaker = speaker
        self._seal = seal
        self._readership = readership
        self._threads = threads
        self._web_url = web_url
        self._pace = pace or NoPace()

    async def deliver(self, delivery: Delivery) -> str | Unfinished:
        """Post or edit the card; what is to be said under it follows on its own.

        Raises TransientError, PermanentError.
        """
        reply, standing = self._reply(delivery), _standing(delivery.row.receipt)
        if standing is None and not _appears(delivery, reply):
            return ""
        if standing is None or standing.shown != delivery.row.generation:
            standing = await self._shown(delivery, reply, standing)
            if self._news(delivery, reply, standing) is not None:
                # The card stands, whatever becomes of what is said under it.
                return Unfinished(receipt=_kept(standing), wait=PUT_OFF)
        elif (said := self._news(delivery, reply, standing)) is not None:
            await self._say(said, standing, delivery)
        return _kept(_known(delivery, standing))

    async def _shown(self, delivery: Delivery, reply: Reply, standing: Standing | None) -> Standing:
        card = blocks.followed(delivery, reply, self._web_url)
        if standing is None or not await self._edited(standing, card, delivery):
            standing = await self._posted(card, reply, delivery, standing)
        return standing.model_copy(update={"shown": delivery.row.generation})

    def _reply(self, delivery: Delivery) -> Reply:
        if delivery.origin is None:
            raise PermanentError("It is not known which channel follows.")
        try:
            return unsealed(delivery.origin.reply, self._seal)
        except SealBroken as failure:
            raise PermanentError("What the channel follows cannot be opened.") from failure

    async def _posted(
        self, card: Message, reply: Reply, delivery: Delivery, before: Standing | None
    ) -> Standing:
        """Post a card; one that was deleted comes back with what people know."""
        if reply.private and await self._readership.is_shared(reply.channel):
            raise PermanentError("Another company reads the channel, or Argus cannot see it.")
        await self._pace.enter(posts(reply.channel), _turn(delivery, "card"))
        receipt = await self._plainly_posted(reply.channel, card)
        channel, _, ts = receipt.partition(":")
        talk = Talk(ref=delivery.ref, repo_id=delivery.repo_id, private=reply.private)
        await self._threads.remember(channel, ts, talk)
        return (before or Standing(channel=channel, ts=ts)).model_copy(
            update={"channel": channel, "ts": ts}
        )

    async def _edited(self, standing: Standing, card: Message, delivery: Delivery) -> bool:
        """Edit in place; False when the message is gone and a new one must take its place."""
        await self._pace.enter(EDITS, _turn(delivery, "edit"))
        try:
            await self._speaker.edit(standing.channel, standing.ts, card)
        except SlackRefused as refusal:
            if refusal.code in MESSAGE_LOST:
                return False
            if refusal.code not in BLOCKS_REFUSED:
                raise
            log.warning("slack.blocks_refused", code=refusal.code)
            await self._speaker.edit(standing.channel, standing.ts, card.plain)
        return True

    async def _plainly_posted(self, channel: str, message: Message, thread: str = "") -> str:
        """Post, and once more without blocks where Slack does not take them."""
        try:
            return await self._speaker.post(channel, message, thread=thread)
        except SlackRefused as refusal:
            if refusal.code not in BLOCKS_REFUSED or not message.blocks:
                raise
            log.warning("slack.blocks_refused", code=refusal.code)
        return await self._speaker.post(channel, message.plain, thread=thread)

    def _news(self, delivery: Delivery, reply: Reply, standing: Standing) -> Message | None:
        """Return what is worth a ping, None for what the card says quietly."""
        record = delivery.outcome.record if delivery.outcome else None
        if record is None or reply.muted or delivery.ended:
            return None
        fresh = [each for each in _important(delivery) if each.id not in standing.important]
        if fresh:
            return blocks.news(delivery.ref, fresh, self._web_url)
        if standing.was_open and not record.findings:
            return blocks.turned_clean(delivery.ref, delivery.head)
        return None

    async def _say(self, said: Message, standing: Standing, delivery: Delivery) -> None:
        await self._pace.enter(posts(standing.channel), _turn(delivery, "news"))
        await self._plainly_posted(standing.channel, said, standing.ts)


def _appears(delivery: Delivery, reply: Reply) -> bool:
    """Tell whether there is something to begin a card with."""
    if reply.muted or delivery.ended:
        return False
    if reply.minimum is None:
        return delivery.outcome is None or delivery.outcome.kind in _ENDS
    record = delivery.outcome.record if delivery.outcome else None
    found = record.findings if record else ()
    return any(reaches(each.severity, reply.minimum) for each in found)


def _known(delivery: Delivery, standing: Standing) -> Standing:
    """Return what stands, with what people know after this outcome."""
    record = delivery.outcome.record if delivery.outcome else None
    if record is None:
        return standing
    ids = dict.fromkeys((*standing.important, *(each.id for each in _important(delivery))))
    return standing.model_copy(
        update={"important": tuple(ids)[-MOST_KNOWN:], "was_open": bool(record.findings)}
    )


def _important(delivery: Delivery) -> tuple[RecordedFinding, ...]:
    record = delivery.outcome.record if delivery.outcome else None
    found = record.findings if record else ()
    return tuple(each for each in found if each.severity is Severity.IMPORTANT)


def _kept(standing: Standing) -> str:
    return standing.model_dump_json(exclude_defaults=True)


def _standing(receipt: str) -> Standing | None:
    """Return what stands, None where nothing does, or nothing that this version knows."""
    try:
        return Standing.model_validate_json(receipt) if receipt else None
    except ValueError:
        return None


def _turn(delivery: Delivery, what: str) -> str:
    row = delivery.row
    return f"{row.job_id}|{row.target}|{row.generation}|{what}"
