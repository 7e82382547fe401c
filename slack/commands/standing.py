"""Where pull requests stand, and what people decide about them; the deciding is the desk's.

Whoever looks may see the pull request; whoever decides may write to its repository.
"""

import structlog

from core.commands import Ignore, Pause, Resume, Status, Verb
from core.desk import Desk, Resumption, resume_reviews
from core.errors import UserError
from core.intake import Intake
from core.models import (
    Dismiss,
    DismissalScope,
    FindingState,
    PullRequest,
    PullRequestRef,
    Refused,
    Right,
)
from core.ports import Permissions, Visibility
from slack import blocks
from slack.blocks import Message
from slack.commands.asked import Asked
from slack.commands.findings import dismissed_findings, no_finding_here, open_findings
from slack.commands.ports import Repositories

QUEUE_SHOWN = 10
"""Jobs that one answer shows; GitHub is asked of each of their repositories, who may see it."""

log = structlog.get_logger(__name__)


class Decisions:
    """Shows and decides with the asker's own eyes and rights."""

    def __init__(
        self,
        *,
        desk: Desk,
        intake: Intake,
        repositories: Repositories,
        visibility: Visibility,
        permissions: Permissions,
        web_url: str,
    ) -> None:
        self._desk = desk
        self._intake = intake
        self._repositories = repositories
        self._visibility = visibility
        self._permissions = permissions
        self._web_url = web_url

    async def do(self, said: Status | Pause | Resume | Ignore, asked: Asked) -> Message:
        """Carry out what has arguments. Raises UserError, TransientError."""
        match said:
            case Status():
                return await self.status(said, asked)
            case Pause():
                return await self.pause(said, asked)
            case Resume():
                return await self.resume(said, asked)
            case Ignore():
                return await self.ignore(said, asked)

    async def status(self, status: Status, asked: Asked) -> Message:
        """Say where a pull request stands."""
        pull = await self._visibility.look(asked.meant(status.ref, Verb.STATUS), asked.user)
        standing = await self._desk.status(pull.ref, pull.repo_id)
        return blocks.standing(pull, standing, self._web_url)

    async def pause(self, pause: Pause, asked: Asked) -> Message:
        """Stop automatic reviews of a pull request."""
        pull = await self._decidable(asked.meant(pause.ref, Verb.PAUSE), asked)
        paused = await self._desk.pause(pull.ref, pull.repo_id, asked.who)
        log.info("slack.paused", pull=str(pull.ref))
        return blocks.paused(pull, paused, first=paused.who == asked.who, web_url=self._web_url)

    async def resume(self, resume: Resume, asked: Asked) -> Message:
        """Take them up again, and make up for the commit that the pause passed over."""
        pull = await self._decidable(asked.meant(resume.ref, Verb.RESUME), asked)
        wish = Resumption(pull, delivery=asked.command.delivery, correlation_id=asked.request_id)
        done = await resume_reviews(self._desk, self._intake, wish)
        log.info("slack.resumed", pull=str(pull.ref), reviewed=done.reviewed_now)
        return blocks.resumed(pull, done, self._web_url)

    async def ignore(self, ignore: Ignore, asked: Asked) -> Message:
        """Dismiss the finding of a thread, its rule, or all that is open; or take that back."""
        if asked.talk is None:
            raise no_finding_here(Verb.IGNORE)
        pull = await self._decidable(asked.talk.ref, asked)
        finding_id = asked.finding_of(pull.ref)
        if ignore.scope is DismissalScope.PULL_REQUEST:
            finding_id = ""
        elif not finding_id:
            standing = await self._desk.status(pull.ref, pull.repo_id)
            found = dismissed_findings(standing) if ignore.off else open_findings(standing)
            if len(found) > 1:
                return blocks.which_finding(pull, found, blocks.words_of(ignore), self._web_url)
            finding_id = found[0].id
        return await self._dismiss(ignore, asked, pull, finding_id)

    async def _dismiss(
        self, ignore: Ignore, asked: Asked, pull: PullRequest, finding_id: str
    ) -> Message:
        said = await self._desk.ignore(
            Dismiss(
                job_id=f"{pull.repo_id}:{pull.ref.number}",
                who=asked.who,
                scope=ignore.scope,
                finding_id=finding_id,
                state=FindingState.OPEN if ignore.off else FindingState.DISMISSED,
                reason=ignore.reason,
            )
        )
        if isinstance(said, Refused):
            raise UserError(said.reason)
        log.info("slack.dismissed", pull=str(pull.ref), scope=said.scope.value, off=ignore.off)
        if ignore.off:
            return blocks.taken_back(pull, said, self._web_url)
        return blocks.dismissed(pull, said, finding_id, self._web_url)

    async def queue(self, asked: Asked) -> Message:
        """Show what runs and waits, as far as the asker may see it."""
        view = await self._desk.queue(QUEUE_SHOWN)
        names = {job.ref.repository for job in view.jobs}
        overview = await self._repositories.look_over(names, asked.user)
        shown = [job for job in view.jobs if job.ref.repository in overview.seen]
        return blocks.queue(view, shown, self._web_url, untold=overview.untold)

    async def _decidable(self, ref: PullRequestRef, asked: Asked) -> PullRequest:
        """Return what the asker may see and write to. Raises AccessDenied, TransientError."""
        pull = await self._visibility.look(ref, asked.user)
        await self._permissions.require(asked.user, pull.ref, Right.WRITE)
        return pull
