"""What a `response_url` takes: five messages in thirty minutes, in place of an app's token.

https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
Slack does not document how it refuses; status and words are those that are observed.
"""

from typing import Final

from bot.playground.github.wire import Call, Reply
from bot.playground.slack.arguments import json_object
from bot.playground.slack.content import Content, content_of
from bot.playground.slack.records import Channel, Json, Message, ResponseUrl
from bot.playground.slack.wire import Refused
from bot.playground.slack.world import World

TYPES: Final = ("ephemeral", "in_channel")


def respond(world: World, call: Call) -> Reply:
    """Take one answer. Raises Refused."""
    url = world.response_urls.get(call.path)
    if url is None:
        raise Refused("invalid_url", status=404)
    if call.method != "POST":
        raise Refused("invalid_http_method", status=405)
    if world.now() >= url.expires_at:
        raise Refused("expired_url", status=404)
    if url.uses >= world.knobs.response_uses:
        raise Refused("used_url", status=404)
    url.uses += 1
    place(world, url, json_object(call.body), via="response_url")
    return Reply(200, b"ok", media="text/plain; charset=utf-8")


def place(world: World, url: ResponseUrl, payload: Json, *, via: str) -> None:
    """Put an answer where it belongs. Raises Refused."""
    kind = payload.get("response_type", "ephemeral")
    if kind not in TYPES:
        raise Refused("invalid_response_type", status=400)
    channel = world.channels[url.channel]
    original = channel.holds(url.original) if url.original else None
    if payload.get("delete_original") is True:
        _delete(world, original)
    elif payload.get("replace_original") is True and original is not None:
        world.edit(original, _content(payload))
    else:
        _say(world, url, channel, payload, seen_by=url.user if kind == "ephemeral" else "", via=via)


def _say(
    world: World, url: ResponseUrl, channel: Channel, payload: Json, *, seen_by: str, via: str
) -> None:
    """Write a new message; of a command it is what later answers replace."""
    if world.app is None:
        raise Refused("invalid_url", status=404)
    message = world.say(
        channel,
        _content(payload),
        user=world.app.bot.id,
        seen_by=seen_by,
        thread_ts=str(payload.get("thread_ts") or url.thread_ts),
        via=via,
    )
    url.original = url.original or message.ts


def _delete(world: World, original: Message | None) -> None:
    if original is None:
        raise Refused("message_not_found", status=404)
    world.remove(original)


def _content(payload: Json) -> Content:
    try:
        return content_of(payload)
    except Refused as refused:
        raise Refused(refused.error, status=400, messages=refused.messages) from refused
