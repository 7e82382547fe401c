"""Markdown of many lines: paragraphs, lists, quotes and code blocks; every other block is undone.

Headings lose their marks, rules and tables vanish, indented code becomes prose, and a code block
always ends. Each line is then safe by itself, so nothing can begin in one and end in another.
"""

import re
from collections.abc import Iterator
from typing import Final

from github.sanitise.characters import visible
from github.sanitise.code import block
from github.sanitise.lines import fit, line
from github.sanitise.links import Home

_FENCE: Final = re.compile(r"( *)(?:(?:[-*+]|\d{1,9}[.)]) +)?(`{3,}|~{3,}) *([^`]*)$")
_NOTHING: Final = re.compile(r"[\s|:=-]*$|\s*(?:[*_]\s*){3,}$|\s*#{1,6}\s*$")
"""Rules, underlines of headings, rows of tables that hold only lines, and empty headings."""
_HEADING: Final = re.compile(r"\s*#{1,6}\s+(.*?)(?:\s+#+)?\s*$")
_QUOTE: Final = re.compile(r"\s*(?:>\s*)+(.*)$")
_ALERT: Final = re.compile(r"\[![\w-]+\]\s*")
"""What makes GitHub draw a quotation as a warning of its own."""
_ITEM: Final = re.compile(r"(\s*)(?:([-*+])|(\d{1,9}[.)]))\s+(.*)$")
_NESTED: Final = 2
"""Spaces before an entry of a list from which on it belongs to the entry above."""


def markdown(text: str, home: Home, *, limit: int = 4_000) -> str:
    """Return text that is safe as a block of its own, at most `limit` characters long."""
    return fit(visible(text).strip("\n"), lambda source: "\n".join(_lines(source, home)), limit)


def _lines(source: str, home: Home) -> list[str]:
    out: list[str] = []
    for text in _blocks(source.split("\n"), home):
        if text or (out and out[-1]):
            out.append(text)
    while out and not out[-1]:
        out.pop()
    return out


def _blocks(lines: list[str], home: Home) -> Iterator[str]:
    """Yield each line of prose, safe, and each code block whole."""
    waiting = iter(lines)
    for raw in waiting:
        prose = raw.replace("\t", "    ").rstrip()
        if fence := _FENCE.match(prose):
            yield block("\n".join(_fenced(waiting, len(fence[1]), fence[2])), fence[3])
        else:
            yield _prose(prose, home)


def _fenced(waiting: Iterator[str], indent: int, ticks: str) -> Iterator[str]:
    """Yield the lines up to the closing fence or the end, without the fence's own indent."""
    for raw in waiting:
        mark = raw.strip()
        if len(mark) >= len(ticks) and set(mark) == {ticks[0]}:
            return
        own = len(raw) - len(raw.lstrip(" "))
        yield raw[min(own, indent) :]


def _prose(raw: str, home: Home) -> str:
    if _NOTHING.match(raw):
        return ""
    if heading := _HEADING.match(raw):
        return line(heading[1], home, emphasis=True)
    if quote := _QUOTE.match(raw):
        return _prefixed("> ", _ALERT.sub("", quote[1], count=1), home)
    if item := _ITEM.match(raw):
        indent = "   " if len(item[1]) >= _NESTED else ""
        return _prefixed(f"{indent}{'-' if item[2] else item[3]} ", item[4], home)
    return line(raw.strip(), home, emphasis=True)


def _prefixed(prefix: str, raw: str, home: Home) -> str:
    text = "" if _NOTHING.match(raw) else line(raw, home, emphasis=True)
    return prefix + text if text else ""
