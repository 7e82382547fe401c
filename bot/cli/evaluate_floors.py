"""The least that figures may be, as typed in `--fail-under recall=40%`."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from core.errors import UserError
from core.evaluation import Basis, Summary

FIGURES: Final[Mapping[str, Callable[[Summary, Basis], float | None]]] = {
    "precision": lambda summary, basis: summary.figures[basis].precision.value,
    "recall": lambda summary, basis: summary.figures[basis].recall.value,
    "f1": lambda summary, basis: summary.figures[basis].f1,
    "quiet": lambda summary, _: summary.quiet.value,
}
"""What can have a floor; on the decisive basis of the run where it has one."""


def parse_floors(given: Sequence[str]) -> dict[str, float]:
    """Return the floors, from 0 to 1, by figure. Raises UserError."""
    return dict(_floor(text) for text in given)


def under(summary: Summary, basis: Basis, floors: Mapping[str, float]) -> Iterator[str]:
    """Yield a sentence for each figure below its floor; one that there is none of is below."""
    for name, least in floors.items():
        value = FIGURES[name](summary, basis) if basis in summary.figures else None
        if value is None:
            yield f"There is no {name} to hold against {least:.1%}."
        elif value < least:
            yield f"{name} is {value:.1%}, under {least:.1%}."


def _floor(text: str) -> tuple[str, float]:
    name, _, number = text.partition("=")
    name = name.strip().lower()
    try:
        share = _share(number.strip())
    except ValueError:
        share = -1.0
    if name not in FIGURES or not 0 <= share <= 1:
        raise UserError(
            f"--fail-under does not understand “{text}”.",
            why=f"It has to be a figure out of {', '.join(FIGURES)} with its least share.",
            next_step="For example --fail-under recall=40% or --fail-under precision=0.6.",
        )
    return name, share


def _share(number: str) -> float:
    return float(number[:-1]) / 100 if number.endswith("%") else float(number)
