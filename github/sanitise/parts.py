"""Takes one line of Markdown apart into text, code, emphasis and links.

Escapes and entities are decoded here, so that everything after sees the characters that a browser
would show, however they were encoded.
"""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from html.entities import html5
from itertools import groupby
from typing import Final

from github.sanitise.characters import visible
from github.sanitise.code import span
from github.sanitise.links import Home


class Kind(StrEnum):
    """What a part of a line is."""

    TEXT = "text"
    """Literal characters, decoded."""
    CODE = "code"
    MARK = "mark"
    """Asterisks that may mean emphasis."""
    LINK = "link"


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a line; `address` belongs to links, which all lead home."""

    kind: Kind
    text: str
    address: str = ""


_TOKEN: Final = re.compile(
    r"""\\(?P<escaped>[!-/:-@\[-`{-~])
    |(?P<ticks>`+)
    |&(?P<entity>\#[0-9]{1,7}|\#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});
    |!?\[(?P<label>(?:[^\[\]\\]|\\[^\[\]])*)\]
        \([ ]*<?(?P<address>[^\s()<>]*)>?(?:[ ]+(?:"[^"]*"|'[^']*'))?[ ]*\)
    |(?P<mark>\*+)
    |(?P<text>[^\\`&!\[*]+|.)""",
    re.VERBOSE | re.DOTALL,
)


def take_apart(source: str, home: Home, *, emphasis: bool) -> list[Part]:
    """Return the parts of a line in order, neighbouring text joined.

    Links that do not lead home become their text and their address as code; without `emphasis`
    asterisks are text.
    """
    parts: list[Part] = []
    for kind, group in groupby(_parts(source, home, emphasis), key=lambda part: part.kind):
        if kind is Kind.TEXT:
            parts.append(Part(kind, "".join(part.text for part in group)))
        else:
            parts.extend(group)
    return parts


def _parts(source: str, home: Home, emphasis: bool) -> Iterator[Part]:
    runs, position = _Runs(source), 0
    while token := _TOKEN.match(source, position):
        position = token.end()
        kind, text = token.lastgroup, token.group()
        end = runs.closing(len(text), position) if kind == "ticks" else None
        if end is not None:
            yield from _code(source[position:end])
            position = end + len(text)
        elif kind == "address":
            yield from _link(token["label"], token["address"], home, emphasis)
        elif kind == "mark" and emphasis:
            yield Part(Kind.MARK, text)
        else:
            yield Part(Kind.TEXT, _decoded(token))


class _Runs:
    """The runs of backticks in a line; a code span ends at the next run of its own length."""

    def __init__(self, source: str) -> None:
        self._starts: defaultdict[int, list[int]] = defaultdict(list)
        for run in re.finditer("`+", source):
            self._starts[len(run.group())].append(run.start())

    def closing(self, length: int, position: int) -> int | None:
        """Return where the closing run starts, None where the span is never closed."""
        starts = self._starts[length]
        index = bisect_left(starts, position)
        return starts[index] if index < len(starts) else None


def _code(text: str) -> Iterator[Part]:
    if span(text):
        yield Part(Kind.CODE, text)


def _link(label: str, address: str, home: Home, emphasis: bool) -> Iterator[Part]:
    target = home.allowed(address)
    if target is not None:
        yield Part(Kind.LINK, label if label.strip() else home.label(target), target)
        return
    yield from _parts(label, home, emphasis)
    if address.strip() and address != label.strip():
        yield Part(Kind.TEXT, " ")
        yield Part(Kind.TEXT, f"({address})")


def _decoded(token: re.Match[str]) -> str:
    """Return the characters that a token of text shows, none of them hidden."""
    if token["escaped"]:
        return token["escaped"]
    if not token["entity"]:
        return token.group()
    return re.sub(r"\s", " ", visible(_entity(token["entity"]))) or ""


def _entity(name: str) -> str:
    """Decode as https://spec.commonmark.org/0.31.2/#entity-and-numeric-character-references."""
    if not name.startswith("#"):
        return html5.get(f"{name};", f"&{name};")
    number = int(name.lstrip("#xX"), 16 if name[1] in "xX" else 10)
    return chr(number) if 0 < number < 0x110000 and not 0xD800 <= number < 0xE000 else "�"
