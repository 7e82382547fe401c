"""The Slack app's manifest: what Argus asks a workspace for, and not more.

https://docs.slack.dev/reference/app-manifest
"""

from typing import Any, Final

from slack.shortcuts import CALLBACK

EVENTS: Final = "/slack/events"
NEEDED: Final = {
    "auth.test": frozenset[str](),
    "chat.postEphemeral": frozenset({"chat:write"}),
    "chat.postMessage": frozenset({"chat:write"}),
    "chat.update": frozenset({"chat:write"}),
    "conversations.info": frozenset({"channels:read", "groups:read"}),
    "conversations.list": frozenset({"channels:read", "groups:read"}),
    "users.info": frozenset({"users:read"}),
    "views.open": frozenset[str](),
}
"""Scopes by the methods that are called. https://docs.slack.dev/reference/methods"""
RECEIVED: Final = {
    "slash commands": frozenset({"commands"}),
    "message shortcuts": frozenset({"commands"}),
    "app_mention": frozenset({"app_mentions:read"}),
}
"""Scopes by what is received. https://docs.slack.dev/reference/scopes"""


def scopes() -> tuple[str, ...]:
    """Return the scopes of the bot: those of what is called and of what is received."""
    needed = frozenset[str]().union(*NEEDED.values(), *RECEIVED.values())
    return tuple(sorted(needed))


def manifest(public_url: str, *, socket_mode: bool = False) -> dict[str, Any]:
    """Return the manifest for Argus at an address, or for sockets, which need none."""
    url = f"{public_url.rstrip('/')}{EVENTS}"
    asked = {} if socket_mode else {"request_url": url}
    return {
        "_metadata": {"major_version": 2, "minor_version": 1},
        "display_information": {
            "name": "Argus",
            "description": "Reviews pull requests, and tells you here.",
            "background_color": "#24292f",
        },
        "features": {
            # Without the tab nobody could be written to directly, where a channel is out of reach.
            "app_home": {
                "home_tab_enabled": False,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": True,
            },
            "bot_user": {"display_name": "Argus", "always_online": True},
            "shortcuts": [
                {
                    "name": "Review this PR",
                    "type": "message",
                    "callback_id": CALLBACK,
                    "description": "Reviews the pull requests that a message names.",
                }
            ],
            "slash_commands": [_command(asked and {"url": url})],
        },
        "oauth_config": {"scopes": {"bot": list(scopes())}},
        "settings": {
            "event_subscriptions": {**asked, "bot_events": ["app_mention"]},
            "interactivity": {"is_enabled": True, **asked},
            "org_deploy_enabled": False,
            "socket_mode_enabled": socket_mode,
            "token_rotation_enabled": False,
        },
    }


def _command(address: dict[str, str]) -> dict[str, Any]:
    return {
        "command": "/argus",
        "description": "Reviews pull requests, and tells where they stand.",
        "usage_hint": "review <pull request>, or help",
        "should_escape": False,
        **address,
    }
