"""The local platforms as the page drives them, and the scene that is played there.

Only what the page needs of the drivers is named, so that a test can hold the page alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from bot.playground.sample import Sample

Json = Mapping[str, Any]


class GitHubDesk(Protocol):
    """The local GitHub."""

    def snapshot(self, full_name: str, number: int) -> Json:
        """Return everything that stands on a pull request."""
        ...

    def push(
        self, full_name: str, branch: str, files: Any, *, message: str = ..., author: str = ...
    ) -> str:
        """Commit and push; return the commit."""
        ...

    def comment(self, full_name: str, number: int, body: str, author: str = ...) -> object:
        """Comment in the conversation as a person."""
        ...

    def comment_on_diff(
        self, full_name: str, number: int, body: str, *, author: str, in_reply_to: int
    ) -> object:
        """Answer in a thread as a person."""
        ...

    def press(self, full_name: str, check_run: int, identifier: str, actor: str = ...) -> None:
        """Press a button of a check run as a person."""
        ...


class SlackDesk(Protocol):
    """The local Slack."""

    def snapshot(self) -> Json:
        """Return people, channels with their messages, and open modals."""
        ...

    def slash(self, user: str, channel: str, text: str) -> object:
        """Type Argus's slash command as a person."""
        ...

    def say(self, user: str, channel: str, text: str, thread_ts: str = ...) -> object:
        """Write a message as a person, in the channel or in a thread."""
        ...

    def press(
        self, user: str, channel: str, ts: str, action_id: str, *, option: str = ...
    ) -> object:
        """Press a button of a message, or choose an option of a menu, as a person."""
        ...

    def shortcut(self, user: str, channel: str, ts: str, callback_id: str) -> object:
        """Choose a shortcut on a message as a person."""
        ...

    def submit(self, view: str, values: Json) -> object:
        """Send a modal off."""
        ...

    def close_view(self, view: str) -> None:
        """Close a modal unsent."""
        ...


class Planted(Protocol):
    """Where the sample's pull request stands."""

    @property
    def repository(self) -> str:
        """`owner/repo`."""
        ...

    @property
    def number(self) -> int:
        """The pull request's number."""
        ...


@dataclass(frozen=True, slots=True)
class Scene:
    """The sample, where it stands, and who speaks in which channel."""

    planted: Planted
    sample: Sample
    channel: str
    person: str
