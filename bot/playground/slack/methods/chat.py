"""Writing, changing and deleting messages.

https://docs.slack.dev/reference/methods/chat.postMessage
"""

from typing import Final

from bot.playground.slack.content import content_of
from bot.playground.slack.methods.visit import Visit
from bot.playground.slack.records import Channel, Json, Message
from bot.playground.slack.shapes import message_shape
from bot.playground.slack.wire import Refused

UPDATE_TEXT: Final = 4_000
"""Characters; `chat.update` refuses what `chat.postMessage` cuts off."""


def post_message(visit: Visit) -> Json:
    """Write to a channel, or to a person directly."""
    world, arguments = visit.world, visit.arguments
    channel = visit.writable(by_name=True)
    knobs = world.knobs
    world.pace.spend(channel.id, world.now(), knobs.messages_per_second, knobs.burst)
    message = world.say(
        channel,
        content_of(arguments.values),
        user=visit.app.bot.id,
        thread_ts=_thread(channel, arguments.text("thread_ts", "")),
    )
    message.broadcast = bool(message.thread_ts) and arguments.flag("reply_broadcast")
    return {"channel": channel.id, "ts": message.ts, "message": message_shape(world, message)}


def post_ephemeral(visit: Visit) -> Json:
    """Write to one member of a channel, for that person's eyes."""
    world, arguments = visit.world, visit.arguments
    channel, user = visit.writable(), arguments.text("user")
    if user not in channel.members:
        raise Refused("user_not_in_channel")
    message = world.say(
        channel,
        content_of(arguments.values),
        user=visit.app.bot.id,
        seen_by=user,
        thread_ts=_thread(channel, arguments.text("thread_ts", "")),
    )
    return {"message_ts": message.ts}


def update(visit: Visit) -> Json:
    """Change one of the app's own messages."""
    world = visit.world
    message = _own(visit, visit.channel(), "cant_update_message")
    content = content_of(visit.arguments.values)
    if len(content.text) > UPDATE_TEXT:
        raise Refused("msg_too_long")
    world.pace.edit(world.now(), world.knobs.edits_per_minute)
    world.edit(message, content)
    shape = message_shape(world, message)
    return {"channel": message.channel, "ts": message.ts, "text": message.text, "message": shape}


def delete(visit: Visit) -> Json:
    """Delete one of the app's own messages."""
    message = _own(visit, visit.channel(), "cant_delete_message")
    visit.world.remove(message)
    return {"channel": message.channel, "ts": message.ts}


def _own(visit: Visit, channel: Channel, refusal: str) -> Message:
    """Return the message of the call; an ephemeral one cannot be found again."""
    message = channel.messages.get(visit.arguments.text("ts"))
    if message is None:
        raise Refused("message_not_found")
    if message.user != visit.app.bot.id:
        raise Refused(refusal)
    return message


def _thread(channel: Channel, ts: str) -> str:
    """Return the thread to write in: the parent's, also where a reply in it is named."""
    if not ts:
        return ""
    parent = channel.messages.get(ts)
    if parent is None:
        raise Refused("thread_not_found")
    return parent.thread_ts or parent.ts
