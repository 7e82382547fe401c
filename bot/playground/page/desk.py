"""The hands of the page: looks at both platforms for all pollers at once, and acts on them."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from typing import ParamSpec

from bot.playground.page.modals import NotPickable, picked
from bot.playground.page.platforms import GitHubDesk, Scene, SlackDesk
from bot.playground.page.typed import kept
from bot.playground.page.values import PageView
from bot.playground.page.views import Setting, page
from slack.shortcuts import CALLBACK

FRESH_SECONDS = 0.3
"""One look at the platforms serves everybody who asks within this time."""

P = ParamSpec("P")


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
        self._setting = Setting(scene.channel, scene.sample.follow_up.message, scene.person)
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
            await self._do(
                self._github.push,
                self._scene.planted.repository,
                sample.branch,
                sample.follow_up.files,
                message=sample.follow_up.message,
                author=sample.author,
            )
            return True

    async def comment(self, text: str) -> None:
        """Comment in the pull request's conversation."""
        planted, author = self._scene.planted, self._scene.sample.author
        await self._do(self._github.comment, planted.repository, planted.number, text, author)

    async def reply(self, to: int, text: str) -> None:
        """Answer in the thread of a comment."""
        planted, author = self._scene.planted, self._scene.sample.author
        await self._do(
            self._github.comment_on_diff,
            planted.repository,
            planted.number,
            text,
            author=author,
            in_reply_to=to,
        )

    async def press_check(self, run: int, identifier: str) -> None:
        """Press a button of a check run."""
        repository, actor = self._scene.planted.repository, self._scene.sample.author
        await self._do(self._github.press, repository, run, identifier, actor)

    async def ask(self, text: str) -> None:
        """Type Argus's slash command, followed by this text, in the channel."""
        await self._do(self._slack.slash, self._scene.person, self._scene.channel, text)

    async def say(self, text: str, thread: str) -> None:
        """Write a message in the channel, or in the thread of a message."""
        scene, app = self._scene, (await self.look()).channel.app
        await self._do(self._slack.say, scene.person, scene.channel, kept(text, app), thread)

    async def press(self, ts: str, action_id: str, option: str) -> None:
        """Press a button of a message in the channel, or choose an option of a menu."""
        scene = self._scene
        await self._do(self._slack.press, scene.person, scene.channel, ts, action_id, option=option)

    async def choose(self, ts: str) -> None:
        """Choose "Review this PR" on a message."""
        scene = self._scene
        await self._do(self._slack.shortcut, scene.person, scene.channel, ts, CALLBACK)

    async def submit(self, view: str, form: Mapping[str, Sequence[str]]) -> None:
        """Send the open modal off with what was picked. Raises NotPickable."""
        modal = (await self.look()).channel.modal
        if modal is None or modal.id != view:
            raise NotPickable("That is closed already.")
        await self._do(self._slack.submit, view, picked(modal, form))

    async def cancel(self, view: str) -> None:
        """Close the open modal."""
        await self._do(self._slack.close_view, view)

    async def _do(self, act: Callable[P, object], *given: P.args, **named: P.kwargs) -> None:
        """Act in a thread, and let the next look be a new one."""
        await asyncio.to_thread(act, *given, **named)
        self._forget()

    def _forget(self) -> None:
        """Let the next look be a new one."""
        self._seen = None

    def _view(self) -> PageView:
        planted = self._scene.planted
        seen = self._github.snapshot(planted.repository, planted.number)
        return page(seen, self._slack.snapshot(), self._setting)
