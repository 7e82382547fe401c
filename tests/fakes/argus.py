"""Argus itself for flow tests: real web and worker processes with a clean environment."""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import httpx

from tests.fakes.github import FakeGitHub

ROOT = Path(__file__).parent.parent.parent
READY_SECONDS = 90.0
STOP_SECONDS = 25.0
"""What the contract promises."""
NO_OLLAMA = "http://127.0.0.1:9"
"""Nothing listens on the discard port, so a model that a developer runs is not found."""


class Argus:
    """Processes of Argus against a local GitHub; every one started here is ended here."""

    def __init__(self, github: FakeGitHub, redis_url: str, logs: Path, **environment: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.webhook_secret = secrets.token_hex(16)
        self.environment = {
            "PATH": os.environ["PATH"],
            "GITHUB_APP_ID": github.app_id,
            "GITHUB_APP_PRIVATE_KEY": github.private_key,
            "GITHUB_WEBHOOK_SECRET": self.webhook_secret,
            "GITHUB_API_URL": github.url,
            "GITHUB_WEB_URL": github.url,
            "OLLAMA_BASE_URL": NO_OLLAMA,
            "PORT": str(self.port),
            "REDIS_URL": redis_url,
            "SECRET_KEY": secrets.token_hex(16),
            **environment,
        }
        github.set_webhook(f"{self.url}/webhooks/github", self.webhook_secret)
        # One for all requests, as making one reads certificates; processes come and go behind it.
        self.http = httpx.Client(
            base_url=self.url,
            trust_env=False,
            limits=httpx.Limits(max_keepalive_connections=0),
        )
        self._logs = logs
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        self.start("web")
        self.start("worker")
        try:
            self.until_ready()
        except TimeoutError:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(
        self, process: str, name: str = "", *, group: int | None = None, **more: str
    ) -> subprocess.Popen[bytes]:
        """Start `python -m bot <process>`; its output goes to a file named after it.

        `group` is the process group to join, 0 for a new one; without it, the caller's.
        """
        name = name or process
        if name in self._processes:
            self._processes[name].wait(STOP_SECONDS)
        with (self._logs / f"{name}.log").open("ab") as output:
            started = subprocess.Popen(
                [sys.executable, "-m", "bot", process],
                cwd=ROOT,
                env={**self.environment, **more},
                stdout=output,
                stderr=output,
                process_group=group,
            )
        self._processes[name] = started
        return started

    def until_ready(self, seconds: float = READY_SECONDS) -> None:
        """Wait until web, Redis and a worker are ready. Raises TimeoutError with the logs."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self._may_answer():
            try:
                if self.http.get("/readyz").status_code == httpx.codes.OK:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.05)
        raise TimeoutError(f"Argus ended, or was not ready in {seconds} s:\n{self.logs()}")

    def _may_answer(self) -> bool:
        """Tell whether anything started here lives, or was started elsewhere."""
        return not self._processes or any(map(self.runs, self._processes))

    def kill(self, name: str) -> None:
        """End a process as a crash would."""
        self._processes[name].kill()
        self._processes[name].wait()

    def runs(self, name: str) -> bool:
        """Tell whether a process was started and lives."""
        return name in self._processes and self._processes[name].poll() is None

    def signal(self, name: str, number: signal.Signals) -> None:
        """Send a signal to a process."""
        self._processes[name].send_signal(number)

    def stop(self) -> dict[str, int]:
        """End all processes as an operator would; return their exit codes."""
        running = {n: p for n, p in self._processes.items() if p.poll() is None}
        for process in running.values():
            process.send_signal(signal.SIGTERM)
        return {name: process.wait(STOP_SECONDS) for name, process in running.items()}

    def logs(self) -> str:
        """Return everything that was logged."""
        return "\n".join(path.read_text() for path in sorted(self._logs.glob("*.log")))

    def post(self, event: str, payload: Mapping[str, Any], **headers: str) -> httpx.Response:
        """Send a webhook as GitHub would, rightly signed unless a header says otherwise."""
        from github.signature import sign

        body = json.dumps(payload).encode()
        usual = {
            "Content-Type": "application/json",
            "X-GitHub-Event": event,
            "X-GitHub-Delivery": secrets.token_hex(16),
            "X-Hub-Signature-256": sign(body, self.webhook_secret.encode()).decode(),
        }
        return self.http.post("/webhooks/github", content=body, headers=usual | headers)


def free_port() -> int:
    """Return a port of the loopback interface that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
