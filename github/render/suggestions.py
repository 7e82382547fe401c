"""Suggestion blocks: one click commits them in the reader's name, so most doubts end in none.

Whether the changed file still parses is judged in the core, which has its text.
"""

import re
from typing import Final

from core.findings.harmless import is_guarded, is_harmless
from core.models import Finding, Side
from github.sanitise import visible

SUGGESTED_LINES, SUGGESTED_CHARACTERS = 20, 4_000
_COMMAND: Final = re.compile(r"(?m)^\s*(?:/[A-Za-z][\w-]*(?:\s|$)|@argus)")


def suggestion(finding: Finding) -> str:
    """Return the block that replaces exactly the anchored lines, empty where it must not.

    https://docs.github.com/pull-requests/collaborating-with-pull-requests
    """
    text, anchor = finding.candidate.suggestion, finding.anchor
    if text is None or anchor is None or anchor.side is not Side.RIGHT:
        return ""
    text = text.replace("\r\n", "\n").strip("\n")
    anchored = anchor.line - (anchor.start_line or anchor.line) + 1
    if not _fits(text, finding.candidate.quote, anchored) or not _harmless(text, finding):
        return ""
    ticks = "`" * (max([2, *(len(run) for run in re.findall("`+", text))]) + 1)
    return f"{ticks}suggestion\n{text}\n{ticks}"


def _fits(text: str, quote: str, anchored: int) -> bool:
    """Tell whether the text can stand where the quote stands, line for line."""
    quoted = quote.strip("\n")
    same_lines = len(quoted.split("\n")) == anchored
    same_indent = _indent(quoted) == _indent(text)
    short = text.count("\n") < SUGGESTED_LINES and len(text) <= SUGGESTED_CHARACTERS
    return bool(text.strip()) and same_lines and same_indent and short and text != quoted


def _harmless(text: str, finding: Finding) -> bool:
    """Tell whether one click on it can do nothing but change this code."""
    return (
        finding.anchor is not None
        and not is_guarded(finding.anchor.path)
        and text == visible(text)
        and is_harmless(text, finding.candidate.quote)
        and not _COMMAND.search(text)
        and "<!--" not in text
    )


def _indent(text: str) -> str:
    return text[: len(text) - len(text.lstrip(" \t"))]
