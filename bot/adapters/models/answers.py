"""Reads a model's text as an answer to a person.

The answer is prose, so a model that gave it without the object around it is taken at its word.
"""

from bot.adapters.models.json_text import Malformed, validated, whole
from core.models import AnswerReply

_KEYS = ("answer",)


def parse_answer(text: str) -> AnswerReply | Malformed:
    """Return the answer, or why there is none."""
    value = whole(text, _KEYS)
    if not isinstance(value, dict):
        looks_broken = text.lstrip().startswith(("{", "[", "```"))
        value = {} if looks_broken else {"answer": text}
    read = validated(AnswerReply, value)
    if isinstance(read, str):
        return Malformed((f"the answer is not one complete JSON object with `answer` ({read})",))
    return read if read.answer.strip() else Malformed(("`answer` is empty",))


def salvage_answer(_text: str) -> AnswerReply | None:
    """Return nothing: half a sentence is no answer."""
    return None
