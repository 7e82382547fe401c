"""Channels, as far as the bot may know of them.

https://docs.slack.dev/reference/methods/conversations.list
"""

from typing import Final

from bot.playground.slack.methods.visit import Visit
from bot.playground.slack.records import Channel, Json
from bot.playground.slack.shapes import channel_shape
from bot.playground.slack.wire import Refused

TYPES: Final = frozenset({"public_channel", "private_channel", "mpim", "im"})
PAGE, PAGE_MAX = 100, 1000


def info(visit: Visit) -> Json:
    """Show one channel."""
    return {"channel": channel_shape(visit.world, visit.channel(), visit.app.bot.id)}


def list_all(visit: Visit) -> Json:
    """List channels a page at a time; the cursor is the place of the next one."""
    arguments = visit.arguments
    types = set(arguments.text("types", "public_channel").replace(" ", "").split(","))
    if not types <= TYPES:
        raise Refused("invalid_types")
    hidden = arguments.flag("exclude_archived")
    rows = [
        channel
        for channel in visit.world.channels.values()
        if _type(channel) in types and visit.sees(channel) and not (hidden and channel.archived)
    ]
    start, size = _start(arguments.text("cursor", "")), _size(arguments.values.get("limit"))
    after = start + size
    return {
        "channels": [
            channel_shape(visit.world, channel, visit.app.bot.id) for channel in rows[start:after]
        ],
        "response_metadata": {"next_cursor": f"at:{after}" if after < len(rows) else ""},
    }


def _type(channel: Channel) -> str:
    if channel.with_person:
        return "im"
    return "private_channel" if channel.private else "public_channel"


def _start(cursor: str) -> int:
    if not cursor:
        return 0
    place = cursor.removeprefix("at:")
    if place == cursor or not place.isascii() or not place.isdigit() or len(place) > 9:
        raise Refused("invalid_cursor")
    return int(place)


def _size(given: object) -> int:
    if given is None or given == "":
        return PAGE
    text = str(given)
    if not text.isascii() or not text.isdigit() or not 0 < int(text[:5]) <= PAGE_MAX:
        raise Refused("invalid_limit")
    return int(text)
