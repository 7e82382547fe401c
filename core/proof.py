"""What a second look said, and what it makes of the findings: proven, refuted, or undecided.

Who is asked, and whether to believe it, is for `core.verification`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from core.models import Finding, Refuted, Strength, Usage, VerdictWord

REFUSES = "the second look refused even a defect that is certain"
AGREES = "The second look confirmed even a defect that is none, so it proves little"


@dataclass(frozen=True, slots=True)
class Looked:
    """What the calls of one look said, or why they said nothing."""

    verdicts: Mapping[str, tuple[VerdictWord, str]] = field(default_factory=dict)
    models: tuple[str, ...] = ()
    usage: Usage = field(default_factory=Usage)
    failures: tuple[str, ...] = ()
    """Why candidates were left without a look."""
    fallback: bool = False
    """Not the first model of the chain answered."""

    def __add__(self, other: "Looked") -> "Looked":
        return Looked(
            {**self.verdicts, **other.verdicts},
            tuple(dict.fromkeys((*self.models, *other.models))),
            self.usage + other.usage,
            tuple(dict.fromkeys((*self.failures, *other.failures))),
            self.fallback or other.fallback,
        )

    def says(self, word: VerdictWord) -> frozenset[str]:
        """Return the ids of the candidates with this verdict."""
        return frozenset(id_ for id_, (said, _) in self.verdicts.items() if said is word)


@dataclass(frozen=True, slots=True)
class Proof:
    """What a second look made of the findings of a run."""

    standing: tuple[Finding, ...] = ()
    """All that is still claimed; what is unverified is marked as such."""
    verified: frozenset[str] = frozenset()
    """Ids of findings that a rule or a second look proved."""
    refuted: tuple[Refuted, ...] = ()
    models: tuple[str, ...] = ()
    """What answered, as `provider:model`, each once."""
    usage: Usage = field(default_factory=Usage)
    shortcomings: tuple[str, ...] = ()
    """Sentences that say why something was not looked at that should have been."""
    remarks: tuple[str, ...] = ()
    """Sentences that say how it was looked at otherwise than usual."""

    def strength_of(self, strength: Strength) -> Strength:
        """Return how well a change was read whose findings were looked at like this."""
        lowered = strength is Strength.FULL and bool(self.shortcomings)
        return Strength.DEGRADED if lowered else strength


def needs_proof(finding: Finding) -> bool:
    """Tell whether a model claims it; where a rule found the same, the surer of both stands."""
    return finding.candidate.source == "model"


def proof_of(
    findings: Sequence[Finding],
    by_rule: frozenset[str],
    looked: Looked,
    doubt: str,
    names: Sequence[str],
) -> Proof:
    """Return what verdicts make of the findings of a run; `doubt` says why they do not count."""
    refused = doubt == REFUSES
    rejected = frozenset() if refused else looked.says(VerdictWord.REJECTED)
    confirmed = frozenset() if refused else looked.says(VerdictWord.CONFIRMED)
    reasons = {id_: reason for id_, (_, reason) in looked.verdicts.items()}
    proven = by_rule | confirmed
    return Proof(
        standing=tuple(
            each if each.id in proven else replace(each, unverified=True)
            for each in findings
            if each.id not in rejected
        ),
        verified=by_rule if doubt else proven,
        refuted=tuple(_refuted(each, reasons[each.id]) for each in findings if each.id in rejected),
        models=looked.models,
        usage=looked.usage,
        shortcomings=_shortcomings(looked, refused=refused),
        remarks=_remarks(looked, doubt, names),
    )


def _shortcomings(looked: Looked, *, refused: bool) -> tuple[str, ...]:
    if refused:
        return (f"{REFUSES}: what the model found is unverified and not on lines",)
    if looked.failures:
        return (f"not every finding was verified: {'; '.join(looked.failures)}",)
    return ()


def _remarks(looked: Looked, doubt: str, names: Sequence[str]) -> tuple[str, ...]:
    remarks: list[str] = []
    if looked.fallback:
        remarks.append(f"Findings were verified by {', '.join(looked.models)}, not by {names[0]}.")
    if doubt == AGREES:
        remarks.append(f"{AGREES}.")
    return tuple(remarks)


def _refuted(finding: Finding, reason: str) -> Refuted:
    candidate, anchor = finding.candidate, finding.anchor
    return Refuted(
        path=candidate.path,
        line=anchor.line if anchor else candidate.line,
        title=candidate.title,
        reason=reason,
    )
