"""The related code of one call: excerpts of a repository, merged by file, within a bound."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from core.context import Excerpt
from core.prompts.material import excerpt_line, related_heading, tokens

MOST_REASONS = 4
"""Reasons that are given for one file."""
_NOTHING: frozenset[int] = frozenset()


@dataclass
class _Shown:
    """What is shown of one file: written lines by number, and why."""

    lines: dict[int, str] = field(default_factory=dict)
    reasons: list[str] = field(default_factory=list)


@dataclass
class Related:
    """Takes excerpts while there is room; a line is shown once, for whatever reasons."""

    room: int
    """Tokens."""
    seen: Mapping[str, AbstractSet[int]]
    """Lines that the call shows anyway, by path."""
    used: int = 0
    _files: dict[str, _Shown] = field(default_factory=dict)

    def add(self, excerpt: Excerpt) -> bool:
        """Show what is new of an excerpt if it fits; tell whether it is shown."""
        known = self._files.get(excerpt.path) or _Shown()
        hidden = self.seen.get(excerpt.path, _NOTHING)
        new = {n: text for n, text in excerpt.lines if n not in hidden and n not in known.lines}
        if not any(text.strip() for text in new.values()):
            return False
        written = {n: excerpt_line(n, text) for n, text in new.items()}
        cost = _cost(excerpt, written, known)
        if self.used + cost > self.room:
            return False
        self.used += cost
        known.lines.update(written)
        if len(known.reasons) < MOST_REASONS:
            known.reasons.append(excerpt.why.reason)
        self._files[excerpt.path] = known
        return True

    def text(self) -> str:
        """Return what is shown, one file after another."""
        return "\n".join(_written(path, shown) for path, shown in self._files.items())


def _cost(excerpt: Excerpt, written: Mapping[int, str], known: _Shown) -> int:
    """Bound the tokens that an excerpt adds: its lines, marks of gaps, its reason."""
    lines = sum(tokens(line) + 1 for line in written.values())
    heading = 0 if known.reasons else tokens(related_heading(excerpt.path, ())) + 1
    reason = tokens(excerpt.why.reason) + 2 if len(known.reasons) < MOST_REASONS else 0
    gaps = sum(n - 1 not in written for n in written)
    return lines + heading + reason + 2 * gaps


def _written(path: str, shown: _Shown) -> str:
    written = [related_heading(path, shown.reasons)]
    previous = 0
    for number, line in sorted(shown.lines.items()):
        if previous and number != previous + 1:
            written.append("…")
        written.append(line)
        previous = number
    return "\n".join(written)
