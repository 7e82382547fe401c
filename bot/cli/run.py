"""`run`: everything on one machine, the playground or the real bot, until Ctrl-C."""

import asyncio
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from bot.adapters.redis_server import EmbeddedRedis
from bot.cli.exits import ExitCode
from bot.cli.processes import Processes, ProcessFailed
from bot.cli.terminal import Terminal
from bot.playground.stage import Stage, free_port
from bot.settings import Settings, load_settings, process_environment
from bot.worker.signals import stop_on_signals
from core.errors import TransientError

READY_SECONDS = 30.0
"""For web to answer and a worker to have a heartbeat."""
DATA = Path(".argus")
"""Below the project: the embedded server's data when there are real credentials."""


async def run_all(terminal: Terminal, *, folder: Path) -> ExitCode:
    """Start, print the address, and stop everything when told to or when a process ends.

    Raises SettingsError, TransientError.
    """
    stop = stop_on_signals()
    environment = process_environment(folder / ".env")
    settings = load_settings(environment)
    processes = Processes({"LOG_FORMAT": "console", **environment})
    with ExitStack() as stack:
        try:
            if settings.has_github or settings.has_slack:
                await _start_bot(settings, processes, stack, folder)
                address = settings.public_url or f"http://localhost:{settings.port}"
                await _until_ready(settings.port, stop, processes)
            else:
                address = await _start_playground(settings, processes, stack, stop)
            if not (stop.is_set() or processes.any_ended):
                terminal.say(f"\nArgus is running. Open {address}\nCtrl-C stops everything.\n")
            ended = await processes.wait(stop)
        except ProcessFailed as error:
            raise TransientError(str(error)) from error
        finally:
            await processes.stop()
    if ended:
        raise TransientError(f"The {ended.name} process ended by itself; its last lines say why.")
    return ExitCode.CLEAN


async def _start_bot(
    settings: Settings, processes: Processes, stack: ExitStack, folder: Path
) -> None:
    more = {}
    if not settings.redis_url:
        more["REDIS_URL"] = stack.enter_context(EmbeddedRedis(folder / DATA)).url
    await _start_argus(processes, more)


async def _start_playground(
    settings: Settings, processes: Processes, stack: ExitStack, stop: asyncio.Event
) -> str:
    """Start the local GitHub and Slack, then Argus against them; return the page's address."""
    port = free_port(settings.port)
    data = Path(stack.enter_context(TemporaryDirectory(prefix="argus-playground-")))
    web_url = f"http://127.0.0.1:{port}"
    github = await processes.start_announcing(
        "github",
        ["-m", "bot.playground.github", "--data", str(data / "github"), "--web-url", web_url],
    )
    slack = await processes.start_announcing("slack", ["-m", "bot.playground.slack"])
    stage = Stage(github=github["url"], slack=slack["url"], web=web_url, people=data / "people.txt")
    redis = stack.enter_context(EmbeddedRedis(None))
    await asyncio.to_thread(stage.set)
    await _start_argus(processes, {**stage.environment(), "REDIS_URL": redis.url})
    await _until_ready(port, stop, processes)
    if not (stop.is_set() or processes.any_ended):
        await asyncio.to_thread(stage.open)
    return f"{web_url}/playground"


async def _start_argus(processes: Processes, more: Mapping[str, str]) -> None:
    for name in ("web", "worker"):
        child = await processes.start(name, ["-m", "bot", name], more)
        processes.relay_output(child)


async def _until_ready(port: int, stop: asyncio.Event, processes: Processes) -> None:
    """Wait until web and a worker are ready. Raises ProcessFailed."""
    async with httpx.AsyncClient(trust_env=False) as http:
        for _ in range(int(READY_SECONDS / 0.1)):
            if stop.is_set() or processes.any_ended:
                return
            try:
                answer = await http.get(f"http://127.0.0.1:{port}/readyz", timeout=2.0)
            except httpx.HTTPError:
                answer = None
            if answer is not None and answer.status_code == httpx.codes.OK:
                return
            await asyncio.sleep(0.1)
    raise ProcessFailed(f"Argus was not ready within {READY_SECONDS:.0f} s.")
