"""What a run comes to: precision, recall and noise, with how sure one can be of so few cases.

An interval is Wilson's at 95 %, which holds for small counts and for shares near 0 and 1.
https://en.wikipedia.org/wiki/Binomial_proportion_confidence_interval#Wilson_score_interval
"""

import math
from collections.abc import Callable, Mapping, Sequence

from pydantic import computed_field

from core.evaluation.cases import Golden, language_name
from core.evaluation.report import Basis, CaseResult
from core.models import Usage, Value

Z_95 = 1.959964
"""Standard deviations around the mean that hold 95 % of a normal distribution."""
NOISE_LINES = 100
"""Changed lines that noise is told for."""
UNNAMED = "unnamed"
"""The kind of a known issue whose dataset names none."""


class Share(Value):
    """So many of so many."""

    hits: int
    of: int

    @computed_field  # type: ignore[prop-decorator] # https://github.com/python/mypy/issues/14461
    @property
    def value(self) -> float | None:
        """Return the share, None of nothing."""
        return round(self.hits / self.of, 4) if self.of else None

    @computed_field  # type: ignore[prop-decorator] # https://github.com/python/mypy/issues/14461
    @property
    def interval(self) -> tuple[float, float] | None:
        """Return between which shares the true one lies, None of nothing."""
        if not self.of:
            return None
        spread = Z_95**2 / self.of
        share = self.hits / self.of
        middle = (share + spread / 2) / (1 + spread)
        reach = (
            Z_95 / (1 + spread) * math.sqrt(share * (1 - share) / self.of + spread / self.of / 4)
        )
        return round(max(0.0, middle - reach), 4), round(min(1.0, middle + reach), 4)


class Figures(Value):
    """How good the findings are on one basis."""

    precision: Share
    """Findings that say something known, of all findings."""
    recall: Share
    """Known issues that were said, of all."""

    @computed_field  # type: ignore[prop-decorator] # https://github.com/python/mypy/issues/14461
    @property
    def f1(self) -> float | None:
        """Return the harmonic mean of both, None where either is of nothing."""
        matched, both = self.precision.hits, self.precision.of + self.recall.of
        return round(2 * matched / both, 4) if self.precision.of and self.recall.of else None


class Summary(Value):
    """A whole run in figures; cases that failed count for nothing."""

    cases: int
    failed: int
    changed_lines: int
    figures: dict[Basis, Figures]
    noise: dict[Basis, float]
    """Findings that say nothing known, for each hundred changed lines."""
    quiet: Share
    """Clean changes of which nothing was said."""
    languages: dict[str, dict[Basis, Figures]]
    kinds: dict[str, dict[Basis, Share]]
    """By kind of defect, how many were found; a wrong finding has no kind."""
    usage: Usage
    judge_usage: Usage
    seconds_p50: float
    seconds_p95: float


def summed(cases: Sequence[CaseResult]) -> Summary:
    """Return what a run comes to."""
    counted = [case for case in cases if not case.failure]
    bases = _bases(counted)
    changed = sum(case.changed_lines for case in counted)
    clean = [case for case in counted if not case.golden]
    seconds = [case.seconds for case in counted]
    return Summary(
        cases=len(counted),
        failed=len(cases) - len(counted),
        changed_lines=changed,
        figures={basis: _figures(counted, basis) for basis in bases},
        noise={basis: _noise(counted, basis, changed) for basis in bases},
        quiet=Share(hits=sum(not case.findings for case in clean), of=len(clean)),
        languages=_by_language(counted, bases),
        kinds=_by_kind(counted, bases),
        usage=sum((case.usage for case in cases), Usage()),
        judge_usage=sum((case.judge_usage for case in cases), Usage()),
        seconds_p50=percentile(seconds, 50),
        seconds_p95=percentile(seconds, 95),
    )


def percentile(values: Sequence[float], percent: int) -> float:
    """Return the smallest value that so many percent do not exceed, 0 of none."""
    ranked = sorted(values)
    at = math.ceil(len(ranked) * percent / 100) - 1
    return ranked[max(at, 0)] if ranked else 0.0


def _bases(cases: Sequence[CaseResult]) -> tuple[Basis, ...]:
    """Return the bases on which every case was matched."""
    return tuple(basis for basis in Basis if cases and all(basis in each.matches for each in cases))


def _figures(
    cases: Sequence[CaseResult],
    basis: Basis,
    counts: Callable[[CaseResult, str], bool] = lambda _case, _path: True,
) -> Figures:
    """Return the figures of what counts, told by case and path."""
    said = issues = matched = 0
    for case in cases:
        said += sum(counts(case, finding.path) for finding in case.findings)
        issues += sum(counts(case, golden.path) for golden in case.golden)
        matched += sum(counts(case, case.golden[at].path) for at in case.matches[basis])
    return Figures(precision=Share(hits=matched, of=said), recall=Share(hits=matched, of=issues))


def _noise(cases: Sequence[CaseResult], basis: Basis, changed: int) -> float:
    wrong = sum(case.unmatched(basis) for case in cases)
    return round(wrong * NOISE_LINES / changed, 3) if changed else 0.0


def _by_language(
    cases: Sequence[CaseResult], bases: Sequence[Basis]
) -> dict[str, dict[Basis, Figures]]:
    names: set[str] = set()
    for case in cases:
        names |= {_language(case, each.path) for each in case.golden}
        names |= {_language(case, each.path) for each in case.findings}
    return {
        name: {b: _figures(cases, b, _written_in(name)) for b in bases} for name in sorted(names)
    }


def _written_in(name: str) -> Callable[[CaseResult, str], bool]:
    return lambda case, path: _language(case, path) == name


def _language(case: CaseResult, path: str) -> str:
    return case.language or language_name(path)


def _by_kind(cases: Sequence[CaseResult], bases: Sequence[Basis]) -> dict[str, dict[Basis, Share]]:
    kinds = sorted({_kind(golden) for case in cases for golden in case.golden})
    return {kind: {basis: _found(cases, basis, kind) for basis in bases} for kind in kinds}


def _found(cases: Sequence[CaseResult], basis: Basis, kind: str) -> Share:
    """Return how many issues of a kind were said."""
    marks: list[bool] = []
    for case in cases:
        met: Mapping[int, int] = case.matches[basis]
        marks += [at in met for at, golden in enumerate(case.golden) if _kind(golden) == kind]
    return Share(hits=sum(marks), of=len(marks))


def _kind(golden: Golden) -> str:
    return golden.kind or UNNAMED
