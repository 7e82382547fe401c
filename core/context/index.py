"""A symbol index over a repository's text: who defines a name, and who mentions it.

Built for one change: only the names that it wants are looked for, in one pass over the text, and
only files that may answer are parsed. Bounded in files, characters and seconds.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from core.context.languages import is_code, speaks
from core.context.names import imports, may_define
from core.context.outline import EMPTY, LARGEST_TEXT, Outline, Symbol, outline

_WORDS_ALONE = bytes(c if chr(c).isalnum() or c == 95 or c >= 128 else 32 for c in range(256))
"""Turns what is between words into blanks: twice as fast as finding the words by pattern."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What looking around in a repository may cost."""

    files: int = 6_000
    characters: int = 16_000_000
    """In all files that are searched; about 50 million are searched a second."""
    parsed: int = 1_600_000
    """In the files that are parsed; about 4 million are parsed a second."""
    seconds: float = 3.0


@dataclass(frozen=True, slots=True)
class Definition:
    """A symbol and the file that defines it."""

    path: str
    symbol: Symbol


@dataclass
class Index:
    """The text of a repository at one commit, as far as the bounds reach."""

    texts: Mapping[str, str]
    bounds: Bounds = field(default_factory=Bounds)
    clock: Callable[[], float] = time.monotonic
    _outlines: dict[str, Outline] = field(default_factory=dict)
    _lines: dict[str, Sequence[str]] = field(default_factory=dict)
    _imports: dict[str, frozenset[str]] = field(default_factory=dict)
    _mentions: dict[str, list[str]] = field(default_factory=dict)
    _definers: dict[str, list[str]] = field(default_factory=dict)
    _parsed: int = 0
    _until: float = 0.0

    def __post_init__(self) -> None:
        self._until = self.clock() + self.bounds.seconds

    def search(self, wanted: Iterable[str], near: Sequence[str]) -> None:
        """Look for these names in every file within the bounds, the files beside `near` first."""
        names = {name.encode(): name for name in wanted}
        keys = frozenset(names)
        left = self.bounds.characters
        for path in self._order(near)[: self.bounds.files]:
            text = self.texts[path]
            left -= len(text)
            if left < 0 or self.clock() > self._until:
                break
            words = text.encode("utf-8", "replace").translate(_WORDS_ALONE).split()
            found = frozenset(names[word] for word in keys.intersection(words))
            if not found:
                continue
            for name in found:
                self._mentions.setdefault(name, []).append(path)
            for name in found & may_define(path, text):
                self._definers.setdefault(name, []).append(path)

    def mentions(self, name: str) -> Sequence[str]:
        """Return the files that a name was found in."""
        return self._mentions.get(name, ())

    def definers(self, name: str) -> Sequence[str]:
        """Return the files that may define a name."""
        return self._definers.get(name, ())

    def definitions(self, name: str, path: str) -> tuple[Definition, ...]:
        """Return what a file defines under a name."""
        return tuple(
            Definition(path, symbol) for symbol in self.outline(path).symbols if symbol.name == name
        )

    def outline(self, path: str) -> Outline:
        """Return a file's outline, an empty one when the bounds are reached."""
        known = self._outlines.get(path)
        if known is not None:
            return known
        text = self.texts.get(path, "")
        if self._parsed + len(text) > self.bounds.parsed or self.clock() > self._until:
            return EMPTY
        self._parsed += len(text)
        made = self._outlines[path] = outline(path, text)
        return made

    def lines(self, path: str) -> Sequence[str]:
        """Return a file's lines without their ends."""
        known = self._lines.get(path)
        if known is None:
            known = self._lines[path] = self.texts.get(path, "").replace("\r\n", "\n").split("\n")
        return known

    def imports(self, path: str) -> frozenset[str]:
        """Return the words in a file's imports."""
        known = self._imports.get(path)
        if known is None:
            known = self._imports[path] = imports(self.texts.get(path, ""))
        return known

    def _order(self, near: Sequence[str]) -> list[str]:
        """Return the files of the languages of `near`, those in the same folders first."""
        families = {speaks(path) for path in near}
        folders = {path.rpartition("/")[0] for path in near}
        tops = {path.partition("/")[0] for path in near}
        code = [
            path
            for path, text in self.texts.items()
            if is_code(path) and speaks(path) in families and len(text) <= LARGEST_TEXT
        ]

        def distance(path: str) -> tuple[int, str]:
            if path.rpartition("/")[0] in folders:
                return 0, path
            return (1 if path.partition("/")[0] in tops else 2), path

        return sorted(code, key=distance)
