"""The two streams of a command: data on stdout, chatter on stderr, progress on a terminal alone.

NO_COLOR, TERM and the terminal's width are rich's to honour. https://no-color.org
"""

import asyncio
import os
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TextIO

from rich.console import Console
from rich.padding import Padding
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from bot.cli.exits import ExitCode, Words, code_of, words_of
from bot.cli.formats.look import Look
from bot.settings import SettingsError
from core.errors import ArgusError
from github.sanitise import visible

Say = Callable[[str], None]
"""Takes what is being done now."""


class Terminal:
    """Where a command writes."""

    def __init__(self, out: TextIO, err: TextIO) -> None:
        self._out = Console(file=out, highlight=False, emoji=False, markup=False)
        self._err = Console(file=err, highlight=False, emoji=False, markup=False)

    @property
    def look(self) -> Look:
        """Return what stdout can show."""
        coloured = self._out.color_system is not None and not self._out.no_color
        return Look(self._out.width, styled=self._out.is_terminal, coloured=coloured)

    @property
    def live(self) -> bool:
        """Tell whether stderr shows progress."""
        return self._err.is_terminal

    def data(self, text: str) -> None:
        """Write the command's result to stdout, with what its encoding has no letter for as ?."""
        stream = self._out.file
        encoding = getattr(stream, "encoding", None) or "utf-8"
        try:
            stream.write(text.encode(encoding, errors="replace").decode(encoding))
            stream.write("" if text.endswith("\n") else "\n")
            stream.flush()
        except BrokenPipeError:
            # Whoever read our output left, as `head` does; the exit code still tells the result.
            # https://docs.python.org/3/library/signal.html#note-on-sigpipe
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())

    def say(self, text: str) -> None:
        """Tell something on stderr that is not the result."""
        self._err.print(Text(visible(text), style="dim"))

    def fail(self, words: Words) -> None:
        """Tell an error on stderr."""
        self._err.print(Text.assemble(("✗ ", "red"), (visible(words.what), "bold")))
        for sentence in (words.why, words.next_step):
            if sentence:
                self._err.print(Padding(Text(visible(sentence)), (0, 0, 0, 2), expand=False))

    @contextmanager
    def progress(self) -> Iterator[Say]:
        """Show what is being done and for how long, while it is being done."""
        bar = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            TimeElapsedColumn(),
            console=self._err,
            transient=True,
            disable=not self._err.is_terminal,
        )
        with bar:
            task = bar.add_task("")
            yield lambda doing: bar.update(task, description=visible(doing))


def standard_terminal() -> Terminal:
    """Return the terminal of this process."""
    return Terminal(sys.stdout, sys.stderr)


def run_command(
    command: Callable[[], Coroutine[Any, Any, ExitCode]],
    terminal: Terminal,
    *,
    loop: Callable[[], asyncio.AbstractEventLoop] | None = None,
) -> ExitCode:
    """Run a command to its end; errors become words and an exit code, Ctrl-C becomes 130.

    `loop` makes the event loop, asyncio's own where it is not given.
    """
    try:
        with asyncio.Runner(loop_factory=loop) as runner:
            return runner.run(command())
    except (ArgusError, SettingsError) as error:
        terminal.fail(words_of(error))
        return code_of(error)
    except KeyboardInterrupt:
        terminal.say("Interrupted.")
        return ExitCode.INTERRUPTED
