"""What Argus needs around it, on this machine: GitHub, Slack, Redis, credentials for all."""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.adapters.redis_server import EmbeddedRedis
from bot.playground.github.driver import Driver
from bot.playground.stage import Stage, free_port
from tests.bench.processes import Running

NOBODY = "http://127.0.0.1:9"
"""Nothing listens on the discard port, so no Ollama of the developer's is found."""
WEB = ("-m", "bot", "web")
WORKER = ("-m", "bot", "worker")
FLOOR = ("-m", "tests.bench.floor")


@dataclass(frozen=True, slots=True)
class Site:
    """A local GitHub with the App registered, and where Argus would listen."""

    github: Driver
    stage: Stage
    logs: Path

    @property
    def port(self) -> int:
        """Return where Argus listens."""
        return int(self.stage.web.rpartition(":")[2])

    @property
    def secret(self) -> str:
        """Return the webhook's secret."""
        return self.stage.webhook_secret

    def environment(self, redis_url: str, **more: str) -> Mapping[str, str]:
        """Return what an operator would set: both apps' credentials, Redis, a secret key."""
        usual = self.stage.environment()
        del usual["ARGUS_PLAYGROUND"]  # measured is the product, not its showcase
        return {**usual, "REDIS_URL": redis_url, "OLLAMA_BASE_URL": NOBODY, **more}

    def start(self, arguments: tuple[str, ...], redis_url: str, **more: str) -> Running:
        """Start a process of Argus, or the floor, in this environment."""
        log = self.logs / f"{arguments[-1]}-{secrets.token_hex(3)}.log"
        return Running(arguments, self.environment(redis_url, **more), log)


@contextmanager
def open_site(folder: Path) -> Iterator[Site]:
    """Start a local GitHub and a local Slack as processes and register the app on both."""
    git = ("--data", str(folder / "git"))
    with (
        Running(("-m", "bot.playground.github", *git), {}, folder / "github.log") as github,
        Running(("-m", "bot.playground.slack"), {}, folder / "slack.log") as slack,
    ):
        web = f"http://127.0.0.1:{free_port(0)}"
        stage = Stage(github.announced(), slack.announced(), web, folder / "people.txt")
        stage.set()
        with Driver(stage.github) as driver:
            driver.set_knobs(hooks=False, requests_per_hour=1_000_000)
            yield Site(driver, stage, folder)


def durable_redis(folder: Path) -> EmbeddedRedis:
    """Return the embedded server as `run` keeps it with credentials: append-only, synced always."""
    return EmbeddedRedis(folder)


def finding(path: str, line: int, quote: str, title: str) -> Mapping[str, object]:
    """Return a finding in the words of a model."""
    return {
        "path": path,
        "line": line,
        "severity": "important",
        "category": "bug",
        "title": title,
        "body": "The value is used before it is checked, so a caller gets a wrong total.",
        "quote": quote,
        "confidence": 0.9,
    }
