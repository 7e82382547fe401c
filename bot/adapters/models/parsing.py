"""Reads a model's text as the contract's review: strictly, or finding by finding.

Fences, chatter around the JSON, trailing commas and a repeated answer lose nothing and are
forgiven; whatever else is malformed is named, so that the model can be asked once to repair it.
"""

from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from bot.adapters.models.json_text import (
    MOST_PROBLEMS,
    Malformed,
    cleaned,
    objects_in,
    validated,
    versions,
    whole,
)
from core.models import ReplyFinding, Resolved, ReviewReply

USUAL_CONFIDENCE = 0.5
"""Where a model says none that can be read."""

_KEYS = ("findings", "summary", "resolved")
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


def parse_reply(text: str) -> ReviewReply | Malformed:
    """Return the whole reply, or why there is none."""
    value = whole(text, _KEYS)
    if isinstance(value, list):
        value = {"findings": value}
    if not isinstance(value, dict) or (value and value.keys().isdisjoint(_KEYS)):
        return Malformed(("the answer is not one complete JSON object",))
    given = value.get("findings") or []
    if not isinstance(given, list):
        return Malformed(("`findings` is not a list",))
    read = [_finding(item) for item in given]
    problems = [f"findings[{n}]: {why}" for n, why in enumerate(read) if isinstance(why, str)]
    if problems:
        return Malformed(tuple(problems[:MOST_PROBLEMS]))
    return ReviewReply(
        summary=cleaned({"": str(value.get("summary") or "")})[""],
        findings=tuple(finding for finding in read if isinstance(finding, ReplyFinding)),
        resolved=tuple(_resolved(value.get("resolved"))),
    )


def salvage(text: str) -> ReviewReply | None:
    """Return every complete, valid finding of a broken answer, None when there is none."""
    found: dict[tuple[str, int, str], ReplyFinding] = {}
    for version in versions(text):
        for finding in objects_in(version, _finding_or_none):
            found.setdefault((finding.path, finding.line, finding.title), finding)
    return ReviewReply(findings=tuple(found.values())) if found else None


def _finding_or_none(item: dict[str, Any]) -> ReplyFinding | None:
    finding = _finding(item)
    return finding if isinstance(finding, ReplyFinding) else None


def _finding(item: Any) -> ReplyFinding | str:
    """Return a finding, or what is wrong with it."""
    if not isinstance(item, dict):
        return "not an object"
    return validated(ReplyFinding, {**item, **_in_our_words(item)})


def _in_our_words(item: dict[str, Any]) -> dict[str, Any]:
    """Map other words to the contract's; what may be left out is left out where it is no use."""
    words: dict[str, Any] = {
        "side": _side(item.get("side")),
        "confidence": _number(item.get("confidence"), USUAL_CONFIDENCE),
        "end_line": _number(item.get("end_line"), None, int),
    }
    severity = item.get("severity")
    if isinstance(severity, str):
        word = severity.strip().lower().replace("-", "_").replace(" ", "_")
        words["severity"] = _SEVERITIES.get(word.replace("_", ""), word)
    if not isinstance(item.get("suggestion"), str):
        words["suggestion"] = None
    if not isinstance(item.get("category"), str):
        words["category"] = ""
    return words


def _side(given: Any) -> str:
    return "LEFT" if isinstance(given, str) and given.strip().upper() == "LEFT" else "RIGHT"


def _number(given: Any, otherwise: Any, kind: type[float | int] = float) -> Any:
    """Return a number that was said as one, or as a text that holds nothing else."""
    if isinstance(given, bool) or not isinstance(given, int | float | str):
        return otherwise
    try:
        return kind(given)
    except (ValueError, OverflowError):
        return otherwise


def _resolved(given: Any) -> Iterator[Resolved]:
    for item in given if isinstance(given, list) else ():
        try:
            yield Resolved.model_validate(cleaned(item) if isinstance(item, dict) else item)
        except ValidationError:
            continue
