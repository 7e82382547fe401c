"""The second look: what a model claims is held against the code by a call that tries to refute it.

Findings come in after the deterministic gates. What is confirmed may stand on a line, what is
rejected is dropped, what nobody could decide is said in the summary alone. A rule that found
something is its own proof and costs no call.
"""

import asyncio
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from core.errors import ModelUnavailable, PromptTooLarge
from core.models import Finding, PullRequest, Refuted, Strength, Usage, VerdictWord
from core.ports import VerifierChain
from core.prompts import call_tokens
from core.prompts.probes import probes
from core.prompts.verification import Evidence, Look, VerificationBudget, build, by_weight
from core.together import together

CALLS_AT_ONCE = 3
SMALLER = 0.5
"""Part of a call that is tried next where it was too large for the model."""
LOOKS = 2
"""Models that are asked for one review where the first cannot be trusted."""
SUSPICIOUS = 8
"""Candidates of which it is odd that every single one holds."""
LONGEST_REASON = 300
"""Characters of a verdict's reason that are kept."""

REFUSES = "the second look refused even a defect that is certain"
AGREES = "The second look confirmed even a defect that is none, so it proves little"

_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]+")


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


@dataclass(frozen=True, slots=True)
class _Case:
    """What the second look of one review is about."""

    pull: PullRequest
    claims: tuple[Finding, ...]
    sources: Evidence
    run: str


@dataclass(frozen=True, slots=True)
class _Looked:
    """What the calls of one look said, or why they said nothing."""

    verdicts: Mapping[str, tuple[VerdictWord, str]] = field(default_factory=dict)
    models: tuple[str, ...] = ()
    usage: Usage = field(default_factory=Usage)
    failures: tuple[str, ...] = ()
    """Why candidates were left without a look."""
    fallback: bool = False
    """Not the first model of the chain answered."""

    def __add__(self, other: "_Looked") -> "_Looked":
        return _Looked(
            {**self.verdicts, **other.verdicts},
            tuple(dict.fromkeys((*self.models, *other.models))),
            self.usage + other.usage,
            tuple(dict.fromkeys((*self.failures, *other.failures))),
            self.fallback or other.fallback,
        )

    def says(self, word: VerdictWord) -> frozenset[str]:
        """Return the ids of the candidates with this verdict."""
        return frozenset(id_ for id_, (said, _) in self.verdicts.items() if said is word)


class Verifier:
    """Looks a second time with a chain of models."""

    def __init__(
        self,
        chain: VerifierChain,
        *,
        fence_key: bytes = b"",
        budget: VerificationBudget | None = None,
    ) -> None:
        """Fence with this secret key; without one, answers are cached for this process alone."""
        self._chain = chain
        self._fence_key = fence_key or secrets.token_bytes(32)
        self._budget = budget or VerificationBudget()

    async def verify(
        self, pull: PullRequest, findings: Sequence[Finding], sources: Evidence, *, run: str = ""
    ) -> Proof:
        """Return what holds; a failing model leaves findings unverified, it never raises.

        `run` names the review: an answer kept for it is not paid twice.
        """
        claims = by_weight([each for each in findings if _needs_proof(each)])
        by_rule = frozenset(each.id for each in findings if not _needs_proof(each))
        if not claims:
            return Proof(standing=tuple(findings), verified=by_rule)
        looked, doubt = await self._trusted(_Case(pull, claims, sources, run))
        return _proof(findings, by_rule, looked, doubt, self._chain.names)

    async def _trusted(self, case: _Case) -> tuple[_Looked, str]:
        """Look, and once more with the next models where those that answered cannot be trusted.

        Return the last look that was answered, and why it is doubtful.
        """
        looked, doubt = _Looked(failures=("no model is configured",)), ""
        distrusted: frozenset[str] = frozenset()
        for _ in range(LOOKS):
            spent = looked.usage
            again = await self._look(case, self._chain.context_tokens, distrusted)
            if not again.models and distrusted:
                return replace(looked, usage=spent + again.usage), doubt
            looked = replace(again, usage=spent + again.usage)
            probed, doubt = await self._doubt(case, looked, distrusted)
            looked = replace(looked, usage=looked.usage + probed)
            distrusted |= frozenset(looked.models)
            if not doubt or distrusted.issuperset(self._chain.names):
                break
        return looked, doubt

    async def _look(
        self, case: _Case, context_tokens: int, without: frozenset[str], cuts: int = 2
    ) -> _Looked:
        """Ask for verdicts on every candidate."""
        looks, left_out = await asyncio.to_thread(
            build,
            case.pull,
            case.claims,
            case.sources,
            context_tokens=context_tokens,
            fence_key=self._fence_key,
            budget=self._budget,
        )
        calls = [partial(self._ask, case, look, without, cuts) for look in looks]
        answers = await together(calls, CALLS_AT_ONCE)
        words = f"{_findings(len(left_out))} found no room in the budget of the second look"
        over = _Looked(failures=(words,) if left_out else ())
        return sum(answers, over)

    async def _ask(self, case: _Case, look: Look, without: frozenset[str], cuts: int) -> _Looked:
        """Ask one call, in smaller ones when it is too large for the model."""
        try:
            reading = await self._chain.verify(replace(look.prompt, run=case.run), without=without)
        except PromptTooLarge as error:
            lost = _Looked(usage=error.usage)
            if not cuts:
                return lost + _Looked(failures=(str(error),))
            smaller = replace(case, claims=look.findings)
            size = call_tokens(look.prompt, SMALLER)
            return lost + await self._look(smaller, size, without, cuts - 1)
        except ModelUnavailable as error:
            return _Looked(usage=error.usage, failures=(str(error),))
        asked = {each.id for each in look.findings}
        given = {each.id: each for each in reading.reply.verdicts if each.id in asked}
        return _Looked(
            {id_: (each.verdict, _clean(each.reason)) for id_, each in given.items()},
            (reading.model,),
            reading.usage,
            fallback=not reading.first_choice,
        )

    async def _doubt(
        self, case: _Case, looked: _Looked, without: frozenset[str]
    ) -> tuple[Usage, str]:
        """Return why verdicts that are all alike cannot be trusted, empty when they can.

        A look that tells candidates apart is alive; only one that does not is probed.
        """
        confirmed = looked.says(VerdictWord.CONFIRMED)
        agrees = len(confirmed) == len(case.claims) >= SUSPICIOUS
        if not looked.models or (confirmed and not agrees):
            return Usage(), ""
        made = probes(case.pull.head)
        probe = replace(case, claims=(made.true, made.false), sources=made.sources)
        answer = await self._look(probe, self._chain.context_tokens, without)
        held = answer.says(VerdictWord.CONFIRMED)
        if not confirmed and (made.true.id not in held or made.false.id in held):
            return answer.usage, REFUSES
        return answer.usage, AGREES if agrees and made.false.id in held else ""


async def look_again(
    verifier: Verifier | None,
    pull: PullRequest,
    findings: Sequence[Finding],
    sources: Evidence,
    *,
    run: str,
) -> Proof:
    """Return what holds; without a verifier everything does, and nothing is verified."""
    if verifier is None:
        return Proof(standing=tuple(findings))
    return await verifier.verify(pull, findings, sources, run=run)


def _needs_proof(finding: Finding) -> bool:
    """Tell whether a model claims it; where a rule found the same, the surer of both stands."""
    return finding.candidate.source == "model"


def _proof(
    findings: Sequence[Finding],
    by_rule: frozenset[str],
    looked: _Looked,
    doubt: str,
    names: Sequence[str],
) -> Proof:
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


def _shortcomings(looked: _Looked, *, refused: bool) -> tuple[str, ...]:
    if refused:
        return (f"{REFUSES}: what the model found is unverified and not on lines",)
    if looked.failures:
        return (f"not every finding was verified: {'; '.join(looked.failures)}",)
    return ()


def _remarks(looked: _Looked, doubt: str, names: Sequence[str]) -> tuple[str, ...]:
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


def _clean(reason: str) -> str:
    return _UNPRINTABLE.sub(" ", reason)[:LONGEST_REASON].strip()


def _findings(count: int) -> str:
    return f"{count:,} finding" if count == 1 else f"{count:,} findings"
