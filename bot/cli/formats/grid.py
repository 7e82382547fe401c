"""A table as text: as wide as the terminal, and a line a row where nobody looks."""

from io import StringIO
from typing import Final

from rich.console import Console
from rich.table import Table

from bot.cli.formats.look import Look

PIPE_COLUMNS: Final = 1000
"""Nothing is folded where nobody looks, so that other tools can read it."""


def printed(grid: Table, look: Look) -> str:
    """Return the table with no space at the ends of its lines."""
    out = StringIO()
    console = Console(
        file=out,
        width=look.width if look.styled else PIPE_COLUMNS,
        force_terminal=look.styled,
        color_system="standard" if look.coloured else None,
        no_color=not look.coloured,
        legacy_windows=False,
        highlight=False,
        emoji=False,
    )
    console.print(grid)
    return "\n".join(line.rstrip() for line in out.getvalue().split("\n")).strip("\n") + "\n"
