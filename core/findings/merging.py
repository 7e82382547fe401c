"""The same finding said twice in one run: by two chunks, or by the model and an analyzer.

Two claims are one when they say the same about the same lines. Lines alone never decide: one
in seven pairs of different issues in a file overlap.
"""

from collections.abc import Sequence

from core.claims import SAME_CLAIM, similarity
from core.fingerprint import shape
from core.models import Anchor, Candidate, Severity, Side

NEAR_LINES = 3
"""Lines between two quotes of the same defect, such as a call and its argument."""

_SAME_CLAIM_BESIDE = 0.45
"""Similarity that is needed where the quotes only lie near one another."""

_SAME_PLACE_AND_CATEGORY = 0.15
"""Similarity that is enough where a rule and a model point at exactly the same lines."""

_SEVERITIES = tuple(Severity)


def merged(
    claims: Sequence[tuple[Candidate, Anchor | None]],
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the positions to keep, the best of each, and those that repeat one of them."""
    best_first = sorted(range(len(claims)), key=lambda at: _worth(claims[at]))
    kept: list[int] = []
    repeated: list[int] = []
    for at in best_first:
        again = any(_same(claims[at], claims[other]) for other in kept)
        (repeated if again else kept).append(at)
    return tuple(sorted(kept)), tuple(sorted(repeated))


def _worth(claim: tuple[Candidate, Anchor | None]) -> tuple[bool, int, float]:
    candidate, anchor = claim
    return anchor is None, _SEVERITIES.index(candidate.severity), -candidate.confidence


def _same(one: tuple[Candidate, Anchor | None], other: tuple[Candidate, Anchor | None]) -> bool:
    first, second = one[0], other[0]
    between = _lines_between(one, other)
    if first.path != second.path or between > NEAR_LINES:
        return False
    if first.source == second.source != "model":
        return _span(*one) == _span(*other)
    if between > 0 and _made_twice(one, other):
        return False
    return similarity(_said(first), _said(second)) >= _needed(one, other, between)


def _made_twice(
    one: tuple[Candidate, Anchor | None], other: tuple[Candidate, Anchor | None]
) -> bool:
    """Tell the same mistake made twice, such as on two lines in a row, from one miscounted."""
    miscounted = one[1] is None and other[1] is None and one[0].quote == other[0].quote
    return shape(one[0].quote) == shape(other[0].quote) and not miscounted


def _needed(
    one: tuple[Candidate, Anchor | None], other: tuple[Candidate, Anchor | None], between: int
) -> float:
    if between > 0:
        return _SAME_CLAIM_BESIDE
    if one[0].category is other[0].category and _span(*one) == _span(*other):
        return _SAME_PLACE_AND_CATEGORY
    return SAME_CLAIM


def _lines_between(
    one: tuple[Candidate, Anchor | None], other: tuple[Candidate, Anchor | None]
) -> int:
    (side, start, end), (other_side, other_start, other_end) = _span(*one), _span(*other)
    if side is not other_side:
        return NEAR_LINES + 1
    return max(other_start - end, start - other_end, 0)


def _span(candidate: Candidate, anchor: Anchor | None) -> tuple[Side, int, int]:
    if anchor is None:
        return candidate.side, candidate.line, candidate.end_line or candidate.line
    return anchor.side, anchor.start_line or anchor.line, anchor.line


def _said(candidate: Candidate) -> str:
    return f"{candidate.title}. {candidate.body}"
