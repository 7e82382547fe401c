"""Keeps this process's own secrets from models, and out of what models say, by their values.

A secret can stand in a repository that Argus reads, and whoever owns the model could then make
it speak. Credentials of a known shape, whoever's they are, are `core.analyzers.secrets`' to find.
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, TypeVar

from bot.around import AnyChain, Around
from core.models import (
    AnswerReading,
    AnswerReply,
    Prompt,
    Reading,
    ReviewReply,
    VerificationReading,
    VerificationReply,
)
from core.ports import AnswerChain, ModelChain, VerifierChain

WITHHELD = "[withheld]"
SHORTEST = 12
"""Characters; what is shorter is a placeholder for a server that asks for no key, and a word."""
_PARTS = re.compile(r"[\n,]|\\n")
"""What stands between the lines of a key, and between the keys of a list."""
_HEADER = "-----"

Reply = TypeVar("Reply", ReviewReply, VerificationReply, AnswerReply)


class Withheld:
    """Replaces secrets, and each line of one that has several, wherever they stand."""

    def __init__(self, secrets: Iterable[str]) -> None:
        parts = {part.strip() for secret in secrets for part in (secret, *_PARTS.split(secret))}
        telling = (part for part in parts if len(part) >= SHORTEST)
        known = sorted((each for each in telling if not each.startswith(_HEADER)), key=len)
        self._known = re.compile("|".join(map(re.escape, reversed(known)))) if known else None

    def clean(self, value: Any) -> Any:
        """Return a value with every text in it cleaned, at any depth."""
        if self._known is None:
            return value
        if isinstance(value, str):
            return self._known.sub(WITHHELD, value)
        if isinstance(value, list | tuple):
            return type(value)(map(self.clean, value))
        if isinstance(value, dict):
            return {key: self.clean(each) for key, each in value.items()}
        return value

    def of(self, prompt: Prompt) -> Prompt:
        """Return a prompt that tells no secret."""
        return replace(prompt, material=self.clean(prompt.material))

    def from_(self, reply: Reply) -> Reply:
        """Return a reply that tells no secret."""
        return type(reply).model_validate(self.clean(reply.model_dump()))


class _Discreet(Around[AnyChain]):
    """What is the same around every chain that is told no secret."""

    def __init__(self, chain: AnyChain, withheld: Withheld) -> None:
        super().__init__(chain)
        self._withheld = withheld


class DiscreetReader(_Discreet[ModelChain]):
    """Implements `core.ports.ModelChain` around one that must be told no secret."""

    async def read(self, prompt: Prompt) -> Reading:
        """Return the first usable answer. Raises ModelUnavailable, PromptTooLarge."""
        reading = await self._chain.read(self._withheld.of(prompt))
        return replace(reading, reply=self._withheld.from_(reading.reply))


class DiscreetVerifier(_Discreet[VerifierChain]):
    """Implements `core.ports.VerifierChain` around one that must be told no secret."""

    async def verify(
        self, prompt: Prompt, *, without: frozenset[str] = frozenset()
    ) -> VerificationReading:
        """Return the first usable verdicts. Raises ModelUnavailable, PromptTooLarge."""
        reading = await self._chain.verify(self._withheld.of(prompt), without=without)
        return replace(reading, reply=self._withheld.from_(reading.reply))


class DiscreetAnswerer(_Discreet[AnswerChain]):
    """Implements `core.ports.AnswerChain` around one that must be told no secret."""

    async def converse(self, prompt: Prompt) -> AnswerReading:
        """Return the first usable answer. Raises ModelUnavailable, PromptTooLarge."""
        reading = await self._chain.converse(self._withheld.of(prompt))
        return replace(reading, reply=self._withheld.from_(reading.reply))
