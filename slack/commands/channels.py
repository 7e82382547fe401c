"""What a channel is told of, and what it is spared: `subscribe`, `unsubscribe`, `list`, `mute`."""

import asyncio

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
from core.errors import TransientError, UserError
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

        Who sees the channel may quieten it, so names are compared with what it follows, and
        GitHub is not asked.
        """
        followed = await self._subscriptions.of_channel(asked.channel)
        if wish.repository is None:
            stopped = await self._subscriptions.unsubscribe(asked.channel)
            return blocks.unsubscribed("", stopped)
        name = str(wish.repository)
        same = [each for each in followed if each.repository.lower() == name.lower()]
        for each in same:
            await self._subscriptions.unsubscribe(asked.channel, each.repo_id)
        log.info("slack.unsubscribed", repository=name, channel=asked.channel, stopped=len(same))
        return blocks.unsubscribed(same[0].repository if same else name, len(same))

    async def list(self, asked: Asked) -> Message:
        """Show what the channel follows and is spared, as far as the asker may see it."""
        followed = await self._subscriptions.of_channel(asked.channel)
        spared = await self._mutes.of(asked.channel)
        visible, mutes = await asyncio.gather(
            asyncio.gather(*(self._visible(each, asked.user) for each in followed)),
            asyncio.gather(*(self._visible_mute(each, asked.user) for each in spared)),
        )
        return blocks.subscriptions(
            [each for each in visible if each is not None],
            hidden=sum(each is None for each in (*visible, *mutes)),
            mutes=[each for each in mutes if each is not None],
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

    async def _visible(self, each: Subscription, user: str) -> Subscription | None:
        """Return a subscription to what this person may see, under its present name."""
        seen = await self._seen(each.repository, user)
        return each.model_copy(update={"repository": seen.name}) if seen else None

    async def _visible_mute(self, each: Muted, user: str) -> Muted | None:
        """Return what is spared, None where its name is not for this person."""
        if each.kind not in (QuietKind.PULL, QuietKind.REPOSITORY):
            return each
        return each if await self._seen(each.shown.partition("#")[0], user) else None

    async def _seen(self, name: str, user: str) -> SeenRepository | None:
        """Look at `owner/repo`; what cannot be looked at now is not shown either."""
        owner, _, repo = name.partition("/")
        try:
            return await self._repositories.look_at_repository(owner, repo, user)
        except (UserError, TransientError):
            return None

    async def _look(self, repository: RepositoryRef, asked: Asked) -> SeenRepository:
        return await self._repositories.look_at_repository(
            repository.owner, repository.repo, asked.user
        )
