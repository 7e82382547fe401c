"""The hands of the page: looks at both platforms for all pollers at once, and acts on them."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from bot.playground.page.values import PageView
from bot.playground.page.views import Setting, page
from bot.playground.sample import Sample

FRESH_SECONDS = 0.3
"""One look at the platforms serves everybody who asks within this time."""

Json = Mapping[str, Any]


class GitHubDesk(Protocol):
    """The local GitHub as the page drives it."""

    def snapshot(self, full_name: str, number: int) -> Json:
        """Return everything that stands on a pull request."""
        ...

    def push(
        self, full_name: str, branch: str, files: Any, *, message: str = ..., author: str = ...
    ) -> str:
        """Commit and push; return the commit."""
        ...


class SlackDesk(Protocol):
    """The local Slack as the page drives it."""

    def snapshot(self) -> Json:
        """Return people, and channels with their messages."""
        ...

    def slash(self, user: str, channel: str, text: str) -> object:
        """Type Argus's slash command as a person."""
        ...

    def press(
        self, user: str, channel: str, ts: str, action_id: str, *, option: str = ...
    ) -> object:
        """Press a button of a message, or choose an option of a menu, as a person."""
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


class Desk:
    """Looks and acts; the drivers block, so they work in threads."""

    def __init__(
        self,
        github: GitHubDesk,
        slack: SlackDesk,
        scene: Scene,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._github = github
        self._slack = slack
        self._scene = scene
        self._setting = Setting(scene.channel, scene.sample.follow_up.message)
        self._clock = clock
        self._looking = asyncio.Lock()
        self._acting = asyncio.Lock()
        self._seen: PageView | None = None
        self._seen_at = 0.0

    async def look(self) -> PageView:
        """Return the page as it is now, at most `FRESH_SECONDS` old."""
        async with self._looking:
            if self._seen is None or self._clock() - self._seen_at > FRESH_SECONDS:
                at = self._clock()
                self._seen = await asyncio.to_thread(self._view)
                self._seen_at = at
            return self._seen

    async def push(self) -> bool:
        """Push the follow-up commit; False when it is there already."""
        sample = self._scene.sample
        async with self._acting:
            self._forget()
            if (await self.look()).pushed:
                return False
            await asyncio.to_thread(
                self._github.push,
                self._scene.planted.repository,
                sample.branch,
                sample.follow_up.files,
                message=sample.follow_up.message,
                author=sample.author,
            )
            self._forget()
            return True

    async def ask(self, text: str) -> None:
        """Type Argus's slash command, followed by this text, in the channel."""
        await asyncio.to_thread(
            self._slack.slash,
            self._scene.person,
            self._scene.channel,
            text,
        )
        self._forget()

    async def press(self, ts: str, action_id: str, option: str) -> None:
        """Press a button of a message in the channel, or choose an option of a menu."""
        scene = self._scene
        await asyncio.to_thread(
            self._slack.press, scene.person, scene.channel, ts, action_id, option=option
        )
        self._forget()

    def _forget(self) -> None:
        """Let the next look be a new one."""
        self._seen = None

    def _view(self) -> PageView:
        planted = self._scene.planted
        seen = self._github.snapshot(planted.repository, planted.number)
        return page(seen, self._slack.snapshot(), self._setting)
