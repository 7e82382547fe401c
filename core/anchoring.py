"""A claim's quote → the place of the diff that it quotes, which GitHub accepts.

The quote decides, not the claimed line: models copy code well and count lines badly. The line
only chooses between several places. Nothing is anchored outside a hunk or across two.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import chain

from core.diff import LineMap, number_on
from core.models import Anchor, Candidate, DiffLine, FileChange, LineKind, Side
from core.quotation import readings
from core.quotes import Match, Quotes, Span

MAX_RANGE_LINES = 20
"""Lines that a comment may span beyond its quote because the claim says so."""

_LEAST_CHARACTERS = 3
"""A shorter quote, such as a brace, counts only on the very line it is claimed for."""


class QuotedFile:
    """One changed file in which claims are located; built once, asked for each claim."""

    def __init__(self, file: FileChange, text: str | None) -> None:
        self.file = file
        self.map = LineMap(file.hunks or ())
        self._text = text

    def anchor(self, candidate: Candidate) -> Anchor | None:
        """Return the place in the diff that the quote names, None when it is not in the diff."""
        side = candidate.side
        if not candidate.quote.strip():
            blank = self._blank(candidate)
            return self._anchor(side, blank, candidate) if blank else None
        if self._is_outside(candidate):
            return None
        for each in (side, Side.LEFT if side is Side.RIGHT else Side.RIGHT):
            span = self._found(each, candidate)
            if span is not None:
                return self._anchor(each, span, candidate)
        return self._overlap(candidate)

    def holds(self, candidate: Candidate) -> bool:
        """Tell whether the quote stands in the file, in a part that takes comments or not."""
        side, line = candidate.side, candidate.line
        if any(_nearest(self._closed[each], candidate, each) for each in Side):
            return True
        claimed = replace(candidate, line=self.map.moved(line)) if side is Side.LEFT else candidate
        return _nearest((self._whole,), claimed, side) is not None

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

    def _found(self, side: Side, candidate: Candidate) -> Span | None:
        return _nearest(self._open[side], candidate, side)

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

    def _blank(self, candidate: Candidate) -> Span | None:
        """Return the claimed lines when they are as blank as what is quoted."""
        side, start = candidate.side, candidate.line
        end = start + candidate.quote.count("\n")
        within = self.map.accepts(side, end, start if start < end else None)
        blank = within and not "".join(self.map.texts(side, start, end)).strip()
        return Span(start, end, Match.EXACT, torn=False) if blank else None

    def _is_outside(self, candidate: Candidate) -> bool:
        """Tell whether the quote stands on the very line it is claimed for, off the diff.

        The same text may stand in the diff too, but then the claim is not about that.
        """
        side, line = candidate.side, candidate.line
        if self._text is None or self.map.hunk_index(side, line) is not None:
            return False
        number = line if side is Side.RIGHT else self.map.moved(line)
        return any(self._stands_off(each, number) for each in readings(candidate.quote, side))

    def _stands_off(self, quote: str, number: int) -> bool:
        """Tell whether code stands on just this line after the change, outside every hunk."""
        span = next(self._whole.find_as(Match.EXACT, quote, number), None)
        if span is None or not number <= span.start <= number + quote.count("\n"):
            return False
        lines = range(span.start, span.end + 1)
        return all(self.map.hunk_index(Side.RIGHT, each) is None for each in lines)

    def _overlap(self, candidate: Candidate) -> Anchor | None:
        """Return the part of a quote that lies in one hunk, if the change added some of it."""
        span = _nearest((self._whole,), candidate, Side.RIGHT)
        if span is None:
            return None
        for hunk in self.map.hunks:
            last = hunk.new_start + hunk.new_count - 1
            start, end = max(span.start, hunk.new_start), min(span.end, last)
            if hunk.given and not self.map.added.isdisjoint(range(start, end + 1)):
                return Anchor(self.file.path, Side.RIGHT, end, start if start < end else None)
        return None

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
        return Span(start.new, end.new, span.match, span.torn)

    @cached_property
    def _open(self) -> dict[Side, tuple[Quotes, ...]]:
        """The hunks that take comments."""
        return {side: self._quotes(side, given=True) for side in Side}

    @cached_property
    def _closed(self) -> dict[Side, tuple[Quotes, ...]]:
        """The hunks that take none."""
        return {side: self._quotes(side, given=False) for side in Side}

    def _quotes(self, side: Side, *, given: bool) -> tuple[Quotes, ...]:
        hunks = (hunk for hunk in self.map.hunks if hunk.given is given)
        return tuple(Quotes(tuple(_numbered(side, hunk.lines))) for hunk in hunks)

    @cached_property
    def _whole(self) -> Quotes:
        return Quotes(tuple(enumerate(self.lines or (), 1)))


def anchor(candidate: Candidate, file: FileChange) -> Anchor | None:
    """Return the place that GitHub accepts for one claim, None when its quote is not there."""
    return QuotedFile(file, None).anchor(candidate)


def _numbered(side: Side, lines: Sequence[DiffLine]) -> Iterator[tuple[int, str]]:
    for line in lines:
        number = number_on(side, line)
        if number is not None:
            yield number, line.text


def _nearest(quotes: Sequence[Quotes], candidate: Candidate, side: Side) -> Span | None:
    """Return the best place of the first reading of a quote that stands anywhere."""
    for reading in readings(candidate.quote, side):
        blank = len(reading) - len(reading.lstrip())
        skipped = reading.count("\n", 0, blank)
        line = candidate.line + skipped
        small = len("".join(reading.split())) < _LEAST_CHARACTERS
        for match in Match:
            found = (each.find_as(match, reading, line) for each in quotes)
            spans = chain.from_iterable(found)
            near = (span for span in spans if not small or span.distance(line) <= skipped)
            span = min(near, key=lambda span: _rank(span, line), default=None)
            if span is not None:
                return span
    return None


def _rank(span: Span, line: int) -> tuple[bool, int, int, int]:
    """Put whole words before parts, then the nearest to the claim."""
    return span.torn, span.distance(line), abs(span.start - line), span.start
