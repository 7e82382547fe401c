"""Finds characters that a person cannot see in what a pull request adds and says.

They reorder or hide code from a reviewer, or speak to a model alone. Here they are only found
and reported; what a model is shown instead is decided where prompts are built.
https://trojansource.codes, https://www.unicode.org/reports/tr9/
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

from core.models import FileChange, LineKind, PullRequest

MAX_NOTES = 5
"""Files that are named; the rest is counted."""

_HIDDEN = re.compile(
    # the first row moves a terminal's cursor, the second are letters that show nothing
    "[\b\x1b\x7f\x9b"
    "\u115f\u1160\u3164\uffa0\ufff9-\ufffb\U000e0100-\U000e01ef"
    "\u00ad\u061c\u180e\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff"
    "\U000e0000-\U000e007f]"
    # a joiner between letters hides something, between pictographs it makes one of two
    "|(?<![\u2600-\u27bf\ufe0f\U0001f000-\U0001faff])\u200d"
)

_HTML_COMMENT = re.compile(r"<!--")


def hidden_text_notes(pull: PullRequest, files: Sequence[FileChange]) -> tuple[str, ...]:
    """Return a sentence for each place where something invisible was found."""
    notes: list[str] = []
    described = _names(f"{pull.title}\n{pull.body}")
    if described:
        notes.append(f"The pull request's title or description holds {described}.")
    if _HTML_COMMENT.search(pull.body):
        notes.append("The description holds an HTML comment, which GitHub does not show.")
    found = [(file.path, line, names) for file in files for line, names in _in_added_lines(file)]
    first_of_each = {path: (line, names) for path, line, names in reversed(found)}
    notes += [
        f"`{_printable(path)}` adds {names} in line {line:,}."
        for path, (line, names) in list(reversed(first_of_each.items()))[:MAX_NOTES]
    ]
    more = len(first_of_each) - MAX_NOTES
    if more > 0:
        notes.append(f"Invisible characters are added in {more:,} more files.")
    return tuple(notes)


def _in_added_lines(file: FileChange) -> Iterator[tuple[int, str]]:
    for hunk in file.hunks or ():
        for line in hunk.lines:
            if line.kind is LineKind.ADDED and line.new is not None:
                # a byte order mark may begin a file
                names = _names(line.text.removeprefix("\ufeff") if line.new == 1 else line.text)
                if names:
                    yield line.new, names


def _names(text: str) -> str:
    """Return what was found, such as `invisible characters (U+202E …)`, empty for nothing."""
    if text.isascii() and text.isprintable():
        return ""
    found = sorted(set(_HIDDEN.findall(text)))
    if not found:
        return ""
    return f"invisible characters ({', '.join(_named(found[:3]))}{' …' if found[3:] else ''})"


def _named(characters: Iterable[str]) -> Iterator[str]:
    for character in characters:
        name = unicodedata.name(character, "unnamed").lower()
        yield f"U+{ord(character):04X} {name}"


def _printable(path: str) -> str:
    return "".join(c if c.isprintable() and c != "`" else "?" for c in path)
