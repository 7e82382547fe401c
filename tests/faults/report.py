"""Puts results into words and tables, and the tables into docs/reliability.md; plays nothing.

A failed run stands in the report as it was: its case, its seed and what was found.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.bench.figures import number, percentile
from tests.faults.case import Case, Result
from tests.faults.peer import Trial

MOST_FAILURES = 40
"""Failed runs that are listed one by one."""
HEADS = (
    "case",
    "what happens",
    "runs",
    "lost",
    "twice",
    "otherwise wrong",
    "recovery p50",
    "p95",
    "max",
)


def matrix_report(
    results: Sequence[Result], cases: Mapping[str, Case], *, heading: str, command: str
) -> str:
    """Return the matrix of a run as Markdown."""
    rows = [
        _row(each, case.title, found)
        for each, case in cases.items()
        if (found := [r for r in results if r.case == each])
    ]
    strays = [result for result in results if result.case not in cases]
    if strays:
        rows.append(_row("–", "seen when a scene was closed", strays, runs=0))
    played = [result for result in results if result.case in cases]
    rows.append(_row("all", "", results, runs=len(played)))
    return "\n\n".join((heading, f"`{command}`", _table(HEADS, rows), _failures(results)))


def peer_report(trials: Sequence[Trial], *, heading: str, command: str) -> str:
    """Return what stock Dramatiq did as Markdown."""
    back = sorted(trial.seconds for trial in trials if trial.seconds is not None)
    stuck = [trial for trial in trials if trial.seconds is None]
    middle = sorted(trial.seconds or trial.limit for trial in trials)[(len(trials) - 1) // 2]
    rows = [
        ("trials", str(len(trials))),
        ("ran again after", ", ".join(f"{number(s)} s" for s in back) or "–"),
        ("not within the limit", f"{len(stuck)} (> {number(trials[0].limit)} s)"),
        ("median", f"{'> ' if middle >= trials[0].limit else ''}{number(middle)} s"),
    ]
    return "\n\n".join((heading, f"`{command}`", _table(("stock Dramatiq", ""), rows)))


def put(document: Path, section: str, text: str) -> None:
    """Replace what stands between a section's marks. Raises ValueError without them."""
    opening, closing = f"<!-- {section} -->", f"<!-- end of {section} -->"
    before, opened, rest = document.read_text().partition(opening)
    _, closed, after = rest.partition(closing)
    if not (opened and closed):
        raise ValueError(f"the document has no {opening} … {closing}")
    document.write_text(f"{before}{opening}\n\n{text}\n\n{closing}{after}")


def said(result: Result) -> str:
    """Return one line about a run."""
    found = (*result.lost, *result.duplicates, *result.violations)
    recovery = "–" if result.recovery is None else f"{result.recovery:.1f} s"
    words = "; ".join(found) or "clean"
    return (
        f"case {result.case} seed {result.seed}: "
        f"{result.seconds:.1f} s, recovery {recovery}: {words}"
    )


def _row(
    case: str, title: str, found: Sequence[Result], runs: int | None = None
) -> tuple[str, ...]:
    times = [result.recovery for result in found if result.recovery is not None]
    return (
        case,
        title,
        str(len(found) if runs is None else runs),
        str(sum(len(result.lost) for result in found)),
        str(sum(len(result.duplicates) for result in found)),
        str(sum(len(result.violations) for result in found)),
        *(
            f"{number(value)} s" if times else "–"
            for value in (
                percentile(times, 0.5) if times else 0,
                percentile(times, 0.95) if times else 0,
                max(times, default=0),
            )
        ),
    )


def _failures(results: Sequence[Result]) -> str:
    failed = [result for result in results if not result.clean]
    if not failed:
        return f"All {len(results)} runs were clean."
    listed = [f"- {said(result)}" for result in failed[:MOST_FAILURES]]
    if len(failed) > MOST_FAILURES:
        listed.append(f"- and {len(failed) - MOST_FAILURES} more")
    return "\n".join((f"{len(failed)} of {len(results)} runs FAILED:", "", *listed))


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
