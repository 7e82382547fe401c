"""What stands on a line of the diff: the claim, why it breaks, and where it comes from."""

from typing import Final

from core.models import Candidate, Finding, Severity
from github.markers import MarkerKind, Markers, finding_id
from github.render.suggestions import suggestion
from github.render.words import count, rule_of, severity_word
from github.sanitise import Home, clip_words, inline, markdown

WORDS: Final = 80
"""Words of prose in an inline comment, claim included."""
CLAIM_WORDS: Final = 24
PROSE_LIMIT, CLAIM_LIMIT = 2_000, 240
"""Characters; only code and very long words reach them."""


def inline_comment(
    finding: Finding, home: Home, markers: Markers, *, suggestions: bool = True
) -> str:
    """Return the body of a finding's comment, with its marker."""
    candidate = finding.candidate
    parts = [
        claim(candidate, home),
        why(candidate, home),
        suggestion(finding) if suggestions else "",
        provenance(candidate),
        markers.make(MarkerKind.FINDING, finding_id(finding.id, finding.fingerprint)),
    ]
    return "\n\n".join(part for part in parts if part)


def claim(candidate: Candidate, home: Home) -> str:
    """Return the claim in bold."""
    words = clip_words(candidate.title.strip().rstrip("."), CLAIM_WORDS)
    return f"**{inline(words, home, limit=CLAIM_LIMIT) or 'Finding'}**"


def why(candidate: Candidate, home: Home) -> str:
    """Return why it breaks, in the words that the claim leaves."""
    left = WORDS - min(len(candidate.title.split()), CLAIM_WORDS)
    return markdown(clip_words(candidate.body.strip(), left), home, limit=PROSE_LIMIT)


def provenance(candidate: Candidate) -> str:
    """Return the severity in a word, and the rule's name where a rule found it."""
    rule = rule_of(candidate.source)
    said = f"{severity_word(candidate.severity)} · {candidate.category}"
    return f"<sub>{said} · static rule {rule}</sub>" if rule else f"<sub>{said}</sub>"


def review_body(posted: tuple[Finding, ...], elsewhere: int, marker: str) -> str:
    """Return the one line of a review: how much there is, and where the rest stands."""
    important = sum(f.candidate.severity is Severity.IMPORTANT for f in posted)
    if not posted:
        said = f"{count(elsewhere, 'finding')} in the summary; no line of the diff takes a comment."
    elif important == len(posted):
        said = f"{count(important, 'important finding')}."
    else:
        said = f"{count(len(posted), 'finding')}, {important or 'none'} important."
    if posted and elsewhere:
        said = f"{said[:-1]}; {elsewhere:,} more in the summary."
    return f"{said}\n\n{marker}"
