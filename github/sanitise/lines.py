"""One line of prose put together again from its parts, so that only known parts remain."""

import re
from collections.abc import Callable, Iterable
from typing import Final

from github.sanitise.characters import clip, one_line
from github.sanitise.code import span
from github.sanitise.links import Home, defang
from github.sanitise.parts import Kind, Part, take_apart
from github.sanitise.words import settle

_MOST_READ: Final = 4
"""Characters of a source that are looked at for each that may come out."""
_SPECIAL: Final = re.compile(r"[\\`*\[\]]")
_ENTITY_LIKE: Final = re.compile(r"&(?=#?\w+;)")
_OPENS_BLOCK: Final = re.compile(r"(?:[-+*]|#{1,6})(?:\s|$)|>|~{3,}|[\s|:=-]+$|(?:[*_]\s*){3,}$")
_OPENS_NUMBER: Final = re.compile(r"(\d{1,9})([.)](?:\s|$))")


def inline(text: str, home: Home, *, limit: int = 300) -> str:
    """Return one line without emphasis, for titles and list entries; code and home links stay."""
    return fit(one_line(text), lambda source: line(source, home, emphasis=False), limit)


def plain(text: str, *, limit: int = 300) -> str:
    """Return one line for fields that GitHub shows as they are, such as a check run's title."""
    return clip(defang(one_line(text)), limit)


def line(source: str, home: Home, *, emphasis: bool) -> str:
    """Return a line of prose that opens no block, wherever it stands."""
    parts = take_apart(source, home, emphasis=emphasis)
    text = _written(settle(parts, home), home).strip()
    if _OPENS_BLOCK.match(text):
        return "\\" + text
    return _OPENS_NUMBER.sub(r"\1\\\2", text, count=1) if _OPENS_NUMBER.match(text) else text


def fit(source: str, render: Callable[[str], str], limit: int) -> str:
    """Return the rendering of as much of the source as stays within `limit` characters."""
    source = clip(source, _MOST_READ * limit)
    text = render(source)
    while len(text) > limit:
        source = clip(source, min(len(source) - 1, len(source) * limit // len(text)))
        text = render(source)
    return text


def _written(parts: Iterable[Part], home: Home) -> str:
    """Write parts as Markdown; each must still be recognised beside its neighbours."""
    out: list[str] = []
    last = Kind.TEXT
    for part in parts:
        if not part.text:
            continue
        if part.kind is Kind.CODE and last is Kind.CODE:
            out.append(" ")
        elif part.kind is Kind.LINK and out and out[-1].endswith("!"):
            out[-1] = out[-1][:-1] + "\\!"
        out.append(_write(part, home))
        last = part.kind
    return "".join(out)


def _write(part: Part, home: Home) -> str:
    match part.kind:
        case Kind.CODE:
            return span(part.text)
        case Kind.LINK:
            inner = settle(take_apart(part.text, home, emphasis=True), home, links=False)
            return f"[{_written(inner, home).strip()}]({part.address})"
        case Kind.MARK:
            return part.text
        case Kind.TEXT:
            text = _ENTITY_LIKE.sub("&amp;", part.text)
            return _SPECIAL.sub(r"\\\g<0>", text).replace("<", "&lt;")
