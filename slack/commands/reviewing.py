"""Verbs that make Argus read: `review`, `ask`, `explain`. All of it is admitted, none done here."""

from typing import Protocol

import structlog

from core.commands import Ask, Review, Verb
from core.desk import Desk
from core.following import followers
from core.intake import Intake
from core.models import (
    Accepted,
    Duplicate,
    Muted,
    Order,
    OrderTaken,
    PullRequest,
    Refused,
    ReviewRequest,
    Stage,
    Subscription,
)
from core.ports import Visibility
from slack import blocks
from slack.blocks import Message
from slack.commands.asked import Asked
from slack.commands.findings import no_finding_here, open_findings, too_many_questions
from slack.commands.ports import Readership
from slack.seal import Seal

log = structlog.get_logger(__name__)


class Following(Protocol):
    """What a channel follows. Raises TransientError."""

    async def of_channel(self, channel: str) -> tuple[Subscription, ...]:
        """Return its subscriptions."""
        ...


class Mutes(Protocol):
    """What a channel is spared. Raises TransientError."""

    async def of(self, channel: str) -> tuple[Muted, ...]:
        """Return it."""
        ...


class Reviewing:
    """Knocks at the intake on people's behalf."""

    def __init__(
        self,
        *,
        intake: Intake,
        visibility: Visibility,
        desk: Desk,
        following: Following,
        mutes: Mutes,
        readership: Readership,
        seal: Seal,
        web_url: str,
        private_aside: bool = True,
    ) -> None:
        self._intake = intake
        self._visibility = visibility
        self._desk = desk
        self._following = following
        self._mutes = mutes
        self._readership = readership
        self._seal = seal
        self._web_url = web_url
        self._private_aside = private_aside

    async def do(self, said: Review | Ask, asked: Asked) -> Message | None:
        """Carry out what has arguments. Raises UserError, TransientError."""
        match said:
            case Review():
                return await self.review(said, asked)
            case Ask():
                return await self.ask(said, asked)

    async def review(self, review: Review, asked: Asked) -> Message | None:
        """Ask for a review; nothing is said to a command that Slack repeated."""
        ref = asked.meant(review.ref, Verb.REVIEW)
        pull = await self._visibility.look(ref, asked.user)
        followed = await self._is_followed(pull, asked.channel)
        is_past = not pull.head.startswith(asked.command.seen)
        request = ReviewRequest(
            ref=pull.ref,
            repo_id=pull.repo_id,
            head=pull.head,
            origin=asked.origin(pull, self._seal, aside=followed or await self._aside(pull, asked)),
            delivery=asked.command.delivery,
            full=review.full and not is_past and not await self._is_pressed_late(pull, asked),
            focus=review.focus,
            correlation_id=asked.request_id,
        )
        admission = await self._intake.accept(request)
        await self._intake.ring(admission)
        log.info("slack.review_asked", pull=str(pull.ref), admission=type(admission).__name__)
        match admission:
            case Accepted():
                return blocks.accepted(pull, admission, self._web_url, past=is_past)
            case Duplicate():
                return blocks.duplicate(pull, admission, self._web_url, past=is_past)
            case Refused():
                return blocks.refused(admission, asked.request_id)

    async def ask(self, ask: Ask, asked: Asked) -> Message | None:
        """Have a question answered by a worker, where it was asked."""
        ref = asked.meant(ask.ref, Verb.ASK)
        pull = await self._visibility.look(ref, asked.user)
        finding_id = asked.finding_of(pull.ref)
        return await self._order(asked, pull, f"{Verb.ASK} {ask.question}", finding_id)

    async def explain(self, asked: Asked) -> Message | None:
        """Have the finding of this thread explained by a worker."""
        if asked.talk is None:
            raise no_finding_here(Verb.EXPLAIN)
        pull = await self._visibility.look(asked.talk.ref, asked.user)
        finding_id = asked.talk.finding_id
        if not finding_id:
            found = open_findings(await self._desk.status(pull.ref, pull.repo_id))
            if len(found) > 1:
                return blocks.which_finding(pull, found, Verb.EXPLAIN, self._web_url)
            finding_id = found[0].id
        return await self._order(asked, pull, Verb.EXPLAIN, finding_id)

    async def _order(
        self, asked: Asked, pull: PullRequest, words: str, finding_id: str
    ) -> Message | None:
        aside = await self._aside(pull, asked)
        origin = asked.origin(pull, self._seal, aside=aside)
        if aside:  # each has an answer of their own; else the one in the thread is everybody's
            origin = origin.model_copy(update={"id": f"{origin.id}:{asked.user}"})
        order = Order(
            ref=pull.ref,
            repo_id=pull.repo_id,
            origin=origin,
            words=words,
            finding_id=finding_id,
            correlation_id=asked.request_id,
        )
        taken = await self._intake.order(order)
        log.info("slack.question_asked", pull=str(pull.ref), taken=taken.value)
        if taken is OrderTaken.FULL:
            raise too_many_questions()
        if taken is OrderTaken.NEW:
            return blocks.question_taken(pull, self._web_url)
        # A press is no repetition of Slack's: somebody wants it again, or did not see it.
        pressed = asked.command.message_ts or asked.command.about
        return blocks.question_known(pull, self._web_url) if pressed else None

    async def _aside(self, pull: PullRequest, asked: Asked) -> bool:
        """Tell whether others in the channel may not read what is answered."""
        if not pull.private:
            return False
        return self._private_aside or await self._readership.is_shared(asked.channel)

    async def _is_pressed_late(self, pull: PullRequest, asked: Asked) -> bool:
        """Tell whether a button was pressed while what it asks for is under way already."""
        if not asked.command.seen:
            return False
        job = (await self._desk.status(pull.ref, pull.repo_id)).job
        under_way = {Stage.WAITING, Stage.RUNNING}
        return job is not None and job.stage in under_way and job.head == pull.head

    async def _is_followed(self, pull: PullRequest, channel: str) -> bool:
        """Tell whether the channel shows this pull request anyway: one card is enough.

        A channel that waits for important findings may never show it.
        """
        mine = [
            each
            for each in await self._following.of_channel(channel)
            if each.repo_id == pull.repo_id and each.minimum is None
        ]
        if not mine:
            return False
        mutes = {channel: await self._mutes.of(channel)}
        return any(not each.muted for each in followers(pull, mine, mutes))
