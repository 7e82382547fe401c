"""Where a comment stands today: it moves with its line, or is outdated when that line is gone."""

from dataclasses import dataclass

from bot.playground.github.diffs import DiffHunk, FileDiff
from bot.playground.github.records import Pull, ReviewComment


@dataclass(frozen=True, slots=True)
class Standing:
    """A comment's present place; without a position GitHub calls it outdated."""

    commit_id: str
    line: int | None
    start_line: int | None
    position: int | None


async def standing(comment: ReviewComment) -> Standing:
    """Follow a comment from the commit it was made on to the present head."""
    pull = comment.pull
    if comment.line is None or comment.commit_id == pull.head_sha:
        return Standing(comment.commit_id, comment.line, comment.start_line, comment.position)
    moved = await _moved(comment)
    file = next((f for f in await _files(pull) if f.path == comment.path), None)
    line = _position(file, comment.side, moved) if file and moved else None
    if line is None or moved is None:
        return Standing(comment.commit_id, None, None, None)
    shift = moved - comment.line
    start = comment.start_line + shift if comment.start_line is not None else None
    return Standing(pull.head_sha, moved, start, line)


async def _files(pull: Pull) -> tuple[FileDiff, ...]:
    return await pull.repo.git.changes(pull.base_sha, pull.head_sha)


async def _moved(comment: ReviewComment) -> int | None:
    """Return the line's number in the present version of its file, None when it was changed."""
    git, pull = comment.pull.repo.git, comment.pull
    if comment.side == "LEFT":
        before = await git.merge_base(pull.base_sha, comment.commit_id)
        after = await git.merge_base(pull.base_sha, pull.head_sha)
    else:
        before, after = comment.commit_id, pull.head_sha
    if before == after:
        return comment.line
    between = await git.diff(before, after)
    file = next((f for f in between if comment.path in {f.path, f.previous}), None)
    return _follow(file.hunks, comment.line or 0) if file else comment.line


def _follow(hunks: tuple[DiffHunk, ...], line: int) -> int | None:
    """Carry a line number over a diff."""
    shift = 0
    for hunk in hunks:
        if line < hunk.old_start:
            break
        for candidate in hunk.lines:
            if candidate.old == line:
                return candidate.new if candidate.kind == " " else None
        added = sum(candidate.kind == "+" for candidate in hunk.lines)
        shift += added - sum(candidate.kind == "-" for candidate in hunk.lines)
    return line + shift


def _position(file: FileDiff, side: str, line: int) -> int | None:
    found = (hunk.place(side, line) for hunk in file.hunks)
    return next((place.position for place in found if place is not None), None)
