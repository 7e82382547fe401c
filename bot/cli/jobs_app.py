"""`python -m bot jobs …`: its commands and their options, and nothing of what they do.

Imports are made when a command runs, as in `bot.cli.app`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.exits import ExitCode
from bot.cli.starting import quiet_settings, require_redis
from bot.cli.terminal import run_command, standard_terminal
from core.models import Stage

if TYPE_CHECKING:
    from bot.cli.jobs import Office

jobs = typer.Typer(
    help="List, show, retry and discard the ledger's jobs.",
    no_args_is_help=True,
)

NAME_HELP = "A job's id, owner/repo#12, or the pull request's address."
Name = Annotated[str, typer.Argument(metavar="JOB", help=NAME_HELP)]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


@jobs.command("list")
def list_(
    stage: Annotated[
        Stage | None, typer.Option("--state", "--stage", help="Only jobs in this state.")
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """List jobs: those that wait longest first, or those that changed last."""
    from bot.cli.jobs import list_jobs

    _carry_out(lambda office: list_jobs(office, stage, as_json=as_json))


@jobs.command()
def show(name: Name, *, as_json: AsJson = False) -> None:
    """Show everything that is known about one job."""
    from bot.cli.jobs import show_job

    _carry_out(lambda office: show_job(office, name, as_json=as_json))


@jobs.command()
def retry(
    name: Annotated[str, typer.Argument(metavar="[JOB]", help=NAME_HELP, show_default=False)] = "",
    *,
    all_dead: Annotated[bool, typer.Option("--all-dead", help="Every dead job instead.")] = False,
) -> None:
    """Make a dead job, or one that waits, due now."""
    from bot.cli.jobs import retry_dead, retry_job

    if bool(name) == all_dead:
        raise typer.BadParameter("Name one job, or use --all-dead.")
    _carry_out(lambda office: retry_dead(office) if all_dead else retry_job(office, name))


@jobs.command()
def discard(name: Name) -> None:
    """End a job as cancelled; a run of it is interrupted."""
    from bot.cli.jobs import discard_job

    _carry_out(lambda office: discard_job(office, name))


def _carry_out(act: Callable[[Office], Awaitable[ExitCode]]) -> None:
    terminal = standard_terminal()

    async def acted() -> ExitCode:
        from bot.cli.jobs import Office
        from bot.parts.ledger import open_intake, open_ledger
        from core.models import Accepted

        settings = quiet_settings("jobs")
        require_redis(settings)
        async with (
            open_ledger(settings) as (_, ledger),
            open_intake(settings, ledger) as intake,
        ):
            office = Office(
                ledger,
                ring=lambda job_id: intake.ring(Accepted(job_id=job_id)),
                terminal=terminal,
                web_url=settings.github_web_url,
            )
            return await act(office)

    raise typer.Exit(run_command(acted, terminal))
