"""Reads a model's text as the contract's reply: strictly, or finding by finding.

Fences, chatter around the JSON and a repeated answer lose nothing and are forgiven; whatever
else is malformed is named, so that the model can be asked once to repair it.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from pydantic import ValidationError
from pydantic_core import from_json

from core.models import ReplyFinding, Resolved, ReviewReply

LARGEST_FINDING = 20_000
"""Characters of one finding's JSON."""
MOST_ATTEMPTS = 2_000
"""Places in a broken answer where a finding is tried to be read."""
MOST_PROBLEMS = 5
"""Problems that are told to the model."""

_SEVERITIES = {
    "critical": "important",
    "high": "important",
    "major": "important",
    "medium": "important",
    "error": "important",
    "warning": "nit",
    "low": "nit",
    "minor": "nit",
    "info": "nit",
    "preexisting": "pre_existing",
}
_DECODER = json.JSONDecoder()
_OBJECT = re.compile(r'\{(?=\s*")')
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")


@dataclass(frozen=True, slots=True)
class Malformed:
    """What is wrong with an answer, in words for the model."""

    problems: tuple[str, ...]


def parse_reply(text: str) -> ReviewReply | Malformed:
    """Return the whole reply, or why there is none."""
    value = _first_object(text)
    if value is None:
        return Malformed(("the answer is not one complete JSON object",))
    given = value.get("findings", [])
    if not isinstance(given, list):
        return Malformed(("`findings` is not a list",))
    problems: list[str] = []
    findings = []
    for index, item in enumerate(given):
        finding = _finding(item)
        if isinstance(finding, ReplyFinding):
            findings.append(finding)
        else:
            problems.append(f"findings[{index}]: {finding}")
    if problems:
        return Malformed(tuple(problems[:MOST_PROBLEMS]))
    return ReviewReply(
        summary=str(value.get("summary") or ""),
        findings=tuple(findings),
        resolved=tuple(_resolved(value.get("resolved"))),
    )


def salvage(text: str) -> ReviewReply | None:
    """Return every complete, valid finding of a broken answer, None when there is none."""
    found: dict[tuple[str, int, str], ReplyFinding] = {}
    for version in dict.fromkeys((text, _TRAILING_COMMA.sub(r"\1", text))):
        for finding in _findings_in(version):
            found.setdefault((finding.path, finding.line, finding.title), finding)
    return ReviewReply(findings=tuple(found.values())) if found else None


def _findings_in(text: str) -> Iterator[ReplyFinding]:
    """Try to read a finding wherever an object begins, whatever surrounds it."""
    end = 0
    for start in islice(_OBJECT.finditer(text), MOST_ATTEMPTS):
        if start.start() < end:
            continue
        piece = text[start.start() : start.start() + LARGEST_FINDING]
        try:
            value, length = _DECODER.raw_decode(piece)
        except (ValueError, RecursionError):
            continue
        finding = _finding(value)
        if isinstance(finding, ReplyFinding):
            end = start.start() + length
            yield finding


def _first_object(text: str) -> dict[str, Any] | None:
    """Return the JSON object that the text is, begins with, or holds behind a fence."""
    whole = _loaded(text)
    if whole is not None:
        return whole
    start = text.find("{")
    if start < 0:
        return None
    try:
        value, _ = _DECODER.raw_decode(text, start)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _loaded(text: str) -> dict[str, Any] | None:
    try:
        value = from_json(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _finding(item: Any) -> ReplyFinding | str:
    """Return a finding, or what is wrong with it."""
    if not isinstance(item, dict):
        return "not an object"
    try:
        return ReplyFinding.model_validate({**item, **_in_our_words(item)})
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
    except (ValueError, RecursionError):
        return "not usable"


def _in_our_words(item: dict[str, Any]) -> dict[str, Any]:
    """Map other words for severity and side to the contract's."""
    words: dict[str, Any] = {}
    severity = item.get("severity")
    if isinstance(severity, str):
        word = severity.strip().lower().replace("-", "_").replace(" ", "_")
        words["severity"] = _SEVERITIES.get(word.replace("_", ""), word)
    side = item.get("side")
    if side is None:
        words["side"] = "RIGHT"
    elif isinstance(side, str):
        words["side"] = side.strip().upper()
    if item.get("confidence") is None:
        words["confidence"] = 0.5
    return words


def _resolved(given: Any) -> Iterator[Resolved]:
    for item in given if isinstance(given, list) else ():
        try:
            yield Resolved.model_validate(item)
        except ValidationError:
            continue
