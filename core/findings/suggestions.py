"""Which suggested replacements are kept: those that one click applies without a surprise.

GitHub replaces exactly the commented lines after the change, whole lines, with what stands in
the block. A suggestion that fails a check here is dropped, its finding stays.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from typing import cast

from ast_grep_py import Config, SgRoot

from core.anchoring import QuotedFile
from core.context.languages import language_of
from core.findings.harmless import is_guarded, is_harmless
from core.models import Anchor, Candidate, Side

MAX_LINES = 20
"""Lines of a suggestion; more is a patch to be read, not a click."""
LARGEST_PARSED = 200_000
"""Characters of a file that is parsed twice to see what a suggestion does to it."""

_BROKEN = (
    cast("Config", {"rule": {"kind": "ERROR"}}),
    cast("Config", {"rule": {"regex": "^$"}}),
)
"""What a parser makes of text that fits nowhere, and of what it misses: a node without text."""


def with_safe_suggestion(
    candidate: Candidate, anchor: Anchor | None, where: QuotedFile
) -> Candidate:
    """Return the claim with its suggestion, or without one that would not apply cleanly."""
    if candidate.suggestion is None:
        return candidate
    suggestion = candidate.suggestion.replace("\r\n", "\n").removesuffix("\n")
    if anchor is None or not _applies(candidate, suggestion, anchor, where):
        return replace(candidate, suggestion=None)
    return replace(candidate, suggestion=suggestion)


def _applies(candidate: Candidate, suggestion: str, anchor: Anchor, where: QuotedFile) -> bool:
    new = suggestion.split("\n")
    old = where.map.texts(anchor.side, anchor.start_line or anchor.line, anchor.line)
    return (
        anchor.side is Side.RIGHT
        and len(new) <= MAX_LINES
        and new != old
        and _claimed_lines(candidate) == len(old)
        and _margin(new) == _margin(old)
        and all(_is_plain(character) for character in suggestion)
        and is_harmless(suggestion, "\n".join(old))
        and not is_guarded(anchor.path)
        and _parses(new, old, anchor, where.lines)
    )


def _claimed_lines(candidate: Candidate) -> int:
    return (candidate.end_line or candidate.line) - candidate.line + 1


def _margin(lines: Sequence[str]) -> str:
    """Return the whitespace before the first line that has text."""
    first = next((line for line in lines if line.strip()), "")
    return first[: len(first) - len(first.lstrip())]


def _is_plain(character: str) -> bool:
    """Refuse control, direction and other invisible characters; they hide what is applied."""
    return character in "\n\t" or unicodedata.category(character)[0] != "C"


def _parses(
    new: Sequence[str], old: Sequence[str], anchor: Anchor, lines: Sequence[str] | None
) -> bool:
    """Tell whether the file is no more broken with it, as far as its language is understood.

    Where the file is not known, or too large to look at, nobody can tell.
    """
    language = language_of(anchor.path)
    if language is None:
        return True
    first, last = (anchor.start_line or anchor.line) - 1, anchor.line
    if lines is None or list(lines[first:last]) != list(old):
        return False
    before = "\n".join(lines)
    after = "\n".join((*lines[:first], *new, *lines[last:]))
    if max(len(before), len(after)) > LARGEST_PARSED:
        return False
    return _breaks(after, language.grammar) <= _breaks(before, language.grammar)


def _breaks(text: str, grammar: str) -> int:
    root = SgRoot(text, grammar).root()
    return sum(len(root.find_all(rule)) for rule in _BROKEN)
