"""What is the same of everything that stands around a chain of models: it answers as the chain.

What it does to calls is its own; see `metering` and `withholding`.
"""

from typing import Generic, TypeVar

from core.ports import AnswerChain, ModelChain, VerifierChain

AnyChain = TypeVar("AnyChain", bound=ModelChain | VerifierChain | AnswerChain)


class Around(Generic[AnyChain]):
    """Has the names and the bounds of a chain."""

    def __init__(self, chain: AnyChain) -> None:
        self._chain = chain

    @property
    def names(self) -> tuple[str, ...]:
        """`provider:model` of each, in order."""
        return self._chain.names

    @property
    def context_tokens(self) -> int:
        """Tokens of input that the smallest model takes."""
        return self._chain.context_tokens
