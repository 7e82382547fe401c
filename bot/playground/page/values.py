"""The values that the page's templates show; how they are made is in the modules around.

A field named `html` or ending in `_html` was escaped by `markdown` or `blocks`; all others are
plain text, which the templates escape.
"""

from dataclasses import dataclass
from enum import StrEnum

from bot.playground.page.accounts import Person
from bot.playground.page.slack_values import ChannelView


class Phase(StrEnum):
    """Where the review of the newest commit stands."""

    PUSHED = "pushed"
    """Nothing of Argus is seen yet."""
    QUEUED = "queued"
    REVIEWING = "reviewing"
    DONE = "done"


class Tone(StrEnum):
    """How a result feels; the style sheet gives each a colour and the templates a word."""

    GOOD = "good"
    BAD = "bad"
    NEUTRAL = "neutral"
    BUSY = "busy"


@dataclass(frozen=True, slots=True)
class ButtonView:
    """A button of a check run."""

    identifier: str
    label: str
    description: str


@dataclass(frozen=True, slots=True)
class CheckView:
    """A check run."""

    id: int
    name: str
    head: str
    tone: Tone
    verdict: str
    """Its conclusion in a word, or its status while there is none."""
    title: str
    summary_html: str
    text_html: str
    buttons: tuple[ButtonView, ...] = ()


@dataclass(frozen=True, slots=True)
class ReactionView:
    """A reaction, and how many people gave it."""

    emoji: str
    name: str
    count: int


@dataclass(frozen=True, slots=True)
class CommentView:
    """A comment on a line, or in the conversation."""

    anchor: str
    author: Person
    at: str
    html: str
    severity: str = ""
    """Important, Nit or Pre-existing where Argus says one."""
    category: str = ""
    rule: str = ""
    pending: bool = False
    reactions: tuple[ReactionView, ...] = ()


@dataclass(frozen=True, slots=True)
class ThreadView:
    """What was said about one place, oldest first."""

    id: int
    """The first comment's, which answers go to."""
    path: str
    label: str
    """`Line 7`, `Lines 7 to 9` or empty for a whole file."""
    outdated: bool
    comments: tuple[CommentView, ...]
    severity: str
    state: str
    """What became of the finding, empty while it is open."""
    title: str
    """What the first comment claims, as plain text."""

    @property
    def anchor(self) -> str:
        """Return the first comment's anchor."""
        return self.comments[0].anchor


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a line of code; what really changed in it is marked."""

    text: str
    changed: bool = False


@dataclass(frozen=True, slots=True)
class LineView:
    """A line of a diff with the threads that stand below it."""

    kind: str
    """`add`, `remove` or `same`."""
    old: int | None
    new: int | None
    anchor: str
    pieces: tuple[Piece, ...]
    threads: tuple[ThreadView, ...] = ()


@dataclass(frozen=True, slots=True)
class HunkView:
    """A hunk: what its header says after the line numbers, and its lines."""

    context: str
    first: bool
    lines: tuple[LineView, ...]


@dataclass(frozen=True, slots=True)
class FileView:
    """A changed file."""

    anchor: str
    path: str
    folder: str
    name: str
    previous: str
    status: str
    additions: int
    deletions: int
    hunks: tuple[HunkView, ...]
    threads: tuple[ThreadView, ...]
    """On the file as a whole."""
    findings: int
    """Threads that stand in it."""


@dataclass(frozen=True, slots=True)
class EventView:
    """An entry of the conversation: a commit, a review, a comment or an act."""

    key: str
    kind: str
    """`commit`, `review`, `comment` or `act`."""
    actor: Person
    at: str
    words: str
    html: str = ""
    commit: str = ""
    check: CheckView | None = None
    threads: tuple[ThreadView, ...] = ()
    reactions: tuple[ReactionView, ...] = ()


@dataclass(frozen=True, slots=True)
class PullView:
    """The pull request."""

    repository: str
    number: int
    title: str
    author: Person
    state: str
    base: str
    head: str
    head_sha: str
    opened_at: str
    labels: tuple[str, ...]
    description_html: str
    commits: int
    additions: int
    deletions: int
    check: CheckView | None
    conversation: tuple[EventView, ...]
    files: tuple[FileView, ...]
    findings: int


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the way, and whether it is `done`, `now` or `next`."""

    name: str
    state: str


@dataclass(frozen=True, slots=True)
class ProgressView:
    """What is happening now."""

    phase: Phase
    tone: Tone
    headline: str
    detail: str
    since: str
    """When the commit arrived, or another review of it was asked for; ISO 8601."""
    took: str
    """How long it took, once it is done."""
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class PageView:
    """Everything on the page."""

    progress: ProgressView
    pull: PullView
    channel: ChannelView
    reader: str
    """Which model answered, or that none is configured."""
    pushed: bool
    """The follow-up commit is there already."""
    suggestion: str
    """What to try next."""
    ask: str
    """The command that asks for this review."""
