"""Finds who uses what a change touches: callers that it may break, and tests that cover it."""

import re
from collections.abc import Iterator

from core.analyzers.syntax import is_test
from core.context.changed import How, Touched
from core.context.excerpts import Excerpt, Why, excerpt_of, of_use
from core.context.index import Index
from core.context.languages import speaks
from core.context.names import is_comment, is_import
from core.context.proximity import proximity

MOST_FILES = 8
"""Files with callers of one symbol."""
MOST_TESTS = 2
MOST_IN_FILE = 4
MOST_MENTIONS = 150
"""Files with a name that are looked at, those beside the change first."""
CROWD = 40
"""A name in more files than this is only looked for near by."""
_IN_WORD = re.compile(r"[\w$]")
_RECEIVER = re.compile(r"(?:\.|->|::|\b(?:super|new)\s+)$")
_FEWER = 0.85
"""Each further caller tells a little less."""


def callers(symbol: Touched, index: Index, shown: dict[str, frozenset[int]]) -> Iterator[Excerpt]:
    """Yield the uses of a touched symbol; `shown` are lines that the change shows, by path."""
    weight, tests = symbol.weight, 0
    files = 0
    for path in _near(symbol, index):
        test = is_test(path)
        if (test and tests >= MOST_TESTS) or files >= MOST_FILES:
            continue
        found = False
        for excerpt in _in_file(symbol, path, index, shown.get(path, frozenset()), weight):
            found = True
            yield excerpt
        if found:
            tests += test
            files += not test
            weight *= _FEWER


def _near(symbol: Touched, index: Index) -> list[str]:
    """Return the files that may use it, those that import its file or lie beside it first."""
    rated = []
    family = speaks(symbol.path)
    mentions = [p for p in index.mentions(symbol.name)[:MOST_MENTIONS] if speaks(p) == family]
    for path in mentions:
        near = proximity(path, symbol.path, index.imports(path))
        private = symbol.name.startswith("_") and symbol.name not in index.imports(path)
        if path == symbol.path or (not private and (near >= 1.0 or len(mentions) <= CROWD)):
            rated.append((-near, path))
    return [path for _, path in sorted(rated)]


def _in_file(
    symbol: Touched, path: str, index: Index, shown: frozenset[int], weight: float
) -> Iterator[Excerpt]:
    lines, outline = index.lines(path), index.outline(path)
    test = is_test(path)
    count = 0
    for number in _uses(symbol, path, index):
        if number in shown:
            continue
        numbers = of_use(number, outline.around(number))
        part = (0.45 if test and symbol.how is not How.REMOVED else 1.0) * _FEWER**count
        reason = _reason(symbol, number, test=test)
        why = Why(reason, weight * part, symbol.path, symbol.line)
        yield excerpt_of(path, lines, numbers, why)
        count += 1
        if count >= (1 if test else MOST_IN_FILE):
            return


def _uses(symbol: Touched, path: str, index: Index) -> Iterator[int]:
    """Yield the lines that use it, without its definition, imports and comments."""
    text, lines = index.texts[path], index.lines(path)
    same = [each for each in index.outline(path).symbols if each.name == symbol.name]
    defined = {number for each in same for number in range(each.first, each.head + 1)}
    number, start, last = 1, 0, 0
    for at in _occurrences(symbol, text, same=path == symbol.path):
        number, start = number + text.count("\n", start, at), at
        line = lines[number - 1]
        if number == last or number in defined or is_comment(line):
            continue
        if not is_import(line) or symbol.how is How.REMOVED:
            last = number
            yield number


def _occurrences(symbol: Touched, text: str, *, same: bool) -> Iterator[int]:
    """Yield where a name stands as a whole word; a member behind a receiver, or called at home."""
    name = symbol.name
    at = text.find(name)
    while at >= 0:
        end = at + len(name)
        whole = not _IN_WORD.match(text, end) and not (at and _IN_WORD.match(text, at - 1))
        if whole and (not symbol.member or _is_of_member(text, at, end, same=same)):
            yield at
        at = text.find(name, end)


def _is_of_member(text: str, at: int, end: int, *, same: bool) -> bool:
    if _RECEIVER.search(text[max(at - 12, 0) : at]):
        return True
    return same and text[end : end + 2].lstrip()[:1] == "("


def _reason(symbol: Touched, number: int, *, test: bool) -> str:
    if symbol.how is How.REMOVED:
        return f"still uses `{symbol.name}` at line {number}, which {symbol.path} removes"
    verb = "tests" if test else "uses"
    return f"{verb} `{symbol.name}` at line {number}, {symbol.how} in {symbol.path}:{symbol.line}"
