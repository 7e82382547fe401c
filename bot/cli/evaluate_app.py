"""`python -m bot eval`: its options, and nothing of what it does.

Imports are made when it runs, as in `bot.cli.app`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.exits import ExitCode
from bot.cli.starting import quiet_settings
from bot.cli.terminal import run_command, standard_terminal

SHIPPED = Path(__file__).parents[2] / "evaluation" / "dataset"


def evaluate(
    dataset: Annotated[
        Path, typer.Argument(help="A folder of cases in JSON, or one of them.", show_default=False)
    ] = SHIPPED,
    model: Annotated[
        str, typer.Option(metavar="PROVIDER:MODEL", help="Instead of the configured ones.")
    ] = "",
    judge_model: Annotated[
        str, typer.Option(metavar="PROVIDER:MODEL", help="Let it decide what means the same.")
    ] = "",
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first cases.")] = None,
    at_once: Annotated[int, typer.Option(min=1, max=32, help="Cases reviewed at once.")] = 1,
    against: Annotated[
        str, typer.Option(metavar="last|FILE", help="Compare with an earlier report.")
    ] = "",
    save: Annotated[Path | None, typer.Option(help="Save the report there.")] = None,
    fail_under: Annotated[
        list[str] | None,
        typer.Option(metavar="FIGURE=SHARE", help="Exit 1 below it; such as recall=40%."),
    ] = None,
    *,
    no_model: Annotated[bool, typer.Option("--no-model", help="Analyze only.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Review a dataset of changes with known defects, and tell how good that was.

    Exit codes: 0 done, 1 under a --fail-under, 2 usage or a broken case, 3 configuration,
    4 authentication, 5 a case could not be reviewed.
    """
    terminal = standard_terminal()

    async def evaluated() -> ExitCode:
        from bot.cli.evaluate import EvalOptions
        from bot.cli.evaluate import evaluate as evaluate_dataset
        from bot.cli.evaluate_bench import open_bench
        from bot.cli.evaluate_cases import read_dataset
        from bot.cli.evaluate_floors import parse_floors

        settings = quiet_settings("eval")
        if model:
            settings = settings.model_copy(update={"argus_model": model})
        floors = parse_floors(fail_under or ())
        options = EvalOptions(not no_model, at_once, as_json, against, save, floors)
        cases = read_dataset(dataset, limit)
        async with open_bench(settings, judge_model) as bench:
            return await evaluate_dataset(cases, options, bench, terminal)

    raise typer.Exit(run_command(evaluated, terminal))
