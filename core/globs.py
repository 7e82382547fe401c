"""Patterns over paths with the meaning they have in `.gitignore`, in bounded time.

Not through pathspec or a single regular expression: `*a*a*a*b` over a path of 300 letters keeps
those busy for seconds, and paths are chosen by whoever opens a pull request. Here each segment
is matched by fnmatch, whose stars never backtrack, and `**` by walking the segments once.
https://git-scm.com/docs/gitignore#_pattern_format
"""

import fnmatch
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

MAX_LENGTH = 256
"""Characters of one pattern."""

MAX_SEGMENTS = 20
"""Parts between slashes; deeper patterns name a file rather than describe many."""

MAX_DOUBLE_STARS = 5
"""`**` in one pattern."""

_ANY_DEPTH = "**"


class InvalidGlob(ValueError):
    """A pattern that is not taken; the message says why in a sentence."""


@dataclass(frozen=True)
class Glob:
    """One pattern; `whole_directories` makes it match all that lies below a match."""

    text: str
    whole_directories: bool = True

    def matches(self, path: str) -> bool:
        """Tell whether the path, or with `whole_directories` a folder of it, matches."""
        return self.matches_parts(path.split("/"))

    def matches_parts(self, parts: Sequence[str]) -> bool:
        """Tell the same for a path that is already split at its slashes."""
        if self._only_name:
            names = parts if self.whole_directories else parts[-1:]
            return any(self._segments[-1].matches(name) for name in names)
        return _walk(self._segments, parts, prefix_is_enough=self.whole_directories)

    @cached_property
    def _segments(self) -> tuple["_Segment", ...]:
        text = self.text.strip()
        anchored = "/" in text.rstrip("/")
        names = [name for name in text.strip("/").split("/") if name]
        if not anchored:
            names.insert(0, _ANY_DEPTH)
        return tuple(_Segment(name) for name in names)

    @cached_property
    def _only_name(self) -> bool:
        any_depth, *rest = self._segments
        return any_depth.any_depth and len(rest) == 1 and not rest[0].any_depth


def check_glob(text: str) -> str:
    """Return a pattern that is taken; raises InvalidGlob otherwise."""
    if not text.strip().strip("/"):
        raise InvalidGlob("a pattern may not be empty")
    if len(text) > MAX_LENGTH:
        raise InvalidGlob(f"a pattern may have at most {MAX_LENGTH} characters")
    if text.count(_ANY_DEPTH) > MAX_DOUBLE_STARS:
        raise InvalidGlob(f"a pattern may have at most {MAX_DOUBLE_STARS} `**`")
    if text.count("/") >= MAX_SEGMENTS:
        raise InvalidGlob(f"a pattern may have at most {MAX_SEGMENTS} parts between slashes")
    if any(ord(character) < ord(" ") for character in text):
        raise InvalidGlob("a pattern may not hold control characters")
    if text.startswith("!"):
        raise InvalidGlob("a pattern may not begin with `!`; use `include` and `ignore`")
    if "{" in text:
        raise InvalidGlob("braces are not expanded; write one pattern for each")
    return text


def first_match(globs: Iterable[Glob], path: str) -> Glob | None:
    """Return the first pattern that matches the path."""
    parts = path.split("/")
    return next((glob for glob in globs if glob.matches_parts(parts)), None)


@dataclass(frozen=True)
class _Segment:
    """A pattern between two slashes."""

    text: str

    @cached_property
    def any_depth(self) -> bool:
        return self.text == _ANY_DEPTH

    def matches(self, name: str) -> bool:
        return self._expression.match(name) is not None if self._wild else self.text == name

    @cached_property
    def _wild(self) -> bool:
        return any(character in self.text for character in "*?[")

    @cached_property
    def _expression(self) -> re.Pattern[str]:
        return re.compile(fnmatch.translate(self.text))


def _walk(pattern: Sequence[_Segment], parts: Sequence[str], *, prefix_is_enough: bool) -> bool:
    """Match greedily: after a failure only the last `**` can take one segment more."""
    at, place = 0, 0
    retry: tuple[int, int] | None = None
    while True:
        if at == len(pattern) and (prefix_is_enough or place == len(parts)):
            return True
        if at < len(pattern) and pattern[at].any_depth:
            if at == len(pattern) - 1:
                return place < len(parts)
            at, retry = at + 1, (at + 1, place)
        elif at < len(pattern) and place < len(parts) and pattern[at].matches(parts[place]):
            at, place = at + 1, place + 1
        elif retry is None or retry[1] >= len(parts):
            return False
        else:
            at, place = retry[0], retry[1] + 1
            retry = (at, place)
