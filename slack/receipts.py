"""What stands in Slack of one card: its message, the replies in its thread, and what they say.

A receipt is a line that the ledger keeps with the row: `<channel>:<ts>`, behind it a word for
each thing that is known of it. Words of another version are kept as they are.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from slack.blocks import Message

DIGITS: Final = 8
"""Of a digest: enough to tell a message from the one before it."""
_REPLY: Final = re.compile(r"f/([A-Za-z0-9_-]{1,40})=([0-9.]{1,40})/([0-9a-f]*)")
_CARD: Final = re.compile(r"card=([0-9a-f]*)")


@dataclass(frozen=True, slots=True)
class Said:
    """A message that stands, and a digest of what it says."""

    ts: str
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a row made so far; without a `ts` nothing."""

    channel: str = ""
    ts: str = ""
    digest: str = ""
    """Of the card."""
    replies: Mapping[str, Said] = field(default_factory=dict)
    """By the finding's id, in the order in which they were said."""
    words: tuple[str, ...] = ()
    """What others keep with it, as `name=value`."""

    def __str__(self) -> str:
        parts = [f"{self.channel}:{self.ts}"]
        parts += [f"card={self.digest}"] if self.digest else []
        parts += [f"f/{key}={said.ts}/{said.digest}" for key, said in self.replies.items()]
        return " ".join([*parts, *self.words])

    def with_card(self, where: str, message: Message) -> "Receipt":
        """Return it with the card at `channel:ts`; what stood in another thread is behind."""
        channel, _, ts = where.partition(":")
        same = (channel, ts) == (self.channel, self.ts)
        replies = self.replies if same else {}
        return replace(
            self, channel=channel, ts=ts, digest=digest_of(message), replies=dict(replies)
        )

    def without_card(self) -> "Receipt":
        """Return what is left when the card was deleted: nothing that can be spoken under."""
        return replace(self, ts="", digest="", replies={})

    def word(self, name: str) -> str:
        """Return what is kept under a name, empty where nothing is."""
        begin = f"{name}="
        return next((each[len(begin) :] for each in self.words if each.startswith(begin)), "")

    def with_word(self, name: str, value: str) -> "Receipt":
        """Return it with something kept under a name, nothing for no value; neither has blanks."""
        others = tuple(each for each in self.words if not each.startswith(f"{name}="))
        return replace(self, words=(*others, f"{name}={value}") if value else others)

    def with_reply(self, finding_id: str, ts: str, message: Message) -> "Receipt":
        """Return it with what a reply says now."""
        said = Said(ts, digest_of(message))
        return replace(self, replies={**self.replies, finding_id: said})


def receipt_from(text: str) -> Receipt:
    """Return the receipt that a row carries."""
    place, *words = text.split(" ")
    channel, _, ts = place.partition(":")
    receipt = Receipt(channel, ts)
    for word in filter(None, words):
        if reply := _REPLY.fullmatch(word):
            said = {**receipt.replies, reply[1]: Said(reply[2], reply[3])}
            receipt = replace(receipt, replies=said)
        elif card := _CARD.fullmatch(word):
            receipt = replace(receipt, digest=card[1])
        else:
            receipt = replace(receipt, words=(*receipt.words, word))
    return receipt


def digest_of(message: Message) -> str:
    """Return a digest of what a message says."""
    shown = repr((message.text, message.blocks)).encode()
    return hashlib.sha256(shown).hexdigest()[:DIGITS]
