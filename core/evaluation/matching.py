"""Which finding means which known issue: by the place first, and one for one.

Whether two that stand at one place say the same is for the caller to decide: by `likeness`, or
by a model that is asked.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from core.claims import similarity
from core.evaluation.cases import Golden
from core.models import RecordedFinding

NEAR_LINES = 3
"""Lines before and after a known issue where a finding still counts as being there."""
LONGEST_FINDING = 20
"""Lines; a longer finding points at everything, and so counts where it begins."""
ROUNDING = 1e-9
"""Differences of likeness below it are none."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A known issue and a finding at its place, by their positions."""

    golden: int
    found: int
    likeness: float
    """From 0 to 1, how much of what they say is the same."""


def near(golden: Golden, found: RecordedFinding) -> bool:
    """Tell whether a finding stands where an issue is known."""
    last = found.end_line or found.line
    if last - found.line >= LONGEST_FINDING:
        last = found.line
    return (
        golden.path == found.path
        and golden.side is found.side
        and found.line <= golden.last + NEAR_LINES
        and last >= golden.line - NEAR_LINES
    )


def pairs(golden: Sequence[Golden], found: Sequence[RecordedFinding]) -> tuple[Pair, ...]:
    """Return every known issue with every finding at its place."""
    return tuple(
        Pair(at, other, similarity(issue.text, f"{finding.title}. {finding.body}"))
        for at, issue in enumerate(golden)
        for other, finding in enumerate(found)
        if near(issue, finding)
    )


def assigned(candidates: Iterable[Pair]) -> Mapping[int, int]:
    """Return the finding of each known issue that gets one: as many as can be, the likest ones."""
    likeness = {(pair.golden, pair.found): pair.likeness for pair in candidates}
    owner: dict[int, int] = {}
    while path := _best_path(likeness, owner):
        owner.update({found: golden for golden, found in path})
    return {golden: found for found, golden in sorted(owner.items(), key=lambda item: item[1])}


def _best_path(
    likeness: Mapping[tuple[int, int], float], owner: Mapping[int, int]
) -> list[tuple[int, int]]:
    """Return the pairs to make so that one more issue gets a finding; empty when none can.

    Among the ways to do so, the one that adds most likeness: successive best paths give the
    likest of the largest assignments. https://en.wikipedia.org/wiki/Assignment_problem
    """
    gain = {golden: 0.0 for golden, _ in likeness if golden not in owner.values()}
    reached: dict[int, tuple[float, int]] = {}
    spread = True
    while spread:
        spread = False
        for (golden, found), alike in likeness.items():
            if golden not in gain or owner.get(found) == golden:
                continue
            better = gain[golden] + alike
            if found in reached and better <= reached[found][0] + ROUNDING:
                continue
            reached[found] = (better, golden)
            spread = True
            if found in owner:  # its issue would have to look for another
                gain[owner[found]] = better - likeness[owner[found], found]
    free = [found for found in reached if found not in owner]
    return _path_to(max(free, key=lambda found: reached[found][0]), reached, owner) if free else []


def _path_to(
    end: int, reached: Mapping[int, tuple[float, int]], owner: Mapping[int, int]
) -> list[tuple[int, int]]:
    """Walk back from a free finding to an issue that had none."""
    had = {golden: found for found, golden in owner.items()}
    path = [(reached[end][1], end)]
    while (before := had.get(path[-1][0])) is not None:
        path.append((reached[before][1], before))
    return path
