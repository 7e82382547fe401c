"""What each verb does on a pull request, and what is said to it. Who may was judged before."""

from dataclasses import dataclass, replace
from typing import Final

from core.commands import Ask, Command, Ignore, Pause, Plain, Resume, Review, Status, Verb
from core.desk import Answer, Desk, Resumption, resume_reviews
from core.errors import UserError
from core.feedback import CountsOf
from core.feedback import proposals as often_dismissed
from core.intake import Intake
from core.models import (
    Accepted,
    Dismiss,
    DismissalScope,
    Duplicate,
    DuplicateOf,
    FindingState,
    Order,
    Origin,
    PullRequest,
    PullRequestRef,
    RecordedFinding,
    Refused,
    ReviewRequest,
)
from github.markers import MarkerKind, Markers
from github.orders.permitted import Permitted
from github.orders.questions import Questions
from github.orders.talk import Spot, Talk
from github.pull_requests import GitHubPullRequest
from github.render import answers, proposals, sections
from github.sanitise import Home

HERE: Final = frozenset({Verb.HELP, Verb.CONFIGURATION, Verb.EXPLAIN})
"""Verbs without arguments that mean something on a pull request."""


@dataclass(frozen=True, slots=True)
class Case:
    """One order, and what it is carried out with."""

    order: Order
    command: Command
    host: GitHubPullRequest
    talk: Talk
    home: Home


@dataclass(frozen=True, slots=True)
class Clerk:
    """Carries orders out."""

    desk: Desk
    intake: Intake
    questions: Questions
    permitted: Permitted
    markers: Markers
    received: CountsOf
    slug: str = ""

    async def carry_out(self, case: Case) -> str | None:
        """Do what was asked, also when it was done before; return what is to be said.

        That is empty where nothing is, and None where the outcome will be the answer.
        Raises UserError, ModelUnavailable, TransientError, PermanentError.
        """
        order, home = case.order, case.home
        match meant_here(case.command, order.ref):
            case Review(ref=None) as review:
                return await self._review(review, case)
            case Status(ref=None):
                return answers.status(await self.desk.status(order.ref, order.repo_id), home)
            case Pause(ref=None):
                who = order.origin.person
                return answers.paused(await self.desk.pause(order.ref, order.repo_id, who), who)
            case Resume(ref=None):
                return await self._resume(case)
            case Ignore() as ignore:
                return await self._ignore(ignore, case)
            case Ask(ref=None) as ask:
                return await self._ask(ask.question, case)
            case Plain(verb=verb) if verb in HERE:
                return await self._plain(verb, case)
            case Review() | Status() | Pause() | Resume() | Ask():
                return answers.another_pull_request()
            case other:
                return answers.slack_only(other.verb)

    async def _plain(self, verb: Verb, case: Case) -> str:
        match verb:
            case Verb.EXPLAIN:
                return await self._explain(case)
            case Verb.CONFIGURATION:
                gathered = await self.permitted.configuration(case.order, case.host)
                told = answers.configuration(
                    gathered.configuration.stated, gathered.notes, case.home
                )
                dismissed = often_dismissed(await self.received(case.order.repo_id))
                return sections.joined(told, proposals.proposed(dismissed))
            case _:
                return answers.help_text(self.slug)

    async def _review(self, review: Review, case: Case) -> str | None:
        pull = await _open_pull(case.host)
        origin = case.order.origin.model_copy(update={"reply": Spot.of_order(case.order).reply})
        request = _request(case.order, pull, origin).model_copy(
            update={"full": review.full, "focus": review.focus}
        )
        admission = await self.intake.accept(request)
        await self.intake.ring(admission)
        match admission:
            case Duplicate(of=DuplicateOf.REVIEWED):
                return answers.reviewed_before(admission, case.home)
            case Refused():
                raise UserError(admission.reason)
            case Accepted() | Duplicate():
                return None

    async def _resume(self, case: Case) -> str:
        """Let reviews run again, and make up for the one that the pause held back."""
        order = case.order
        wish = Resumption(
            await case.host.pull_request(),
            delivery=_delivery(order),
            author=order.origin.person,
            installation_id=order.installation_id,
            correlation_id=order.correlation_id,
        )
        return answers.resumed(await resume_reviews(self.desk, self.intake, wish))

    async def _ignore(self, ignore: Ignore, case: Case) -> str:
        finding = await self._finding(case)
        if ignore.scope is not DismissalScope.PULL_REQUEST and finding is None:
            return answers.ignore_what(off=ignore.off)
        said = await self.desk.ignore(
            Dismiss(
                job_id=case.order.job_id,
                who=case.order.origin.person,
                scope=ignore.scope,
                finding_id=finding.id if finding else "",
                state=FindingState.OPEN if ignore.off else FindingState.DISMISSED,
                reason=ignore.reason,
            )
        )
        if isinstance(said, Refused):
            raise UserError(said.reason)
        return answers.ignored(said)

    async def _explain(self, case: Case) -> str:
        finding = await self._finding(case)
        return _said(await self.questions.explain(case.order, case.host, finding), case.home)

    async def _ask(self, question: str, case: Case) -> str:
        finding = await self._finding(case)
        answer = await self.questions.ask(case.order, case.host, question, finding)
        return _said(answer, case.home)

    async def _finding(self, case: Case) -> RecordedFinding | None:
        """Return the finding in whose thread the order was given."""
        root = await case.talk.root()
        marker = self.markers.find(str((root or {}).get("body") or ""), MarkerKind.FINDING)
        if marker is None:
            return None
        return await self.desk.finding(case.order.job_id, marker.finding[0])


async def _open_pull(host: GitHubPullRequest) -> PullRequest:
    """Return the pull request as it is now. Raises UserError for a closed one."""
    pull = await host.pull_request()
    if not pull.open:
        raise UserError("This pull request is closed.", next_step="Reopen it to have it reviewed.")
    return pull


def _request(order: Order, pull: PullRequest, origin: Origin) -> ReviewRequest:
    return ReviewRequest(
        ref=pull.ref,
        repo_id=pull.repo_id,
        head=pull.head,
        origin=origin,
        installation_id=order.installation_id,
        delivery=_delivery(order),
        author=order.origin.person,
        correlation_id=order.correlation_id,
    )


def _delivery(order: Order) -> str:
    """Name an order as what asks for a review, however often it is carried out."""
    return f"order:{order.origin.id}"


def _said(answer: Answer | None, home: Home) -> str:
    return answers.answer(answer, home) if answer else ""


def meant_here(command: Command, ref: PullRequestRef) -> Command:
    """Take a command that names the pull request it was said on like one that names none."""
    match command:
        case Review() | Status() | Pause() | Resume() | Ask():
            same = str(command.ref).casefold() == str(ref).casefold()
            return replace(command, ref=None) if same else command
        case _:
            return command
