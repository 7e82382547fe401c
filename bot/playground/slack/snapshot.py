"""Everything that stands in the workspace, for a page or for a test.

Bearer values stay out: no token, no secret, no response_url.
"""

from typing import Final

from bot.playground.slack.records import Called, Channel, Json, Message, Sent
from bot.playground.slack.shapes import channel_shape, message_shape, person_shape
from bot.playground.slack.world import World, notifies

ANSWER_SHOWN: Final = 10_000
"""Characters of the app's answer to a request."""


def whole(world: World) -> Json:
    """Return people and channels with all their messages."""
    return {
        "now": world.now(),
        "team": {"id": world.team_id, "domain": world.domain},
        "app": None if world.app is None else {"id": world.app.id, "user": world.app.bot.id},
        "people": [person_shape(world, person) for person in world.people.values()],
        "channels": [shown(world, channel) for channel in world.channels.values()],
        "views": views(world),
    }


def views(world: World) -> list[Json]:
    """Return the modals that are open, oldest first, with who sees each.

    What the app keeps in them for itself is left out, as nobody sees it.
    """
    hidden = {"private_metadata"}
    return [
        {**{name: view[name] for name in view if name not in hidden}, "seen_by": user}
        for user, view in world.views.values()
    ]


def shown(world: World, channel: Channel) -> Json:
    """Return a channel with its messages, and those that single people see in it."""
    bot = world.app.bot.id if world.app else ""
    return {
        **channel_shape(world, channel, bot),
        "members": sorted(channel.members),
        "messages": [said(world, message) for message in channel.messages.values()],
        "ephemerals": [said(world, message) for message in channel.ephemerals.values()],
    }


def said(world: World, message: Message) -> Json:
    """Return a message with what Slack knows besides: who sees it, how it came, whom it rings."""
    author = world.people.get(message.user)
    return {
        **message_shape(world, message),
        "channel": message.channel,
        "blocks": message.blocks,
        "author": author.real_name if author else "Slackbot",
        "seen_by": message.seen_by,
        "via": message.via,
        "edits": message.edits,
        "notifies": notifies(message),
        "warnings": list(message.warnings),
    }


def request(sent: Sent) -> Json:
    """Return a request to the app and how it was answered."""
    return {
        "id": sent.id,
        "kind": sent.kind,
        "at": sent.at,
        "user": sent.user,
        "channel": sent.channel,
        "attempt": sent.attempt,
        "reason": sent.reason,
        "status": sent.status,
        "seconds": sent.seconds,
        "error": sent.error,
        "answer": sent.answer[:ANSWER_SHOWN],
        "done": sent.done,
    }


def call(called: Called) -> Json:
    """Return a recorded call."""
    return {
        "at": called.at,
        "method": called.method,
        "arguments": called.arguments,
        "status": called.status,
        "error": called.error,
        "seconds": called.seconds,
    }
