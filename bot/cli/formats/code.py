"""Lines of code in a terminal: numbered, highlighted, the ones that matter marked in the margin."""

from collections.abc import Iterator

from rich.syntax import Syntax
from rich.text import Text

from bot.cli.formats.look import Look
from bot.cli.formats.prose import TAB, code_line
from bot.cli.report import Excerpt

THEME = "ansi_light"
"""Made of the terminal's own colours, the plain ones, which any background leaves legible."""
MARGIN = 7
"""Columns that indent, mark and rule take beside the number."""


def code_lines(excerpt: Excerpt, path: str, look: Look, colour: str) -> Iterator[Text]:
    """Yield one line of the terminal for each line of code; what is too long is cut."""
    rows = excerpt.numbered()
    digits = len(str(rows[-1][0])) if rows else 1
    room = max(10, look.width - digits - MARGIN)
    shown = [code_line(text) for _, text, _ in rows]
    highlighted = _highlighted(shown, path) if look.coloured else [Text(line) for line in shown]
    for (number, _, marked), code in zip(rows, highlighted, strict=True):
        code.truncate(room, overflow="ellipsis")
        yield Text.assemble(
            ("▌ " if marked else "  ", colour),
            (f"{number:>{digits}}", "bold" if marked else "dim"),
            (" │ ", "dim"),
            code,
            no_wrap=True,
        )


def _highlighted(lines: list[str], path: str) -> list[Text]:
    """Highlight by the file's name; a language nobody knows stays plain."""
    lexer = Syntax.guess_lexer(path.rpartition("/")[2])
    code = Syntax("", lexer, theme=THEME, tab_size=TAB).highlight("\n".join(lines))
    found = list(code.split("\n", allow_blank=True))[: len(lines)]
    return found if len(found) == len(lines) else [Text(line) for line in lines]
