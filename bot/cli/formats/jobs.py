"""Jobs for operators: a table with a line a job, one job in full, and both as JSON.

Pure, from entries of the ledger to text; which jobs are shown is decided elsewhere.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from pydantic import TypeAdapter
from rich.table import Table
from rich.text import Text

from bot.adapters.ledger import JobEntry
from bot.cli.formats.grid import printed
from bot.cli.formats.look import Look
from bot.cli.formats.prose import one_line
from core.models import Stage
from github.render.words import SHORT_SHA, count

SCHEMA: Final = "argus.jobs/1"
"""Fields are only ever added within a version."""
_UNITS: Final = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))
_COLOURS: Final = {Stage.RUNNING: "green", Stage.DEAD: "red", Stage.IDLE: "dim"}


def table(entries: Sequence[JobEntry], look: Look, *, now: float) -> str:
    """Return a line a job; `now` is in seconds since 1970, as the entries' times are."""
    grid = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("STAGE", "PULL REQUEST", "HEAD", "JOB", "CHANGED"):
        grid.add_column(name, no_wrap=True)
    grid.add_column("STATE", overflow="fold")
    for entry in entries:
        grid.add_row(
            Text(entry.stage, style=_COLOURS.get(entry.stage, "")),
            Text(str(entry.ref)),
            Text(entry.head[:SHORT_SHA]),
            Text(entry.id),
            Text(relative(entry.updated, now)),
            Text(_state(entry, now)),
        )
    return printed(grid, look)


def full(entry: JobEntry, look: Look, *, now: float) -> str:
    """Return everything that is known about a job."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for name, words in _facts(entry, now):
        grid.add_row(name, Text(words))
    return printed(grid, look)


def document(entries: Sequence[JobEntry]) -> str:
    """Return jobs as one JSON document; times are seconds since 1970."""
    jobs = TypeAdapter(list[JobEntry]).dump_python(list(entries), mode="json")
    found: dict[str, Any] = {"schema": SCHEMA, "jobs": jobs}
    return TypeAdapter(dict[str, Any]).dump_json(found, indent=2).decode()


def relative(moment: float, now: float) -> str:
    """Return `5 minutes ago`, `in 3 seconds` or `now`, in the largest unit that is whole."""
    seconds = round(abs(moment - now))
    for size, unit in _UNITS:
        if seconds >= size:
            words = count(seconds // size, unit)
            return f"in {words}" if moment > now else f"{words} ago"
    return "now"


def _state(entry: JobEntry, now: float) -> str:
    """Return what a job waits for, what it does, or how it ended."""
    match entry.stage:
        case Stage.WAITING:
            before = f"after {count(entry.attempts, 'attempt')}" if entry.attempts else ""
            said = [_due(entry, now), before, one_line(entry.reason)]
        case Stage.RUNNING:
            said = [f"attempt {entry.attempts}", f"on {one_line(entry.worker)}"]
        case Stage.DEAD:
            said = [f"given up after {count(entry.attempts, 'attempt')}", one_line(entry.reason)]
        case Stage.IDLE:
            said = [_outcome(entry)]
    return " · ".join(word for word in said if word)


def _facts(entry: JobEntry, now: float) -> Iterator[tuple[str, str]]:
    yield "pull request", str(entry.ref)
    yield "job", entry.id
    yield "stage", f"{entry.stage}, changed {relative(entry.updated, now)}"
    yield "head", f"{entry.head}, ordinal {entry.ordinal}" if entry.ordinal else entry.head
    if entry.stage is Stage.WAITING:
        yield "due", _due(entry, now)
    yield "attempts", str(entry.attempts)
    if entry.crashes:
        yield "crashes", str(entry.crashes)
    if entry.reason:
        yield "last failure", one_line(entry.reason)
    if entry.worker:
        yield "worker", one_line(entry.worker)
    if entry.stage is Stage.RUNNING and entry.lease_until is not None:
        yield "lease ends", relative(entry.lease_until, now)
    yield "correlation", one_line(entry.correlation_id)
    if entry.outcome is not None:
        yield "outcome", _outcome(entry)
        if entry.outcome.review_url:
            yield "review", one_line(entry.outcome.review_url)


def _due(entry: JobEntry, now: float) -> str:
    """Return `due in 3 seconds`, `due now` or `due for 5 minutes`."""
    words = relative(entry.due_at or now, now)
    return f"due for {words.removesuffix(' ago')}" if words.endswith(" ago") else f"due {words}"


def _outcome(entry: JobEntry) -> str:
    """Return the outcome of the head in words."""
    if entry.outcome is None:
        return "no outcome on record"
    reason = one_line(entry.outcome.reason)
    return f"{entry.outcome.kind}: {reason}" if reason else str(entry.outcome.kind)
