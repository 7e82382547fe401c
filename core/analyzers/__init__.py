"""Static checks of our own over added lines: secrets for every file, rules per language.

They are the review when no model is configured, the fallback when it is away, and evidence
for it otherwise. No configuration, plugin or suppression of the repository has a say.
"""

import asyncio
import itertools
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path

from core.analyzers import ruff, secrets, syntax
from core.analyzers.ruff_rules import rule_for
from core.analyzers.source import SourceFile
from core.models import Candidate
from core.together import together

__all__ = ["Analyzers", "SourceFile"]

AT_ONCE = 2
"""Files checked at the same time: the work is CPU, and the loop must stay responsive."""


class Analyzers:
    """Every check, run over the files of one change."""

    def __init__(self, ruff_binary: Path | None = None) -> None:
        """Use this ruff, or the one of the installed package; without any, go without it."""
        self._ruff = ruff_binary or ruff.find_binary()

    async def run(self, files: Sequence[SourceFile]) -> tuple[Candidate, ...]:
        """Return what was found on added lines, in the order of files and lines."""
        found = await together([partial(self._check, file) for file in files], AT_ONCE)
        return tuple(itertools.chain.from_iterable(found))

    async def _check(self, file: SourceFile) -> tuple[Candidate, ...]:
        ours = await asyncio.to_thread(_check_in_thread, file)
        theirs = await ruff.check(file, self._ruff) if self._ruff else ()
        return tuple(_merged(ours, theirs))


def _check_in_thread(file: SourceFile) -> tuple[Candidate, ...]:
    return secrets.check(file) + syntax.check(file)


def _merged(ours: Iterable[Candidate], theirs: Iterable[Candidate]) -> list[Candidate]:
    """Join both in the order of lines; of the same mistake said twice on a line, keep ours."""
    kept = list(ours)
    said = {(candidate.line, candidate.source.partition("/")[2]) for candidate in kept}
    for candidate in theirs:
        code = candidate.source.partition("/")[2]
        rule = rule_for(code)
        mistake = (candidate.line, (rule.same_as if rule else "") or code)
        if mistake not in said:
            said.add(mistake)
            kept.append(candidate)
    return sorted(kept, key=lambda candidate: candidate.line)
