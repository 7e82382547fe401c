"""The Web API: every method that this Slack has, with the scope it asks for.

https://docs.slack.dev/reference/methods
"""

from typing import Final

from bot.playground.slack.methods import apps, chat, conversations, people
from bot.playground.slack.methods.visit import Method, Visit

METHODS: Final[dict[str, Method]] = {
    "apps.connections.open": Method(apps.connections_open, "connections:write", by_app=True),
    "auth.test": Method(people.auth_test),
    "chat.postMessage": Method(chat.post_message, "chat:write"),
    "chat.postEphemeral": Method(chat.post_ephemeral, "chat:write"),
    "chat.update": Method(chat.update, "chat:write"),
    "chat.delete": Method(chat.delete, "chat:write"),
    "views.open": Method(apps.views_open),
    "users.info": Method(people.info, "users:read"),
    "conversations.info": Method(conversations.info, "channels:read"),
    "conversations.list": Method(conversations.list_all, "channels:read"),
}

__all__ = ["METHODS", "Method", "Visit"]
