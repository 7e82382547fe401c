"""Tells who is at home in the bot's workspace, who is a guest, and which channels are shared.

What a guest sees, another company sees: so whoever is not provably at home is refused. Asked
after the acknowledgement, never before it. What the home is stays; the rest is believed for
minutes.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Protocol

import structlog

from core.errors import AccessDenied, TransientError
from core.lately import Lately
from slack.errors import TOKEN_REFUSED, SlackRefused

BELIEVED: Final = 600.0
"""Seconds for which what Slack said of a person or a channel counts."""
MOST: Final = 2_000
"""People and channels that are remembered; those asked about first go first."""
_OPERATORS: Final = TOKEN_REFUSED | {"missing_scope"}
"""Refusals that say nothing of a person: an operator has to look at the app."""
_NO_RECORDS: Final = frozenset({"unknown_method"})

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody as the workspace sees them."""

    name: str
    team_id: str
    """Their own workspace; an organisation of workspaces may stand there instead of one of them."""
    guest: bool
    """Let into some channels alone, or known from a shared channel only, or not there any more."""
    enterprise_id: str = ""
    """The organisation that their workspace belongs to, where it belongs to one."""


@dataclass(frozen=True, slots=True)
class Home:
    """Where the bot lives."""

    team_id: str
    enterprise_id: str = ""

    def holds(self, *ids: str) -> bool:
        """Tell whether one of these workspaces or organisations is it."""
        return not ({self.team_id, self.enterprise_id} - {""}).isdisjoint(ids)


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
    """Whom a request says that it comes from."""

    @property
    def user_id(self) -> str:
        """Whoever asks."""
        ...

    @property
    def team_id(self) -> str:
        """The workspace in which it is said."""
        ...

    @property
    def user_team_id(self) -> str:
        """Their own workspace, or its organisation; empty where the request does not say."""
        ...


class Workspace:
    """The workspace, or the organisation of workspaces, whose people may ask."""

    def __init__(self, slack: Slack, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._slack = slack
        self._home: Home | None = None
        self._asking = asyncio.Lock()
        self._people: Lately[Person] = Lately(seconds=BELIEVED, most=MOST, clock=clock)
        self._shared: Lately[bool] = Lately(seconds=BELIEVED, most=MOST, clock=clock)

    async def require_member(self, sender: Sender) -> None:
        """Raise AccessDenied for people of other workspaces, TransientError when Slack is away.

        The workspace in which something is said proves nothing: people of other companies say it
        in shared channels. So Slack is asked where a request does not name the person's own.
        https://docs.slack.dev/apis/slack-connect
        """
        home = await self._known_home()
        said = sender.user_team_id
        foreign = [each for each in (sender.team_id, said) if each and not home.holds(each)]
        if foreign and not home.enterprise_id:
            raise _outsider()
        if said and not foreign:
            return
        # A workspace of the same organisation may be named, which only Slack can tell.
        if not await self._is_at_home(sender, home):
            raise _outsider()

    async def is_full_member(self, person: str) -> bool:
        """Tell whether a person is at home and no guest; one whom Slack does not show is neither.

        Raises TransientError.
        """
        try:
            shown = await self._person(person)
        except SlackRefused as refusal:
            log.warning("slack.person_unknown", user=person, code=refusal.code)
            return False
        return not shown.guest and _lives_in(await self._known_home(), shown)

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

    async def _is_at_home(self, sender: Sender, home: Home) -> bool:
        """Ask Slack; whom it does not show is not. Raises TransientError.

        What answers at `SLACK_API_URL` in Slack's place may keep no record of people; only then
        the workspace of the request counts.
        """
        try:
            shown = await self._person(sender.user_id)
        except SlackRefused as refusal:
            if refusal.code in _OPERATORS:
                raise TransientError(f"Slack does not say who asks: {refusal.code}.") from refusal
            log.info("slack.person_unknown", user=sender.user_id, code=refusal.code)
            return refusal.code in _NO_RECORDS and home.holds(sender.team_id)
        if not (shown.team_id or shown.enterprise_id):
            return home.holds(sender.team_id)
        return _lives_in(home, shown)

    async def _person(self, person: str) -> Person:
        return await self._people.recall(person, lambda: self._slack.person(person))

    async def _known_home(self) -> Home:
        async with self._asking:
            if self._home is None:
                try:
                    self._home = Home(*await self._slack.home())
                except SlackRefused as refusal:
                    # An operator has to look; whoever asked is told to ask again.
                    raise TransientError(
                        f"Slack does not say where the bot lives: {refusal.code}."
                    ) from refusal
            return self._home


def _lives_in(home: Home, person: Person) -> bool:
    """Tell whether this is somebody's home.

    `is_stranger` does not tell: it is false of outsiders who share a channel with the bot.
    https://docs.slack.dev/reference/objects/user-object
    """
    return home.holds(person.team_id, person.enterprise_id)


def person_from(user: dict[str, Any]) -> Person:
    """Return a person of Slack's answer; one that it does not describe is a guest.

    https://docs.slack.dev/reference/objects/user-object
    """
    profile = user.get("profile") or {}
    organisation = user.get("enterprise_user") or {}
    named = (profile.get("display_name"), user.get("real_name"), user.get("name"))
    traits = ("is_restricted", "is_ultra_restricted", "is_stranger", "deleted")
    return Person(
        name=next((str(name) for name in named if name), ""),
        team_id=str(user.get("team_id") or ""),
        guest="id" not in user or any(user.get(trait) for trait in traits),
        enterprise_id=str(organisation.get("enterprise_id") or ""),
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
