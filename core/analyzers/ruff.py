"""Runs ruff on a Python file's text, cut off from the repository and from the environment.

It is the one process that is ever started on repository text: fixed arguments, text on
standard input, an empty environment, time and memory bounded. Configuration and suppressions
of the repository have no say: https://docs.astral.sh/ruff/settings/
"""

import asyncio
import contextlib
import json
import re
import resource
from importlib import metadata
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from core.analyzers.ruff_rules import SELECTED, rule_for
from core.analyzers.source import SourceFile
from core.models import Candidate, Category, Severity

ARGUMENTS = (
    "check",
    "--isolated",
    "--ignore-noqa",
    "--no-cache",
    "--quiet",
    "--no-fix",
    "--output-format=json",
    "--target-version=py314",
    f"--select={SELECTED}",
    "--stdin-filename=source.py",
    "-",
)
SECONDS = 10.0
"""Ruff takes about 0.02 s for a usual file and 0.2 s for a megabyte."""
MEMORY = 1 << 30
"""Bytes of address space; a usual run holds 13 MB."""
LARGEST_FILE = 1_000_000
"""Characters of text given to ruff."""
MOST_OUTPUT = 16 << 20
"""Bytes of answer that are read."""
MOST_SYNTAX_ERRORS = 3
"""More of them mean Python 2 or a template rather than a slip."""

_INJECTED = frozenset({"_", "get_ipython", "display", "spark", "dbutils"})
"""Names that gettext's `install` and notebooks put in place."""


class _Position(BaseModel):
    model_config = ConfigDict(extra="ignore")
    row: int


class _Diagnostic(BaseModel):
    """The fields of ruff's JSON that are used."""

    model_config = ConfigDict(extra="ignore")
    code: str | None
    message: str
    location: _Position
    end_location: _Position


_DIAGNOSTICS = TypeAdapter(tuple[_Diagnostic, ...])


def find_binary() -> Path | None:
    """Return ruff's binary as the installed package recorded it; PATH is not asked."""
    try:
        files = metadata.files("ruff") or []
    except metadata.PackageNotFoundError:
        return None
    places = (Path(str(file.locate())) for file in files if file.name in {"ruff", "ruff.exe"})
    return next((place.resolve() for place in places if place.is_file()), None)


async def check(
    file: SourceFile, binary: Path, *, seconds: float = SECONDS
) -> tuple[Candidate, ...]:
    """Return ruff's findings on added lines; nothing when it fails or takes too long."""
    if file.suffix != ".py" or not file.added or len(file.text) > LARGEST_FILE:
        return ()
    output = await _run(binary, file.text.encode("utf-8", "replace"), seconds)
    return await asyncio.to_thread(_read, file, output)


async def _run(binary: Path, text: bytes, seconds: float) -> bytes:
    process = await asyncio.create_subprocess_exec(
        binary,
        *ARGUMENTS,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={},
        cwd="/",
    )
    try:
        _bound(process.pid)
        async with asyncio.timeout(seconds):
            output, _ = await process.communicate(text)
    except TimeoutError:
        return b""
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
    return output if len(output) <= MOST_OUTPUT else b""


def _bound(pid: int) -> None:
    """Limit a process that still waits for its input; not every system can."""
    prlimit: Any = getattr(resource, "prlimit", None)
    if prlimit is None:
        return
    with contextlib.suppress(ProcessLookupError, PermissionError):
        prlimit(pid, resource.RLIMIT_AS, (MEMORY, MEMORY))
        prlimit(pid, resource.RLIMIT_CPU, (int(SECONDS), int(SECONDS)))


def _read(file: SourceFile, output: bytes) -> tuple[Candidate, ...]:
    """Work away from the event loop, as there may be thousands of diagnostics."""
    try:
        diagnostics = _DIAGNOSTICS.validate_python(json.loads(output or b"[]"))
    except (ValueError, ValidationError, RecursionError):
        return ()
    return _findings(file, diagnostics)


def _findings(file: SourceFile, diagnostics: tuple[_Diagnostic, ...]) -> tuple[Candidate, ...]:
    syntax = [d for d in diagnostics if d.code in {None, "invalid-syntax"}]
    if syntax:
        touched = _touched(file, syntax[0])
        spoken = touched and len(syntax) <= MOST_SYNTAX_ERRORS
        return (_syntax_error(file, touched, syntax[0].message),) if spoken else ()
    found = []
    for diagnostic in diagnostics:
        number = _touched(file, diagnostic)
        if number and (candidate := _finding(file, number, diagnostic)):
            found.append(candidate)
    return tuple(found)


def _touched(file: SourceFile, diagnostic: _Diagnostic) -> int:
    """Return the first added line of the place, 0 when none was added."""
    rows = range(diagnostic.location.row, diagnostic.end_location.row + 1)
    return next((row for row in rows if row in file.added), 0)


def _finding(file: SourceFile, number: int, diagnostic: _Diagnostic) -> Candidate | None:
    code = diagnostic.code or ""
    rule = rule_for(code)
    if rule is None or (code == "F821" and _is_defined_elsewhere(diagnostic, file.line(number))):
        return None
    return Candidate(
        path=file.path,
        line=number,
        severity=rule.severity,
        category=rule.category,
        title=diagnostic.message[:120],
        body=rule.why,
        quote=file.line(number),
        confidence=0.8,
        source=f"static:ruff/{code}",
    )


def _is_defined_elsewhere(diagnostic: _Diagnostic, line: str) -> bool:
    """Tell whether a name is given by its surroundings, or stands in a quoted annotation."""
    name = next(iter(re.findall(r"`(\w+)`", diagnostic.message)), "")
    quoted = rf"(?<![fFtT])[\"'][^\"'{{]*\b{re.escape(name)}\b[^\"'}}]*[\"']"
    return name in _INJECTED or re.search(quoted, line) is not None


def _syntax_error(file: SourceFile, number: int, message: str) -> Candidate:
    return Candidate(
        path=file.path,
        line=number,
        severity=Severity.IMPORTANT,
        category=Category.BUG,
        title=f"This file does not parse: {message[:80]}",
        body="Python refuses to compile the module, so nothing in it can be imported.",
        quote=file.line(number),
        confidence=0.9,
        source="static:ruff/invalid-syntax",
    )
