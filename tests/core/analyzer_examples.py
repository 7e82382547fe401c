"""Runs one rule's examples: a fragment on which it must speak, and one on which it must not.

The fragments stand in the test module of their language, by the rule's id.
"""

from collections.abc import Mapping

from core.analyzers import syntax
from core.analyzers.source import SourceFile

Examples = Mapping[str, tuple[str, str]]


def fired(text: str, path: str) -> set[str]:
    """Return the ids of the rules that speak about a file whose lines are all added."""
    lines = frozenset(range(1, text.count("\n") + 2))
    found = syntax.check(SourceFile(path, text, lines))
    return {candidate.source.partition("/")[2] for candidate in found}
