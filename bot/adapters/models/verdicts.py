"""Reads a model's text as the contract's verification: strictly, or verdict by verdict.

A candidate of which two verdicts differ counts as undecided; one without a verdict is for
`core.verification` to see.
"""

from collections.abc import Iterable
from typing import Any

from bot.adapters.models.json_text import (
    MOST_PROBLEMS,
    Malformed,
    objects_in,
    validated,
    versions,
    whole,
)
from core.models import Verdict, VerdictWord, VerificationReply

CONTRADICTED = "two verdicts on it differ"

_KEYS = ("verdicts",)
_OTHER_WORDS = {
    "confirm": "confirmed",
    "valid": "confirmed",
    "true": "confirmed",
    "reject": "rejected",
    "refuted": "rejected",
    "invalid": "rejected",
    "false": "rejected",
    "false_positive": "rejected",
    "uncertain": "unverifiable",
    "unsure": "unverifiable",
    "unknown": "unverifiable",
    "unverified": "unverifiable",
    "inconclusive": "unverifiable",
}
"""What models say instead of the contract's words."""


def parse_verdicts(text: str) -> VerificationReply | Malformed:
    """Return the whole reply, or why there is none."""
    value = whole(text, _KEYS)
    if isinstance(value, list):
        value = {"verdicts": value}
    given = value.get("verdicts") if isinstance(value, dict) else None
    if given is None:
        return Malformed(("the answer is not one complete JSON object with `verdicts`",))
    if not isinstance(given, list):
        return Malformed(("`verdicts` is not a list",))
    read = [_verdict(item) for item in given]
    problems = [f"verdicts[{n}]: {why}" for n, why in enumerate(read) if isinstance(why, str)]
    if problems:
        return Malformed(tuple(problems[:MOST_PROBLEMS]))
    return _once(verdict for verdict in read if isinstance(verdict, Verdict))


def salvage_verdicts(text: str) -> VerificationReply | None:
    """Return every complete, valid verdict of a broken answer, None when there is none."""
    *_, best = versions(text)
    found = list(objects_in(best, _verdict_or_none))
    return _once(found) if found else None


def _once(verdicts: Iterable[Verdict]) -> VerificationReply:
    """Keep one verdict for each candidate."""
    found: dict[str, Verdict] = {}
    for each in verdicts:
        known = found.setdefault(each.id, each)
        if known.verdict is not each.verdict:
            undecided = {"verdict": VerdictWord.UNVERIFIABLE, "reason": CONTRADICTED}
            found[each.id] = known.model_copy(update=undecided)
    return VerificationReply(verdicts=tuple(found.values()))


def _verdict_or_none(item: dict[str, Any]) -> Verdict | None:
    verdict = _verdict(item)
    return verdict if isinstance(verdict, Verdict) else None


def _verdict(item: Any) -> Verdict | str:
    """Return a verdict, or what is wrong with it."""
    if not isinstance(item, dict):
        return "not an object"
    return validated(Verdict, {**item, **_in_our_words(item)})


def _in_our_words(item: dict[str, Any]) -> dict[str, Any]:
    words: dict[str, Any] = {}
    said = item.get("verdict")
    if isinstance(said, str):
        word = said.strip().lower().replace("-", "_").replace(" ", "_")
        words["verdict"] = _OTHER_WORDS.get(word, word)
    named = item.get("id")
    if isinstance(named, str | int):
        words["id"] = str(named).strip().removeprefix("id:").strip(" `")
    if not isinstance(item.get("reason"), str):
        words["reason"] = ""
    return words
