"""Prose from models and strangers as lines of a terminal; Markdown's marks are read, not obeyed."""

import re
from collections.abc import Iterator
from typing import Final

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from github.sanitise import visible

TAB: Final = 4
"""Columns."""
_FENCE: Final = re.compile(r"\s*(?:```|~~~)")
_ITEM: Final = re.compile(r"(\s*)([-*+]|\d{1,3}[.)])\s+(.*)")
_SPAN: Final = re.compile(r"(`+)(.+?)\1|\*\*(.+?)\*\*")


def one_line(text: str) -> str:
    """Return the text as one visible line."""
    return " ".join(visible(text).split())


def code_line(text: str) -> str:
    """Return a line of code with nothing hidden in it, tabs as columns."""
    return visible(text).replace("\n", " ").expandtabs(TAB)


def prose(text: str) -> Iterator[RenderableType]:
    """Yield paragraphs, list items with a hanging indent, and fenced code as it stands."""
    paragraph: list[str] = []
    fenced = False
    for line in visible(text).strip().split("\n"):
        item = _ITEM.fullmatch(line)
        fence = _FENCE.match(line) is not None
        if fenced or fence or item or not line.strip():
            yield from _closed(paragraph)
        if fence:
            fenced = not fenced
        elif fenced:
            yield Padding(Text(line.expandtabs(TAB), style="cyan"), (0, 0, 0, 2))
        elif item:
            yield _listed(item[2], item[3])
        elif line.strip():
            paragraph.append(line.strip())
        else:
            yield ""
    yield from _closed(paragraph)


def _closed(paragraph: list[str]) -> Iterator[RenderableType]:
    """Yield the paragraph that is being collected, if there is one, and empty it."""
    if paragraph:
        yield _spans(" ".join(paragraph))
        paragraph.clear()


def _listed(mark: str, words: str) -> RenderableType:
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_row("•" if mark in "-*+" else mark, _spans(words))
    return grid


def _spans(words: str) -> Text:
    """Style code and strong words; the backticks stay, for where there is no colour."""
    text = Text()
    end = 0
    for match in _SPAN.finditer(words):
        text.append(words[end : match.start()])
        strong = match[3] is not None
        text.append(match[3] if strong else match[0], style="bold" if strong else "cyan")
        end = match.end()
    return text.append(words[end:])
