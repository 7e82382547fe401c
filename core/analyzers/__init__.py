"""Static checks of our own over added lines: secrets for every file, rules per language.

They are the review when no model is configured, the fallback when it is away, and evidence
for it otherwise. No configuration, plugin or suppression of the repository has a say.
"""

import asyncio
from collections.abc import Sequence

from core.analyzers import secrets
from core.analyzers.source import SourceFile
from core.models import Candidate

__all__ = ["Analyzers", "SourceFile"]


class Analyzers:
    """Every check, run over the files of one change."""

    async def run(self, files: Sequence[SourceFile]) -> tuple[Candidate, ...]:
        """Return what was found on added lines, in the order of files and lines."""
        found: list[Candidate] = []
        for file in files:
            found += await asyncio.to_thread(secrets.check, file)
        return tuple(found)
