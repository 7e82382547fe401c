"""Ranges of commits as pull requests: where they begin, and what they say of themselves.

`a..b` and `a...b` both mean what b brings since it left a. A difference of the two trees would
show a's newer work as if b took it back.
"""

import re

from bot.adapters.local_git.change import Story
from bot.adapters.local_git.process import Git, GitFailed
from bot.adapters.local_git.repository import Repository
from core.errors import UserError

MAX_SUBJECTS = 50
"""Commits named in the description of a range."""
MAX_COMMITS = 1_000
"""Commits counted in its title."""


async def range_of(repository: Repository, target: str) -> tuple[str, str] | None:
    """Return (base, head) of a range or a revision, None when it names none."""
    left, dots, right = _split(target)
    head = await repository.commit(right or "HEAD")
    if not dots:
        return None if head is None else (await _parent(repository, head), head)
    start = await repository.commit(left or "HEAD")
    if head is None or start is None:
        return None
    try:
        return await repository.git.line("merge-base", start, head), head
    except GitFailed as cause:
        raise UserError(
            f"The two ends of {target} have no common history.",
            why="They are unrelated, or this clone is shallow.",
            next_step="Fetch more of it: `git fetch --unshallow`.",
        ) from cause


def _split(target: str) -> tuple[str, str, str]:
    """Part a range at its dots; a single revision is the right side, without dots."""
    dots = "..." if "..." in target else ".."
    left, found, right = target.partition(dots)
    return (left, found, right) if found else ("", "", target)


async def _parent(repository: Repository, head: str) -> str:
    """Return the first parent, or the empty tree for a commit that has none."""
    parent = await repository.commit(f"{head}^")
    if parent is not None:
        return parent
    if b"\nparent " in (await _commit_text(repository.git, head)).partition(b"\n\n")[0]:
        raise UserError(
            f"The parent of {head[:12]} is not in this clone.",
            why="The clone is shallow.",
            next_step="Fetch more of it: `git fetch --deepen 1`.",
        )
    return await repository.empty_tree()


async def told(repository: Repository, base: str, head: str, target: str) -> Story:
    """Return what a range says of itself: its newest subject, its author, its commits."""
    header, _, message = (await _commit_text(repository.git, head)).partition(b"\n\n")
    author = re.search(rb"^author (.*) <", header, re.MULTILINE)
    subject = message.decode(errors="replace").strip().partition("\n")[0] or head[:12]
    subjects = await _subjects(repository.git, base, head)
    more = len(subjects) - 1
    return Story(
        repository.name,
        f"{subject} (and {more} more commit{'s' * (more > 1)})" if more > 0 else subject,
        head=head,
        base=base,
        body="\n".join(f"- {line}" for line in subjects[:MAX_SUBJECTS]) if more > 0 else "",
        author=author[1].decode(errors="replace") if author else "",
        head_branch=target,
        base_branch=base[:12],
    )


async def _commit_text(git: Git, commit: str) -> bytes:
    return await git.run("cat-file", "commit", commit)


async def _subjects(git: Git, base: str, head: str) -> list[str]:
    """Return the subjects of base..head, newest first; none where base is no commit."""
    question = ("log", "-z", "--format=%s", "--encoding=UTF-8", "--no-show-signature", "--no-color")
    try:
        output = await git.run(*question, f"--max-count={MAX_COMMITS}", f"{base}..{head}")
    except GitFailed:
        return []
    return [line for line in output.decode(errors="replace").split("\0") if line]
