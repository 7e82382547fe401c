"""Which symbols a change touches, and how: what depends on them is what it may break."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from core.context.names import WORD, may_define
from core.context.outline import Kind, Outline, Symbol
from core.diff import LineMap
from core.models import DiffLine, FileChange, FileStatus, LineKind

_CONSTRUCTORS = frozenset({"__init__", "__new__", "constructor", "initialize", "init", "new"})
"""What is called by the name of its type."""
_NEVER_CALLED = frozenset({"main", "setUp", "tearDown", "setup", "teardown"})


class How(StrEnum):
    """What happened to a symbol."""

    REMOVED = "removed"
    SIGNATURE = "changed in its signature"
    VALUE = "changed"
    BODY = "changed in its body"
    NEW = "new"


_WEIGHTS = {How.REMOVED: 11.0, How.SIGNATURE: 10.0, How.VALUE: 6.0, How.BODY: 6.0, How.NEW: 3.0}


@dataclass(frozen=True, slots=True)
class Touched:
    """A symbol that the change touches."""

    name: str
    path: str
    line: int
    how: How
    member: bool = False
    """It lies in a type, so that its callers name a receiver."""

    @property
    def weight(self) -> float:
        """Rate how much its callers tell; only the order means anything."""
        return _WEIGHTS[self.how]


def touched(file: FileChange, outline: Outline) -> tuple[Touched, ...]:
    """Return the symbols that a file's hunks touch, each once, the most consequential first."""
    found: dict[str, Touched] = {}
    for each in (*_removed(file, outline), *_changed(file, outline)):
        known = found.get(each.name)
        if known is None or known.weight < each.weight:
            found[each.name] = each
    return tuple(sorted(found.values(), key=lambda t: -t.weight))


def _removed(file: FileChange, outline: Outline) -> Iterator[Touched]:
    """Yield what was defined on removed lines and is not defined any more."""
    here = {symbol.name for symbol in outline.symbols}
    for hunk in file.hunks or ():
        gone = [line for line in hunk.lines if line.kind is LineKind.REMOVED]
        added = "\n".join(line.text for line in hunk.lines if line.kind is LineKind.ADDED)
        kept = here | may_define(file.path, added)
        for line in gone:
            for name in may_define(file.path, line.text) - kept:
                if WORD.fullmatch(name) and name not in _NEVER_CALLED:
                    member = line.text[:1] in {" ", "\t"}
                    yield Touched(name, file.path, line.old or 0, How.REMOVED, member)


def _changed(file: FileChange, outline: Outline) -> Iterator[Touched]:
    fresh = _fresh(file, outline)
    for hunk in file.hunks or ():
        for number in _positions(hunk.lines, hunk.new_start):
            around = [symbol for symbol in outline.symbols if symbol.holds(number)]
            for symbol in around[-2:]:
                yield from _touched(file, symbol, around, number, fresh)


def _fresh(file: FileChange, outline: Outline) -> frozenset[Symbol]:
    """Return the symbols that the change brings, and not those that it writes anew."""
    hunks = file.hunks or ()
    added = LineMap(hunks).added
    removed = (line for hunk in hunks for line in hunk.lines if line.kind is LineKind.REMOVED)
    gone = may_define(file.path, "\n".join(line.text for line in removed))
    return frozenset(
        symbol
        for symbol in outline.symbols
        if symbol.name not in gone
        and (file.status is FileStatus.ADDED or added.issuperset(symbol.lines))
    )


def _positions(lines: Sequence[DiffLine], start: int) -> Iterator[int]:
    """Yield the number at the head of each changed line, for a removed one that of the next."""
    number = start
    for line in lines:
        if line.kind is not LineKind.CONTEXT:
            yield number
        if line.new is not None:
            number = line.new + 1


def _touched(
    file: FileChange,
    symbol: Symbol,
    around: Sequence[Symbol],
    number: int,
    fresh: frozenset[Symbol],
) -> Iterator[Touched]:
    """Yield the innermost symbol of a line, and the type around it where the line is its head."""
    if symbol is not around[-1] and (symbol.kind is not Kind.TYPE or number > symbol.head):
        return
    name, member = symbol.name, False
    outer = [each for each in around if each.kind is Kind.TYPE and each is not symbol]
    if name in _CONSTRUCTORS and outer:
        name = outer[-1].name
    elif outer:
        member = True
    if name in _NEVER_CALLED or not WORD.fullmatch(name) or name.startswith("__"):
        return
    how = How.NEW if symbol in fresh else _how(symbol, number)
    yield Touched(name, file.path, number, how, member)


def _how(symbol: Symbol, number: int) -> How:
    if symbol.kind is Kind.VALUE:
        return How.VALUE
    return How.SIGNATURE if number <= symbol.head else How.BODY
