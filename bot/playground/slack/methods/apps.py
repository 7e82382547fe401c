"""What the app does as itself: open a socket with its own token, open a modal for a person.

https://docs.slack.dev/reference/methods/apps.connections.open
https://docs.slack.dev/reference/methods/views.open
"""

import json
from typing import Any, Final

from bot.playground.slack.methods.visit import Visit
from bot.playground.slack.records import Json
from bot.playground.slack.wire import Refused

TRIGGER_SECONDS: Final = 3.0
"""In which a modal may follow what triggers it."""
MOST_METADATA: Final = 3_000
"""Characters. https://docs.slack.dev/reference/views/modal-views"""
MOST_TITLE: Final = 24
MOST_BLOCKS: Final = 100


def connections_open(visit: Visit) -> Json:
    """Return the address of a connection to be made."""
    return {"url": visit.world.sockets.ticket()}


def views_open(visit: Visit) -> Json:
    """Show a modal to whoever triggered it."""
    world = visit.world
    trigger = visit.arguments.text("trigger_id")
    sent = next((one for one in world.sent if one.id == trigger), None)
    if sent is None:
        raise Refused("invalid_trigger_id")
    if world.now() - sent.at > TRIGGER_SECONDS:
        raise Refused("expired_trigger_id")
    view = _view(visit.arguments.values.get("view"))
    number = world.new_id("V")
    shown = {**view, "id": number, "app_id": visit.app.id, "team_id": world.team_id}
    world.views[number] = (sent.user, shown)
    return {"view": shown}


def _view(given: Any) -> Json:
    if isinstance(given, str):
        try:
            given = json.loads(given)
        except ValueError as error:
            raise Refused("invalid_arguments") from error
    if not isinstance(given, dict) or given.get("type") != "modal":
        raise Refused("invalid_arguments")
    title = given.get("title") or {}
    if not 0 < len(str(title.get("text", ""))) <= MOST_TITLE:
        raise Refused("invalid_arguments", messages=["title must be 1 to 24 characters"])
    if len(str(given.get("private_metadata", ""))) > MOST_METADATA:
        raise Refused("invalid_arguments", messages=["private_metadata is too long"])
    if not 0 < len(given.get("blocks") or ()) <= MOST_BLOCKS:
        raise Refused("invalid_arguments", messages=["blocks must be 1 to 100"])
    return given
