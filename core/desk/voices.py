"""Who brings an answer back to where it was asked for; each front end has a voice of its own."""

from typing import Protocol

from core.desk.values import Answer
from core.errors import UserError
from core.models import Order


class AnswerVoice(Protocol):
    """Says an answer where the order was given."""

    async def say(self, order: Order, answer: Answer | UserError) -> str:
        """Say it once, also when called again, and return the receipt to keep.

        Raises TransientError, PermanentError.
        """
        ...
