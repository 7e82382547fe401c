"""Finds a quote in numbered lines: as it stands, by its words, or by its letters alone.

Which of several places is meant, and whether a comment can stand there, is for `core.anchoring`.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import chain, islice

from core.analyzers.secrets import mask
from core.prompts.visible import conceal

_MAX_OCCURRENCES = 500
"""Places of one quote that are compared on either side of the claimed line."""


class Match(IntEnum):
    """How well a quote stands in the code, the best first."""

    EXACT = 0
    """Character for character."""
    WORDS = 1
    """Only the whitespace between words differs."""
    LETTERS = 2
    """Without whitespace, hidden characters and credentials, which prompts do not show."""

    @property
    def joint(self) -> str:
        """Return what stands between two lines when they are compared in this way."""
        return ("\n", " ", "")[self]


@dataclass(frozen=True, slots=True)
class Span:
    """Lines, first and last, in which a quote stands."""

    start: int
    end: int
    match: Match
    torn: bool
    """True when it begins or ends inside a word."""

    def distance(self, line: int) -> int:
        """Return how many lines lie between this span and a line."""
        return max(self.start - line, line - self.end, 0)


class Quotes:
    """Finds quotes in numbered lines."""

    def __init__(self, lines: Sequence[tuple[int, str]]) -> None:
        self._lines = lines
        self._texts: dict[Match, _Text] = {}

    def find(self, quote: str, near: int = 1) -> Iterator[Span]:
        """Return the places of the best match there is, those near a line first."""
        for match in Match:
            found = False
            for span in self.find_as(match, quote, near):
                found = True
                yield span
            if found:
                return

    def find_as(self, match: Match, quote: str, near: int) -> Iterator[Span]:
        """Return the places where the quote stands in this way."""
        if match not in self._texts:
            self._texts[match] = _Text(self._lines, match)
        return self._texts[match].find(quote, near)


class _Text:
    """Lines joined into one text, with the way back from an offset to a line."""

    def __init__(self, lines: Sequence[tuple[int, str]], match: Match) -> None:
        self._match = match
        if match is not Match.EXACT:
            lines = [(number, kept) for number, text in lines if (kept := _reduced(text, match))]
        self._text = match.joint.join(text for _, text in lines)
        self._numbers = [number for number, _ in lines]
        self._starts: list[int] = []
        offset = 0
        for _, text in lines:
            self._starts.append(offset)
            offset += len(text) + len(match.joint)

    def find(self, quote: str, near: int) -> Iterator[Span]:
        """Return the places of a quote, from a line on and back from it."""
        wanted = _reduced(quote, self._match)
        if not wanted.strip():
            return
        middle = self._offset(near)
        for at in chain(
            islice(self._onward(wanted, middle), _MAX_OCCURRENCES),
            islice(self._backward(wanted, middle), _MAX_OCCURRENCES),
        ):
            last = at + len(wanted) - 1
            torn = self._match is not Match.LETTERS and self._torn(at, last)
            yield Span(self._line(at), self._line(last), self._match, torn)

    def _onward(self, wanted: str, start: int) -> Iterator[int]:
        at = self._text.find(wanted, start)
        while at >= 0:
            yield at
            at = self._text.find(wanted, at + 1)

    def _backward(self, wanted: str, start: int) -> Iterator[int]:
        at = self._text.rfind(wanted, 0, max(start + len(wanted) - 1, 0))
        while at >= 0:
            yield at
            at = self._text.rfind(wanted, 0, at + len(wanted) - 1)

    def _offset(self, line: int) -> int:
        at = bisect_left(self._numbers, line)
        return self._starts[at] if at < len(self._starts) else len(self._text)

    def _line(self, offset: int) -> int:
        return self._numbers[bisect_right(self._starts, offset) - 1]

    def _torn(self, first: int, last: int) -> bool:
        before, after = self._text[max(first - 1, 0) : first], self._text[last + 1 : last + 2]
        return (_in_word(before) and _in_word(self._text[first])) or (
            _in_word(self._text[last]) and _in_word(after)
        )


def _reduced(text: str, match: Match) -> str:
    """Return what of a text takes part in a comparison."""
    if match is Match.EXACT:
        return _without_blank_edges(text)
    if match is Match.WORDS:
        return " ".join(text.split())
    letters = "".join("".join(map(_masked, text.split("\n"))).split())
    return letters if letters.isprintable() else "".join(filter(str.isprintable, letters))


def _masked(line: str) -> str:
    """Return a line as prompts show it, but for hidden characters, in whichever form."""
    return mask(conceal(line))


def _without_blank_edges(quote: str) -> str:
    """Drop blank lines around the quote; the indentation of its first line stays."""
    lines = quote.rstrip().split("\n")
    while lines and not lines[0].strip():
        del lines[0]
    return "\n".join(lines)


def _in_word(character: str) -> bool:
    return character.isalnum() or character == "_"
