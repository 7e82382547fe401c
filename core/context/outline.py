"""The outline of a file: what it defines, from which line to which, one thing within another.

Read off the syntax tree where there is a grammar, off the layout where there is none. Nothing of
the text is executed, and text of any shape is outlined in bounded time.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import cast

from ast_grep_py import Config, SgNode, SgRoot

from core.context.languages import Language, is_code, language_of, words
from core.context.layout import laid_out

LARGEST_TEXT = 200_000
"""Characters; parsing takes 0.25 s of CPU a megabyte, and 40 times that where nothing fits."""
LARGEST_OF = {"bash": 16_000}
"""Characters where recovering from errors takes time that grows faster than the text."""
LONGEST_LINE = 20_000
"""Characters; a file with a longer line is data or was made by a program."""
MOST_SYMBOLS = 5_000

_FUNCTION_VALUES = frozenset(
    {"arrow_function", "function_expression", "function", "generator_function", "class"}
)
_WRAPPERS = frozenset({"decorated_definition", "export_statement", "template_declaration"})
"""Nodes around a definition that belong to it."""
_NAMES = frozenset(
    words(
        "identifier simple_identifier type_identifier field_identifier property_identifier"
        " constant name word user_type qualified_identifier destructor_name operator_name"
    )
)
_SPECIFIERS = frozenset(
    {"struct_specifier", "enum_specifier", "union_specifier", "class_specifier"}
)
"""In C these name a type as well where it is only used."""
_DEEPEST_DECLARATOR = 8


class Kind(StrEnum):
    """What a symbol is."""

    FUNCTION = "function"
    TYPE = "type"
    VALUE = "value"


_ORDER = {Kind.TYPE: 0, Kind.FUNCTION: 1, Kind.VALUE: 2}
"""What holds what, where all stand on one line."""


@dataclass(frozen=True, slots=True)
class Symbol:
    """A definition; lines count from 1, first and last included."""

    name: str
    kind: Kind
    first: int
    last: int
    head: int
    """Last line of the signature."""
    depth: int = 0
    """How many other symbols it lies in."""

    @property
    def size(self) -> int:
        """Return its number of lines."""
        return self.last - self.first + 1

    @property
    def lines(self) -> range:
        """Return the numbers of its lines."""
        return range(self.first, self.last + 1)

    def holds(self, line: int) -> bool:
        """Tell whether a line is one of its own."""
        return self.first <= line <= self.last


@dataclass(frozen=True, slots=True)
class Outline:
    """The symbols of a text in the order of their first lines, outer ones first."""

    symbols: tuple[Symbol, ...] = ()

    def around(self, line: int) -> tuple[Symbol, ...]:
        """Return the functions and types that hold a line, from the outermost inwards."""
        return tuple(s for s in self.symbols if s.holds(line) and s.kind is not Kind.VALUE)

    def enclosing(self, line: int) -> Symbol | None:
        """Return the innermost function that holds a line, else the innermost type."""
        around = self.around(line)
        functions = [symbol for symbol in around if symbol.kind is Kind.FUNCTION]
        inner = functions or list(around)
        return inner[-1] if inner else None

    def within(self, outer: Symbol) -> tuple[Symbol, ...]:
        """Return the symbols directly inside of one."""
        return tuple(
            symbol
            for symbol in self.symbols
            if symbol.depth == outer.depth + 1
            and outer.holds(symbol.first)
            and outer.holds(symbol.last)
            and symbol is not outer
        )


EMPTY = Outline()


def outline(path: str, text: str) -> Outline:
    """Return what a file defines; empty for prose, data, and what no person wrote."""
    if not is_code(path) or len(text) > LARGEST_TEXT or _has_endless_line(text):
        return EMPTY
    language = language_of(path)
    if language is None or len(text) > LARGEST_OF.get(language.grammar, LARGEST_TEXT):
        return Outline(
            _nested([Symbol(n, Kind.FUNCTION, f, e, h) for n, f, e, h in laid_out(text)])
        )
    return Outline(_nested(_symbols(_encodable(text), language)))


def _has_endless_line(text: str) -> bool:
    if len(text) <= LONGEST_LINE:
        return False
    return any(len(line) > LONGEST_LINE for line in text.split("\n"))


def _encodable(text: str) -> str:
    """Replace lone surrogates, which the parser cannot take; lines stay as they are."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _symbols(text: str, language: Language) -> list[Symbol]:
    root = SgRoot(text, language.grammar).root()
    wanted = {"any": [{"kind": kind} for kind in sorted(language.kinds)]}
    found = (_symbol(node, language) for node in _all(root, wanted))
    return [symbol for symbol in found if symbol is not None]


def _all(root: SgNode, rule: object) -> Iterable[SgNode]:
    return root.find_all(cast("Config", {"rule": rule}))[:MOST_SYMBOLS]


def _symbol(node: SgNode, language: Language) -> Symbol | None:
    name = _name(node)
    if not name or (node.kind() in _SPECIFIERS and node.field("body") is None):
        return None
    kind = _kind(node, language)
    outer = _whole(node)
    place = outer.range()
    first, last = place.start.line + 1, place.end.line + 1
    if place.end.column == 0 and last > first:
        last -= 1
    return Symbol(name, kind, first, last, min(_head(node, first), last))


def _kind(node: SgNode, language: Language) -> Kind:
    kind = node.kind()
    if kind in language.functions:
        return Kind.FUNCTION
    if kind in language.types:
        return Kind.TYPE
    value = node.field("value")
    return Kind.FUNCTION if value and value.kind() in _FUNCTION_VALUES else Kind.VALUE


def _whole(node: SgNode) -> SgNode:
    """Return the node with its decorators, `export` or template around it."""
    parent = node.parent()
    if parent is not None and parent.kind() in {"lexical_declaration", "variable_declaration"}:
        node, parent = parent, parent.parent()
    if parent is not None and parent.kind() in {"type_declaration", "const_declaration"}:
        return parent if parent.range().start.line == node.range().start.line else node
    return parent if parent is not None and parent.kind() in _WRAPPERS else node


def _head(node: SgNode, first: int) -> int:
    value = node.field("value")
    body = node.field("body") or (value.field("body") if value else None)
    if body is None:
        body = next((child for child in node.children() if child.kind().endswith("body")), None)
    start = node.range().start.line + 1
    if body is None:
        return max(first, start)
    begins = body.range().start
    opened = body.text()[:1] in {"{", "("}
    return max(first, start, begins.line + 1 if opened else begins.line)


def _name(node: SgNode) -> str:
    """Return the last part of what a node defines, empty when it names nothing."""
    named = node.field("name") or node.field("left") or node.field("declarator")
    if node.kind() == "impl_item":
        named = node.field("type")
    if named is None and node.kind() == "companion_object":
        return "Companion"
    if named is None:
        named = next(_named_children(node), None)
    for _ in range(_DEEPEST_DECLARATOR):
        inner = named.field("declarator") or named.field("name") if named else None
        if inner is None:
            break
        named = inner
    text = named.text() if named is not None and named.range().start.line >= 0 else ""
    return _last_part(text)


def _named_children(node: SgNode) -> Iterator[SgNode]:
    for child in node.children():
        if child.kind() in _NAMES:
            yield child
        elif child.kind() in {"variable_declaration", "variable_declarator", "pattern"}:
            yield from _named_children(child)


def _last_part(text: str) -> str:
    """Return `f` of `A::f`, `M.f` and `$f`; empty for what is no name, as a pattern."""
    if len(text) > 200:
        return ""
    part = text.replace("::", ".").rpartition(".")[2].partition("<")[0].lstrip("$*&~").strip()
    return part if part.replace("_", "a").isalnum() else ""


def _nested(symbols: Sequence[Symbol]) -> tuple[Symbol, ...]:
    """Order symbols and tell how deep each lies; values inside of functions are left out."""
    ordered = sorted(set(symbols), key=lambda s: (s.first, -s.last, _ORDER[s.kind]))
    open_: list[Symbol] = []
    kept: list[Symbol] = []
    for symbol in ordered:
        while open_ and open_[-1].last < symbol.last:
            open_.pop()
        local = any(outer.kind is Kind.FUNCTION for outer in open_)
        if symbol.kind is Kind.VALUE and local:
            continue
        kept.append(
            Symbol(symbol.name, symbol.kind, symbol.first, symbol.last, symbol.head, len(open_))
        )
        if symbol.kind is not Kind.VALUE:
            open_.append(symbol)
    return tuple(kept)
