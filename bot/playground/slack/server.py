"""Serves the local Slack in a thread, on a free port of this machine.

Sockets and the server itself are the local GitHub's; only the application differs.
"""

import asyncio
import threading
from typing import Any, Final, cast

import uvicorn

from bot.playground.github.server import START_SECONDS, _ThreadServer, listen
from bot.playground.github.server import config as github_config
from bot.playground.slack.application import Slack

STOP_SECONDS: Final = 10.0


class LocalSlack:
    """A Slack in a thread of its own."""

    def __init__(self, *, port: int = 0) -> None:
        self._socket = listen(port)
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.slack = Slack(self.url)
        self._server = _ThreadServer(config(self.slack))
        self._thread = threading.Thread(target=self._run, name="local-slack", daemon=True)

    def start(self) -> None:
        """Return when it answers. Raises RuntimeError if it does not within ten seconds."""
        self._thread.start()
        if not self._server.ready.wait(START_SECONDS):
            raise RuntimeError("the local Slack did not start")

    def stop(self) -> None:
        """Stop serving, cut what is under way and wait for the end."""
        self._server.stop()
        self._thread.join(STOP_SECONDS)
        self._socket.close()

    def _run(self) -> None:
        asyncio.run(self._server.serve(sockets=[self._socket]))


def config(app: Slack) -> uvicorn.Config:
    """Return the configuration of the local GitHub; it asks nothing of its application."""
    return github_config(cast("Any", app))
