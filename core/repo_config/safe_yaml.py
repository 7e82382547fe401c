"""YAML reduced to plain data, with the line of every key; nothing in it can grow or construct.

Aliases, anchors and tags are refused before anything is built, and so are depth, size and
duplicate keys: 271 bytes of aliases unfold to half a million values otherwise.
"""

from dataclasses import dataclass, field
from typing import TypeAlias

import yaml
from pydantic import JsonValue

MAX_BYTES = 16_384
"""Bytes of one configuration file."""

MAX_DEPTH = 10
"""Collections inside one another."""

Data: TypeAlias = JsonValue
Path = tuple[str | int, ...]

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml's parser where the wheel has it; ten times faster, the same events."""

_SCALARS = yaml.SafeLoader("")
"""Reads numbers and booleans as YAML does; it is given single scalars and no text."""

_PLAIN_TAGS = frozenset(
    f"tag:yaml.org,2002:{name}" for name in ("bool", "int", "float", "null", "str")
)


class UnsafeYaml(Exception):
    """Text that is not taken: a sentence about it, and its line where there is one."""

    def __init__(self, sentence: str, line: int | None = None) -> None:
        self.sentence = sentence
        self.line = line
        super().__init__(sentence)


@dataclass(frozen=True, slots=True)
class Document:
    """Plain data, and the line, from 1, on which each key or entry stands."""

    data: Data
    lines: dict[Path, int] = field(default_factory=dict)

    def line_of(self, path: Path) -> int | None:
        """Return the line of this place, or of the nearest one around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path)


def load(text: str) -> Document:
    """Return the one document of the text; raises UnsafeYaml."""
    try:
        size = len(text.encode())
    except UnicodeEncodeError as error:
        raise UnsafeYaml("it is not valid Unicode") from error
    if size > MAX_BYTES:
        raise UnsafeYaml(f"the file is larger than {MAX_BYTES // 1024} KB")
    try:
        _refuse_what_can_grow(text)
        root = yaml.compose(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        raise UnsafeYaml(*_syntax_problem(error)) from error
    lines: dict[Path, int] = {}
    return Document(None if root is None else _plain(root, (), lines), lines)


def _refuse_what_can_grow(text: str) -> None:
    depth = 0
    documents = 0
    for event in yaml.parse(text, Loader=_LOADER):
        line = _line(event)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise UnsafeYaml("anchors and aliases are not allowed", line)
        if getattr(event, "tag", None):
            raise UnsafeYaml("tags are not allowed", line)
        documents += isinstance(event, yaml.DocumentStartEvent)
        if documents > 1:
            raise UnsafeYaml("only one document is allowed", line)
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise UnsafeYaml(f"it is nested more than {MAX_DEPTH} deep", line)


def _syntax_problem(error: yaml.YAMLError) -> tuple[str, int | None]:
    mark = getattr(error, "problem_mark", None)
    words = getattr(error, "problem", None) or "it holds characters that YAML does not allow"
    return f"not valid YAML: {words}", None if mark is None else mark.line + 1


def _plain(node: yaml.Node, path: Path, lines: dict[Path, int]) -> Data:
    """Turn a node into plain data; depth and size are bounded by then."""
    lines.setdefault(path, _line(node))
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, lines)
    if isinstance(node, yaml.SequenceNode):
        return [_plain(entry, (*path, at), lines) for at, entry in enumerate(node.value)]
    return _scalar(node)


def _mapping(node: yaml.MappingNode, path: Path, lines: dict[Path, int]) -> Data:
    found: dict[str, Data] = {}
    for key_node, value_node in node.value:
        line = _line(key_node)
        if not isinstance(key_node, yaml.ScalarNode):
            raise UnsafeYaml("a key has to be a word", line)
        key = str(key_node.value)
        if key in found:
            raise UnsafeYaml(f"`{key[:60]}` is given twice", line)
        lines[*path, key] = line
        found[key] = _plain(value_node, (*path, key), lines)
    return found


def _scalar(node: yaml.Node) -> Data:
    """Read a plain scalar; dates and what else YAML 1.1 would construct stay text."""
    if node.tag not in _PLAIN_TAGS:
        return str(node.value)
    try:
        value: Data = _SCALARS.construct_object(node)
    except (ValueError, yaml.YAMLError) as error:
        # thousands of digits
        raise UnsafeYaml("a number is too long", _line(node)) from error
    return value


def _line(place: yaml.Event | yaml.Node) -> int:
    mark = place.start_mark
    return 1 if mark is None else int(mark.line) + 1
