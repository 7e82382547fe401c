"""The load: a process of its own that sends ready-made requests over plain sockets.

It does next to nothing between two requests, so what is measured is the server. Jobs come as
lines of JSON on stdin and leave as lines of JSON on stdout.
"""

import json
import selectors
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

from tests.bench.payloads import deliveries
from tests.bench.processes import ROOT

PATIENCE = 30.0
"""Seconds without any answer after which the load gives up."""


@dataclass(frozen=True, slots=True)
class Burst:
    """What to send: `count` deliveries from serial number `first` on."""

    port: int
    secret: str
    first: int
    count: int
    concurrency: int = 1
    per_second: float = 0.0
    """With it a delivery is due every so often, whether earlier ones were answered or not."""


@dataclass(frozen=True, slots=True)
class Volley:
    """Ready-made requests of any kind, each due every so often."""

    port: int
    requests: list[str]
    """As they stand on the wire, a character a byte."""
    per_second: float


@dataclass(frozen=True, slots=True)
class Answered:
    """How a burst was answered."""

    milliseconds: list[float]
    """From sending to the answer; at a rate from when it was due, so that no stall hides behind
    deliveries that it kept from being sent."""
    seconds: float
    """From the first request to the last answer."""
    answers: dict[str, int]
    """Status and the answer's own word → how often."""

    @property
    def per_second(self) -> float:
        """Return the throughput."""
        return len(self.milliseconds) / self.seconds


class Load:
    """The other end of the process."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.load"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def send(self, burst: Burst, word: str) -> Answered:
        """Send a burst. Raises RuntimeError unless every answer is 202 with this word."""
        return self._send(burst, f"202 {word}", burst.count)

    def pour(self, volley: Volley) -> Answered:
        """Send a volley. Raises RuntimeError unless every answer is 200 and says nothing."""
        return self._send(volley, "200", len(volley.requests))

    def _send(self, wanted: Burst | Volley, answer: str, count: int) -> Answered:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin
        assert stdout
        stdin.write(json.dumps(asdict(wanted)) + "\n")
        stdin.flush()
        answered = Answered(**json.loads(stdout.readline()))
        if answered.answers != {answer: count}:
            raise RuntimeError(f"not every answer was {answer}: {answered.answers}")
        return answered


class _Connection:
    """A kept-alive connection with at most one request under way."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._received = b""
        self._sent_at = 0.0

    def send(self, request: bytes, due: float | None = None) -> None:
        self._received = b""
        self._sent_at = time.perf_counter() if due is None else due
        self.socket.sendall(request)

    def receive(self) -> tuple[float, bytes] | None:
        """Return milliseconds and the whole answer, None while a part is missing."""
        chunk = self.socket.recv(65_536)
        if not chunk:
            raise ConnectionError(f"the server hung up after {self._received!r}")
        self._received += chunk
        head, found, body = self._received.partition(b"\r\n\r\n")
        if not found or len(body) < _length(head):
            return None
        return (time.perf_counter() - self._sent_at) * 1000, self._received


def _length(head: bytes) -> int:
    _, _, rest = head.lower().partition(b"content-length:")
    return int(rest.partition(b"\r\n")[0] or b"0")


def drive(port: int, requests: Sequence[bytes], concurrency: int) -> Answered:
    """Send the requests over so many connections, each its next when the last was answered."""
    waiting = iter(requests)
    times: list[float] = []
    answers: list[bytes] = []
    connections = [_Connection(port) for _ in range(concurrency)]
    started = time.perf_counter()
    with selectors.DefaultSelector() as selector:
        for connection in connections:
            _send_next(connection, waiting, selector, register=True)
        while selector.get_map():
            ready = selector.select(PATIENCE)
            if not ready:
                raise TimeoutError(f"no answer within {PATIENCE} s")
            for key, _ in ready:
                answer = key.data.receive()
                if answer:
                    times.append(answer[0])
                    answers.append(answer[1])
                    _send_next(key.data, waiting, selector)
    seconds = time.perf_counter() - started
    for connection in connections:
        connection.socket.close()
    return Answered(times, seconds, dict(Counter(_word(answer) for answer in answers)))


def _send_next(
    connection: _Connection,
    waiting: Iterator[bytes],
    selector: selectors.BaseSelector,
    *,
    register: bool = False,
) -> None:
    request = next(waiting, None)
    if register and request is not None:
        selector.register(connection.socket, selectors.EVENT_READ, connection)
    if request is not None:
        connection.send(request)
    elif not register:
        selector.unregister(connection.socket)


def pour(port: int, requests: Sequence[bytes], per_second: float) -> Answered:
    """Send each request when it is due, over as many connections as have to wait for answers."""
    started = time.perf_counter()
    with selectors.DefaultSelector() as selector:
        stream = _Stream(port, selector)
        for number, request in enumerate(requests):
            due = started + number / per_second
            stream.take_until(due)
            stream.send(request, due)
        stream.take_the_rest()
    return Answered(
        stream.times,
        time.perf_counter() - started,
        dict(Counter(_word(answer) for answer in stream.answers)),
    )


class _Stream:
    """Connections of which each waits for an answer or is free for the next request."""

    def __init__(self, port: int, selector: selectors.BaseSelector) -> None:
        self.times: list[float] = []
        self.answers: list[bytes] = []
        self._port = port
        self._selector = selector
        self._free: list[_Connection] = []

    def send(self, request: bytes, due: float) -> None:
        connection = self._free.pop() if self._free else _Connection(self._port)
        self._selector.register(connection.socket, selectors.EVENT_READ, connection)
        connection.send(request, due)

    def take_until(self, moment: float) -> None:
        while (left := moment - time.perf_counter()) > 0:
            self._take(left)

    def take_the_rest(self) -> None:
        """Raises TimeoutError when an answer does not come."""
        deadline = time.perf_counter() + PATIENCE
        while missing := len(self._selector.get_map()):
            if time.perf_counter() > deadline:
                raise TimeoutError(f"{missing} answers did not come within {PATIENCE} s")
            self._take(PATIENCE)
        for connection in self._free:
            connection.socket.close()

    def _take(self, seconds: float) -> None:
        for key, _ in self._selector.select(seconds):
            answer = key.data.receive()
            if answer:
                self.times.append(answer[0])
                self.answers.append(answer[1])
                self._free.append(key.data)
                self._selector.unregister(key.fileobj)


def _word(answer: bytes) -> str:
    head, _, body = answer.partition(b"\r\n\r\n")
    status = head.split(b" ", 2)[1].decode()
    try:
        return f"{status} {json.loads(body)['status']}"
    except (ValueError, KeyError):
        return status


def main() -> None:
    """Serve bursts and volleys until stdin ends."""
    for line in sys.stdin:
        wanted = json.loads(line)
        answered = _poured(wanted) if "requests" in wanted else _burst(Burst(**wanted))
        sys.stdout.write(json.dumps(asdict(answered)) + "\n")
        sys.stdout.flush()


def _poured(wanted: dict[str, Any]) -> Answered:
    volley = Volley(**wanted)
    requests = [request.encode("latin-1") for request in volley.requests]
    return pour(volley.port, requests, volley.per_second)


def _burst(burst: Burst) -> Answered:
    requests = list(deliveries(burst.secret.encode(), burst.first, burst.count))
    if burst.per_second:
        return pour(burst.port, requests, burst.per_second)
    return drive(burst.port, requests, burst.concurrency)


if __name__ == "__main__":
    main()
