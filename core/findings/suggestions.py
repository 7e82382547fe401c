"""Which suggested replacements are kept: those that one click applies without a surprise.

GitHub replaces exactly the commented lines after the change, whole lines, with what stands in
the block. A suggestion that fails a check here is dropped, its finding stays.
"""

import unicodedata
from dataclasses import replace

from core.diff import LineMap
from core.globs import Glob, first_match
from core.models import Anchor, Candidate, Side

MAX_LINES = 20
"""Lines of a suggestion; more is a patch to be read, not a click."""

_SENSITIVE = tuple(
    Glob(text)
    for text in (
        ".github/**",
        ".gitlab-ci.yml",
        ".circleci/**",
        "Jenkinsfile",
        "CODEOWNERS",
        ".gitattributes",
        ".gitmodules",
        ".npmrc",
        ".husky/**",
        "*.lock",
        "*-lock.json",
        "*-lock.yaml",
        "go.sum",
        "package.json",
        "setup.py",
        "setup.cfg",
        "conftest.py",
        "Makefile",
        "Dockerfile",
        "*.gradle",
        "*.sh",
    )
)
"""What runs with somebody's rights when it is built, installed or merged."""


def with_safe_suggestion(candidate: Candidate, anchor: Anchor | None, lines: LineMap) -> Candidate:
    """Return the claim with its suggestion, or without one that would not apply cleanly."""
    if candidate.suggestion is None:
        return candidate
    suggestion = candidate.suggestion.replace("\r\n", "\n").removesuffix("\n")
    if anchor is None or not _applies(candidate, suggestion, anchor, lines):
        return replace(candidate, suggestion=None)
    return replace(candidate, suggestion=suggestion)


def _applies(candidate: Candidate, suggestion: str, anchor: Anchor, lines: LineMap) -> bool:
    new = suggestion.split("\n")
    old = lines.texts(anchor.side, anchor.start_line or anchor.line, anchor.line)
    return (
        anchor.side is Side.RIGHT
        and len(new) <= MAX_LINES
        and new != old
        and _claimed_lines(candidate) == len(old)
        and _margin(new) == _margin(old)
        and all(_is_plain(character) for character in suggestion)
        and first_match(_SENSITIVE, anchor.path) is None
    )


def _claimed_lines(candidate: Candidate) -> int:
    return (candidate.end_line or candidate.line) - candidate.line + 1


def _margin(lines: list[str]) -> str:
    """Return the whitespace before the first line that has text."""
    first = next((line for line in lines if line.strip()), "")
    return first[: len(first) - len(first.lstrip())]


def _is_plain(character: str) -> bool:
    """Refuse control, direction and other invisible characters; they hide what is applied."""
    return character in "\n\t" or unicodedata.category(character)[0] != "C"
