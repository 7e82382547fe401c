"""A claim's quote → the place of the diff that it quotes, which GitHub accepts.

The quote decides, not the claimed line: models copy code well and count lines badly. The line
only chooses between several places. Nothing is anchored outside a hunk or across two.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from core.diff import LineMap, number_on
from core.models import Anchor, Candidate, DiffLine, FileChange, LineKind, Side

MAX_QUOTE_CHARACTERS = 4_000
"""Characters of a quote that are compared."""

MAX_RANGE_LINES = 20
"""Lines that a comment may span beyond its quote because the claim says so."""

_MAX_OCCURRENCES = 1_000
"""Places of one quote that are compared; a quote found more often says nothing."""

_LEAST_CHARACTERS = 3
"""A shorter quote, such as a brace, counts only on the very line it is claimed for."""


@dataclass(frozen=True, slots=True)
class Span:
    """Lines, first and last, in which a quote stands."""

    start: int
    end: int
    loose: bool
    """True when only the words match, not the whitespace."""
    torn: bool
    """True when it begins or ends inside a word."""

    def distance(self, line: int) -> int:
        """Return how many lines lie between this span and a line."""
        return max(self.start - line, line - self.end, 0)


class Quotes:
    """Finds quotes in numbered lines, exactly or by their words."""

    def __init__(self, lines: Sequence[tuple[int, str]]) -> None:
        self._exact = _Text([(number, text) for number, text in lines], "\n")
        self._words = _Text(
            [(number, words) for number, text in lines if (words := " ".join(text.split()))], " "
        )

    def find(self, quote: str) -> Iterator[Span]:
        """Return the places of the quote; exact ones alone where there are any."""
        found = False
        for span in self._exact.find(_without_blank_edges(quote), loose=False):
            found = True
            yield span
        if not found:
            yield from self._words.find(" ".join(quote.split()), loose=True)


class QuotedFile:
    """One changed file in which claims are located; built once, asked for each claim."""

    def __init__(self, file: FileChange, text: str | None) -> None:
        self.file = file
        self.map = LineMap(file.hunks or ())
        self._text = text

    def anchor(self, candidate: Candidate) -> Anchor | None:
        """Return the place in the diff that the quote names, None when it is not in the diff."""
        sides = (Side.RIGHT, Side.LEFT)
        if candidate.side is Side.LEFT:
            sides = (Side.LEFT, Side.RIGHT)
        for side in sides:
            span = _best(self._spans(side, candidate.quote), candidate)
            if span is not None:
                return self._anchor(side, span, candidate)
        return None

    def holds(self, candidate: Candidate) -> bool:
        """Tell whether the quote stands in the file at the head, in the diff or not."""
        if self._text is None:
            return False
        return _best(self._whole.find(_bare(candidate.quote)), candidate) is not None

    def code(self, candidate: Candidate, anchor: Anchor | None) -> str:
        """Return the whole lines that are anchored, the quote itself where none are."""
        if anchor is None:
            return candidate.quote
        start = anchor.start_line or anchor.line
        return "\n".join(self.map.texts(anchor.side, start, anchor.line))

    @cached_property
    def lines(self) -> tuple[str, ...] | None:
        """The file at the head by its lines, None where it is not known."""
        if self._text is None:
            return None
        return tuple(line.removesuffix("\r") for line in self._text.split("\n"))

    def _anchor(self, side: Side, span: Span, candidate: Candidate) -> Anchor:
        if side is Side.LEFT and not self._removes(span):
            # unchanged lines are named by where they stand now
            side, span = Side.RIGHT, self._moved_right(span)
        end = self._claimed_end(side, span, candidate)
        return Anchor(
            path=self.file.path,
            side=side,
            line=end,
            start_line=span.start if span.start < end else None,
        )

    def _claimed_end(self, side: Side, span: Span, candidate: Candidate) -> int:
        """Follow a claim that starts on its quote and names more lines of the same hunk."""
        claimed = candidate.end_line or 0
        fits = span.start == candidate.line and span.end < claimed <= span.end + MAX_RANGE_LINES
        return claimed if fits and self.map.accepts(side, claimed, span.start) else span.end

    def _spans(self, side: Side, quote: str) -> Iterator[Span]:
        bare = _bare(quote)
        for quotes in self._hunks[side]:
            yield from quotes.find(bare)

    def _removes(self, span: Span) -> bool:
        lines = (self.map.line_at(Side.LEFT, n) for n in range(span.start, span.end + 1))
        return any(line is not None and line.kind is LineKind.REMOVED for line in lines)

    def _moved_right(self, span: Span) -> Span:
        start = self.map.line_at(Side.LEFT, span.start)
        end = self.map.line_at(Side.LEFT, span.end)
        assert start is not None
        assert end is not None
        assert start.new is not None
        assert end.new is not None
        return Span(start.new, end.new, span.loose, span.torn)

    @cached_property
    def _hunks(self) -> dict[Side, tuple[Quotes, ...]]:
        return {
            side: tuple(Quotes(tuple(_numbered(side, hunk.lines))) for hunk in self.map.hunks)
            for side in Side
        }

    @cached_property
    def _whole(self) -> Quotes:
        return Quotes(tuple(enumerate(self.lines or (), 1)))


def anchor(candidate: Candidate, file: FileChange) -> Anchor | None:
    """Return the place that GitHub accepts for one claim, None when its quote is not there."""
    return QuotedFile(file, None).anchor(candidate)


class _Text:
    """Lines joined into one text, with the way back from an offset to a line."""

    def __init__(self, lines: Sequence[tuple[int, str]], joint: str) -> None:
        self._text = joint.join(text for _, text in lines)
        self._numbers = [number for number, _ in lines]
        self._starts: list[int] = []
        offset = 0
        for _, text in lines:
            self._starts.append(offset)
            offset += len(text) + len(joint)

    def find(self, quote: str, *, loose: bool) -> Iterator[Span]:
        if not quote.strip():
            return
        at = self._text.find(quote)
        for _ in range(_MAX_OCCURRENCES):
            if at < 0:
                return
            last = at + len(quote) - 1
            yield Span(self._line(at), self._line(last), loose, self._torn(at, last))
            at = self._text.find(quote, at + 1)

    def _line(self, offset: int) -> int:
        return self._numbers[bisect_right(self._starts, offset) - 1]

    def _torn(self, first: int, last: int) -> bool:
        before, after = self._text[max(first - 1, 0) : first], self._text[last + 1 : last + 2]
        return (_in_word(before) and _in_word(self._text[first])) or (
            _in_word(self._text[last]) and _in_word(after)
        )


def _without_blank_edges(quote: str) -> str:
    """Drop blank lines around the quote; the indentation of its first line stays."""
    lines = quote.rstrip().split("\n")
    while lines and not lines[0].strip():
        del lines[0]
    return "\n".join(lines)


def _in_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def _numbered(side: Side, lines: Sequence[DiffLine]) -> Iterator[tuple[int, str]]:
    for line in lines:
        number = number_on(side, line)
        if number is not None:
            yield number, line.text


def _best(spans: Iterator[Span], candidate: Candidate) -> Span | None:
    """Choose exact before loose, whole words before parts, then the nearest to the claim."""
    if len("".join(candidate.quote.split())) < _LEAST_CHARACTERS:
        blank = candidate.quote.count("\n")
        spans = (span for span in spans if span.distance(candidate.line) <= blank)
    return min(
        spans,
        key=lambda span: (span.loose, span.torn, span.distance(candidate.line), span.start),
        default=None,
    )


def _bare(quote: str) -> str:
    """Return the quoted code without a Markdown fence and carriage returns."""
    quote = quote[:MAX_QUOTE_CHARACTERS].replace("\r\n", "\n")
    lines = quote.strip().split("\n")
    fenced = len(lines) > 2 and lines[0].startswith("```") and lines[-1].strip() == "```"
    return "\n".join(lines[1:-1]) if fenced else quote
