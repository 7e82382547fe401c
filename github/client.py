"""A thin client for GitHub's REST API: what is sent, what is taken, what is tried again.

Reads are tried again a little. Writes never are: GitHub knows no idempotency key, so whoever
writes must look whether it happened. It knows no endpoint; paths come from the modules that do.
"""
# ruff: noqa: ASYNC109 -- the timeout of a write bounds the wait for its turn as well

import asyncio
import json
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import httpx

from core.errors import TransientError
from core.together import together
from github.answers import Answer
from github.errors import AmbiguousWrite, RateLimited, error_from
from github.exchange import JSON_TYPE, READ_SECONDS, Call, HttpClient, follow
from github.pace import LONGEST_TURN, Pace, WritePace

Authorize = Callable[[bool], Awaitable[str | None]]
"""Return the Authorization header, None for none; asked again with True once after a 401."""
Params = Mapping[str, str | int]

PAGE_SIZE = 100
PAGES_AT_ONCE = 4
READ_ATTEMPTS = 3
FIRST_PAUSE = 0.25
"""Seconds before a read's second attempt; doubled for the third, with jitter."""
LONGEST_PAUSE = 5.0
"""Seconds; when GitHub wants a longer one, the caller gets the error and its retry_after."""
UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
"""The failures that prove nothing was sent."""


class GitHubClient:
    """Speaks to one GitHub with one set of credentials.

    Every method raises the errors of `github.errors`; a write whose fate is unknown raises
    AmbiguousWrite and is never repeated here.
    """

    def __init__(
        self,
        http: HttpClient,
        api_url: str,
        authorize: Authorize,
        *,
        pace: Pace | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._http = http
        self._base = api_url.rstrip("/")
        self._authorize = authorize
        self._pace: Pace = pace or WritePace()
        self._sleep = sleep

    async def get(self, path: str, *, params: Params | None = None) -> Any:
        """Return the parsed answer."""
        return (await self._read(self._call("GET", path, params))).parse()

    async def pages(
        self, path: str, *, params: Params | None = None, limit: int = 3000, key: str | None = None
    ) -> list[Any]:
        """Return the rows of all pages in order, up to `limit`; `key` unwraps `{key: [...]}`."""
        query: dict[str, str | int] = {"per_page": PAGE_SIZE, **(params or {})}
        first = await self._read(self._call("GET", path, query))
        rows = first.rows(key)
        last = first.linked_query("last").get("page", "")
        if last.isdigit():
            wanted = min(int(last), -(-limit // int(query["per_page"])))
            for answer in await together(
                [self._page(path, {**query, "page": page}) for page in range(2, wanted + 1)],
                PAGES_AT_ONCE,
            ):
                rows += answer.rows(key)
            return rows[:limit]
        answer = first
        while len(rows) < limit and (following := answer.linked_query("next")):
            answer = await self._read(self._call("GET", path, {**query, **following}))
            if not (more := answer.rows(key)):
                break
            rows += more
        return rows[:limit]

    async def raw(
        self, path: str, *, accept: str, params: Params | None = None, max_bytes: int
    ) -> Answer | None:
        """Return an answer as it is, None on 404. Raises TooLarge over `max_bytes`."""
        call = replace(self._call("GET", path, params), accept=accept, max_bytes=max_bytes)
        answer = await self._read(call, missing=True)
        return None if answer.status == 404 else answer

    async def archive(self, path: str, *, max_bytes: int) -> bytes | None:
        """Return an archive, None on 404; tried once. Raises TooLarge over `max_bytes`.

        GitHub redirects to another host of its own, with a token of five minutes in the address.
        https://docs.github.com/rest/repos/contents#download-a-repository-archive-tar
        """
        call = replace(self._call("GET", path, None), max_bytes=max_bytes, archive=True)
        answer = await self._once(call, missing=True)
        return None if answer.status == 404 else answer.body

    async def post(
        self,
        path: str,
        body: Mapping[str, Any],
        *,
        timeout: float | None = None,
        accept: str = JSON_TYPE,
    ) -> Any:
        """Create; `timeout` bounds waiting and sending together."""
        return await self._write("POST", path, body, timeout, accept=accept)

    async def patch(
        self, path: str, body: Mapping[str, Any], *, timeout: float | None = None
    ) -> Any:
        """Change what is there."""
        return await self._write("PATCH", path, body, timeout)

    async def put(self, path: str, body: Mapping[str, Any], *, timeout: float | None = None) -> Any:
        """Replace what is there."""
        return await self._write("PUT", path, body, timeout)

    async def delete(
        self,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        timeout: float | None = None,
    ) -> None:
        """Remove what is there; a body names what the path must not."""
        await self._write("DELETE", path, body, timeout)

    async def _write(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None,
        seconds: float | None,
        *,
        accept: str = JSON_TYPE,
    ) -> Any:
        content = None if body is None else json.dumps(body).encode()
        call = replace(
            self._call(method, path, None), content=content, timeout=seconds, accept=accept
        )
        answer = await self._once(call)
        try:
            return answer.parse()
        except TransientError as failure:
            raise AmbiguousWrite(failure.reason) from failure

    async def _read(self, call: Call, *, missing: bool = False) -> Answer:
        """Try a read a few times; a limit or a long wait goes back to the caller at once."""
        pause = FIRST_PAUSE
        for _ in range(READ_ATTEMPTS - 1):
            try:
                return await self._once(call, missing=missing)
            except RateLimited:
                raise
            except TransientError as trouble:
                if trouble.retry_after > LONGEST_PAUSE:
                    raise
                jitter = random.uniform(0.5, 1.5)  # noqa: S311 -- spreads load, hides nothing
                await self._sleep(max(trouble.retry_after, pause * jitter))
                pause *= 2
        return await self._once(call, missing=missing)

    def _page(self, path: str, query: Params) -> Callable[[], Awaitable[Answer]]:
        return lambda: self._read(self._call("GET", path, query))

    def _call(self, method: str, path: str, params: Params | None) -> Call:
        url = httpx.URL(self._base + path)
        return Call(method, url.copy_merge_params(dict(params)) if params else url)

    async def _once(self, call: Call, *, missing: bool = False) -> Answer:
        """Send when it may be sent; return a good answer or raise what a bad one stands for."""
        started = time.monotonic()
        patience = LONGEST_TURN if call.timeout is None else call.timeout / 2
        await self._pace.enter(write=call.write, patience=patience)
        left = READ_SECONDS
        if call.timeout is not None:
            left = call.timeout - (time.monotonic() - started)
        try:
            async with asyncio.timeout(left):
                answer = await self._authorized(call)
        except UNSENT as failure:
            unsent = TransientError("GitHub could not be reached.")
            raise await self._pace.failed(unsent) from failure
        except (httpx.RequestError, TimeoutError) as failure:
            kind = AmbiguousWrite if call.write else TransientError
            broken = kind("GitHub did not answer in time or broke off.")
            raise await self._pace.failed(broken) from failure
        if answer.status < 300 or (missing and answer.status == 404):
            await self._pace.succeeded()
            return answer
        error = error_from(answer.status, answer.headers, answer.body, write=call.write)
        raise await self._pace.failed(error)

    async def _authorized(self, call: Call) -> Answer:
        """Send with credentials, once more with fresh ones when GitHub refuses these."""
        header = await self._authorize(False)
        answer = await follow(self._http, call, header)
        if answer.status != 401 or header is None:
            return answer
        fresh = await self._authorize(True)
        return answer if fresh == header else await follow(self._http, call, fresh)


def segment(text: str) -> str:
    """Quote one path segment; `/`, `%`, `?`, `#` and a dot or two in it lose their meaning."""
    return text.replace(".", "%2E") if text in {".", ".."} else quote(text, safe="")
