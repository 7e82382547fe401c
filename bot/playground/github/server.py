"""Serves the application: for good in a process, or for a while in a thread."""

import asyncio
import socket
import threading
from pathlib import Path

import uvicorn

from bot.playground.github.application import GitHub

START_SECONDS = 10.0


class LocalServer:
    """A GitHub in a thread of its own, on a free port of this machine."""

    def __init__(self, data: Path, *, web: str = "", port: int = 0) -> None:
        self._socket = listen(port)
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.github = GitHub(data, self.url, web)
        self._server = _ThreadServer(config(self.github))
        self._thread = threading.Thread(target=self._run, name="local-github", daemon=True)

    def start(self) -> None:
        """Return when it answers. Raises RuntimeError if it does not within ten seconds."""
        self._thread.start()
        if not self._server.ready.wait(START_SECONDS):
            raise RuntimeError("the local GitHub did not start")

    def stop(self) -> None:
        """Stop serving, cut what is under way and wait for the end."""
        self._server.stop()
        self._thread.join(START_SECONDS)
        self._socket.close()

    def _run(self) -> None:
        asyncio.run(self._server.serve(sockets=[self._socket]))


class _ThreadServer(uvicorn.Server):
    """Uvicorn without its waits of a tenth of a second, which every test would pay for."""

    def __init__(self, settings: uvicorn.Config) -> None:
        super().__init__(settings)
        self.ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopped = asyncio.Event()

    def stop(self) -> None:
        """End the main loop from another thread."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._stopped.set)

    async def main_loop(self) -> None:
        """Serve until `stop`."""
        self._loop = asyncio.get_running_loop()
        self.ready.set()
        await self._stopped.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Cut connections and requests under way."""
        for listener in (*self.servers, *(sockets or ())):
            listener.close()
        for connection in list(self.server_state.connections):
            if connection.transport is not None:
                connection.transport.abort()
        tasks = list(self.server_state.tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.lifespan.shutdown()


def listen(port: int) -> socket.socket:
    """Return a socket bound to loopback; port 0 takes a free one.

    The protocol is named because asyncio sends without delay only then.
    """
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind(("127.0.0.1", port))
    return bound


def config(app: GitHub) -> uvicorn.Config:
    """Return uvicorn's configuration: quiet, and quick to stop."""
    return uvicorn.Config(
        app,
        loop="asyncio",
        http="httptools",
        lifespan="on",
        log_level="critical",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        date_header=False,
        timeout_graceful_shutdown=1,
    )
