"""Tells the people of the bot's own workspace from guests of shared channels.

What a guest sees, another company sees: so whoever is not provably at home is refused. Asked
after the acknowledgement, never before it, and remembered for as long as the process lives.
"""

import asyncio
from typing import Protocol

from core.errors import AccessDenied, TransientError
from slack.errors import SlackRefused
from slack.requests import SlashCommand


class Homes(Protocol):
    """Knows where the bot lives."""

    async def home(self) -> tuple[str, str]:
        """Return the ids of its workspace and organisation. Raises SlackRefused, TransientError."""
        ...


class Workspace:
    """The workspace, or the organisation of workspaces, whose people may ask."""

    def __init__(self, homes: Homes) -> None:
        self._homes = homes
        self._home: tuple[str, str] | None = None
        self._asking = asyncio.Lock()

    async def require_member(self, command: SlashCommand) -> None:
        """Raise AccessDenied for people of other workspaces, TransientError when Slack is away."""
        if command.user_team_id not in {"", command.team_id}:
            raise _outsider()
        team, enterprise = await self._known_home()
        same_organisation = bool(enterprise) and command.enterprise_id == enterprise
        if command.team_id != team and not same_organisation:
            raise _outsider()

    async def _known_home(self) -> tuple[str, str]:
        async with self._asking:
            if self._home is None:
                try:
                    self._home = await self._homes.home()
                except SlackRefused as refusal:
                    # An operator has to look; whoever asked is told to ask again.
                    raise TransientError(
                        f"Slack does not say where the bot lives: {refusal.code}."
                    ) from refusal
            return self._home


def _outsider() -> AccessDenied:
    return AccessDenied(
        "Argus answers people of its own workspace only.",
        why="You asked from another workspace, through a shared channel.",
        next_step="Ask someone of the workspace that runs Argus.",
    )
