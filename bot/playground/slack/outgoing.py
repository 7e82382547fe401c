"""What the app is sent: commands, interactions and events, as Slack writes them.

Pure but for ids: nothing here sends anything, `courier` does.
https://docs.slack.dev/interactivity/implementing-slash-commands
https://docs.slack.dev/reference/interaction-payloads
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from secrets import token_hex
from typing import Final
from urllib.parse import parse_qsl, urlencode

from bot.playground.slack.arguments import FORM, JSON
from bot.playground.slack.records import App, Channel, Json, Kind, Message, Person, Sent
from bot.playground.slack.shapes import message_shape
from bot.playground.slack.world import World

COMMAND: Final = "/argus"


def sign(secret: str, body: bytes, timestamp: int) -> dict[str, str]:
    """Return the headers that prove a request.

    https://docs.slack.dev/authentication/verifying-requests-from-slack
    """
    base = f"v0:{timestamp}:".encode() + body
    digest = hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": str(timestamp), "X-Slack-Signature": f"v0={digest}"}


def command(
    world: World,
    user: Person,
    channel: Channel,
    text: str,
    *,
    name: str = COMMAND,
    changes: Mapping[str, str] | None = None,
) -> Sent:
    """Return a slash command; changes overwrite fields of the form."""
    app, trigger = _app(world), _trigger(world)
    url = world.open_response_url("commands", channel, user)
    form = {
        "token": app.verification_token,
        "team_id": user.team_id,
        "team_domain": world.domain,
        "channel_id": channel.id,
        "channel_name": _channel_name(channel),
        "user_id": user.id,
        "user_name": user.name,
        "command": name,
        "text": text,
        "api_app_id": app.id,
        **({"enterprise_id": world.enterprise_id} if world.enterprise_id else {}),
        "is_enterprise_install": "false",
        "response_url": world.url + url.path,
        "trigger_id": trigger,
        **(changes or {}),
    }
    sent = _sent(world, "command", form["trigger_id"], user.id, channel.id, urlencode(form))
    sent.response_url, sent.command = url.path, name
    return sent


def press(world: World, user: Person, message: Message, action_id: str, option: str = "") -> Sent:
    """Return the payload of a button that was pressed, or of a menu's option that was chosen.

    Raises KeyError where there is none.
    """
    app, channel = _app(world), world.channels[message.channel]
    url = world.open_response_url("actions", channel, user)
    url.original, url.thread_ts = message.ts, message.thread_ts
    trigger = _trigger(world)
    payload: Json = {
        "type": "block_actions",
        "user": {
            "id": user.id,
            "username": user.name,
            "name": user.name,
            "team_id": user.team_id,
        },
        "api_app_id": app.id,
        "token": app.verification_token,
        "container": {
            "type": "message",
            "message_ts": message.ts,
            "channel_id": channel.id,
            "is_ephemeral": bool(message.seen_by),
        },
        "trigger_id": trigger,
        "team": {"id": world.team_id, "domain": world.domain},
        "enterprise": {"id": world.enterprise_id} if world.enterprise_id else None,
        "is_enterprise_install": False,
        "channel": {"id": channel.id, "name": _channel_name(channel)},
        "state": {"values": {}},
        "response_url": world.url + url.path,
        "actions": [_action(world, message, action_id, option)],
    }
    if not message.seen_by:
        payload["message"] = message_shape(world, message)
    body = urlencode({"payload": json.dumps(payload)})
    sent = _sent(world, "action", trigger, user.id, channel.id, body)
    sent.response_url = url.path
    return sent


def shortcut(world: World, user: Person, message: Message, callback: str) -> Sent:
    """Return the payload of a shortcut that was chosen on a message.

    https://docs.slack.dev/interactivity/implementing-shortcuts
    """
    app, channel = _app(world), world.channels[message.channel]
    url, trigger = world.open_response_url("actions", channel, user), _trigger(world)
    payload: Json = {
        "type": "message_action",
        "token": app.verification_token,
        "callback_id": callback,
        "trigger_id": trigger,
        "response_url": world.url + url.path,
        "team": {"id": world.team_id, "domain": world.domain},
        "enterprise": {"id": world.enterprise_id} if world.enterprise_id else None,
        "is_enterprise_install": False,
        "user": {"id": user.id, "name": user.name, "team_id": user.team_id},
        "channel": {"id": channel.id, "name": _channel_name(channel)},
        "message": message_shape(world, message),
        "message_ts": message.ts,
    }
    body = urlencode({"payload": json.dumps(payload)})
    sent = _sent(world, "action", trigger, user.id, channel.id, body)
    sent.response_url = url.path
    return sent


def submit(world: World, user: Person, view: Json, values: Json) -> Sent:
    """Return the payload of a modal that was sent off.

    https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload
    """
    app, trigger = _app(world), _trigger(world)
    payload: Json = {
        "type": "view_submission",
        "token": app.verification_token,
        "trigger_id": trigger,
        "team": {"id": world.team_id, "domain": world.domain},
        "enterprise": {"id": world.enterprise_id} if world.enterprise_id else None,
        "is_enterprise_install": False,
        "user": {"id": user.id, "name": user.name, "team_id": user.team_id},
        "view": {**view, "state": {"values": values}},
        "response_urls": [],
    }
    body = urlencode({"payload": json.dumps(payload)})
    return _sent(world, "action", trigger, user.id, "", body)


def payload_of(sent: Sent) -> Json:
    """Return what a request carries, as a socket carries it."""
    if sent.content_type == JSON:
        return dict(json.loads(sent.body))
    form = dict(parse_qsl(sent.body.decode(), keep_blank_values=True))
    return dict(json.loads(form["payload"])) if "payload" in form else dict(form)


def event(world: World, inner: Json) -> Sent:
    """Return an event in its envelope."""
    app, number = _app(world), world.new_id("Ev")
    envelope = {
        "token": app.verification_token,
        "team_id": world.team_id,
        "context_team_id": world.team_id,
        "context_enterprise_id": world.enterprise_id or None,
        "api_app_id": app.id,
        "event": inner,
        "type": "event_callback",
        "event_id": number,
        "event_time": int(world.now()),
        "authorizations": [
            {
                "enterprise_id": world.enterprise_id or None,
                "team_id": world.team_id,
                "user_id": app.bot.id,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": _is_external(world, inner),
    }
    user, channel = str(inner.get("user", "")), str(inner.get("channel", ""))
    return _sent(world, "event", number, user, channel, json.dumps(envelope), media=JSON)


def mention(world: World, message: Message) -> Json:
    """Return the event of a message that mentions the app."""
    return {
        **message_shape(world, message),
        "type": "app_mention",
        "channel": message.channel,
        "event_ts": message.ts,
    }


def verification(world: World, challenge: str) -> Sent:
    """Return the question that Slack asks when a request URL is entered."""
    asked = {
        "type": "url_verification",
        "token": _app(world).verification_token,
        "challenge": challenge,
    }
    return _sent(world, "verification", challenge, "", "", json.dumps(asked), media=JSON)


def _sent(
    world: World, kind: Kind, number: str, user: str, channel: str, body: str, *, media: str = FORM
) -> Sent:
    return Sent(number, kind, world.now(), user, channel, media, body.encode())


def _action(world: World, message: Message, action_id: str, option: str) -> Json:
    for block in message.blocks:
        for element in [*block.get("elements", []), block.get("accessory", {})]:
            if element.get("action_id") == action_id:
                kept = ("action_id", "text", "value", "url", "style", "type", "placeholder")
                shown = {name: element[name] for name in kept if name in element}
                shown |= _chosen(element, option)
                return {**shown, "block_id": block["block_id"], "action_ts": world.new_ts()}
    raise KeyError(f"there is no button {action_id} on that message")


def _chosen(element: Json, option: str) -> Json:
    """Return what a menu adds. https://docs.slack.dev/reference/block-kit/block-elements"""
    if "options" not in element:
        return {}
    for each in element["options"]:
        if each["value"] == option:
            return {"selected_option": each}
    raise KeyError(f"there is no option {option} in that menu")


def _channel_name(channel: Channel) -> str:
    """Return the name a command carries, which hides those of closed channels."""
    if channel.with_person:
        return "directmessage"
    return "privategroup" if channel.private else channel.name


def _trigger(world: World) -> str:
    return f"{int(world.now() * 1000)}.{world.team_id[1:]}.{token_hex(16)}"


def _is_external(world: World, inner: Json) -> bool:
    channel = world.channels.get(str(inner.get("channel", "")))
    return channel is not None and channel.external


def _app(world: World) -> App:
    if world.app is None:
        raise KeyError("no app is registered")
    return world.app
