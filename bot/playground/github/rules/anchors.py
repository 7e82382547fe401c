"""Where a comment on the diff may stand, and what GitHub says when it may not.

A review with one bad comment is refused whole, and the words do not tell which one it was.
https://docs.github.com/en/rest/pulls/comments#create-a-review-comment-for-a-pull-request
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.playground.github.diffs import DiffHunk, FileDiff, HunkLine
from bot.playground.github.rules.sizes import body_errors

THREAD = "Pull request review thread"
NOT_IN_DIFF = (f"{THREAD} line must be part of the diff", f"{THREAD} diff hunk can't be blank")
OTHER_HUNK = f"{THREAD} start line must be part of the same hunk as the line."
NOT_BEFORE = f"{THREAD} start line must precede the end line."
NO_PATH = "Path could not be resolved"
SIDES = ("LEFT", "RIGHT")


@dataclass(frozen=True, slots=True)
class Placed:
    """A comment that GitHub accepts, with the part of the diff it shows above it."""

    path: str
    body: str
    side: str
    line: int | None
    start_line: int | None
    start_side: str | None
    position: int | None
    diff_hunk: str


def place(files: Sequence[FileDiff], comment: Mapping[str, Any]) -> tuple[Placed | None, list[str]]:
    """Return the comment in its place, or the messages that refuse it."""
    errors = body_errors(comment.get("body"), required=True)
    path = comment.get("path")
    file = next((f for f in files if f.path == path), None)
    if file is None:
        return None, [*errors, NO_PATH]
    if comment.get("subject_type") == "file":
        return _on_file(file, comment), errors
    if "position" in comment and "line" not in comment:
        comment = {**comment, **_from_position(file, comment["position"])}
    placed, wrong = _on_lines(file, comment)
    return (placed, []) if not errors and not wrong else (None, [*errors, *wrong])


def _on_lines(file: FileDiff, comment: Mapping[str, Any]) -> tuple[Placed | None, list[str]]:
    side = comment.get("side") or "RIGHT"
    line = comment.get("line")
    found = _find(file, side, line)
    if found is None:
        return None, list(NOT_IN_DIFF)
    hunk, end = found
    start_line = comment.get("start_line")
    start_side = comment.get("start_side") or side
    if start_line is not None:
        wrong = _range_errors(hunk, start_side, start_line, end)
        if wrong:
            return None, wrong
    placed = Placed(
        path=file.path,
        body=comment["body"] if isinstance(comment.get("body"), str) else "",
        side=side,
        line=line,
        start_line=start_line,
        start_side=start_side if start_line is not None else None,
        position=end.position,
        diff_hunk=_excerpt(hunk, end),
    )
    return placed, []


def _find(file: FileDiff, side: Any, line: Any) -> tuple[DiffHunk, HunkLine] | None:
    if side not in SIDES or not isinstance(line, int) or isinstance(line, bool):
        return None
    for hunk in file.hunks:
        found = hunk.place(side, line)
        if found is not None:
            return hunk, found
    return None


def _range_errors(hunk: DiffHunk, side: Any, line: Any, end: HunkLine) -> list[str]:
    start = hunk.place(side, line) if side in SIDES and isinstance(line, int) else None
    if start is None:
        return [OTHER_HUNK]
    return [] if start.position < end.position else [NOT_BEFORE]


def _from_position(file: FileDiff, position: Any) -> dict[str, Any]:
    """Read the older way to name a line: its count below the first hunk header."""
    for hunk in file.hunks:
        for line in hunk.lines:
            if line.position == position:
                side = "LEFT" if line.kind == "-" else "RIGHT"
                return {"side": side, "line": line.old if side == "LEFT" else line.new}
    return {}


def _excerpt(hunk: DiffHunk, end: HunkLine) -> str:
    shown = [f"{line.kind}{line.text}" for line in hunk.lines if line.position <= end.position]
    return "\n".join([hunk.header, *shown])


def _on_file(file: FileDiff, comment: Mapping[str, Any]) -> Placed | None:
    body = comment.get("body")
    if not isinstance(body, str) or not body:
        return None
    return Placed(file.path, body, "RIGHT", None, None, None, None, "")
