"""Patches as GitHub gives them → hunks; and which lines of them can carry a comment.

Only LF ends a line here, as in git: carriage returns, form feeds and U+2028 are text. The
parsing is unidiff's; it skips what it does not know, so what it skipped is counted and refused.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from unidiff.errors import UnidiffParseError
from unidiff.patch import Hunk as ParsedHunk
from unidiff.patch import PatchSet

from core.models import DiffLine, Hunk, LineKind, Side

_FILE_HEADER = "--- a/file\n+++ b/file\n"
"""GitHub's `patch` begins with the first hunk; unidiff wants a file to hang it on."""

_KINDS = {kind.value: kind for kind in LineKind}

_NO_FINAL_NEWLINE = "\\ No newline at end of file"


@dataclass(frozen=True, slots=True)
class MalformedPatch:
    """A patch that is none, and why; nothing of it is used."""

    reason: str


def parse_patch(patch: str) -> tuple[Hunk, ...] | None:
    """Return the hunks of a patch, or None for one that cannot be trusted as a whole."""
    hunks = read_patch(patch)
    return None if isinstance(hunks, MalformedPatch) else hunks


def read_patch(patch: str) -> tuple[Hunk, ...] | MalformedPatch:
    """Return the hunks of a patch, or what is wrong with it; never raises."""
    if not patch:
        return ()
    try:
        files = PatchSet(_FILE_HEADER + patch)
    except (UnidiffParseError, ValueError) as error:
        # ValueError: a line number of thousands of digits
        return MalformedPatch(str(error).lower())
    if len(files) != 1:
        return MalformedPatch("more than one file")
    lines_read = sum(1 + len(hunk) for hunk in files[0])
    lines_given = patch.removesuffix("\n").count("\n") + 1
    if lines_read != lines_given:
        return MalformedPatch(f"{lines_given - lines_read} lines belong to no hunk")
    return tuple(_hunk(hunk) for hunk in files[0])


def patch_of_added_text(text: str) -> str:
    """Return the patch GitHub would give for a new file with this text."""
    if not text:
        return ""
    lines = text.removesuffix("\n").split("\n")
    count = "" if len(lines) == 1 else f",{len(lines)}"
    body = [f"@@ -0,0 +1{count} @@", *(f"+{line}" for line in lines)]
    if not text.endswith("\n"):
        body.append(_NO_FINAL_NEWLINE)
    return "\n".join(body)


def text_of_added_file(hunks: Sequence[Hunk]) -> str:
    """Return a new file's text from its hunks, with LF after every line."""
    return "".join(f"{line.text}\n" for hunk in hunks for line in hunk.lines)


@dataclass(frozen=True)
class LineMap:
    """The lines of one file's diff by side and number.

    A comment can stand on every line of a hunk: on RIGHT on its added and context lines, on
    LEFT on its removed and context lines. Start and end of a range lie in the same hunk.
    https://docs.github.com/en/rest/pulls/comments#create-a-review-comment-for-a-pull-request
    """

    hunks: tuple[Hunk, ...]

    def accepts(self, side: Side, line: int, start_line: int | None = None) -> bool:
        """Tell whether GitHub takes a comment on this line, or from `start_line` to it."""
        last = self.hunk_index(side, line)
        if last is None or not self.hunks[last].given:
            return False
        if start_line is None:
            return True
        return start_line < line and self.hunk_index(side, start_line) == last

    def hunk_index(self, side: Side, line: int) -> int | None:
        """Return which hunk holds the line, None when it is not in the diff."""
        place = self._places[side].get(line)
        return None if place is None else place[0]

    def line_at(self, side: Side, line: int) -> DiffLine | None:
        """Return the diff's line with this number on this side."""
        place = self._places[side].get(line)
        return None if place is None else place[1]

    def texts(self, side: Side, start: int, end: int) -> list[str]:
        """Return what stands on these lines, first and last included."""
        lines = (self.line_at(side, number) for number in range(start, end + 1))
        return [line.text for line in lines if line is not None]

    def moved(self, old: int) -> int:
        """Return the number after the change of a line that no hunk holds."""
        return old + sum(
            hunk.new_count - hunk.old_count
            for hunk in self.hunks
            if hunk.old_start + max(hunk.old_count, 1) <= old
        )

    def numbers(self, side: Side) -> tuple[int, ...]:
        """Return every line that can carry a comment on this side, in order."""
        return tuple(self._places[side])

    @cached_property
    def added(self) -> frozenset[int]:
        """Line numbers, after the change, of what it added."""
        return frozenset(
            line.new
            for hunk in self.hunks
            for line in hunk.lines
            if line.kind is LineKind.ADDED and line.new is not None
        )

    @cached_property
    def _places(self) -> dict[Side, dict[int, tuple[int, DiffLine]]]:
        right: dict[int, tuple[int, DiffLine]] = {}
        left: dict[int, tuple[int, DiffLine]] = {}
        for index, hunk in enumerate(self.hunks):
            for line in hunk.lines:
                if line.new is not None:
                    right[line.new] = (index, line)
                if line.old is not None:
                    left[line.old] = (index, line)
        return {Side.RIGHT: right, Side.LEFT: left}


def number_on(side: Side, line: DiffLine) -> int | None:
    """Return the line's number on a side, None where it does not exist."""
    return line.new if side is Side.RIGHT else line.old


def _hunk(parsed: ParsedHunk) -> Hunk:
    return Hunk(
        old_start=parsed.source_start,
        old_count=parsed.source_length,
        new_start=parsed.target_start,
        new_count=parsed.target_length,
        section=parsed.section_header.strip(),
        lines=tuple(_lines(parsed)),
    )


def _lines(parsed: ParsedHunk) -> Iterator[DiffLine]:
    for line in parsed:
        if line.line_type in _KINDS:
            yield DiffLine(
                kind=_KINDS[line.line_type],
                old=line.source_line_no,
                new=line.target_line_no,
                text=line.value.removesuffix("\n").removesuffix("\r"),
            )
