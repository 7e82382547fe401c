"""What a model may have meant by a quotation: the code alone, without what it copied along.

Which reading stands in the code is decided in `core.anchoring`; a reading proves nothing.
"""

import re
from collections.abc import Iterator

from core.models import Side

MAX_QUOTE_CHARACTERS = 8_000
"""Characters of a quote that are compared; a longer one is placed by how it begins."""

_NUMBERED = re.compile(r"\s*(?:\d+|…)[ +-]?\|")
"""A line's number and mark, as prompts show them in front of it."""

_CUT = re.compile(r" \[[\d,]+ more characters\]$", re.MULTILINE)
"""What prompts write behind the shown part of a very long line."""

_MARKED = re.compile(r"[ +-]|$")
"""The first character of a line of a diff."""


def readings(quote: str, side: Side) -> Iterator[str]:
    """Yield the quoted code as it is, then without a fence, line numbers or a diff's marks."""
    plain = _CUT.sub("", quote[:MAX_QUOTE_CHARACTERS].replace("\r\n", "\n"))
    yield plain
    bare = _without_fence(plain)
    if bare != plain:
        yield bare
    lines = bare.split("\n")
    if all(_NUMBERED.match(line) for line in lines if line.strip()):
        yield from _of_side([_NUMBERED.sub(_mark, line, count=1) for line in lines], side)
    elif any(line[:1] in {"+", "-"} for line in lines) and all(map(_MARKED.match, lines)):
        yield from _of_side(lines, side)


def _without_fence(quote: str) -> str:
    lines = quote.strip().split("\n")
    fenced = len(lines) > 2 and lines[0].startswith("```") and lines[-1].strip() == "```"
    return "\n".join(lines[1:-1]) if fenced else quote


def _mark(prefix: re.Match[str]) -> str:
    """Leave the mark of a numbered line in front of it, a blank where it has none."""
    return prefix.group()[-2] if prefix.group()[-2] in "+-" else " "


def _of_side(lines: list[str], side: Side) -> Iterator[str]:
    """Yield what lines of a diff say on one side, if they say anything there."""
    other = "-" if side is Side.RIGHT else "+"
    code = "\n".join(line[1:] for line in lines if line[:1] != other)
    if code.strip():
        yield code
