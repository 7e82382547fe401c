"""`jobs`: what the ledger holds, listed and shown, and an operator's second chance or end for it.

How jobs look is decided in `formats.jobs`; what changes one is the ledger's own script.
"""

import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from bot.adapters.ledger import JobEntry, RedisLedger
from bot.cli.exits import ExitCode
from bot.cli.formats import jobs as render
from bot.cli.terminal import Terminal
from core.commands import parse_pull_request
from core.errors import UserError
from core.models import Stage
from github.render.words import count

LISTED: Final = 100
"""Jobs that a list has at most."""
RETRIED: Final = 10_000
"""Dead jobs that are retried together at most."""
_ID: Final = re.compile(r"[1-9][0-9]{0,19}:[1-9][0-9]{0,8}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Office:
    """What an operator works with."""

    ledger: RedisLedger
    ring: Callable[[str], Awaitable[None]]
    """Wakes a worker for a job."""
    terminal: Terminal
    web_url: str
    """Of the GitHub whose pull requests are named."""
    clock: Callable[[], float] = time.time
    """Seconds since 1970."""


async def list_jobs(office: Office, stage: Stage | None, *, as_json: bool) -> ExitCode:
    """Print jobs of one stage, or of all. Raises TransientError when the ledger is away."""
    found = await office.ledger.desk.list(stage, LISTED + 1)
    entries = found[:LISTED]
    if as_json:
        office.terminal.data(render.document(entries))
    elif entries:
        office.terminal.data(render.table(entries, office.terminal.look, now=office.clock()))
    else:
        office.terminal.say("There is no job." if stage is None else f"No job is {stage}.")
    if len(found) > LISTED:
        office.terminal.say(f"There are more; these are {LISTED} of them.")
    return ExitCode.CLEAN


async def show_job(office: Office, name: str, *, as_json: bool) -> ExitCode:
    """Print one job. Raises UserError when the ledger has none of that name."""
    entry = await find(office, name)
    if as_json:
        office.terminal.data(render.document([entry]))
    else:
        office.terminal.data(render.full(entry, office.terminal.look, now=office.clock()))
    return ExitCode.CLEAN


async def retry_job(office: Office, name: str) -> ExitCode:
    """Make a dead or waiting job due now, and wake a worker. Raises UserError."""
    entry = await find(office, name)
    if not await office.ledger.desk.retry(entry.id):
        raise UserError(
            f"{entry.ref} cannot be retried.",
            why=await _standing(office, entry),
            next_step="Only a job that is dead or waits can; ask for `review full` otherwise.",
        )
    await office.ring(entry.id)
    office.terminal.data(f"Due now: job {entry.id}, {entry.ref}.")
    return ExitCode.CLEAN


async def retry_dead(office: Office) -> ExitCode:
    """Make every dead job due now, and wake workers. Raises TransientError."""
    retried = 0
    for entry in await office.ledger.desk.list(Stage.DEAD, RETRIED):
        # One that was revived or discarded in between is none of this command's business.
        if await office.ledger.desk.retry(entry.id):
            await office.ring(entry.id)
            retried += 1
    office.terminal.data(f"Due now: {count(retried, 'job')} that had been given up.")
    return ExitCode.CLEAN


async def discard_job(office: Office, name: str) -> ExitCode:
    """End a job as cancelled; whoever runs it loses the lease. Raises UserError."""
    entry = await find(office, name)
    if not await office.ledger.desk.discard(entry.id):
        raise UserError(f"There is nothing to discard of {entry.ref}.", why="Its job is at rest.")
    office.terminal.data(f"Discarded: job {entry.id}, {entry.ref}; it ends as cancelled.")
    return ExitCode.CLEAN


async def find(office: Office, name: str) -> JobEntry:
    """Return the job that an id or a pull request's name means. Raises UserError."""
    if _ID.fullmatch(name):
        entry = await office.ledger.desk.show(name)
    else:
        ref = parse_pull_request(name, web_url=office.web_url)
        entry = await office.ledger.desk.find(ref)
    if entry is None:
        raise UserError(
            f"The ledger has no job {name}.",
            next_step="`python -m bot jobs list` shows those it has.",
        )
    return entry


async def _standing(office: Office, entry: JobEntry) -> str:
    """Say where a job stands by now."""
    now = await office.ledger.desk.show(entry.id)
    words = {Stage.RUNNING: "It is running.", Stage.IDLE: "It is at rest: its head has an outcome."}
    return words.get(now.stage, f"It is {now.stage}.") if now else "It is gone."
