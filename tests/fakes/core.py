"""Hand-written collaborators of the review: a host, a publisher, a reviewer, a lease, in memory.

They keep state and refuse what the real ones refuse; values come from small builders.
"""

from dataclasses import replace

from core.diff import parse_patch, patch_of_added_text
from core.models import (
    Candidate,
    Category,
    FileChange,
    FileStatus,
    Job,
    LineKind,
    PullRequest,
    PullRequestRef,
    Severity,
)

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
