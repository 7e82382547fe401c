"""`python -m bot config …`: its commands and their options, and nothing of what they do.

Imports are made when a command runs, as in `bot.cli.app`.
"""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.exits import ExitCode
from bot.cli.starting import quiet_settings
from bot.cli.terminal import run_command, standard_terminal

if TYPE_CHECKING:
    from bot.cli.config import Asked, Office

config = typer.Typer(
    help="Show, explain and change what reviews are configured by.",
    no_args_is_help=True,
)

PIPE = "-"
MOST_BYTES = 1024 * 1024
"""Of a file to validate; one that is too large is refused long before that."""


class Form(StrEnum):
    """How it is printed."""

    TEXT = "text"
    JSON = "json"


Format = Annotated[Form, typer.Option("--format", help="How to print it.")]
Branch = Annotated[str, typer.Option("--branch", "--base", help="Base branch; unset: the default.")]
Labels = Annotated[list[str] | None, typer.Option("--label", help="As if it carried this label.")]
Teams = Annotated[list[str] | None, typer.Option("--team", help="As if its author were in it.")]
Key = Annotated[str, typer.Argument(help="Such as review.max_findings; `config show` has them.")]
Organisation = Annotated[str, typer.Option("--org", metavar="OWNER", help="For this owner alone.")]
Repository = Annotated[
    str, typer.Option("--repo", metavar="OWNER/REPO", help="For this repository alone.")
]


@config.command()
def show(
    repository: Annotated[
        str, typer.Argument(metavar="[OWNER/REPO]", help="Unset: what counts for everybody.")
    ] = "",
    form: Format = Form.TEXT,
    org: Organisation = "",
    branch: Branch = "",
    *,
    origin: Annotated[bool, typer.Option("--origin", help="Also who said it.")] = False,
) -> None:
    """Show every key with the value that applies."""
    from bot.cli.config import show as show_all

    _carry_out(
        lambda office, asked: show_all(office, asked, as_json=form is Form.JSON, origins=origin),
        repository=repository,
        org=org,
        branch=branch,
    )


@config.command()
def explain(
    path: Annotated[str, typer.Argument(help="A file of the repository.")],
    repo: Repository = "",
    branch: Branch = "",
    label: Labels = None,
    team: Teams = None,
    form: Format = Form.TEXT,
) -> None:
    """Say why a file is or is not reviewed, and with which settings.

    Without --repo the files of this folder count.
    """
    from bot.cli.config import explain as explain_path

    _carry_out(
        lambda office, asked: explain_path(office, path, asked, as_json=form is Form.JSON),
        repository=repo,
        branch=branch,
        labels=tuple(label or ()),
        teams=frozenset(team or ()),
    )


@config.command("set")
def set_(
    key: Key,
    value: Annotated[str, typer.Argument(help="Words as they are; all else as in YAML.")],
    org: Organisation = "",
    repo: Repository = "",
    *,
    lock: Annotated[bool, typer.Option("--lock", help="Nobody else's word counts.")] = False,
) -> None:
    """Set a key for everybody, an owner or a repository; the next review obeys it."""
    from bot.cli.config import set_ as set_key

    _carry_out(
        lambda office, asked: set_key(office, key, value, asked, lock=lock),
        repository=repo,
        org=org,
    )


@config.command()
def unset(key: Key, org: Organisation = "", repo: Repository = "") -> None:
    """Remove what was set."""
    from bot.cli.config import unset as unset_key

    _carry_out(lambda office, asked: unset_key(office, key, asked), repository=repo, org=org)


@config.command()
def history(org: Organisation = "", repo: Repository = "", form: Format = Form.TEXT) -> None:
    """Show who changed what and when; without an option, everywhere."""
    from bot.cli.config import history as show_history

    _carry_out(
        lambda office, asked: show_history(office, asked, as_json=form is Form.JSON),
        repository=repo,
        org=org,
    )


@config.command()
def validate(
    file: Annotated[str, typer.Argument(help="A configuration file, or - for stdin.")],
) -> None:
    """Name every problem of a configuration file; exit code 3 when there is any."""
    from bot.cli.config import read_file
    from bot.cli.config import validate as validate_bytes

    terminal = standard_terminal()
    piped = sys.stdin.buffer.read(MOST_BYTES) if file == PIPE else None

    async def validated() -> ExitCode:
        raw = read_file(Path(file), MOST_BYTES) if piped is None else piped
        return validate_bytes("stdin" if piped is not None else file, raw, terminal)

    raise typer.Exit(run_command(validated, terminal))


@config.command()
def schema() -> None:
    """Print the JSON Schema of configuration files, for editors."""
    from bot.cli.config import schema as schema_text

    standard_terminal().data(schema_text())


def _carry_out(
    act: Callable[[Office, Asked], Awaitable[ExitCode]],
    *,
    repository: str = "",
    org: str = "",
    branch: str = "",
    labels: tuple[str, ...] = (),
    teams: frozenset[str] = frozenset(),
) -> None:
    if org and repository:
        raise typer.BadParameter("Name an owner or a repository, not both.")
    terminal = standard_terminal()

    async def acted() -> ExitCode:
        from bot.cli.config import Asked, named
        from bot.wiring.command_line import open_office

        settings = quiet_settings("config")
        owner, repo = named(repository, settings.github_web_url) if repository else (org, "")
        asked = Asked(owner, repo, branch, labels, teams)
        async with open_office(settings, terminal, folder=Path.cwd()) as office:
            return await act(office, asked)

    raise typer.Exit(run_command(acted, terminal))
