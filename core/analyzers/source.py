"""The text an analyzer looks at, and the lines of it that the change added.

Reading files and parsing diffs is done elsewhere; an analyzer sees text and nothing else.
"""

from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class SourceFile:
    """One file at the head; `added` are its added lines, counted from 1."""

    path: str
    text: str
    added: frozenset[int]

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """Its lines without line ends; only LF, CRLF and CR end a line, as git counts them."""
        return tuple(self.text.replace("\r\n", "\n").split("\n"))

    def line(self, number: int) -> str:
        """Return a line by its number, empty beyond the end."""
        return self.lines[number - 1] if 0 < number <= len(self.lines) else ""

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]

    @property
    def suffix(self) -> str:
        """The extension in lower case with its dot, empty when there is none."""
        stem, dot, extension = self.name.rpartition(".")
        return f".{extension.lower()}" if dot and stem else ""
