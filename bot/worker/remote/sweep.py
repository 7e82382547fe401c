"""Open pull requests whose event was lost are found and admitted: pushed lately, never a backlog.

Everything is bounded: repositories of an installation, pull requests of a repository. Which of
them may be taken is `core.sweeps`' and the triggers'; drafts, labels and authors are the job's.
"""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

from bot.adapters.ledger.marks import Marks
from bot.worker.remote.watch import Turn
from core.errors import PermanentError, TransientError
from core.intake import Intake
from core.models import Origin, OriginKind
from core.sweeps import earliest_push, in_turn
from github.app_auth import AppAuth
from github.checks import end_left_open
from github.client import GitHubClient
from github.open_pulls import Installation, OpenPull, OpenPulls, Repository, event_of, installations
from github.triggers import Act, Rules, decide

MOST_REPOSITORIES = 200
"""Of one installation in one sweep, a request each: 1,200 of the 5,000 that an hour has."""
SWEEP = Origin(kind=OriginKind.SWEEP, id="sweep")

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Sweep:
    """Looks through all installations; implements `Duty`."""

    auth: AppAuth
    survey: Callable[[int], GitHubClient]
    """Returns a client that reads an installation's repositories."""
    connect: Callable[[OpenPull], Awaitable[GitHubClient]]
    """Returns a client that may write to a pull request's repository."""
    intake: Intake
    rules: Rules
    marks: Marks
    every: float
    clock: Callable[[], float] = time.time
    name: str = "sweep"
    eager: bool = False

    async def look(self, turn: Turn) -> None:
        """Sweep once; an installation that cannot be looked through stops no other."""
        for installation in await installations(self.auth):
            if installation.suspended:
                continue
            try:
                await self._through(installation, turn)
            except PermanentError as error:
                turn.tell("sweep.passed_over", error, account=installation.account)
            except TransientError as error:
                log.warning("sweep.later", account=installation.account, reason=error.reason)

    async def _through(self, installation: Installation, turn: Turn) -> None:
        now = self.clock()
        earliest = earliest_push(installation.created_at, now)
        pulls = OpenPulls(self.survey(installation.id), installation.id)
        chosen = in_turn(
            await pulls.repositories(),
            lambda repository: repository.pushed_at,
            earliest=earliest,
            room=MOST_REPOSITORIES,
            turn=int(now // self.every),
        )
        for repository in chosen:
            await turn.step()
            try:
                await self._within(repository, pulls, earliest)
            except PermanentError as error:
                turn.tell("sweep.not_shown", error, repository=repository.path)

    async def _within(self, repository: Repository, pulls: OpenPulls, earliest: float) -> None:
        changed = await pulls.of(repository, earliest)
        for pull in await self.marks.unknown(changed):
            if await pulls.was_pushed(repository, pull, earliest):
                await self._admit(pull, earliest)

    async def _admit(self, pull: OpenPull, earliest: float) -> None:
        verdict = decide(event_of(pull, earliest=earliest), self.rules, delivery="")
        if not isinstance(verdict, Act):
            return
        await self._end_checks(pull)
        admission = await self.intake.accept(verdict.request.model_copy(update={"origin": SWEEP}))
        log.info("sweep.found", pull_request=str(pull.ref), head=pull.head)
        await self.intake.ring(admission)

    async def _end_checks(self, pull: OpenPull) -> None:
        """End what a request left open that the ledger lost: no later one knows of it."""
        try:
            ended = await end_left_open(await self.connect(pull), pull.ref, pull.head)
        except (PermanentError, TransientError) as error:
            log.info("sweep.checks_left", pull_request=str(pull.ref), reason=error.reason)
        else:
            if ended:
                log.warning("sweep.checks_ended", pull_request=str(pull.ref), count=ended)
