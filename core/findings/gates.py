"""The gates a claim passes before it is a finding: scope, category, words, quote, duplicates.

Each gate that stops a claim says why; nothing is dropped without a word.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from core.anchoring import QuotedFile
from core.findings.merging import merged
from core.findings.suggestions import with_safe_suggestion
from core.fingerprint import ID_LENGTH, fingerprint, numbered
from core.models import Anchor, Candidate, FileChange, Finding, Rejection
from core.repo_config import FileRules, Rules

MAX_CANDIDATES = 300
"""Claims of one run that are looked at; a model that makes more is not reading."""

MAX_TITLE = 200
"""Characters of a title; it is one line in bold."""

MAX_BODY = 2_000
"""Characters of a body; eighty words are asked for."""

MAX_LINE = 10_000_000
"""Lines of a file; larger numbers are noise."""

OUTSIDE = "outside the files that were read"
TOO_MANY = "more claims than one review can hold"


@dataclass(frozen=True, slots=True)
class Judged:
    """Findings in no order yet, and the claims that were stopped."""

    findings: tuple[Finding, ...]
    rejections: tuple[Rejection, ...]


@dataclass(frozen=True, slots=True)
class _Proven:
    """A claim whose quote stands in the code."""

    candidate: Candidate
    anchor: Anchor | None
    file: QuotedFile


def judge(
    candidates: Sequence[Candidate],
    files: Sequence[FileChange],
    texts: Mapping[str, str],
    rules: Rules,
) -> Judged:
    """Return what holds of the claims; `texts` are files at the head, where they are known."""
    quoted = _cached(lambda file: QuotedFile(file, texts.get(file.path)))
    by_path = {file.path: file for file in files}
    proven: list[_Proven] = []
    # what rules found first: no flood of claims from a model pushes out a committed secret
    in_order = sorted(candidates, key=lambda each: each.source == "model")
    rejections = [Rejection(each, TOO_MANY) for each in in_order[MAX_CANDIDATES:]]
    for candidate in map(_bounded, in_order[:MAX_CANDIDATES]):
        file = by_path.get(_plain_path(candidate.path, by_path))
        result = _examined(candidate, quoted(file), rules.at(file.path)) if file else OUTSIDE
        if isinstance(result, str):
            rejections.append(Rejection(candidate, result))
        else:
            proven.append(result)
    kept, repeated = merged([(each.candidate, each.anchor) for each in proven])
    rejections += [Rejection(proven[at].candidate, "said twice") for at in repeated]
    return Judged(_identified([proven[at] for at in kept]), tuple(rejections))


def _examined(candidate: Candidate, where: QuotedFile, rules: FileRules) -> _Proven | str:
    """Return the claim as proven, or the reason for which a gate stops it."""
    stopped = _stopped(candidate, rules)
    if stopped:
        return stopped
    candidate = replace(candidate, path=where.file.path)
    anchor = where.anchor(candidate)
    if anchor is None and not where.holds(candidate):
        return "its quote does not stand in the code"
    return _Proven(with_safe_suggestion(candidate, anchor, where), anchor, where)


def _stopped(candidate: Candidate, rules: FileRules) -> str:
    """Return why the claim is no use whatever the code says, empty when it is."""
    if not candidate.title.strip() or not candidate.body.strip():
        return "without a title or an explanation"
    if candidate.category not in rules.categories:
        return f"category {candidate.category} is turned off"
    if not candidate.quote.strip():
        return "without a quote of the code"
    if not 0 < candidate.line <= MAX_LINE:
        return "on a line that cannot exist"
    return ""


def _bounded(candidate: Candidate) -> Candidate:
    """Cut the words to their bounds and make the numbers usable."""
    usable = math.isfinite(candidate.confidence)
    end = candidate.end_line
    return replace(
        candidate,
        title=_clean(" ".join(candidate.title.split()), MAX_TITLE),
        body=_clean(candidate.body.strip(), MAX_BODY),
        confidence=min(max(candidate.confidence, 0.0), 1.0) if usable else 0.0,
        end_line=end if end is not None and candidate.line < end <= MAX_LINE else None,
    )


def _clean(text: str, most: int) -> str:
    """Cut a text, and drop lone surrogates, which no request could carry."""
    valid = text.encode("utf-8", "ignore").decode()
    return valid if len(valid) <= most else f"{valid[: most - 1].rstrip()}…"


def _plain_path(path: str, known: Mapping[str, FileChange]) -> str:
    """Return the path as the change names it, where a diff's prefix was copied along."""
    if path in known:
        return path
    for prefix in ("a/", "b/", "./", "/"):
        if path.startswith(prefix) and path.removeprefix(prefix) in known:
            return path.removeprefix(prefix)
    return path


def _identified(proven: Sequence[_Proven]) -> tuple[Finding, ...]:
    """Give each its fingerprint; the same finding at several places is counted from the top."""
    seen: dict[str, int] = {}
    findings: list[Finding] = []
    for each in sorted(proven, key=lambda each: (each.candidate.path, _first_line(each))):
        where = each.file
        base = fingerprint(
            each.candidate,
            where.file,
            each.anchor,
            code=where.code(each.candidate, each.anchor),
            text=where.lines,
        )
        print_ = numbered(base, seen.get(base, 0))
        seen[base] = seen.get(base, 0) + 1
        findings.append(
            Finding(
                id=print_[:ID_LENGTH],
                candidate=each.candidate,
                anchor=each.anchor,
                fingerprint=print_,
            )
        )
    return tuple(findings)


def _first_line(proven: _Proven) -> int:
    anchor = proven.anchor
    return proven.candidate.line if anchor is None else (anchor.start_line or anchor.line)


def _cached(build: Callable[[FileChange], QuotedFile]) -> Callable[[FileChange], QuotedFile]:
    """Prepare each file for its first claim and keep it for the others."""
    built: dict[str, QuotedFile] = {}

    def of(file: FileChange) -> QuotedFile:
        if file.path not in built:
            built[file.path] = build(file)
        return built[file.path]

    return of
