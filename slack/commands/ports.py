"""What the verbs ask of others, as Protocols of their own; `bot` binds them to adapters."""

from collections.abc import Collection, Mapping
from typing import Protocol

from core.following import Hushed, Taken, Talk
from core.models import Muted, Subscription
from core.statistics import Statistics
from slack.blocks import Message, Part
from slack.replies import Reply


class SeenRepository(Protocol):
    """A repository that the asker may see."""

    @property
    def id(self) -> int:
        """Its number, which stays when it is renamed."""
        ...

    @property
    def name(self) -> str:
        """`owner/repo`, as GitHub calls it now."""
        ...

    @property
    def private(self) -> bool:
        """Not everybody may see it."""
        ...

    @property
    def url(self) -> str:
        """Where people open it; empty where GitHub does not say."""
        ...


class Overview(Protocol):
    """Which of several repositories the asker may see."""

    @property
    def seen(self) -> Mapping[str, SeenRepository]:
        """Those, by the names that were asked about."""
        ...

    @property
    def untold(self) -> str:
        """Why GitHub did not tell of all, and what to do next, in words; empty where it did."""
        ...


class Voice(Protocol):
    """Answers whoever asked."""

    async def respond(self, url: str, message: Message, *, thread: str = "") -> None:
        """Show a message through a command's own address, in a thread if one is given.

        Raises SlackRefused, TransientError.
        """
        ...

    async def whisper(self, channel: str, user: str, message: Message, *, thread: str = "") -> None:
        """Show a message to one person. Raises SlackRefused, TransientError."""
        ...


class Repositories(Protocol):
    """Answers who may see a repository; as `core.ports.Visibility` does for pull requests."""

    async def look_at_repository(self, owner: str, repo: str, person: str) -> SeenRepository:
        """Return it if this person may see it. Raises AccessDenied, UserError, TransientError."""
        ...

    async def look_over(self, names: Collection[str], person: str) -> Overview:
        """Tell which of `owner/repo` they may see, where no more than names is shown.

        It may be minutes old, and is bounded. Raises TransientError where people are not known.
        """
        ...


class Readership(Protocol):
    """Knows who reads channels."""

    async def is_shared(self, channel: str) -> bool:
        """Tell whether another company may read a channel. Raises TransientError."""
        ...


class Subscriptions(Protocol):
    """Which channels follow which repositories. All raise TransientError."""

    async def subscribe(self, subscription: Subscription) -> Taken:
        """Let a channel follow a repository."""
        ...

    async def unsubscribe(self, channel: str, repo_id: int | None = None) -> int:
        """Let it follow one, or any, no longer; return how many it followed."""
        ...

    async def of_channel(self, channel: str) -> tuple[Subscription, ...]:
        """Return what a channel follows."""
        ...


class Mutes(Protocol):
    """What channels are spared. All raise TransientError."""

    async def mute(self, mute: Muted, seconds: float | None = None) -> Hushed:
        """Spare a channel something, for so long or until told otherwise."""
        ...

    async def unmute(self, mute: Muted) -> Hushed:
        """Spare it that no longer."""
        ...

    async def of(self, channel: str) -> tuple[Muted, ...]:
        """Return what a channel is spared now."""
        ...


class Threads(Protocol):
    """What threads under our own messages are about."""

    async def of(self, channel: str, ts: str) -> Talk | None:
        """Return it, None where the thread is not one of ours. Raises TransientError."""
        ...


class Identities(Protocol):
    """Links people's GitHub accounts."""

    async def connect(self, team: str, reply: Reply) -> Message:
        """Return the way to link an account. Raises UserError, TransientError."""
        ...

    async def disconnect(self, person: str) -> Message:
        """Undo a link. Raises TransientError."""
        ...


class Instance(Protocol):
    """Argus as a whole. All raise TransientError."""

    async def statistics(self) -> Statistics:
        """Return what happened since the first day."""
        ...

    async def checks(self) -> tuple[Part, ...]:
        """Look at every part now."""
        ...

    async def configuration(self, owner: str, repo: str) -> tuple[str, ...]:
        """Return what is configured for a repository, one line for each setting and its origin.

        Raises UserError where it cannot be read.
        """
        ...

    async def dismissed(self, repo_id: int) -> tuple[str, ...]:
        """Return the rules that people there dismiss again and again."""
        ...
