"""The code that may refute a claim: the hunk around it, cut to what is near.

What lies further away (enclosing functions, definitions, callers) is added where room is left,
as it is for a review.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from core.diff import LineMap, number_on
from core.models import FileChange, Finding, Hunk
from core.prompts.material import LONGEST_LINE, excerpt_line, related_heading, tokens
from core.prompts.pieces import part_of
from core.quotes import Quotes

NEAR = 60
"""Lines of a hunk on either side of a claim."""
NEAR_IN_SMALL = 20
"""The same for a model that takes little."""
_LINE_TOKENS = 4
"""Of a line's number and mark."""
_HEADING = 40
"""Tokens of a file's heading beside its path, and of its hunks' own."""


@dataclass(frozen=True, slots=True)
class Window:
    """Lines of one hunk of one file, by their index in it."""

    path: str
    hunk: int
    lines: range


@dataclass
class Shown:
    """The windows of one call; a line is counted and shown once."""

    files: Mapping[str, FileChange]
    _lines: dict[tuple[str, int], set[int]] = field(default_factory=dict)

    def cost(self, window: Window) -> int:
        """Bound the tokens that a window would add."""
        known = self._lines.get((window.path, window.hunk), set())
        hunk = self._hunk(window.path, window.hunk)
        new = [hunk.lines[at] for at in window.lines if at not in known]
        size = sum(tokens(line.text[:LONGEST_LINE]) + _LINE_TOKENS for line in new)
        return size if known else size + tokens(window.path) + _HEADING

    def add(self, window: Window) -> None:
        """Show these lines too."""
        self._lines.setdefault((window.path, window.hunk), set()).update(window.lines)

    def cut(self) -> tuple[FileChange, ...]:
        """Return each file with the parts of its hunks that are shown."""
        found: list[FileChange] = []
        for path, keys in groupby(sorted(self._lines), key=lambda key: key[0]):
            parts = (part for key in keys for part in self._parts(key))
            found.append(replace(self.files[path], hunks=tuple(parts)))
        return tuple(found)

    def _hunk(self, path: str, index: int) -> Hunk:
        return (self.files[path].hunks or ())[index]

    def _parts(self, key: tuple[str, int]) -> Iterator[Hunk]:
        """Yield the runs of lines without a gap."""
        hunk = self._hunk(*key)
        for _, run in groupby(enumerate(sorted(self._lines[key])), key=lambda at: at[1] - at[0]):
            shown = [index for _, index in run]
            yield part_of(hunk, shown[0], shown[-1] + 1)


def window_of(finding: Finding, file: FileChange, near: int) -> Window | None:
    """Return the lines around an anchored finding, None where it has no place in the diff."""
    anchor = finding.anchor
    if anchor is None:
        return None
    index = LineMap(file.hunks or ()).hunk_index(anchor.side, anchor.line)
    if index is None:
        return None
    lines = (file.hunks or ())[index].lines
    first = anchor.start_line or anchor.line
    on = [
        at
        for at, line in enumerate(lines)
        if first <= (number_on(anchor.side, line) or 0) <= anchor.line
    ]
    return Window(file.path, index, range(max(on[0] - near, 0), min(on[-1] + near + 1, len(lines))))


def quoted_lines(finding: Finding, text: str | None, near: int) -> str:
    """Return the lines of the head around code outside the diff, empty where it is not known."""
    lines = (text or "").replace("\r\n", "\n").split("\n")
    claimed = finding.candidate.line
    spans = Quotes(tuple(enumerate(lines, 1))).find(finding.candidate.quote, claimed)
    span = min(spans, key=lambda each: each.distance(claimed), default=None)
    if span is None:
        return ""
    numbers = range(max(span.start - near, 1), min(span.end + near, len(lines)) + 1)
    heading = related_heading(finding.candidate.path, ("unchanged, a candidate is about it",))
    return "\n".join((heading, *_written(numbers, lines)))


def _written(numbers: range, lines: Sequence[str]) -> Iterator[str]:
    return (excerpt_line(number, lines[number - 1]) for number in numbers)
