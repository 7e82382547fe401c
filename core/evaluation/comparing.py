"""Two runs side by side, over the cases that both of them have in the same words."""

from dataclasses import dataclass

from core.evaluation.figures import Summary, summed
from core.evaluation.report import Basis, CaseResult, Report


@dataclass(frozen=True, slots=True)
class CaseChange:
    """What is different about one case."""

    id: str
    found: tuple[str, ...]
    """Known issues that were not said before."""
    missed: tuple[str, ...]
    """Known issues that were said before."""
    noise: int
    """Findings that say nothing known: more, or fewer where it is negative."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """A run against an earlier one."""

    basis: Basis
    """The decisive one of both."""
    before: Summary
    now: Summary
    """Both of the shared cases alone."""
    shared: int
    left_out: int
    """Cases that only one has, that failed in one, or that say something else now."""
    changes: tuple[CaseChange, ...]


def compared(before: Report, now: Report) -> Comparison:
    """Return what changed between two runs."""
    earlier = {(case.id, case.digest): case for case in before.cases if not case.failure}
    both = [
        (earlier[case.id, case.digest], case)
        for case in now.cases
        if not case.failure and (case.id, case.digest) in earlier
    ]
    basis = now.decisive if before.judge else before.decisive
    changes = (_change(old, new, basis) for old, new in both)
    ids = {case.id for report in (before, now) for case in report.cases}
    return Comparison(
        basis=basis,
        before=summed([old for old, _ in both]),
        now=summed([new for _, new in both]),
        shared=len(both),
        left_out=len(ids) - len(both),
        changes=tuple(each for each in changes if each.found or each.missed or each.noise),
    )


def _change(old: CaseResult, new: CaseResult, basis: Basis) -> CaseChange:
    was, is_now = old.matches.get(basis, {}), new.matches.get(basis, {})
    return CaseChange(
        id=new.id,
        found=tuple(new.golden[at].text for at in sorted(is_now.keys() - was.keys())),
        missed=tuple(new.golden[at].text for at in sorted(was.keys() - is_now.keys())),
        noise=new.unmatched(basis) - old.unmatched(basis),
    )
