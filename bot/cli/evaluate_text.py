"""How an evaluation looks: a line a case while it runs, the figures as text, all of it as JSON.

Pure, from a report to text.
"""

from collections.abc import Iterator, Mapping
from io import StringIO
from typing import Any, Final

from pydantic import TypeAdapter
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from bot.cli.formats.grid import PIPE_COLUMNS
from bot.cli.formats.look import Look
from bot.cli.formats.prose import one_line
from core.evaluation import Basis, CaseResult, Comparison, Figures, Report, Share, Summary, summed
from core.models import Usage
from github.render.words import count

BAR_WIDTH: Final = 20
WORDS: Final[Mapping[Basis, str]] = {
    Basis.PLACE: "by place",
    Basis.CLAIM: "by place and claim",
    Basis.JUDGE: "by place and judge",
}
NONE: Final = "–"


def bar(done: int, total: int, name: str) -> str:
    """Return how far a run is, and what it is at."""
    filled = BAR_WIDTH * done // max(total, 1)
    return f"{'█' * filled}{'░' * (BAR_WIDTH - filled)} {done}/{total} {one_line(name)}"


def line_of(case: CaseResult, done: int, total: int) -> str:
    """Return one case in one line, by the judge's word where there is one, else by place."""
    start = f"[{done}/{total}] {one_line(case.id)}:"
    if case.failure:
        return f"{start} failed: {one_line(case.failure)}"
    basis = Basis.JUDGE if Basis.JUDGE in case.matches else Basis.PLACE
    said = f"{len(case.matches[basis])} of {len(case.golden)} found"
    return f"{start} {said}, {count(case.unmatched(basis), 'other')}, {case.seconds:.1f} s"


def document(report: Report, comparison: Comparison | None) -> str:
    """Return a report with its figures as one JSON document."""
    whole: dict[str, Any] = report.model_dump(mode="json")
    whole["summary"] = summed(report.cases).model_dump(mode="json")
    if comparison is not None:
        whole["against"] = TypeAdapter(Comparison).dump_python(comparison, mode="json")
    return TypeAdapter(dict[str, Any]).dump_json(whole, indent=2).decode()


def text_of(report: Report, summary: Summary, comparison: Comparison | None, look: Look) -> str:
    """Return the figures for a person."""
    parts = [Text(_heading(report, summary), style="bold"), *_tables(summary)]
    parts += [Text(line) for line in _lines(summary, judged=bool(report.judge))]
    parts += [Text(f"✗ {one_line(id_)}: {one_line(why)}") for id_, why in report.failures.items()]
    parts += [Text(line) for line in _compared(comparison)]
    return _printed(parts, look)


def _heading(report: Report, summary: Summary) -> str:
    readers = ", then ".join(report.models) or "static analysis only"
    judge = f", judged by {report.judge}" if report.judge else ""
    size = f"{count(summary.cases, 'case')}, {summary.changed_lines:,} changed lines"
    failed = f", {summary.failed} failed" if summary.failed else ""
    return f"{report.dataset}: {size}{failed}: {readers}{judge}"


def _tables(summary: Summary) -> Iterator[RenderableType]:
    if not summary.figures:
        return
    yield _overview(summary)
    found = [f"FOUND {WORDS[basis].upper()}" for basis in summary.figures]
    precise = Basis.JUDGE if Basis.JUDGE in summary.figures else Basis.PLACE
    languages = _grid("LANGUAGE", f"PRECISION {WORDS[precise].upper()}", *found)
    for name, figures in summary.languages.items():
        recalls = (_share(each.recall) for each in figures.values())
        languages.add_row(name, _share(figures[precise].precision), *recalls)
    yield languages
    kinds = _grid("KIND OF DEFECT", *found)
    for kind, shares in summary.kinds.items():
        kinds.add_row(kind, *(_share(share) for share in shares.values()))
    yield kinds


def _overview(summary: Summary) -> Table:
    grid = _grid("", "PRECISION", "RECALL", "F1", "NOISE / 100 LINES")
    for basis, figures in summary.figures.items():
        grid.add_row(WORDS[basis], *_three(figures), f"{summary.noise[basis]:.2f}")
    return grid


def _three(figures: Figures) -> tuple[str, str, str]:
    return _share(figures.precision), _share(figures.recall), _percent(figures.f1)


def _share(share: Share) -> str:
    """Return `23 % (13–38) 10/43`."""
    if share.interval is None:
        return NONE
    low, high = share.interval
    return f"{_percent(share.value)} ({low:.0%}–{high:.0%}) {share.hits}/{share.of}".replace(
        "%–", "–"
    )


def _percent(value: float | None) -> str:
    return NONE if value is None else f"{value:.0%}"


def _lines(summary: Summary, *, judged: bool) -> Iterator[str]:
    yield f"Clean changes of which nothing was said: {_share(summary.quiet)}"
    yield f"Model: {_cost(summary.usage)}"
    if judged:
        yield f"Judge: {_cost(summary.judge_usage)}"
    yield f"Seconds a case: p50 {summary.seconds_p50:.2f}, p95 {summary.seconds_p95:.2f}"


def _cost(usage: Usage) -> str:
    if not usage.calls:
        return "not asked"
    price = "at an unknown price" if usage.usd is None else f"${usage.usd:.4f}"
    tokens = f"{usage.input_tokens:,} tokens in, {usage.output_tokens:,} out"
    return f"{count(usage.calls, 'call')}, {tokens}, {price}"


def _compared(comparison: Comparison | None) -> Iterator[str]:
    """Yield the run beside the earlier one, over what both have."""
    if comparison is None:
        return
    left_out = f"; {comparison.left_out} left out" if comparison.left_out else ""
    yield ""
    yield f"Against the earlier run, {count(comparison.shared, 'case')} shared{left_out}:"
    for basis in (b for b in comparison.before.figures if b in comparison.now.figures):
        before, now = comparison.before.figures[basis], comparison.now.figures[basis]
        yield (
            f"  {WORDS[basis]}: precision {_change(before.precision.value, now.precision.value)}, "
            f"recall {_change(before.recall.value, now.recall.value)}, "
            f"F1 {_change(before.f1, now.f1)}"
        )
    for change in comparison.changes:
        yield from (f"  + {one_line(change.id)}: {one_line(text)}" for text in change.found)
        yield from (f"  − {one_line(change.id)}: {one_line(text)}" for text in change.missed)
        if change.noise:
            yield f"  {change.noise:+d} others in {one_line(change.id)}"
    if not comparison.changes:
        yield "  No case is different."


def _change(before: float | None, now: float | None) -> str:
    return f"{_percent(before)} → {_percent(now)}"


def _grid(*columns: str) -> Table:
    grid = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for column in columns:
        grid.add_column(column, no_wrap=True)
    return grid


def _printed(parts: list[RenderableType], look: Look) -> str:
    out = StringIO()
    console = Console(
        file=out,
        width=max(look.width, 100) if look.styled else PIPE_COLUMNS,
        force_terminal=look.styled,
        color_system="standard" if look.coloured else None,
        no_color=not look.coloured,
        legacy_windows=False,
        highlight=False,
        emoji=False,
    )
    for part in parts:
        console.print(part)
        if isinstance(part, Table):
            console.print()
    lines = (line.rstrip() for line in out.getvalue().split("\n"))
    return "\n".join(lines).strip("\n") + "\n"
