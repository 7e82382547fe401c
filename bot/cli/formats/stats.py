"""Figures for operators, as text and as JSON: what happened, what models cost, rules.

Pure, from `core.statistics` to text.
"""

from collections.abc import Iterator
from typing import Any, Final

from pydantic import TypeAdapter
from rich.table import Table
from rich.text import Text

from bot.cli.formats.grid import printed
from bot.cli.formats.look import Look
from core.models import OutcomeKind, Reception
from core.statistics import Purpose, Spent, Statistics
from github.render.words import count

SCHEMA: Final = "argus.stats/1"
"""Fields are only ever added within a version."""
_COUNTED: Final = {
    "requests": ("admitted", "joined"),
    "orders": ("orders",),
    **{f"outcomes: {kind.value}": (f"outcome:{kind.value}",) for kind in OutcomeKind},
}
"""What is shown, and the ledger's totals that make it up."""
_COLUMNS: Final = {
    "FOUND": Reception.FOUND,
    "ADDRESSED": Reception.ADDRESSED,
    "ACCEPTED": Reception.ACCEPTED,
    "DISMISSED": Reception.DISMISSED,
    "IGNORED": Reception.IGNORED,
    "RESOLVED": Reception.RESOLVED,
    "👍": Reception.LIKED,
    "👎": Reception.DISLIKED,
}


def text(found: Statistics, look: Look) -> str:
    """Return the figures as people read them."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(justify="right")
    for name, words in _facts(found):
        grid.add_row(name, Text(words))
    if not found.rules:
        return printed(grid, look)
    return f"{printed(grid, look)}\n{printed(_rules(found), look)}"


def document(found: Statistics) -> str:
    """Return everything that was counted as one JSON document; money is in USD."""
    stated: dict[str, Any] = {"schema": SCHEMA}
    stated |= TypeAdapter(Statistics).dump_python(found, mode="json")
    return TypeAdapter(dict[str, Any]).dump_json(stated, indent=2).decode()


def _facts(found: Statistics) -> Iterator[tuple[str, str]]:
    for name, totals in _COUNTED.items():
        yield name, f"{sum(found.totals.get(total, 0) for total in totals):,}"
    for purpose in Purpose:
        yield f"models for {purpose}", _cost(found.spent.get(purpose, Spent()))


def _cost(spent: Spent) -> str:
    if not spent.calls:
        return "not asked"
    price = f"${spent.usd:,.4f}"
    if spent.unpriced:
        price += f", {count(spent.unpriced, 'call')} at an unknown price"
    tokens = f"{spent.input_tokens:,} tokens in, {spent.output_tokens:,} out"
    return f"{count(spent.calls, 'call')}, {tokens}, {price}"


def _rules(found: Statistics) -> Table:
    grid = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    grid.add_column("RULE", no_wrap=True)
    for name in _COLUMNS:
        grid.add_column(name, justify="right", no_wrap=True)
    for rule in found.by_frequency:
        numbers = (f"{found.rules[rule].get(word, 0):,}" for word in _COLUMNS.values())
        grid.add_row(Text(rule), *numbers)
    return grid
