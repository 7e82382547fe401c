"""Characters that a reader can see, and cuts that respect words; knows no Markdown."""

import re
import unicodedata
from typing import Final

_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co"})
"""Control, format (bidi, zero width, tags), lone surrogates, private use."""
_BLANK: Final = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\ufffe\uffff"
    "\U000e0000-\U000e0fff]"
)
"""Letters and marks that show nothing: fillers, variation selectors, tags, noncharacters."""
_SEPARATORS: Final = re.compile("[\t\v\f\x1c-\x1f\x85\u2028\u2029]")
"""What some readers take for the end of a line and others do not."""


def visible(text: str) -> str:
    """Return the text without hidden characters, with LF line ends; tabs and LF stay."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text.isascii() and text.isprintable():
        return text
    text = _BLANK.sub("", text)
    return "".join(map(_shown, text))


def _shown(character: str) -> str:
    if character in "\n\t" or character.isprintable():
        return character
    if _SEPARATORS.match(character):
        return " "
    return "" if unicodedata.category(character) in _UNSEEN else character


def one_line(text: str) -> str:
    """Return the visible text with every run of white space as one space."""
    return " ".join(visible(text).split())


def clip(text: str, limit: int) -> str:
    """Cut to at most `limit` characters, at the end of a word where one is near."""
    if len(text) <= limit:
        return text
    if limit < 1:
        return ""
    head = text[: limit - 1]
    at = max(head.rfind(" "), head.rfind("\n"))
    # A word longer than half of what is left is itself cut.
    return (head[:at] if at > limit // 2 else head).rstrip() + "…"


def clip_words(text: str, count: int) -> str:
    """Cut after `count` words, keeping the line structure of what stays."""
    ends = [match.end() for match in re.finditer(r"\S+", text)]
    return text if len(ends) <= count else text[: ends[count - 1]].rstrip(",;:") + "…"
