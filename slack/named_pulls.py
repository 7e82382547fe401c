"""Finds pull requests in a message of anybody's: in its words, its attachments and its blocks.

Apps such as GitHub's own say nothing in the text, so everything is read that people see or can
follow. It is read and never fetched, and an address of another host names nothing.
https://docs.slack.dev/messaging/formatting-message-text
"""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

from core.commands import parse_pull_request
from core.errors import UserError
from core.models import PullRequestRef
from slack.commands.office import typed

MOST_FOUND: Final = 20
"""Pull requests of one message."""
MOST_TRIED: Final = 1_000
"""Words of one message that look like a name: some 30 ms."""
MOST_PARTS: Final = 2_000
"""Parts of one message that are looked at."""
DEEPEST: Final = 24
"""Parts within parts; a message that is passed on holds the blocks of another at half of that."""
MOST_CHARACTERS: Final = 60_000
"""Of all that is read; the text alone has at most 40,000.
https://docs.slack.dev/reference/methods/chat.postMessage#truncating"""
ADDRESSES: Final = ("title_link", "from_url", "original_url", "url")
"""Where what is followed stands; the label beside an address names nothing."""
WORDS: Final = ("pretext", "title", "text", "value", "fallback", "footer")
"""Where what is read stands, in that order; some hold parts instead, as a button's text does."""
_SENT_BACK: Final = "value"
"""Is read of an attachment's field, which has no type; of what can be pressed nobody sees it."""
PARTS: Final = (
    "fields",
    "elements",
    "accessory",
    "actions",
    "blocks",
    "attachments",
    "message_blocks",
    "message",
)
"""Where further parts stand, or lists of them."""
_WORD: Final = re.compile(r"<([^<>|]+)(?:\|[^<>]*)?>|[^\s<>]+")
"""An address in Slack's brackets, whose label may hold blanks, or a word."""
_MARKDOWN: Final = re.compile(r"\]\(([^\s()]*)\)")
"""An address and the end of its label in a block of Markdown."""


def pull_requests_in(message: Any, web_url: str) -> tuple[PullRequestRef, ...]:
    """Return the pull requests that a message names, each once, in their order.

    The message is Slack's, of any form: what is none is passed over.
    """
    found: dict[str, PullRequestRef] = {}
    for word in islice(_words_of(message), MOST_TRIED):
        try:
            ref = parse_pull_request(word, web_url=web_url)
        except UserError:
            continue
        found.setdefault(str(ref).lower(), ref)
        if len(found) == MOST_FOUND:
            break
    return tuple(found.values())


def _words_of(message: Any) -> Iterator[str]:
    """Yield what may name a pull request, as far as a message is read."""
    room = MOST_CHARACTERS
    for said in _said(message):
        room -= len(said)
        if room < 0:  # half a text may end in half a number
            return
        for word in _WORD.finditer(_MARKDOWN.sub(r"] \1 ", said)):
            name = typed(word[1] or word[0])
            if "#" in name or "/pull/" in name:
                yield name


def _said(message: Any) -> Iterator[str]:
    """Yield every text of a message and every address in it, as they are read."""
    waiting = [(message, 0)]
    for _ in range(MOST_PARTS):
        if not waiting:
            return
        part, depth = waiting.pop()
        if isinstance(part, dict):
            yield from _own(part)
        if depth < DEEPEST:
            # The last one is taken first.
            waiting += [(each, depth + 1) for each in reversed(_below(part))]


def _own(part: dict[str, Any]) -> Iterator[str]:
    """Yield what a part says itself; a link says its address, and no label."""
    addresses = [part[key] for key in ADDRESSES if isinstance(part.get(key), str)]
    yield from addresses
    if addresses and part.get("type") == "link":
        return
    seen = WORDS if "type" not in part else tuple(key for key in WORDS if key != _SENT_BACK)
    yield from (part[key] for key in seen if isinstance(part.get(key), str))


def _below(part: Any) -> list[Any]:
    """Return the parts that stand in a part."""
    if isinstance(part, list):
        return part[:MOST_PARTS]
    if not isinstance(part, dict):
        return []
    below = (part.get(key) for key in (*WORDS, *PARTS))
    return [each for each in below if isinstance(each, dict | list)]
