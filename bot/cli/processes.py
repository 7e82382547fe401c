"""Child processes of `run`: started, prefixed, and gone when `run` is gone.

A general Procfile runner is not used here because the playground's processes need an order (the
web process is told where the local GitHub listens) and must not outlive a killed parent.
"""

import asyncio
import ctypes
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TextIO

from rich.console import Console
from rich.text import Text

STOP_SECONDS = 22.0
"""From SIGTERM to SIGKILL; the whole of `run` is gone within 25 s."""
START_SECONDS = 20.0
"""For a process to say where it listens."""
PR_SET_PDEATHSIG = 1
"""prctl(2): the signal a child gets when its parent dies."""
LINE_LIMIT = 1024 * 1024
"""Bytes of one log line."""

COLOURS = ("cyan", "magenta", "green", "yellow", "blue")


class ProcessFailed(Exception):
    """A child did not start, or ended by itself."""


@dataclass(frozen=True)
class Child:
    """A started process under its display name."""

    name: str
    process: Process


class Processes:
    """Runs children side by side; when one ends, or a signal comes, all end."""

    def __init__(self, environment: Mapping[str, str], out: TextIO | None = None) -> None:
        self._environment = dict(environment)
        self._console = Console(file=out or sys.stderr, highlight=False, soft_wrap=True)
        self._children: list[Child] = []
        self._readers: list[asyncio.Task[None]] = []

    async def start(
        self, name: str, arguments: Sequence[str], more: Mapping[str, str] | None = None
    ) -> Child:
        """Start `python <arguments>`; its output is relayed line by line, under its name."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *arguments,
            env={**self._environment, **(more or {})},
            stdout=PIPE,
            stderr=PIPE,
            limit=LINE_LIMIT,
            start_new_session=True,
            preexec_fn=_die_with_parent,
        )
        child = Child(name, process)
        self._children.append(child)
        self._relay(child, process.stderr)
        return child

    async def start_announcing(self, name: str, arguments: Sequence[str]) -> dict[str, Any]:
        """Start a process whose first line on stdout is JSON that says where it listens.

        Raises ProcessFailed when no such line arrives.
        """
        child = await self.start(name, arguments)
        stdout = child.process.stdout
        assert stdout
        try:
            line = await asyncio.wait_for(stdout.readline(), START_SECONDS)
            announced = json.loads(line)
        except (TimeoutError, ValueError) as error:
            raise ProcessFailed(f"{name} did not say where it listens.") from error
        self._relay(child, stdout)
        return dict(announced)

    def relay_output(self, child: Child) -> None:
        """Relay a child's stdout as well; for processes that announce nothing."""
        self._relay(child, child.process.stdout)

    @property
    def any_ended(self) -> bool:
        """Tell whether a child has ended by itself."""
        return any(child.process.returncode is not None for child in self._children)

    async def wait(self, stop: asyncio.Event) -> Child | None:
        """Wait for a stop, or for the first child to end, which is returned."""
        ends = {asyncio.ensure_future(c.process.wait()): c for c in self._children}
        stopped = asyncio.ensure_future(stop.wait())
        done, pending = await asyncio.wait([*ends, stopped], return_when=asyncio.FIRST_COMPLETED)
        for task in pending:
            task.cancel()
        return next((ends[task] for task in done if task in ends), None)

    async def stop(self) -> None:
        """End all children, last started first: SIGTERM, then SIGKILL to what remains."""
        for child in reversed(self._children):
            _signal(child.process, signal.SIGTERM)
        waits = [asyncio.ensure_future(child.process.wait()) for child in self._children]
        if waits:
            _, late = await asyncio.wait(waits, timeout=STOP_SECONDS)
            for child in self._children if late else ():
                _signal(child.process, signal.SIGKILL)
            await asyncio.gather(*waits)
        await asyncio.gather(*self._readers, return_exceptions=True)

    def _relay(self, child: Child, stream: asyncio.StreamReader | None) -> None:
        if stream:
            self._readers.append(asyncio.create_task(self._copy(child.name, stream)))

    async def _copy(self, name: str, stream: asyncio.StreamReader) -> None:
        colour = COLOURS[[c.name for c in self._children].index(name) % len(COLOURS)]
        async for line in stream:
            text = Text.from_ansi(line.decode(errors="replace").rstrip())
            self._console.print(Text(f"{name:>7} │ ", style=colour) + text)


def _die_with_parent() -> None:
    """Ask Linux to end this child when `run` dies, even by SIGKILL; elsewhere do nothing."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _signal(process: Process, number: signal.Signals) -> None:
    if process.returncode is None:
        try:
            os.killpg(process.pid, number)
        except ProcessLookupError:
            return
