"""Everything that Argus needs around it, on this machine: GitHub, Redis, a model, credentials."""

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
"""Nothing listens on the discard port: no Ollama of the developer's is found, no Slack asked."""
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
    """Start a local GitHub as a process of its own and register the App there."""
    web = f"http://127.0.0.1:{free_port(0)}"
    port = free_port(0)
    arguments = ("-m", "bot.playground.github", "--port", str(port), "--data", str(folder / "git"))
    with Running(arguments, {}, folder / "github.log") as server:
        server.seconds_to_answer(port, "/_control/requests")
        stage = Stage(f"http://127.0.0.1:{port}", NOBODY, web)
        stage.set()
        with Driver(stage.github) as github:
            github.set_knobs(hooks=False, requests_per_hour=1_000_000)
            yield Site(github, stage, folder)


@contextmanager
def durable_redis(folder: Path) -> Iterator[str]:
    """Start the embedded server as `run` does with credentials: append-only, synced always."""
    with EmbeddedRedis(folder) as server:
        yield server.url


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
