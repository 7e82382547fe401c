"""A finding that another reviewer, a person or a bot, has said on the same lines already.

What others write is never trusted: it can only move a finding from its line to the summary, and
a text that says a bit of everything says nothing.
"""

import re
from collections.abc import Iterable

from core.claims import SAME_CLAIM, similarity, words_of
from core.models import Anchor, Finding, Remark

NEAR_LINES = 3
"""Lines between two places at which one claim may be the other."""
MOST_WORDS = 4
"""Times the words of our claim that a remark may have to be about it."""
_ASIDE = re.compile(
    r"<!--.*?(?:-->|\Z)|<details\b.*?(?:</details>|\Z)|^(`{3,}|~{3,}).*?(?:^\1|\Z)|<[^>]{0,200}>",
    re.DOTALL | re.MULTILINE | re.IGNORECASE,
)
"""What readers of a comment do not see at once, and code."""


def said_by_others(finding: Finding, remarks: Iterable[Remark]) -> Remark | None:
    """Return the remark that says a finding already, the most alike of them."""
    anchor = finding.anchor
    if anchor is None:
        return None
    claim = f"{finding.candidate.title}. {finding.candidate.body}"
    near = ((_likeness(claim, each), each) for each in remarks if _is_near(anchor, each))
    alike = [(likeness, each) for likeness, each in near if likeness >= SAME_CLAIM]
    return max(alike, key=lambda pair: pair[0])[1] if alike else None


def _is_near(anchor: Anchor, remark: Remark) -> bool:
    if (anchor.path, anchor.side) != (remark.path, remark.side):
        return False
    first, last = anchor.start_line or anchor.line, anchor.line
    return max(remark.first_line - last, first - remark.line, 0) <= NEAR_LINES


def _likeness(claim: str, remark: Remark) -> float:
    text = _ASIDE.sub(" ", remark.text)
    if len(words_of(text)) > MOST_WORDS * len(words_of(claim)):
        return 0.0
    return similarity(claim, text)
