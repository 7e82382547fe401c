"""Reads the change: chunks to the model chain, replies to candidates, and what stayed unread.

Nothing is proven or anchored here, that is for `core.findings` and `core.anchoring`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from core.models import Candidate, FileChange, Omission, PullRequest, Strength, Usage
from core.ports import ModelChain

NO_MODEL = "static analysis only: no model is configured"


@dataclass(frozen=True, slots=True)
class ReadResult:
    """What reading the change gave, and how well it was read."""

    candidates: tuple[Candidate, ...]
    strength: Strength
    unread: tuple[Omission, ...] = ()
    models: tuple[str, ...] = ()
    """What answered, as `provider:model`, each once."""
    usage: Usage = field(default_factory=Usage)
    summary: str = ""
    """The model's own summary, untrusted."""
    notes: tuple[str, ...] = ()
    """Sentences for people: why the strength is not full, what was dropped or made visible."""


class Reviewer:
    """Reads a change with a model chain, or with static analysis alone."""

    def __init__(self, chain: ModelChain | None) -> None:
        self._chain = chain

    async def read(
        self,
        pull: PullRequest,
        files: Sequence[FileChange],
        texts: Mapping[str, str],
        *,
        instructions: str,
        focus: str,
        static: Sequence[Candidate],
    ) -> ReadResult:
        """Return the candidates of the change; a failing model degrades it, never raises."""
        return ReadResult(candidates=tuple(static), strength=Strength.STATIC, notes=(NO_MODEL,))
