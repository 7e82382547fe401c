"""The second look: what a model claims is held against the code by a call that tries to refute it.

Findings come in after the deterministic gates. What is confirmed may stand on a line, what is
rejected is dropped, what nobody could decide is said in the summary alone. A rule that found
something is its own proof and costs no call.
"""

import asyncio
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from core.errors import ModelUnavailable, PromptTooLarge
from core.models import Finding, PullRequest, Usage, VerdictWord
from core.ports import VerifierChain
from core.prompts import call_tokens
from core.prompts.probes import probes
from core.prompts.verification import Evidence, Look, VerificationBudget, build, by_weight
from core.proof import AGREES, REFUSES, Looked, Proof, needs_proof, proof_of
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

_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]+")


@dataclass(frozen=True, slots=True)
class _Case:
    """What the second look of one review is about."""

    pull: PullRequest
    claims: tuple[Finding, ...]
    sources: Evidence
    run: str


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
        claims = by_weight([each for each in findings if needs_proof(each)])
        by_rule = frozenset(each.id for each in findings if not needs_proof(each))
        if not claims:
            return Proof(standing=tuple(findings), verified=by_rule)
        looked, doubt = await self._trusted(_Case(pull, claims, sources, run))
        return proof_of(findings, by_rule, looked, doubt, self._chain.names)

    async def _trusted(self, case: _Case) -> tuple[Looked, str]:
        """Look, and once more with the next models where those that answered cannot be trusted.

        Return the last look that was answered, and why it is doubtful.
        """
        looked, doubt = Looked(failures=("no model is configured",)), ""
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
    ) -> Looked:
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
        over = Looked(failures=(words,) if left_out else ())
        return sum(answers, over)

    async def _ask(self, case: _Case, look: Look, without: frozenset[str], cuts: int) -> Looked:
        """Ask one call, in smaller ones when it is too large for the model."""
        try:
            reading = await self._chain.verify(replace(look.prompt, run=case.run), without=without)
        except PromptTooLarge as error:
            lost = Looked(usage=error.usage)
            if not cuts:
                return lost + Looked(failures=(str(error),))
            smaller = replace(case, claims=look.findings)
            size = call_tokens(look.prompt, SMALLER)
            return lost + await self._look(smaller, size, without, cuts - 1)
        except ModelUnavailable as error:
            return Looked(usage=error.usage, failures=(str(error),))
        asked = {each.id for each in look.findings}
        given = {each.id: each for each in reading.reply.verdicts if each.id in asked}
        return Looked(
            {id_: (each.verdict, _clean(each.reason)) for id_, each in given.items()},
            (reading.model,),
            reading.usage,
            fallback=not reading.first_choice,
        )

    async def _doubt(
        self, case: _Case, looked: Looked, without: frozenset[str]
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


def _clean(reason: str) -> str:
    return _UNPRINTABLE.sub(" ", reason)[:LONGEST_REASON].strip()


def _findings(count: int) -> str:
    return f"{count:,} finding" if count == 1 else f"{count:,} findings"
