"""Phrases and the one way that foreign text enters a message: visible, short, and inert.

https://docs.slack.dev/messaging/formatting-message-text
"""

import re
import unicodedata
from collections.abc import Iterator
from math import ceil
from typing import Final

from slack_sdk.models.blocks import (
    ContextBlock,
    InteractiveElement,
    MarkdownTextObject,
    SectionBlock,
)

SLACK: Final = "slack:"
"""What people of Slack are named by elsewhere, before their id."""
LOGIN: Final = 60
"""Characters of a login."""
LONGEST_URL: Final = 1_000
"""Characters of an address that becomes a link."""
MINUTE, HOUR = 60, 3_600
"""Seconds."""
_ENTITIES: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
"""The only characters that Slack has escapes for; with them no mention and no link is left."""
_LOOKALIKES: Final = {"*": "∗", "~": "∼", "`": "ʼ"}
"""What would format; Slack knows no escape for these."""
_JOINER: Final = "\u2060"
"""Word joiner: shows nothing and keeps what stands around it from being recognised."""
_TRIGGERS: Final = re.compile(
    r"(?<=:)//|(?<=@)(?=\S)|(?<=(?<!\w)#)(?=\w)|(?<=\bwww)\.", re.IGNORECASE
)
"""Where Slack would find an address, a person or a channel in bare text."""
_EDGE: Final = re.compile(r"(?<![A-Za-z0-9_])_+|_+(?![A-Za-z0-9_])")
_CODE: Final = re.compile(r"`([^`]+)`")
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_BLANK: Final = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0]"
)
_USER: Final = re.compile(r"[UW][A-Z0-9]{2,20}")


def one_line(text: str) -> str:
    """Return the text without hidden characters, every run of white space as one space."""
    return visible(re.sub(r"\s+", " ", _BLANK.sub("", text))).strip()


def visible(text: str) -> str:
    """Return the text without hidden characters, among which are the ends of lines."""
    shown = _BLANK.sub("", text)
    return "".join(c for c in shown if unicodedata.category(c) not in _UNSEEN)


def foreign(text: str, limit: int) -> str:
    """Return foreign text as inert mrkdwn of at most `limit` characters; `code` stays code."""
    text = one_line(text)
    pieces: list[str] = []
    end = 0
    for span in _CODE.finditer(text):
        pieces += [*_inert(text[end : span.start()]), f"`{escaped(span[1])}`"]
        end = span.end()
    return joined([*pieces, *_inert(text[end:])], limit)


def code(text: str, limit: int) -> str:
    """Return foreign text as a code span of at most `limit` characters."""
    inside = one_line(text).replace("`", "ʼ") or " "
    return f"`{joined(map(escaped, inside), limit - 2)}`"


def link(url: str, label: str, web_url: str) -> str:
    """Return a link to the configured GitHub, the label alone where the address is another.

    The label is mrkdwn already.
    """
    return f"<{url}|{label}>" if is_home(url, web_url) else label


def is_home(url: str, web_url: str) -> bool:
    """Tell whether an address is on the configured GitHub and safe to stand in a link."""
    return url.startswith(web_url.rstrip("/") + "/") and _stands_in_link(url)


def own_link(url: str, label: str) -> str:
    """Return a link to an address that no person and no repository chose.

    The label is mrkdwn already; it stands alone where there is no such address.
    """
    is_web = url.startswith(("https://", "http://"))
    return f"<{url}|{label}>" if is_web and _stands_in_link(url) else label


def _stands_in_link(url: str) -> bool:
    inert = url.isascii() and url.isprintable() and not set(url) & set(' |<>"\\`')
    return inert and len(url) <= LONGEST_URL


def person(user: str) -> str:
    """Return a mention of the asker, nothing for what is no user id."""
    return f"<@{user}>" if _USER.fullmatch(user) else ""


def somebody(who: str) -> str:
    """Return whoever decided, of Slack (`slack:U1`) as one of its people, else by their login."""
    if who.startswith(SLACK):
        return person(who.removeprefix(SLACK)) or "somebody"
    return foreign(who, LOGIN)


def about(seconds: float) -> str:
    """Return a time that nobody will hold against us."""
    if seconds <= MINUTE:
        return "about a minute"
    if seconds <= HOUR:
        return f"about {count(ceil(seconds / MINUTE), 'minute')}"
    return f"about {count(ceil(seconds / HOUR), 'hour')}"


def count(number: int, noun: str) -> str:
    """Return `1 file` or `3 files`."""
    return f"{number:,} {noun if number == 1 else noun + 's'}"


def section(text: str, *, beside: InteractiveElement | None = None) -> SectionBlock:
    """Return a section; `verbatim` keeps Slack from looking for names and addresses."""
    return SectionBlock(text=MarkdownTextObject(text=text, verbatim=True), accessory=beside)


def context(*texts: str) -> ContextBlock:
    """Return small print."""
    elements = [MarkdownTextObject(text=text, verbatim=True) for text in texts if text]
    return ContextBlock(elements=elements)


def _inert(text: str) -> Iterator[str]:
    """Yield characters that Slack shows as they are."""
    text = _TRIGGERS.sub(lambda found: _JOINER + found[0], text)
    text = _EDGE.sub(lambda found: "ˍ" * len(found[0]), text)
    for character in text:
        yield _LOOKALIKES.get(character) or escaped(character)


def escaped(text: str) -> str:
    """Return text whose special characters Slack shows."""
    return "".join(_ENTITIES.get(character, character) for character in text)


def joined(pieces: "Iterator[str] | list[str] | map[str]", limit: int) -> str:
    """Join whole pieces while they fit, so that no entity and no code span is cut."""
    kept: list[str] = []
    room = limit
    for piece in pieces:
        if len(piece) > room:
            return _shortened(kept, limit)
        kept.append(piece)
        room -= len(piece)
    return "".join(kept)


def _shortened(kept: list[str], limit: int) -> str:
    while kept and sum(map(len, kept)) > limit - 1:
        kept.pop()
    return "".join(kept).rstrip() + "…"
