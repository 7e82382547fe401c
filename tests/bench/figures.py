"""Figures of a run and the table that shows them; nothing is measured here.

A figure stands beside what it is held against, so that a slow or busy machine excuses nothing.
"""

import os
import platform
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

NONE = "–"


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table."""

    name: str
    value: float
    unit: str
    against: str = ""
    """What it is compared with: the floor of the same run, or a peer measured elsewhere."""
    other: float | None = None
    target: str = ""
    met: bool | None = None
    """None where nothing was promised."""
    ratio: float | None = None
    """Of the same run, the median over interleaved rounds; else the quotient of the two values."""

    @property
    def quotient(self) -> float | None:
        """Return value over comparison, None where there is none."""
        if self.ratio is not None or not self.other:
            return self.ratio
        return self.value / self.other


@dataclass(frozen=True, slots=True)
class Section:
    """What one part of the bench found: its figures, and what a reader must know."""

    title: str
    figures: tuple[Figure, ...]
    notes: Sequence[str] = ()
    failure: str = ""
    """Why nothing was measured, in words; empty where something was."""


def at_most(limit: float, unit: str) -> tuple[str, Callable[[float], bool]]:
    """Return a target in words, and whether a value meets it."""
    return f"≤ {number(limit)} {unit}".strip(), lambda value: value <= limit


def bounded(
    name: str,
    value: float,
    unit: str,
    limit: float,
    *,
    against: str = "",
    other: float | None = None,
) -> Figure:
    """Return a figure that must not exceed a limit."""
    words, meets = at_most(limit, unit)
    return Figure(name, value, unit, against, other, words, meets(value))


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which this share of the values lies, the nearest one that exists."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def median(values: Sequence[float]) -> float:
    """Return the median."""
    return statistics.median(values)


def number(value: float) -> str:
    """Return a number with three significant digits, and all of them before the point."""
    if value == int(value) or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def table(sections: Sequence[Section]) -> str:
    """Return one Markdown table of all figures, aligned for a terminal."""
    heads = ("figure", "held against", "Argus", "ratio", "target", "met")
    rows = [heads, *(_row(figure) for section in sections for figure in section.figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(heads))]
    lines = [_line(row, widths) for row in rows]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def judgement(sections: Sequence[Section]) -> str:
    """Say in words whether all targets were met, and which were missed."""
    judged = [f for section in sections for f in section.figures if f.met is not None]
    missed = [figure for figure in judged if not figure.met]
    said = f"All {len(judged)} targets were met."
    if missed:
        names = "; ".join(f"{f.name} ({number(f.value)} {f.unit}, {f.target})" for f in missed)
        said = f"{len(missed)} of {len(judged)} targets were MISSED: {names}."
    failed = "; ".join(f"{each.title} ({each.failure})" for each in sections if each.failure)
    return f"{said}\n\nNOT measured: {failed}." if failed else said


def machine() -> str:
    """Describe the machine in words that name nobody."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    return (
        f"{os.cpu_count()} cores ({platform.machine()}), {memory:.0f} GB of memory, "
        f"{platform.system()}, Python {platform.python_version()}; "
        f"load average {os.getloadavg()[0]:.1f} at the start"
    )


def as_json(section: Section) -> dict[str, Any]:
    """Return a section for a file."""
    return {
        "title": section.title,
        "figures": [
            {
                "name": f.name,
                "value": f.value,
                "unit": f.unit,
                "against": f.against,
                "other": f.other,
                "ratio": f.quotient,
                "target": f.target,
                "met": f.met,
            }
            for f in section.figures
        ],
        "notes": list(section.notes),
        "failure": section.failure,
    }


def _row(figure: Figure) -> tuple[str, ...]:
    other = f"{figure.against}: {number(figure.other)} {figure.unit}" if figure.other else NONE
    quotient = figure.quotient
    return (
        figure.name,
        other,
        f"{number(figure.value)} {figure.unit}",
        NONE if quotient is None else f"{quotient:.2f} ×",
        figure.target or NONE,
        {None: NONE, True: "yes", False: "NO"}[figure.met],
    )


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = (f" {cell:<{width}} " for cell, width in zip(row, widths, strict=True))
    return "|" + "|".join(cells) + "|"
