"""Hand-written collaborators of the review: a host, a publisher, a reviewer, a lease, in memory.

They keep state and refuse what the real ones refuse; values come from small builders.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from core.analyzers import SourceFile
from core.context import NO_CONTEXT, Context
from core.diff import LineMap, parse_patch, patch_of_added_text
from core.errors import HeadMoved, LeaseLost, PullRequestGone, TransientError
from core.models import (
    Background,
    Candidate,
    Category,
    ChangeSet,
    FileChange,
    FileStatus,
    Finding,
    Job,
    LineKind,
    PostedReview,
    PullRequest,
    PullRequestRef,
    RecordedFinding,
    Remark,
    RepositoryText,
    ReviewDraft,
    Severity,
    StandingComment,
    Strength,
)
from core.ports import Fence, Progress
from core.progress import UNHEARD
from core.reviewer import ReadResult

HEAD = "a" * 40
BASE = "b" * 40
REF = PullRequestRef(owner="octo", repo="shop", number=7)


def a_pull_request(**changes: object) -> PullRequest:
    """Return an open pull request of a person, with these fields changed."""
    pull = PullRequest(
        ref=REF,
        repo_id=1,
        title="Take payments",
        body="",
        author="mona",
        author_is_bot=False,
        head=HEAD,
        base=BASE,
        base_branch="main",
        head_branch="payments",
        open=True,
        merged=False,
        draft=False,
        locked=False,
        private=False,
        labels=(),
        changed_files=1,
        additions=1,
        deletions=0,
        url="https://github.com/octo/shop/pull/7",
    )
    return replace(pull, **changes)  # type: ignore[arg-type]  # test builder


def a_file(path: str, patch: str | None, **changes: object) -> FileChange:
    """Return a changed file with the hunks of this patch."""
    hunks = None if patch is None else parse_patch(patch)
    lines = [line for hunk in hunks or () for line in hunk.lines]
    file = FileChange(
        path=path,
        status=FileStatus.MODIFIED,
        additions=sum(line.kind is LineKind.ADDED for line in lines),
        deletions=sum(line.kind is LineKind.REMOVED for line in lines),
        hunks=hunks,
    )
    return replace(file, **changes)  # type: ignore[arg-type]  # test builder


def a_new_file(path: str, text: str) -> FileChange:
    """Return a file that the change adds with this text."""
    return a_file(path, patch_of_added_text(text), status=FileStatus.ADDED)


def a_candidate(path: str, line: int, quote: str, **changes: object) -> Candidate:
    """Return an important bug claimed at this line."""
    candidate = Candidate(
        path=path,
        line=line,
        severity=Severity.IMPORTANT,
        category=Category.BUG,
        title="The total is wrong",
        body="With two items the second one is charged twice.",
        quote=quote,
        confidence=0.9,
    )
    return replace(candidate, **changes)  # type: ignore[arg-type]  # test builder


def a_job(**changes: object) -> Job:
    """Return a first, claimed job for the head."""
    values: dict[str, object] = {
        "id": "1:7",
        "ref": REF,
        "repo_id": 1,
        "installation_id": 3,
        "head": HEAD,
        "epoch": 1,
        "generation": 1,
    }
    return Job.model_validate(values | changes)


@dataclass
class FakeHost:
    """One pull request in memory: its files at two commits, its diff, its comments."""

    pull: PullRequest = field(default_factory=a_pull_request)
    files: tuple[FileChange, ...] = ()
    unlisted: int = 0
    at_head: dict[str, bytes] = field(default_factory=dict)
    at_base: dict[str, bytes] = field(default_factory=dict)
    comments: list[StandingComment] = field(default_factory=list)
    others: list[Remark] = field(default_factory=list)
    gone: bool = False
    down: bool = False
    after_changes: Callable[[], None] = lambda: None
    reads: list[tuple[str, str]] = field(default_factory=list)
    listed_only: bool = False
    """The repository is too large to be had as a whole."""
    told: Background = field(default_factory=Background)
    at_once: int = 0
    most_at_once: int = 0

    async def pull_request(self) -> PullRequest:
        self._reachable()
        return self.pull

    async def changes(self, pull: PullRequest) -> ChangeSet:
        self._reachable()
        changes = ChangeSet(self.files, unlisted=self.unlisted)
        self.after_changes()
        return changes

    async def text(self, path: str, commit: str) -> bytes | None:
        self._reachable()
        self.reads.append((path, commit))
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(0)
        self.at_once -= 1
        tree = {self.pull.head: self.at_head, self.pull.base: self.at_base}[commit]
        return tree.get(path)

    async def standing_comments(self) -> tuple[StandingComment, ...]:
        self._reachable()
        return tuple(self.comments)

    async def remarks(self) -> tuple[Remark, ...]:
        self._reachable()
        return tuple(self.others)

    async def repository(self, pull: PullRequest) -> RepositoryText | None:
        self._reachable()
        if self.listed_only:
            return RepositoryText({}, tuple(self.at_head))
        texts = {path: raw.decode(errors="replace") for path, raw in self.at_head.items()}
        return RepositoryText(texts) if texts else None

    async def background(self, pull: PullRequest) -> Background:
        self._reachable()
        return self.told

    def _reachable(self) -> None:
        if self.gone:
            raise PullRequestGone("octo/shop#7 is not there any more.")
        if self.down:
            raise TransientError("GitHub is away", retry_after=30)


@dataclass
class FakePublisher:
    """Posts to a FakeHost and refuses what GitHub refuses."""

    host: FakeHost
    refuse: frozenset[str] = frozenset()
    """Finding ids whose place is refused although it looks right."""
    reviews: list[PostedReview] = field(default_factory=list)

    async def publish(self, draft: ReviewDraft, fence: Fence) -> PostedReview:
        await fence.check()
        if self.host.pull.head != draft.pull.head:
            raise HeadMoved(self.host.pull.head)
        assert 0 < len(draft.inline) <= 30
        taken = [each for each in draft.inline if each.id not in self.refuse]
        number = len(self.reviews) + 1
        urls = {
            each.id: f"{draft.pull.url}#discussion_r{number}{n}" for n, each in enumerate(taken)
        }
        for each in taken:
            self.host.comments.append(self._comment(each, urls[each.id], draft.pull.head))
        posted = PostedReview(
            id=number,
            url=f"{draft.pull.url}#pullrequestreview-{number}",
            comment_urls=urls,
            refused=tuple(each.id for each in draft.inline if each.id in self.refuse),
        )
        self.reviews.append(posted)
        return posted

    async def find_posted(self, pull: PullRequest, fence: Fence) -> PostedReview | None:
        return replace(self.reviews[-1], adopted=True) if self.reviews else None

    def _comment(self, finding: Finding, url: str, head: str) -> StandingComment:
        place, candidate = finding.anchor, finding.candidate
        assert place is not None
        file = next(file for file in self.host.files if file.path == place.path)
        assert LineMap(file.hunks or ()).accepts(place.side, place.line, place.start_line)
        labels = f"<sub>{candidate.severity.capitalize()} · {candidate.category}</sub>"
        return StandingComment(
            finding_id=finding.id,
            fingerprint=finding.fingerprint,
            path=place.path,
            line=place.line,
            side=place.side,
            body=f"**{candidate.title}**\n\n{candidate.body}\n\n{labels}\n\n<!-- marker -->",
            url=url,
            commit=head,
        )


@dataclass
class FakeFence:
    """A lease that is held, or lost."""

    lost: bool = False
    review_id: int | None = None
    write_timeout: float = 20.0
    settle_seconds: float = 0.0

    async def check(self) -> None:
        if self.lost:
            raise LeaseLost("another worker holds the job")

    async def remember_review(self, review_id: int) -> None:
        await self.check()
        self.review_id = review_id


@dataclass(frozen=True)
class Asked:
    """What a reviewer was given to read."""

    paths: tuple[str, ...]
    texts: Mapping[str, str]
    instructions: str
    focus: str
    static: tuple[Candidate, ...]
    context: Context = NO_CONTEXT


READ_WHOLE = ReadResult(candidates=(), strength=Strength.FULL, models=("fake:one",))


class NoAnalyzers:
    """Analyzers without a rule."""

    async def run(self, files: Sequence[SourceFile]) -> tuple[Candidate, ...]:
        return ()


@dataclass
class FakeReviewer:
    """Says what it was told to say, on top of what the analyzers found."""

    claims: tuple[Candidate, ...] = ()
    result: ReadResult = READ_WHOLE
    strength: Strength = Strength.FULL
    asked: list[Asked] = field(default_factory=list)

    async def read(
        self,
        pull: PullRequest,
        files: Sequence[FileChange],
        texts: Mapping[str, str],
        *,
        instructions: str,
        focus: str,
        static: Sequence[Candidate],
        run: str = "",
        context: Context = NO_CONTEXT,
        earlier: Sequence[RecordedFinding] = (),
        progress: Progress = UNHEARD,
    ) -> ReadResult:
        paths = tuple(file.path for file in files)
        asked = Asked(paths, dict(texts), instructions, focus, tuple(static), context)
        self.asked.append(asked)
        return replace(self.result, candidates=(*self.claims, *static))
