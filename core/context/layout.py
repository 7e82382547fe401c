"""Finds definitions by keyword and indentation, for languages without a grammar.

A guess on purpose: it never fails, and what it misses costs some context, nothing else.
"""

import re
from collections.abc import Iterator

MOST_LINES = 20_000
_LONGEST_LINE = 500
"""Characters of a line that are looked at."""
_TAB = 4

_DEFINES = re.compile(
    r"^\s*+(?>(?:(?:export|default|public|private|protected|internal|static|final|abstract|async"
    r"|override|virtual|open|pub|inline)\s++)*)"
    r"(?:def|defp|defmodule|defmacro|class|func|function|fun|fn|sub|interface|struct|enum|trait"
    r"|module|object|mixin|extension|protocol|type|proc|macro)\s++(?P<name>[A-Za-z_$][\w$.]*)"
)
_BRACED = re.compile(
    r"^\s*+(?>(?:[\w<>\[\],.?*&:]++\s++)+)(?P<name>[A-Za-z_]\w*)\s*+\([^;={}]*+\)[^;={}]*+\{\s*+$"
)
_BARE = re.compile(r"^\s*+(?P<name>[A-Za-z_]\w*)\s*+\(\s*+\)\s*+\{")
_NOT_NAMES = frozenset({"if", "for", "while", "switch", "catch", "return", "else", "new"})


def laid_out(text: str) -> Iterator[tuple[str, int, int, int]]:
    """Yield name, first line, last line and last line of the head of what is defined."""
    lines = text.split("\n", MOST_LINES)[:MOST_LINES]
    depths = [_depth(line) for line in lines]
    for index, line in enumerate(lines):
        name = defined_name(line)
        if name:
            yield name, index + 1, _end(lines, depths, index) + 1, index + 1


def defined_name(line: str) -> str:
    """Return the name that a line defines, empty when it defines none."""
    start = line[:_LONGEST_LINE]
    found = _DEFINES.match(start) or _BRACED.match(start) or _BARE.match(start)
    name = found["name"].rpartition(".")[2] if found else ""
    return "" if name in _NOT_NAMES else name


def _end(lines: list[str], depths: list[int | None], start: int) -> int:
    """Return the last line that is indented deeper, with the closing line behind it."""
    own = depths[start] or 0
    last = start
    for index in range(start + 1, len(lines)):
        depth = depths[index]
        if depth is None:
            continue
        if depth <= own:
            closes = depth == own and lines[index].strip()[:3] in {"}", "};", "end", "})", ")"}
            return index if closes else last
        last = index
    return last


def _depth(line: str) -> int | None:
    """Return the columns before a line's text, None for a blank one."""
    start = line[:_LONGEST_LINE]
    bare = start.lstrip()
    return len(start[: len(start) - len(bare)].expandtabs(_TAB)) if bare else None
