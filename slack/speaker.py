"""What those who deliver to Slack ask of whoever speaks there."""

from typing import Protocol

from core.following import Talk
from slack.blocks import Message


class Speaker(Protocol):
    """Posts, edits and answers. All raise SlackRefused, TransientError."""

    async def post(
        self, channel: str, message: Message, *, thread: str = "", broadcast: bool = False
    ) -> str:
        """Post in a channel or a thread of it, and return `channel:ts`.

        With `broadcast` the channel shows what is said in the thread.
        """
        ...

    async def edit(self, channel: str, ts: str, message: Message) -> None:
        """Edit in place."""
        ...

    async def whisper(self, channel: str, user: str, message: Message, *, thread: str = "") -> None:
        """Show to one person."""
        ...

    async def respond(self, url: str, message: Message, *, thread: str = "") -> None:
        """Answer through a `response_url`, in a thread if one is given."""
        ...


class Threads(Protocol):
    """Remembers what messages of ours are about."""

    async def remember(self, channel: str, ts: str, talk: Talk) -> None:
        """Note it. Raises TransientError."""
        ...
