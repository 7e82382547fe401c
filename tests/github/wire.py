"""A GitHub made of plain functions, for tests that need exact bytes, headers or failures."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from typing import Any

import httpx

from github.client import GitHubClient
from github.pace import Pace

API = "https://api.github.test"
Handler = Callable[[httpx.Request], httpx.Response]


class Wire:
    """Answers from a function of the request and remembers what was sent."""

    def __init__(self, handler: Handler) -> None:
        self.requests: list[httpx.Request] = []
        self._handler = handler

    @property
    def sent(self) -> list[str]:
        """Method, path and query of each request."""
        return [f"{r.method} {r.url.raw_path.decode()}" for r in self.requests]

    def http(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.MockTransport(self._answer), trust_env=False)

    def client(
        self, *, credential: str | None = "t0", pace: Pace | None = None, api_url: str = API
    ) -> GitHubClient:
        async def authorize(fresh: bool) -> str | None:
            return f"Bearer {credential}-fresh" if fresh else credential and f"Bearer {credential}"

        return GitHubClient(self.http(), api_url, authorize, pace=pace, sleep=no_sleep)

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        await asyncio.sleep(0)  # lets others run, as a network does
        return self._handler(request)


class Clock:
    """Time that passes only when somebody sleeps."""

    def __init__(self, now: float = 1_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


class Bytes(httpx.AsyncByteStream):
    """A body that is produced while it is read; `produced` counts the bytes."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self.produced = 0
        self._chunks = chunks

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self._chunks:
            self.produced += len(chunk)
            yield chunk


async def no_sleep(_seconds: float) -> None:
    """Return at once."""


def in_turn(*answers: httpx.Response | Exception) -> Handler:
    """Answer with these, one after the other; the last one stays."""
    left = list(answers)

    def handler(_request: httpx.Request) -> httpx.Response:
        answer = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    return handler


def json_answer(value: Any, status: int = 200, **headers: str) -> httpx.Response:
    """Return a JSON answer; underscores in header names are hyphens."""
    return httpx.Response(
        status, json=value, headers={k.replace("_", "-"): v for k, v in headers.items()}
    )


def routes(answers: Mapping[str, Any]) -> Handler:
    """Answer by `METHOD /path`, without the query; a missing one is GitHub's 404."""

    def handler(request: httpx.Request) -> httpx.Response:
        path = request.url.raw_path.decode().partition("?")[0]
        answer = answers.get(f"{request.method} {path}")
        if callable(answer):
            answer = answer(request)
        if isinstance(answer, httpx.Response):
            return answer
        if answer is None:
            return json_answer({"message": "Not Found"}, 404)
        return json_answer(answer)

    return handler
