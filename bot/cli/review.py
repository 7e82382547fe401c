"""`review <pr-url | range | path | ->`: the same review as a worker's, printed.

It needs no App, no Redis and no queue, and posts only when it is told to. How a report looks is
for `bot.cli.formats`; how errors end a command for `bot.cli.exits`.
"""

import re
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from bot.adapters.local_git import open_local
from bot.cli.configuration import Overrides
from bot.cli.exits import AuthenticationNeeded, ExitCode
from bot.cli.formats import Format, render
from bot.cli.hosts import ConfiguredHost, WatchedHost
from bot.cli.posting import OneRun, job_for, summary_delivery
from bot.cli.report import Report, excerpts_of
from bot.cli.terminal import Say, Terminal
from core import coverage
from core.errors import UserError
from core.models import Job, OmissionReason, Outcome, OutcomeKind, PullRequestRef, Severity
from core.ports import Deliverer, Fence, Host, Publisher
from core.repo_config import RepoConfig
from core.repo_config.gathering import Organisation

PIPE = "-"
MAX_PIPED_BYTES = 64 * 1024 * 1024
"""As much as is taken of git."""
_URL = re.compile(r"https?://", re.IGNORECASE)
_NOT_READ = {OutcomeKind.FAILED, OutcomeKind.SUPERSEDED, OutcomeKind.CANCELLED}


class FailOn(StrEnum):
    """The least severity that makes the exit code 1."""

    IMPORTANT = "important"
    NIT = "nit"
    NEVER = "never"


_COUNTING = {
    FailOn.IMPORTANT: {Severity.IMPORTANT},
    FailOn.NIT: {Severity.IMPORTANT, Severity.NIT},
    FailOn.NEVER: set[Severity](),
}


@dataclass(frozen=True, slots=True)
class ReviewOptions:
    """The options of the command."""

    form: Format = Format.TEXT
    fail_on: FailOn = FailOn.IMPORTANT
    post: bool = False
    model: bool = True
    """False: static analysis only."""
    overrides: Overrides = field(default_factory=Overrides)


@dataclass(frozen=True, slots=True)
class Remote:
    """A pull request on GitHub, and what may be written to it."""

    host: Host
    publisher: Callable[[Job], Publisher] | None = None
    """None without credentials that may post."""
    summaries: Deliverer | None = None
    organisation: Organisation | None = None
    """Its owner, where that may configure reviews."""


class Reviewing(Protocol):
    """The review core with everything but the change: reads, and posts when it may."""

    async def __call__(
        self,
        job: Job,
        host: Host,
        publisher: Publisher | None,
        fence: Fence,
        *,
        model: bool,
        command: RepoConfig | None = None,
        organisation: Organisation | None = None,
    ) -> Outcome:
        """Return the outcome; `model` False leaves static analysis alone.

        `command` outranks the repository's configuration, key by key.
        """
        ...


@dataclass(frozen=True, slots=True)
class Tools:
    """What the command works with."""

    web_url: str
    pull_request: Callable[[str], PullRequestRef]
    """Reads a pull request's address. Raises UserError."""
    connect: Callable[[PullRequestRef], Awaitable[Remote]]
    reviewing: Reviewing


async def review(
    target: str,
    options: ReviewOptions,
    tools: Tools,
    terminal: Terminal,
    *,
    folder: Path,
    piped: bytes = b"",
) -> ExitCode:
    """Review what `target` names, print it, and return how it ended. Raises ArgusError."""
    with terminal.progress() as say:
        remote = await _opened(target, options, tools, folder, piped, say)
        job, report = await _reviewed(remote, options, tools, say)
    if not report.pull.changed_files:
        terminal.say("Nothing is changed there. Try a range such as HEAD~1..HEAD, or a path.")
    if report.pull.merged:
        terminal.say(f"{report.pull.ref} is merged already; this is what it brought.")
    terminal.data(render(report, options.form, terminal.look))
    if options.post and remote.summaries and report.record:
        # after the report: what was posted is told even when the summary cannot be written
        await remote.summaries.deliver(summary_delivery(job, report.outcome))
    return exit_code(report.outcome, options.fail_on)


def read_pipe(target: str) -> bytes:
    """Return what comes on stdin where the target is `-`.

    To be called before an event loop runs: a read that waits for a person cannot be cancelled.
    """
    if target != PIPE:
        return b""
    piped = sys.stdin.buffer.read(MAX_PIPED_BYTES + 1)
    if len(piped) > MAX_PIPED_BYTES:
        raise UserError(
            "The diff on stdin is too large.",
            why=f"It has more than {MAX_PIPED_BYTES:,} bytes.",
            next_step="Review a part of it.",
        )
    return piped


def exit_code(outcome: Outcome, fail_on: FailOn) -> ExitCode:
    """Return 1 for findings that count, 5 when the change was not read as it should have been."""
    found = outcome.record.findings if outcome.record else ()
    omitted = outcome.record.coverage.omitted if outcome.record else ()
    if any(finding.severity in _COUNTING[fail_on] for finding in found):
        return ExitCode.FINDINGS
    model_failed = any(left_out.reason is OmissionReason.MODEL_FAILED for left_out in omitted)
    if outcome.kind in _NOT_READ or model_failed:
        return ExitCode.UPSTREAM
    return ExitCode.CLEAN


async def _opened(
    target: str, options: ReviewOptions, tools: Tools, folder: Path, piped: bytes, say: Say
) -> Remote:
    """Return the pull request, or the local change as one that nothing can be posted to."""
    if _names_pull_request(target, tools.web_url):
        ref = tools.pull_request(target)
        say(f"Looking at {ref}")
        remote = await tools.connect(ref)
        if options.post and remote.publisher is None:
            raise AuthenticationNeeded(
                "There is nobody to post as.",
                why="Posting needs credentials of GitHub.",
                next_step="Set GITHUB_TOKEN, or leave --post out.",
            )
        return remote
    if options.post:
        raise UserError(
            "Only a review of a pull request can be posted.",
            why=f"“{target}” is a local change.",
            next_step="Give the pull request's address, or leave --post out.",
        )
    say("Reading the change")
    return Remote(await open_local(target, folder=folder, piped=piped))


def _names_pull_request(target: str, web_url: str) -> bool:
    host = web_url.partition("://")[2].rstrip("/")
    return bool(_URL.match(target)) or target.lower().startswith(f"{host.lower()}/")


async def _reviewed(
    remote: Remote, options: ReviewOptions, tools: Tools, say: Say
) -> tuple[Job, Report]:
    """Run the review, post it where that is asked, and gather the report."""
    watched = WatchedHost(remote.host, say, ended_too=not options.post)
    pull = await watched.pull_request()
    instead = options.overrides.file_bytes()
    host = watched if instead is None else ConfiguredHost(watched, pull.base, instead)
    job = job_for(pull)
    publisher = remote.publisher(job) if options.post and remote.publisher else None
    outcome = await tools.reviewing(
        job,
        host,
        publisher,
        OneRun(),
        model=options.model,
        command=options.overrides.command,
        organisation=remote.organisation,
    )
    excerpts = await excerpts_of(outcome, pull, watched.files, watched)
    return job, Report(pull, outcome, coverage.verdict(outcome), excerpts)
