"""The commands as frozen values, one class for each shape of arguments."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal

from core.models import DismissalScope, PullRequestRef, Severity


class Verb(StrEnum):
    """The first word of a command."""

    REVIEW = "review"
    """Read a pull request now."""
    STATUS = "status"
    """Say where its review stands."""
    PAUSE = "pause"
    """Stop automatic reviews of a pull request."""
    RESUME = "resume"
    """Take them up again."""
    IGNORE = "ignore"
    """Dismiss the finding of this thread."""
    EXPLAIN = "explain"
    """Say more about the finding of this thread."""
    ASK = "ask"
    """Answer a question about the change."""
    CONFIGURATION = "configuration"
    """Show what is configured, and where it comes from."""
    HELP = "help"
    """List the commands."""
    QUEUE = "queue"
    """Show what is waiting and running."""
    SUBSCRIBE = "subscribe"
    """Tell this channel about a repository's reviews."""
    UNSUBSCRIBE = "unsubscribe"
    """Stop that."""
    LIST = "list"
    """Show this channel's subscriptions."""
    MUTE = "mute"
    """Be quiet in this channel about a pull request, or about many, for a time."""
    CONNECT = "connect"
    """Link the person's own GitHub account."""
    DISCONNECT = "disconnect"
    """Forget that link."""
    STATS = "stats"
    """Show figures about reviews."""
    DOCTOR = "doctor"
    """Check that everything Argus needs is in place."""


ARGUMENTS: Final[dict[Verb, str]] = {
    Verb.REVIEW: "<pr> [full] [focus …]",
    Verb.STATUS: "[<pr>]",
    Verb.PAUSE: "[<pr>]",
    Verb.RESUME: "[<pr>]",
    Verb.IGNORE: "[all or rule] [because …, or off]",
    Verb.ASK: "[<pr>] …",
    Verb.SUBSCRIBE: "owner/repo [min:important] [branch:main] [label:x]",
    Verb.UNSUBSCRIBE: "[owner/repo]",
    Verb.CONFIGURATION: "[<pr> or owner/repo]",
    Verb.MUTE: "<pr, owner/repo, @author, bots or label:x> [for 2h, or off]",
}
"""What may follow a verb, as help shows it; the others stand alone."""


@dataclass(frozen=True, slots=True)
class RepositoryRef:
    """Names one repository of the configured GitHub."""

    owner: str
    repo: str

    def __str__(self) -> str:
        return f"{self.owner}/{self.repo}"


@dataclass(frozen=True, slots=True)
class Review:
    """Review a pull request; without `ref`, the one it was said on."""

    ref: PullRequestRef | None = None
    full: bool = False
    """Also when this head has its review already."""
    focus: str = ""
    """What to look at, untrusted words."""

    @property
    def verb(self) -> Verb:
        return Verb.REVIEW


@dataclass(frozen=True, slots=True)
class Status:
    """Say where a review stands; without `ref`, of the pull request it was said on."""

    ref: PullRequestRef | None = None

    @property
    def verb(self) -> Verb:
        return Verb.STATUS


@dataclass(frozen=True, slots=True)
class Pause:
    """Stop automatic reviews; without `ref`, of the pull request it was said on."""

    ref: PullRequestRef | None = None

    @property
    def verb(self) -> Verb:
        return Verb.PAUSE


@dataclass(frozen=True, slots=True)
class Resume:
    """Take automatic reviews up again; without `ref`, of the pull request it was said on."""

    ref: PullRequestRef | None = None

    @property
    def verb(self) -> Verb:
        return Verb.RESUME


@dataclass(frozen=True, slots=True)
class Ignore:
    """Dismiss the finding of this thread, its rule in this repository, or all of this round.

    `off` takes that back.
    """

    scope: DismissalScope = DismissalScope.FINDING
    reason: str = ""
    """Untrusted words."""
    off: bool = False

    @property
    def verb(self) -> Verb:
        return Verb.IGNORE


@dataclass(frozen=True, slots=True)
class Ask:
    """Answer a question, untrusted words; without `ref`, on the pull request it was asked on."""

    question: str
    ref: PullRequestRef | None = None

    @property
    def verb(self) -> Verb:
        return Verb.ASK


@dataclass(frozen=True, slots=True)
class Subscribe:
    """Tell this channel about a repository; empty filters let everything through."""

    repository: RepositoryRef
    minimum: Literal[Severity.IMPORTANT, Severity.NIT] | None = None
    branch: str = ""
    label: str = ""

    @property
    def verb(self) -> Verb:
        return Verb.SUBSCRIBE


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    """Stop telling this channel about a repository; without one, about all."""

    repository: RepositoryRef | None = None

    @property
    def verb(self) -> Verb:
        return Verb.UNSUBSCRIBE


@dataclass(frozen=True, slots=True)
class ByAuthor:
    """The pull requests of one author."""

    login: str


@dataclass(frozen=True, slots=True)
class ByBots:
    """The pull requests of all that is no person."""


@dataclass(frozen=True, slots=True)
class WithLabel:
    """The pull requests that carry a label."""

    label: str


Quiet = PullRequestRef | RepositoryRef | ByAuthor | ByBots | WithLabel
"""What a channel can be spared."""


@dataclass(frozen=True, slots=True)
class Mute:
    """Be quiet about `target` for `seconds`, or until told otherwise; `off` tells otherwise."""

    target: Quiet
    seconds: int | None = None
    off: bool = False

    @property
    def verb(self) -> Verb:
        return Verb.MUTE


@dataclass(frozen=True, slots=True)
class ShowConfiguration:
    """Show what is configured for a pull request or a repository that is named."""

    target: PullRequestRef | RepositoryRef

    @property
    def verb(self) -> Verb:
        return Verb.CONFIGURATION


@dataclass(frozen=True, slots=True)
class Plain:
    """A verb that stands alone."""

    verb: Verb


Command = (
    Review
    | Status
    | Pause
    | Resume
    | Ignore
    | Ask
    | Subscribe
    | Unsubscribe
    | Mute
    | ShowConfiguration
    | Plain
)
