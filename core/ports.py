"""What the core needs from outside, as Protocols; `bot` binds them to adapters."""

from typing import Protocol

from core.models import (
    Admission,
    AnswerReading,
    Background,
    Cancelled,
    ChangeSet,
    Delivery,
    Dismiss,
    Dismissed,
    Job,
    Order,
    OrderTaken,
    PostedReview,
    Prompt,
    PullMemory,
    PullRequest,
    PullRequestClosed,
    PullRequestRef,
    Reading,
    Refused,
    Remark,
    RepositoryText,
    ReviewDraft,
    ReviewRequest,
    Right,
    StandingComment,
    Step,
    Unfinished,
    VerificationReading,
)


class Admissions(Protocol):
    """The ledger as the intake sees it."""

    async def admit(self, request: ReviewRequest) -> Admission:
        """Admit in one atomic step; repeating a call whose reply was lost is safe.

        Raises TransientError when the ledger cannot be reached.
        """
        ...

    async def cancel(self, closed: PullRequestClosed) -> Cancelled | None:
        """End the job of a closed pull request; None when nothing waits or runs for it.

        Repeating a call is safe. Raises TransientError when the ledger cannot be reached.
        """
        ...

    async def take(self, order: Order) -> OrderTaken:
        """Keep what a person said until it is answered.

        Repeating a call is safe. Raises TransientError when the ledger cannot be reached.
        """
        ...


class Bell(Protocol):
    """Wakes a worker. A lost ring costs seconds, never a job: the ledger is the truth."""

    async def ring(self, job_id: str) -> None:
        """Ring once; failures are logged, never raised."""
        ...


class Host(Protocol):
    """One pull request on GitHub, or a local change that looks like one."""

    async def pull_request(self) -> PullRequest:
        """Return it as it is now. Raises PullRequestGone, TransientError."""
        ...

    async def changes(self, pull: PullRequest) -> ChangeSet:
        """Return the files of base...head with their parsed hunks."""
        ...

    async def text(self, path: str, commit: str) -> bytes | None:
        """Return a file's bytes at a commit, None when absent or over the size limit."""
        ...

    async def standing_comments(self) -> tuple[StandingComment, ...]:
        """Return our own inline comments on the pull request, authenticated."""
        ...

    async def remarks(self) -> tuple[Remark, ...]:
        """Return what other reviewers say on lines of the change, not their answers to others."""
        ...

    async def repository(self, pull: PullRequest) -> RepositoryText | None:
        """Return the repository's code at the head, None where it cannot be had.

        Bounded; of a large repository it is the paths alone. Raises TransientError.
        """
        ...

    async def background(self, pull: PullRequest) -> Background:
        """Return commit messages and linked issues, as far as the host knows them."""
        ...


class Memory(Protocol):
    """What is remembered of a pull request between reviews."""

    async def recall(self, job: Job) -> PullMemory:
        """Return it, an empty one for a pull request that is new. Raises TransientError."""
        ...


class Dismissals(Protocol):
    """What people said of findings, so that these are not said again."""

    async def dismiss(self, request: Dismiss) -> Dismissed | Refused:
        """Take a word, or take one back; it shows at once and holds for later reviews.

        Who may say it is judged before. Repeating a call is safe. Raises TransientError.
        """
        ...


class Fence(Protocol):
    """The lease of a running job, asked before every write to GitHub."""

    async def check(self) -> None:
        """Renew and require half a lease ahead. Raises LeaseLost, HeadMoved."""
        ...

    async def remember_review(self, review_id: int) -> None:
        """Store a pending review's id before it is submitted. Raises LeaseLost."""
        ...

    @property
    def review_id(self) -> int | None:
        """The review id that an earlier attempt stored, or this one."""
        ...

    @property
    def write_timeout(self) -> float:
        """Seconds a single write may take: min(20 s, a third of the lease)."""
        ...

    @property
    def settle_seconds(self) -> float:
        """Seconds after the last attempt's writes in which an empty list proves nothing."""
        ...


class Progress(Protocol):
    """Follows a running review, which never waits for it and cannot fail by it."""

    def at(self, step: Step) -> None:
        """Learn how far it got; returns at once."""
        ...


class Announcer(Protocol):
    """Tells who follows a repository, without having asked, of a review that begins."""

    async def announce(self, job: Job, pull: PullRequest, named: str) -> None:
        """Tell them; `named` is the channel of the repository's own configuration, if any.

        Repeating a call is safe. Raises TransientError when the ledger cannot be reached.
        """
        ...


class Publisher(Protocol):
    """Posts a review exactly once."""

    async def publish(self, draft: ReviewDraft, fence: Fence) -> PostedReview:
        """Post or adopt. Raises HeadMoved, LeaseLost, PullRequestGone, TransientError."""
        ...

    async def find_posted(self, pull: PullRequest, fence: Fence) -> PostedReview | None:
        """Return the review that an earlier attempt of this job submitted, if any."""
        ...


class ModelChain(Protocol):
    """The configured models, in order of preference."""

    async def read(self, prompt: Prompt) -> Reading:
        """Return the first usable answer. Raises ModelUnavailable."""
        ...

    @property
    def names(self) -> tuple[str, ...]:
        """`provider:model` of each, in order; empty when no model is configured."""
        ...

    @property
    def context_tokens(self) -> int:
        """Tokens of input that the smallest model of the chain takes."""
        ...


class VerifierChain(Protocol):
    """The models that look a second time, in order of preference."""

    async def verify(
        self, prompt: Prompt, *, without: frozenset[str] = frozenset()
    ) -> VerificationReading:
        """Return the first usable verdicts, of none of the models `without`.

        Raises ModelUnavailable.
        """
        ...

    @property
    def names(self) -> tuple[str, ...]:
        """`provider:model` of each, in order; empty when no model is configured."""
        ...

    @property
    def context_tokens(self) -> int:
        """Tokens of input that the smallest model of the chain takes."""
        ...


class AnswerChain(Protocol):
    """The models that answer people, in order of preference."""

    async def converse(self, prompt: Prompt) -> AnswerReading:
        """Return the first usable answer. Raises ModelUnavailable."""
        ...

    @property
    def names(self) -> tuple[str, ...]:
        """`provider:model` of each, in order; empty when no model is configured."""
        ...

    @property
    def context_tokens(self) -> int:
        """Tokens of input that the smallest model of the chain takes."""
        ...


class Deliverer(Protocol):
    """Brings one outbox row to its desired state."""

    async def deliver(self, delivery: Delivery) -> str | Unfinished:
        """Deliver and return the receipt to keep, or what was done of it so far.

        Raises TransientError, PermanentError.
        """
        ...


class Visibility(Protocol):
    """Answers who may see a pull request, before anything is queued for it."""

    async def look(self, ref: PullRequestRef, person: str) -> PullRequest:
        """Return it if this person may see it. Raises AccessDenied, TransientError."""
        ...


class Permissions(Protocol):
    """Tells what a person may do on a repository; each front end brings one for its people.

    A person goes by the front end's own name: a login on GitHub, a user's id in Slack.
    """

    async def may(self, person: str, ref: PullRequestRef, right: Right) -> bool:
        """Tell whether they may; False as well where it is not known who they are on GitHub.

        Raises TransientError when GitHub cannot tell.
        """
        ...

    async def require(self, person: str, ref: PullRequestRef, right: Right) -> None:
        """Do nothing for whoever may.

        Raises AccessDenied in words for others, UserError where Argus cannot act, TransientError.
        """
        ...
