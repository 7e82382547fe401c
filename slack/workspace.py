"""Tells who is at home in the bot's workspace, who is a guest, and which channels are shared.

What a guest sees, another company sees: so whoever is not provably at home is refused. Asked
after the acknowledgement, never before it. What the home is stays; the rest is believed for
minutes.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Any, Final, Generic, Protocol, TypeVar

import structlog

from core.errors import AccessDenied, TransientError
from slack.errors import SlackRefused

BELIEVED: Final = 600.0
"""Seconds for which what Slack said of a person or a channel counts."""
MOST: Final = 2_000
"""People and channels that are remembered; those asked about first go first."""

Known = TypeVar("Known")
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody as the workspace sees them."""

    name: str
    team_id: str
    guest: bool
    """Let into some channels alone, or known from a shared channel only, or not there any more."""


class Slack(Protocol):
    """Knows where the bot lives, and with whom. All raise SlackRefused, TransientError."""

    async def home(self) -> tuple[str, str]:
        """Return the ids of its workspace and organisation, the latter often empty."""
        ...

    async def person(self, user: str) -> Person:
        """Return somebody."""
        ...

    async def is_shared(self, channel: str) -> bool:
        """Tell whether people of other companies read a channel."""
        ...


class Sender(Protocol):
    """Where a request says that it comes from."""

    @property
    def team_id(self) -> str:
        """The workspace in which something was said."""
        ...

    @property
    def user_team_id(self) -> str:
        """The person's own workspace, empty where it is that one."""
        ...

    @property
    def enterprise_id(self) -> str:
        """The organisation of workspaces, empty where there is none."""
        ...


class Workspace:
    """The workspace, or the organisation of workspaces, whose people may ask."""

    def __init__(self, slack: Slack, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._slack = slack
        self._home: tuple[str, str] | None = None
        self._asking = asyncio.Lock()
        self._people: _Memory[Person] = _Memory(clock)
        self._shared: _Memory[bool] = _Memory(clock)

    async def require_member(self, sender: Sender) -> None:
        """Raise AccessDenied for people of other workspaces, TransientError when Slack is away."""
        if sender.user_team_id not in {"", sender.team_id}:
            raise _outsider()
        team, enterprise = await self._known_home()
        same_organisation = bool(enterprise) and sender.enterprise_id == enterprise
        if sender.team_id != team and not same_organisation:
            raise _outsider()

    async def is_full_member(self, person: str) -> bool:
        """Tell whether a person is no guest; one whom Slack does not show counts as one.

        Raises TransientError.
        """
        try:
            return not (await self._person(person)).guest
        except SlackRefused as refusal:
            log.warning("slack.person_unknown", user=person, code=refusal.code)
            return False

    async def name_of(self, person: str) -> str:
        """Return a person's name, their id where Slack does not tell. Raises TransientError."""
        try:
            return (await self._person(person)).name or person
        except SlackRefused:
            return person

    async def is_shared(self, channel: str) -> bool:
        """Tell whether another company may read a channel; one that is not shown may be.

        Raises TransientError.
        """
        try:
            return await self._shared.recall(channel, lambda: self._slack.is_shared(channel))
        except SlackRefused as refusal:
            log.info("slack.channel_unknown", channel=channel, code=refusal.code)
            return True

    async def _person(self, person: str) -> Person:
        return await self._people.recall(person, lambda: self._slack.person(person))

    async def _known_home(self) -> tuple[str, str]:
        async with self._asking:
            if self._home is None:
                try:
                    self._home = await self._slack.home()
                except SlackRefused as refusal:
                    # An operator has to look; whoever asked is told to ask again.
                    raise TransientError(
                        f"Slack does not say where the bot lives: {refusal.code}."
                    ) from refusal
            return self._home


class _Memory(Generic[Known]):
    """What was told lately."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._told: dict[Hashable, tuple[float, Known]] = {}

    async def recall(self, name: Hashable, ask: Callable[[], Awaitable[Known]]) -> Known:
        """Return what was told, or ask; failures are not remembered."""
        told = self._told.get(name)
        if told is not None and self._clock() - told[0] < BELIEVED:
            return told[1]
        self._told.pop(name, None)
        fresh = await ask()
        while len(self._told) >= MOST:
            self._told.pop(next(iter(self._told)))
        self._told[name] = (self._clock(), fresh)
        return fresh


def person_from(user: dict[str, Any]) -> Person:
    """Return a person of Slack's answer; one that it does not describe is a guest.

    https://docs.slack.dev/reference/objects/user-object
    """
    profile = user.get("profile") or {}
    named = (profile.get("display_name"), user.get("real_name"), user.get("name"))
    traits = ("is_restricted", "is_ultra_restricted", "is_stranger", "deleted")
    return Person(
        name=next((str(name) for name in named if name), ""),
        team_id=str(user.get("team_id") or ""),
        guest="id" not in user or any(user.get(trait) for trait in traits),
    )


def shared_from(channel: dict[str, Any]) -> bool:
    """Tell whether Slack's answer shows a channel that other companies read, or soon may.

    One that it does not describe is taken for shared.
    https://docs.slack.dev/reference/objects/conversation-object
    """
    if "id" not in channel:
        return True
    with_others = ("is_ext_shared", "is_pending_ext_shared")
    across = channel.get("is_shared") and not channel.get("is_org_shared")
    return bool(across) or any(channel.get(trait) for trait in with_others)


def _outsider() -> AccessDenied:
    return AccessDenied(
        "Argus answers people of its own workspace only.",
        why="You asked from another workspace, through a shared channel.",
        next_step="Ask someone of the workspace that runs Argus.",
    )
