"""The answers that models are asked for: their schemas, and how their texts are read.

How a text is asked for and repaired is the same for all, in `member`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic import BaseModel

from bot.adapters.models.answers import parse_answer, salvage_answer
from bot.adapters.models.json_text import Malformed
from bot.adapters.models.parsing import parse_reply, salvage
from bot.adapters.models.verdicts import parse_verdicts, salvage_verdicts
from core.models import AnswerReply, ReviewReply, VerificationReply

R = TypeVar("R", bound=BaseModel)


@dataclass(frozen=True)
class Form(Generic[R]):
    """One kind of structured answer."""

    name: str
    """Of the tool or the format that carries the schema."""
    description: str
    items: str
    """What the answer lists, in the words of a repair."""
    reply: type[R]
    parse: Callable[[str], R | Malformed]
    salvage: Callable[[str], R | None]
    """Reads what is whole of a broken answer."""
    size: Callable[[R], int]
    """How much an answer holds; of two that were salvaged the larger is kept."""


REVIEW = Form(
    name="review",
    description="Hand in the review.",
    items="findings",
    reply=ReviewReply,
    parse=parse_reply,
    salvage=salvage,
    size=lambda reply: len(reply.findings),
)
VERIFICATION = Form(
    name="verification",
    description="Hand in the verdicts.",
    items="verdicts",
    reply=VerificationReply,
    parse=parse_verdicts,
    salvage=salvage_verdicts,
    size=lambda reply: len(reply.verdicts),
)
ANSWER = Form(
    name="answer",
    description="Hand in the answer.",
    items="words",
    reply=AnswerReply,
    parse=parse_answer,
    salvage=salvage_answer,
    size=lambda reply: len(reply.answer),
)
