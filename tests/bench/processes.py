"""Processes under measurement: started from a clean environment, timed, weighed, ended by id."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Self

ROOT = Path(__file__).parent.parent.parent
READY_SECONDS = 30.0
STOP_SECONDS = 25.0
POLL_SECONDS = 0.002
"""Between two looks for a process's first answer; it is the error of a measured start."""
MEGABYTE = 1024 * 1024


class Running:
    """One `python -m …` with its output in a file."""

    def __init__(self, arguments: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        self._log = log
        self._output: IO[bytes] = log.open("ab")
        self.began = time.perf_counter()
        self._process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], **environment},
            stdout=self._output,
            stderr=self._output,
            stdin=subprocess.DEVNULL,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """End it as an operator would, and for sure."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._output.close()

    def seconds_to_answer(self, port: int, path: str = "/healthz") -> float:
        """Return the time from its start to its first 200. Raises RuntimeError with its log."""
        while time.perf_counter() - self.began < READY_SECONDS and self._process.poll() is None:
            if _answers(port, path):
                return time.perf_counter() - self.began
            time.sleep(POLL_SECONDS)
        raise RuntimeError(f"no answer:\n{self.log()}")

    def announced(self) -> str:
        """Return the address of its first line, which is JSON. Raises RuntimeError."""
        while time.perf_counter() - self.began < READY_SECONDS and self._process.poll() is None:
            line, ended, _ = self._log.read_text().partition("\n")
            if ended:
                return str(json.loads(line)["url"])
            time.sleep(POLL_SECONDS)
        raise RuntimeError(f"no address:\n{self.log()}")

    def resident_megabytes(self) -> float:
        """Return the memory that it holds now."""
        pages = Path(f"/proc/{self._process.pid}/statm")
        if pages.exists():
            resident = int(pages.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
            return resident / MEGABYTE
        asked = ["ps", "-o", "rss=", "-p", str(self._process.pid)]
        return int(subprocess.check_output(asked)) / 1024

    def cpu_seconds(self) -> float:
        """Return the processor time it took so far, 0 where the system does not tell."""
        facts = Path(f"/proc/{self._process.pid}/stat")
        if not facts.exists():
            return 0.0
        ticks = facts.read_text().rpartition(")")[2].split()[11:13]
        return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")

    def log(self) -> str:
        """Return the end of what it wrote."""
        return self._log.read_text(errors="replace")[-4000:]


def _answers(port: int, path: str) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=READY_SECONDS) as connection:
            connection.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
            return connection.recv(4096).startswith(b"HTTP/1.1 200")
    except OSError:
        return False
