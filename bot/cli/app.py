"""`python -m bot …`: the commands, their options, and nothing of what they do.

Each command imports what it needs when it runs, so that none pays for the others.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated

import typer

from bot import __version__
from bot.cli.config_app import config
from bot.cli.evaluate_app import evaluate
from bot.cli.exits import ExitCode
from bot.cli.formats import Format
from bot.cli.jobs_app import jobs
from bot.cli.review import FailOn
from bot.cli.starting import configure, quiet_settings, require_redis
from bot.cli.terminal import run_command, standard_terminal
from bot.settings import Settings, load_settings

app = typer.Typer(
    name="python -m bot",
    help="Argus reviews pull requests on GitHub and in Slack.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(config, name="config")
app.add_typer(jobs, name="jobs")
app.command("eval")(evaluate)


def main() -> None:
    """Run the command line."""
    app()


@app.callback(invoke_without_command=True)
def version(
    context: typer.Context,
    *,
    show: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Argus reviews pull requests on GitHub and in Slack."""
    if show:
        sys.stdout.write(f"argus {__version__}\n")
        raise typer.Exit
    if context.invoked_subcommand is None:
        sys.stdout.write(context.get_help() + "\n")


@app.command()
def run() -> None:
    """Start everything: the playground, or the real bot with credentials in .env."""
    from bot.cli.run import run_all

    terminal = standard_terminal()
    _end(run_command(lambda: run_all(terminal, folder=Path.cwd()), terminal))


@app.command()
def web() -> None:
    """Serve the web process: webhooks, Slack, probes."""

    async def serve(settings: Settings) -> None:
        from bot.wiring.web import serve_web
        from bot.worker.signals import stop_on_signals

        await serve_web(settings, stop_on_signals())

    _serve("web", serve)


@app.command()
def worker() -> None:
    """Serve a worker process: reviews and deliveries."""

    async def serve(settings: Settings) -> None:
        from bot.wiring.worker import serve_worker
        from bot.worker import give_way, stop_on_signals

        give_way()
        await serve_worker(settings, stop_on_signals())

    _serve("worker", serve)


@app.command()
def check(
    *,
    example: Annotated[bool, typer.Option(help="Print .env.example instead.")] = False,
) -> None:
    """Judge settings and Redis; non-zero and the variable's name on error."""
    from bot.cli.check import check_all
    from bot.settings import example as example_text

    if example:
        sys.stdout.write(example_text())
        return
    terminal = standard_terminal()
    _end(run_command(lambda: check_all(terminal), terminal))


@app.command()
def review(
    target: Annotated[
        str, typer.Argument(help="A pull request's address, a git range, a path, or - for a diff.")
    ],
    form: Annotated[Format, typer.Option("--format", help="How to print it.")] = Format.TEXT,
    fail_on: Annotated[
        FailOn, typer.Option(help="The least severity that makes the exit code 1.")
    ] = FailOn.IMPORTANT,
    config: Annotated[
        Path | None, typer.Option(help="Use this file instead of the base's .argus.yaml.")
    ] = None,
    max_findings: Annotated[
        int | None, typer.Option(min=0, max=30, help="Inline findings at most.")
    ] = None,
    *,
    post: Annotated[bool, typer.Option("--post", help="Post it on the pull request.")] = False,
    model: Annotated[
        bool, typer.Option("--model/--no-model", help="Ask the model, or analyze only.")
    ] = True,
) -> None:
    """Review a change and print what was found; posts only with --post.

    Exit codes: 0 clean, 1 findings at or above --fail-on, 2 usage, 3 configuration,
    4 authentication, 5 GitHub or a model failed.
    """
    from bot.cli.configuration import Overrides
    from bot.cli.review import ReviewOptions, read_pipe
    from bot.cli.review import review as review_target

    options = ReviewOptions(form, fail_on, post, model, Overrides(config, max_findings))
    terminal = standard_terminal()

    async def reviewed(settings: Settings, piped: bytes) -> ExitCode:
        from bot.wiring.command_line import open_tools

        async with open_tools(settings) as tools:
            return await review_target(
                target, options, tools, terminal, folder=Path.cwd(), piped=piped
            )

    _end(run_command(lambda: reviewed(quiet_settings("review"), read_pipe(target)), terminal))


@app.command()
def receive(
    event: Annotated[str, typer.Option("-e", "--event", help="As in X-GitHub-Event.")],
    payload: Annotated[Path, typer.Option("-p", "--payload", help="The delivery's JSON.")],
    *,
    dry_run: Annotated[bool, typer.Option(help="Only say what would be done.")] = False,
) -> None:
    """Feed a webhook's payload from a file, as if GitHub had sent it."""
    from bot.cli.receive import read_payload
    from bot.cli.receive import receive as receive_payload
    from bot.wiring.github_side import trigger_rules

    terminal = standard_terminal()

    async def received() -> ExitCode:
        from bot.wiring.command_line import open_door

        settings = quiet_settings("receive")
        body = read_payload(payload)
        if dry_run:
            rules = trigger_rules(settings, None)
            return await receive_payload(event, body, rules=rules, door=None, terminal=terminal)
        require_redis(settings)
        async with open_door(settings) as (intake, rules):
            return await receive_payload(event, body, rules=rules, door=intake, terminal=terminal)

    _end(run_command(received, terminal))


@app.command()
def stats(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Show what was reviewed, what models cost, and what became of findings by rule."""
    terminal = standard_terminal()

    async def shown() -> ExitCode:
        from bot.cli.formats import stats as render
        from bot.instance import statistics_of
        from bot.parts.ledger import open_ledger

        settings = quiet_settings("stats")
        require_redis(settings)
        async with open_ledger(settings) as (_, ledger):
            found = await statistics_of(ledger)
        terminal.data(render.document(found) if as_json else render.text(found, terminal.look))
        return ExitCode.CLEAN

    _end(run_command(shown, terminal))


def _serve(process: str, serve: Callable[[Settings], Awaitable[None]]) -> None:
    terminal = standard_terminal()

    async def served() -> ExitCode:
        from bot.fault_injection import arm_faults
        from bot.parts.configured import warn

        settings = load_settings()
        configure(settings, process, settings.log_level)
        require_redis(settings)
        warn(settings)
        arm_faults(settings.argus_fault)
        await serve(settings)
        return ExitCode.CLEAN

    _end(run_command(served, terminal, loop=_fast_loop()))


def _fast_loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Return the maker of the faster loop, None where there is none for this system."""
    try:
        from uvloop import new_event_loop
    except ImportError:
        return None
    return new_event_loop


def _end(code: ExitCode) -> None:
    raise typer.Exit(code)
