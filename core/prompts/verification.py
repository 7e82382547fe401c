"""The prompts of the second look: candidates, each with its id, and the code that may refute them.

What the verdicts mean is for `core.verification`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from core.context import NO_CONTEXT, Context
from core.models import Candidate, FileChange, Finding, Prompt, PullRequest, Severity, Side
from core.prompts import MARKER_TOKENS, instructions_of
from core.prompts.enriching import Shelf, enrich
from core.prompts.evidence import (
    NEAR,
    NEAR_IN_SMALL,
    Shown,
    Window,
    quoted_lines,
    window_of,
)
from core.prompts.fence import Part, fence
from core.prompts.material import describe, shortened, shown, tokens
from core.prompts.pieces import piece
from core.prompts.visible import reveal

VERSION = "verification_v1"
SCHEMA_TOKENS = 300
"""What the schema of the answer takes when it travels with the request."""
SMALL = 12_000
"""Tokens; a call up to this size is shown less around each candidate."""
DESCRIPTION = 600
"""Tokens of what the author says about the change."""
LONGEST_CLAIM = 400
"""Tokens of a candidate's words, and of its quote."""


@dataclass(frozen=True, slots=True)
class VerificationBudget:
    """Bounds of the second look of one review, in tokens counted as three bytes each."""

    call: int = 24_000
    calls: int = 4
    candidates: int = 25
    """In one call: with more, models judge by the company a candidate keeps."""


@dataclass(frozen=True, slots=True)
class Look:
    """One call, and the candidates it is about."""

    prompt: Prompt
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the code of the candidates is taken from."""

    files: tuple[FileChange, ...]
    texts: Mapping[str, str]
    """Files at the head, where they are known."""
    context: Context = NO_CONTEXT


@dataclass
class _Call:
    room: int
    shown: Shown
    findings: list[Finding] = field(default_factory=list)
    claims: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)
    """Code outside the diff."""


@dataclass(frozen=True, slots=True)
class _Case:
    """A candidate as text, and where its code is."""

    finding: Finding
    claim: str
    window: Window | None
    quoted: str

    def cost(self, call: _Call) -> int:
        code = call.shown.cost(self.window) if self.window else tokens(self.quoted)
        return tokens(self.claim) + code + 2


def build(
    pull: PullRequest,
    findings: Sequence[Finding],
    sources: Evidence,
    *,
    context_tokens: int,
    fence_key: bytes,
    budget: VerificationBudget,
) -> tuple[tuple[Look, ...], tuple[Finding, ...]]:
    """Return the calls, and the candidates that found no place in them.

    Candidates are placed in the order given: the first that matter come first.
    """
    most = min(context_tokens, budget.call)
    ours = instructions_of(VERSION)
    said = Part("pull request", describe(pull, min(DESCRIPTION, most // 10)))
    room = most - tokens(ours) - tokens(said.text) - SCHEMA_TOKENS - MARKER_TOKENS
    by_path = {file.path: file for file in sources.files}
    near = NEAR_IN_SMALL if most <= SMALL else NEAR
    calls: list[_Call] = []
    left_out: list[Finding] = []
    for finding in findings:
        case = _case(finding, by_path, sources.texts, near)
        call = _place(case, calls, _Call(room, Shown(by_path)), budget)
        if call is None:
            left_out.append(finding)
    shelf = Shelf(sources.texts, sources.context)
    bound_to = (Part("head", pull.head), said)
    looks: list[Look] = []
    for call in calls:
        parts = [said, *_parts(call, shelf)]
        paths = tuple(dict.fromkeys(each.candidate.path for each in call.findings))
        prompt = Prompt(ours, fence(parts, fence_key, bound_to), paths)
        looks.append(Look(prompt, tuple(call.findings)))
    return tuple(looks), tuple(left_out)


def by_weight(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return what has to be looked at first: important before nits, security before the rest."""
    severities = tuple(Severity)

    def weight(finding: Finding) -> tuple[int, bool, float]:
        claim = finding.candidate
        return severities.index(claim.severity), claim.category != "security", -claim.confidence

    return tuple(sorted(findings, key=weight))


def _case(
    finding: Finding, files: Mapping[str, FileChange], texts: Mapping[str, str], near: int
) -> _Case:
    candidate = finding.candidate
    file = files.get(candidate.path)
    window = window_of(finding, file, near) if file else None
    quoted = "" if window else quoted_lines(finding, texts.get(candidate.path), near)
    return _Case(finding, _claim(finding), window, quoted)


def _claim(finding: Finding) -> str:
    """Write a candidate; nothing in its words can look like the id of another one."""
    candidate = finding.candidate
    words = " ".join(f"{candidate.title}. {candidate.body}".split())
    quote = shortened(shown(candidate.quote), LONGEST_CLAIM).split("\n")
    return "\n".join(
        (
            f"id: {finding.id}",
            f"{_place_of(finding)} ({candidate.severity.value}, {candidate.category.value})",
            f"Claim: {shortened(shown(words), LONGEST_CLAIM)}",
            *(f"> {line}" for line in quote),
        )
    )


def _place_of(finding: Finding) -> str:
    candidate: Candidate = finding.candidate
    anchor = finding.anchor
    if anchor is None:
        return f"{reveal(candidate.path)}, outside the diff"
    lines = f"{anchor.start_line}-{anchor.line}" if anchor.start_line else f"{anchor.line}"
    before = ", removed" if anchor.side is Side.LEFT else ""
    return f"{reveal(anchor.path)}:{lines}{before}"


def _place(
    case: _Case, calls: list[_Call], fresh: _Call, budget: VerificationBudget
) -> _Call | None:
    """Put a candidate into the call that shows its code already, or has room for it."""
    free = [call for call in calls if len(call.findings) < budget.candidates]
    if len(calls) < budget.calls:
        free.append(fresh)
    fitting = [call for call in free if case.cost(call) <= call.room]
    if not fitting:
        return None
    call = min(fitting, key=case.cost)
    if call is fresh:
        calls.append(call)
    call.room -= case.cost(call)
    call.findings.append(case.finding)
    call.claims.append(case.claim)
    if case.window:
        call.shown.add(case.window)
    elif case.quoted:
        call.elsewhere.append(case.quoted)
    return call


def _parts(call: _Call, shelf: Shelf) -> Iterator[Part]:
    """Yield what explains the code, the code, and the candidates last."""
    held = [piece(file) for file in call.shown.cut()]
    rich, related, _ = enrich(held, max(call.room, 0), shelf)
    around = "\n".join(filter(None, (*call.elsewhere, related)))
    if around:
        yield Part("related code", around)
    if rich:
        yield Part("files", "\n\n".join(each.text for each in rich))
    yield Part("candidates", "\n\n".join(call.claims))
