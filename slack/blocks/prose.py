"""Markdown of several lines as inert mrkdwn: paragraphs, lists and code, and nothing that acts.

Of one line `words.foreign` takes care, here as elsewhere; links, pictures and emphasis of foreign
text become the characters they are made of.
"""

import re
from collections.abc import Iterator
from typing import Final

from slack.blocks.words import escaped, foreign, joined, visible

LINE: Final = 1_000
"""Characters of one line of text; a longer one is cut."""
_FENCE: Final = re.compile(r" {0,3}(`{3,}|~{3,})")
_STRONG: Final = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1")
_HEADING: Final = re.compile(r" {0,3}#{1,6}\s+")
_BULLET: Final = re.compile(r"(\s*)[-*+]\s+")
_QUOTE: Final = re.compile(r"\s*>+\s?")
_CUT: Final = "…"


def prose(text: str, limit: int) -> str:
    """Return Markdown as mrkdwn of at most `limit` characters, cut between lines."""
    kept: list[str] = []
    room = limit - len(_CUT) - 1
    for piece in _pieces(text):
        if len(piece) + 1 > room:
            return "\n".join([*kept, _CUT]).strip()
        kept.append(piece)
        room -= len(piece) + 1
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()


def _pieces(text: str) -> Iterator[str]:
    """Yield lines of text, and blocks of code as one each."""
    fence, code = "", list[str]()
    for line in text.splitlines():
        marked = _FENCE.match(line)
        if fence and marked and marked[1].startswith(fence):
            yield _block(code)
            fence, code = "", []
        elif fence:
            code.append(_code_line(line))
        elif marked:
            fence = marked[1]
        else:
            yield _line(line)
    if code:
        yield _block(code)


def _line(line: str) -> str:
    line = _QUOTE.sub("", line, count=1) if _QUOTE.match(line) else line
    line = _HEADING.sub("", line)
    bullet = _BULLET.match(line)
    if bullet:
        deeper = "    " if len(bullet[1]) > 1 else ""
        return f"{deeper}• {foreign(_plain(line[bullet.end() :]), LINE)}"
    return foreign(_plain(line), LINE)


def _plain(line: str) -> str:
    return _STRONG.sub(r"\2", line)


def _code_line(line: str) -> str:
    """Keep the indentation, which `foreign` would not."""
    shown = visible(line.expandtabs(4)).replace("`", "ʼ")
    return joined(map(escaped, shown), LINE)


def _block(lines: list[str]) -> str:
    return "```\n" + "\n".join(lines) + "\n```" if any(map(str.strip, lines)) else ""
