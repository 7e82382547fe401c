"""Excerpts: pieces of a repository that explain a change, each with the reason it is shown."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from core.context.outline import Kind, Outline, Symbol
from core.models import Background, FileChange, Hunk

MOST_LINES = 40
"""Lines of a definition that are shown whole."""
HEAD_LINES = 22
"""Lines of a longer one."""
BESIDE = 3
"""Lines above and below a call."""
SMALL = 14
"""Lines of a caller that is shown whole."""


@dataclass(frozen=True, slots=True)
class Why:
    """Why an excerpt is shown."""

    reason: str
    """What it is to the change, such as "defines `charge`, used at shop/pay.py:40"."""
    weight: float
    """How much it tells; only the order means anything."""
    serves: str
    """Path of the changed file that it explains."""
    at: int
    """The line of that file, at the head, that it explains."""


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Numbered lines of a file at the head."""

    path: str
    lines: tuple[tuple[int, str], ...]
    why: Why


@dataclass(frozen=True, slots=True)
class Context:
    """What was found about a change beside the change itself, the most telling first."""

    excerpts: tuple[Excerpt, ...] = ()
    background: Background = field(default_factory=Background)
    aside: tuple[FileChange, ...] = ()
    """Changed files that are not reviewed, such as a lock file, small enough to be shown."""
    outlines: Mapping[str, Outline] = field(default_factory=dict, repr=False)
    """Of changed files, by path."""

    def serving(self, files: Iterable[FileChange]) -> tuple[Excerpt, ...]:
        """Return what explains the hunks of these files, the most telling first."""
        spans = {file.path: [_span(hunk) for hunk in file.hunks or ()] for file in files}
        return tuple(
            excerpt
            for excerpt in self.excerpts
            if any(
                first <= excerpt.why.at <= last for first, last in spans.get(excerpt.why.serves, ())
            )
        )


def _span(hunk: Hunk) -> tuple[int, int]:
    """Return the lines that a hunk covers, before and after the change."""
    starts = hunk.old_start, hunk.new_start
    ends = hunk.old_start + hunk.old_count, hunk.new_start + hunk.new_count
    return min(starts), max(ends)


NO_CONTEXT = Context()


def of_definition(symbol: Symbol, outline: Outline) -> frozenset[int]:
    """Return the lines that tell what a symbol is: all, or its head, or what it consists of."""
    if symbol.size <= MOST_LINES:
        return frozenset(range(symbol.first, symbol.last + 1))
    if symbol.kind is not Kind.TYPE:
        return frozenset(range(symbol.first, max(symbol.head, symbol.first + HEAD_LINES) + 1))
    lines = set(range(symbol.first, symbol.head + 1))
    members = outline.within(symbol)
    if not members:  # its fields are no symbols of their own
        lines.update(range(symbol.first, symbol.first + HEAD_LINES))
    for inner in members:
        if len(lines) >= MOST_LINES:
            break
        last = inner.last if inner.kind is Kind.VALUE and inner.size <= 3 else inner.head
        lines.update(range(inner.first, last + 1))
    return frozenset(lines)


def of_use(line: int, around: Sequence[Symbol]) -> frozenset[int]:
    """Return the lines that show a use: the heads around it, and what stands beside it."""
    functions = [symbol for symbol in around if symbol.kind is Kind.FUNCTION]
    if functions and functions[-1].size <= SMALL:
        inner = functions[-1]
        lines = set(range(inner.first, inner.last + 1))
    else:
        first = functions[-1].first if functions else 1
        last = functions[-1].last if functions else line + BESIDE
        lines = set(range(max(line - BESIDE, first), min(line + BESIDE, last) + 1))
    for symbol in around:
        lines.update(range(symbol.first, min(symbol.head, symbol.first + 3) + 1))
    return frozenset(lines)


def excerpt_of(path: str, lines: Sequence[str], numbers: Iterable[int], why: Why) -> Excerpt:
    """Return an excerpt of these lines of a text."""
    kept = tuple((n, lines[n - 1]) for n in sorted(set(numbers)) if 0 < n <= len(lines))
    return Excerpt(path, kept, why)
