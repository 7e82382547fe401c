"""Composes what `eval` works with: the tools of `review`, a judge, and the place of the reports."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot import __version__
from bot.adapters.models import PydanticAIChain
from bot.cli.evaluate import Bench
from bot.cli.evaluate_judge import ModelJudge
from bot.cli.evaluate_reports import Reports
from bot.model_choice import chosen_models
from bot.settings import Settings
from bot.wiring.command_line import open_tools


@asynccontextmanager
async def open_bench(settings: Settings, judge_model: str = "") -> AsyncIterator[Bench]:
    """Open it; the judge is a model of its own. Raises UserError for a name that is no model."""
    reports = Reports.of_user(settings.xdg_state_home)
    models = tuple(str(spec) for spec in await chosen_models(settings))
    async with open_tools(settings) as tools, _judge(settings, judge_model) as judge:
        yield Bench(tools, reports, __version__, models, judge)


@asynccontextmanager
async def _judge(settings: Settings, name: str) -> AsyncIterator[ModelJudge | None]:
    """Open the judge's chain; None where nobody is named."""
    if not name:
        yield None
        return
    named = settings.model_copy(update={"argus_model": name})
    chain = PydanticAIChain(await chosen_models(named))
    try:
        yield ModelJudge(chain, ", ".join(chain.names))
    finally:
        await chain.close()
