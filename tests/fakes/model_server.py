"""A local model server that speaks OpenAI's and Anthropic's protocols and obeys a script.

It writes HTTP by hand, because what it must do best is to break it: stay silent, drip, hang up.
"""

import asyncio
import json
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Self

import pytest

from tests.fakes.model_answers import (
    Answer,
    Asked,
    Fails,
    HangsUp,
    Held,
    Provider,
    Says,
    Script,
    Silent,
    review,
    verdicts,
)
from tests.fakes.model_dialects import Anthropic, Dialect, OpenAI

START_SECONDS = 10.0
HELD_POLL = 0.02
"""Seconds between looks at whether an answer is let go."""
ROUTES: dict[str, Provider] = {
    "/v1/chat/completions": "openai",
    "/chat/completions": "openai",
    "/v1/messages": "anthropic",
}
DIALECTS: dict[Provider, Dialect] = {"openai": OpenAI(), "anthropic": Anthropic()}
STREAM_HEADERS = {
    "content-type": "text/event-stream",
    "transfer-encoding": "chunked",
    "connection": "close",
}
LAST_CHUNK = b"0\r\n\r\n"
"""Without it a client knows that the stream was cut."""


@dataclass(frozen=True)
class _Request:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class ModelServer:
    """Serves in a thread; `script` and `verifier` may be replaced between requests."""

    def __init__(
        self,
        script: Script | None = None,
        *,
        models: Sequence[str] = ("test-model",),
        key: str = "",
    ) -> None:
        self.script: Script = script or (lambda _: review())
        self.verifier: Script = verdicts()
        """Answers requests for verdicts; at first it confirms everything."""
        self.models = tuple(models)
        self.key = key
        """When set, requests without it are refused with 401."""
        self.requests: list[Asked] = []
        """Those for reviews."""
        self.verifications: list[Asked] = []
        self.url = ""
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopped: asyncio.Event | None = None
        self._thread = threading.Thread(target=self._run, name="model-server", daemon=True)

    @property
    def openai_url(self) -> str:
        """Return the base address for an OpenAI client."""
        return f"{self.url}/v1"

    @property
    def environment(self) -> dict[str, str]:
        """Return the variables with which Argus asks this server."""
        return {
            "ARGUS_MODEL": "openai:test-model",
            "OPENAI_API_KEY": "local",
            "OPENAI_BASE_URL": self.openai_url,
        }

    def __enter__(self) -> Self:
        self._thread.start()
        if not self._ready.wait(START_SECONDS):
            raise RuntimeError("the model server did not start")
        return self

    def __exit__(self, *_: object) -> None:
        if self._loop is not None and self._stopped is not None:
            self._loop.call_soon_threadsafe(self._stopped.set)
        self._thread.join(START_SECONDS)

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop, self._stopped = asyncio.get_running_loop(), asyncio.Event()
        tasks: set[asyncio.Task[None]] = set()

        def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.ensure_future(self._connection(reader, writer))
            tasks.add(task)
            task.add_done_callback(tasks.discard)

        server = await asyncio.start_server(connected, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        self._ready.set()
        await self._stopped.wait()
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request for each connection, then close it."""
        try:
            request = await _read(reader)
            if request is not None:
                await self._respond(request, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the caller gave up, which is what it should do
        finally:
            writer.close()

    async def _respond(self, request: _Request, writer: asyncio.StreamWriter) -> None:
        path = request.path.partition("?")[0]
        provider = ROUTES.get(path)
        given = request.headers.get("x-api-key") or request.headers.get("authorization", "")
        if self.key and given.removeprefix("Bearer ") != self.key:
            failure = Fails(401, "Incorrect API key provided", "authentication_error")
            await _fail(writer, DIALECTS[provider or "openai"], failure)
        elif provider is None or request.method != "POST":
            await self._catalogue(writer, path)
        else:
            asked = Asked(provider, json.loads(request.body), request.headers, time.monotonic())
            (self.verifications if asked.verifies else self.requests).append(asked)
            script = self.verifier if asked.verifies else self.script
            await _answer(writer, DIALECTS[provider], asked, script(asked))

    async def _catalogue(self, writer: asyncio.StreamWriter, path: str) -> None:
        """List the models, in OpenAI's way or in Ollama's."""
        if path in {"/v1/models", "/models"}:
            rows = [
                {"id": m, "object": "model", "created": 0, "owned_by": "x"} for m in self.models
            ]
            await _json(writer, 200, {"object": "list", "data": rows})
        elif path == "/api/tags":
            await _json(writer, 200, {"models": [{"name": m, "model": m} for m in self.models]})
        else:
            await _json(writer, 404, {"error": {"message": f"no route {path}"}})


def one_after_another(*answers: Answer | Script) -> Script:
    """Return a script that goes through answers; the last one is repeated."""
    waiting = list(answers)

    def script(asked: Asked) -> Answer:
        answer = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        return answer(asked) if callable(answer) else answer

    return script


@pytest.fixture
def model_server() -> Iterator[ModelServer]:
    """A model server that finds nothing until its script is replaced."""
    with ModelServer() as server:
        yield server


async def _read(reader: asyncio.StreamReader) -> _Request | None:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    line, *rest = head.strip().split("\r\n")
    method, path, _ = line.split(" ", 2)
    headers = {k.strip().lower(): v.strip() for k, _, v in (row.partition(":") for row in rest)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return _Request(method, path, headers, body)


async def _answer(
    writer: asyncio.StreamWriter, dialect: Dialect, asked: Asked, answer: Answer
) -> None:
    match answer:
        case HangsUp():
            writer.transport.abort()
        case Silent(headers_first=first):
            if first:
                await _head(writer, 200, STREAM_HEADERS)
            await asyncio.Event().wait()
        case Held():
            while not answer.until.is_set():
                await asyncio.sleep(HELD_POLL)
            await _answer(writer, dialect, asked, answer.then)
        case Fails():
            await _fail(writer, dialect, answer)
        case Says() if asked.streamed and not answer.whole:
            await _stream(writer, dialect, asked, answer)
        case Says():
            await _json(writer, 200, dialect.whole(asked, answer))


async def _stream(
    writer: asyncio.StreamWriter, dialect: Dialect, asked: Asked, answer: Says
) -> None:
    """Write the events one by one; a cut closes in the middle, as a broken line does."""
    await _head(writer, 200, STREAM_HEADERS)
    for event in dialect.opening(asked, answer):
        await _event(writer, event, answer.drip)
    for number, text in enumerate(_pieces(answer)):
        await asyncio.sleep(answer.pause)
        if number == answer.cut_after:
            return
        if number == answer.error_after:
            await _event(writer, dialect.error_event(), answer.drip)
            await _write(writer, LAST_CHUNK)
            return
        await _event(writer, dialect.piece(asked, text), answer.drip)
    closing = list(dialect.closing(asked, answer))
    for event in closing if answer.done else closing[:-1]:
        await _event(writer, event, answer.drip)
    await _write(writer, LAST_CHUNK)


async def _event(writer: asyncio.StreamWriter, event: bytes, drip: float) -> None:
    """Write an event as a chunk, or byte by byte as one chunk each."""
    for part in (bytes([byte]) for byte in event) if drip else (event,):
        await asyncio.sleep(drip)
        await _write(writer, b"%x\r\n%s\r\n" % (len(part), part))


def _pieces(answer: Says) -> list[str]:
    size = max(1, -(-len(answer.content) // answer.pieces))
    return [answer.content[i : i + size] for i in range(0, len(answer.content), size)]


async def _fail(writer: asyncio.StreamWriter, dialect: Dialect, failure: Fails) -> None:
    await _json(writer, failure.status, dialect.failure(failure), dict(failure.headers))


async def _json(
    writer: asyncio.StreamWriter,
    status: int,
    body: Any,
    headers: dict[str, str] | None = None,
) -> None:
    content = json.dumps(body).encode()
    usual = {"content-type": "application/json", "connection": "close"}
    length = {"content-length": str(len(content))}
    await _head(writer, status, usual | length | (headers or {}))
    await _write(writer, content)


async def _head(writer: asyncio.StreamWriter, status: int, headers: dict[str, str]) -> None:
    lines = chain([f"HTTP/1.1 {status} Scripted"], (f"{k}: {v}" for k, v in headers.items()))
    writer.write("\r\n".join([*lines, "", ""]).encode("latin-1"))
    await writer.drain()


async def _write(writer: asyncio.StreamWriter, content: bytes) -> None:
    writer.write(content)
    await writer.drain()
