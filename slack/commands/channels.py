"""What a channel is told of, and what it is spared: `subscribe`, `unsubscribe`, `list`, `mute`."""

from collections.abc import Sequence
from typing import Final

import structlog

from core.commands import (
    ByAuthor,
    ByBots,
    Mute,
    RepositoryRef,
    Subscribe,
    Unsubscribe,
    WithLabel,
)
from core.errors import AccessDenied, UserError
from core.following import Hushed, Taken
from core.models import Muted, PullRequestRef, QuietKind, Subscription
from core.ports import Visibility
from slack import blocks
from slack.blocks import Message
from slack.commands.asked import Asked
from slack.commands.ports import (
    Mutes,
    Readership,
    Repositories,
    SeenRepository,
    Subscriptions,
)

_ALL_END: Final = "`/argus unsubscribe` alone ends all that this channel follows."

log = structlog.get_logger(__name__)


class Channels:
    """Keeps what people want of a channel, as far as they may see it themselves."""

    def __init__(
        self,
        *,
        repositories: Repositories,
        visibility: Visibility,
        subscriptions: Subscriptions,
        mutes: Mutes,
        readership: Readership,
        web_url: str,
    ) -> None:
        self._repositories = repositories
        self._visibility = visibility
        self._subscriptions = subscriptions
        self._mutes = mutes
        self._readership = readership
        self._web_url = web_url

    async def do(self, said: Subscribe | Unsubscribe | Mute, asked: Asked) -> Message:
        """Carry out what has arguments. Raises UserError, TransientError."""
        match said:
            case Subscribe():
                return await self.subscribe(said, asked)
            case Unsubscribe():
                return await self.unsubscribe(said, asked)
            case Mute():
                return await self.mute(said, asked)

    async def subscribe(self, wish: Subscribe, asked: Asked) -> Message:
        """Let the channel follow a repository that the asker may see."""
        seen = await self._look(wish.repository, asked)
        if seen.private and await self._readership.is_shared(asked.channel):
            raise UserError(
                "A private repository cannot be followed in this channel.",
                why="Another company reads it as well, or Argus cannot see who does.",
                next_step="Invite Argus with `/invite @Argus`, or subscribe in a channel of your "
                "own workspace.",
            )
        subscription = Subscription(
            channel=asked.channel,
            repository=seen.name,
            repo_id=seen.id,
            minimum=wish.minimum,
            branch=wish.branch,
            label=wish.label,
            who=asked.user,
        )
        taken = await self._subscriptions.subscribe(subscription)
        log.info("slack.subscribed", repository=seen.name, channel=asked.channel, taken=taken.value)
        if taken is Taken.FULL:
            raise UserError(
                "That is one subscription too many.",
                why="This channel, or this repository, has as many as Argus keeps.",
                next_step="`list` shows those of this channel; `unsubscribe` ends one.",
            )
        return blocks.subscribed(subscription, taken, self._web_url)

    async def unsubscribe(self, wish: Unsubscribe, asked: Asked) -> Message:
        """Let the channel follow a repository, or any, no longer.

        Whoever reads a channel may quieten it whole. One name is for whoever subscribed it or may
        see it: to others the answer would tell what the channel follows.
        """
        if wish.repository is None:
            stopped = await self._subscriptions.unsubscribe(asked.channel)
            log.info("slack.unsubscribed", channel=asked.channel, stopped=stopped)
            return blocks.unsubscribed("", stopped)
        followed = await self._subscriptions.of_channel(asked.channel)
        meant = _named(followed, str(wish.repository))
        if meant is None or meant.who != asked.user:
            meant = await self._seen_among(followed, wish.repository, asked)
        name = meant.repository if meant else str(wish.repository)
        stopped = 0
        if meant is not None:
            stopped = await self._subscriptions.unsubscribe(asked.channel, meant.repo_id)
        log.info("slack.unsubscribed", repository=name, channel=asked.channel, stopped=stopped)
        return blocks.unsubscribed(name, stopped)

    async def _seen_among(
        self, followed: Sequence[Subscription], repository: RepositoryRef, asked: Asked
    ) -> Subscription | None:
        """Return the subscription to what the asker may see; it may have another name by now.

        Raises AccessDenied, whether the channel follows it or not.
        """
        try:
            seen = await self._look(repository, asked)
        except AccessDenied as denied:
            raise AccessDenied(
                denied.what, why=denied.why, next_step=f"{denied.next_step} {_ALL_END}"
            ) from denied
        except UserError:  # it is seen, but the App is there no more
            return _named(followed, str(repository))
        return next((each for each in followed if each.repo_id == seen.id), None)

    async def list(self, asked: Asked) -> Message:
        """Show what the channel follows and is spared, as far as the asker may see it."""
        followed = await self._subscriptions.of_channel(asked.channel)
        spared = await self._mutes.of(asked.channel)
        names = {each.repository for each in followed} | set(filter(None, map(_about, spared)))
        overview = await self._repositories.look_over(names, asked.user)
        visible = [
            each.model_copy(update={"repository": overview.seen[each.repository].name})
            for each in followed
            if each.repository in overview.seen
        ]
        mutes = [each for each in spared if not _about(each) or _about(each) in overview.seen]
        return blocks.subscriptions(
            visible,
            hidden=len(followed) - len(visible) + len(spared) - len(mutes),
            untold=overview.untold,
            mutes=mutes,
            web_url=self._web_url,
        )

    async def mute(self, wish: Mute, asked: Asked) -> Message:
        """Spare the channel something, or take that back."""
        mute = await self._muted(wish, asked)
        if wish.off:
            done = await self._mutes.unmute(mute)
        else:
            done = await self._mutes.mute(mute, wish.seconds)
        log.info("slack.muted", kind=mute.kind.value, channel=asked.channel, done=done.value)
        if done is Hushed.FULL:
            raise UserError(
                "That is one mute too many for this channel.",
                next_step="`list` shows them; `mute … off` takes one back.",
            )
        return blocks.muted(mute, done, wish.seconds)

    async def _muted(self, wish: Mute, asked: Asked) -> Muted:
        """Return what is meant, in the names that do not change. Raises AccessDenied."""
        match wish.target:
            case PullRequestRef() as ref:
                pull = await self._visibility.look(ref, asked.user)
                kind, what = QuietKind.PULL, f"{pull.repo_id}:{pull.ref.number}"
                shown = str(pull.ref)
            case RepositoryRef() as repository:
                seen = await self._look(repository, asked)
                kind, what, shown = QuietKind.REPOSITORY, str(seen.id), seen.name
            case ByAuthor(login):
                kind, what, shown = QuietKind.AUTHOR, login.casefold(), f"@{login}"
            case ByBots():
                kind, what, shown = QuietKind.BOTS, "", "bots"
            case WithLabel(label):
                kind, what, shown = QuietKind.LABEL, label.casefold(), f"label:{label}"
        return Muted(channel=asked.channel, kind=kind, what=what, shown=shown, who=asked.user)

    async def _look(self, repository: RepositoryRef, asked: Asked) -> SeenRepository:
        return await self._repositories.look_at_repository(
            repository.owner, repository.repo, asked.user
        )


def _named(followed: Sequence[Subscription], name: str) -> Subscription | None:
    """Return the subscription to what was called so when it was subscribed to."""
    return next((each for each in followed if each.repository.lower() == name.lower()), None)


def _about(mute: Muted) -> str:
    """Return the repository whose name a mute tells, empty where it tells none."""
    tells = mute.kind in (QuietKind.PULL, QuietKind.REPOSITORY)
    return mute.shown.partition("#")[0] if tells else ""
