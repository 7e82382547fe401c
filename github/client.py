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
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

import httpx

from core.errors import PermanentError, TransientError
from core.together import together
from github.answers import Answer
from github.errors import AmbiguousWrite, RateLimited, TooLarge, error_from
from github.pace import LONGEST_TURN, Pace, WritePace

HttpClient = httpx.AsyncClient
"""Shared connections; built once, with `trust_env=False`."""
Authorize = Callable[[bool], Awaitable[str | None]]
"""Return the Authorization header, None for none; asked again with True once after a 401."""
Params = Mapping[str, str | int]

API_VERSION = "2022-11-28"
"""The one that GitHub Enterprise Server knows too; supported until March 2028 at least.

https://github.blog/changelog/2026-03-12-rest-api-version-2026-03-10-is-now-available
"""
USER_AGENT = "argus-reviewer"
JSON_TYPE = "application/vnd.github+json"
PAGE_SIZE = 100
PAGES_AT_ONCE = 4
MAX_JSON_BYTES = 25 * 1024 * 1024
READ_SECONDS = WRITE_SECONDS = 20.0
CONNECT_SECONDS = 5.0
READ_ATTEMPTS = 3
FIRST_PAUSE = 0.25
"""Seconds before a read's second attempt; doubled for the third, with jitter."""
LONGEST_PAUSE = 5.0
"""Seconds; when GitHub wants a longer one, the caller gets the error and its retry_after."""
REDIRECTS = frozenset({301, 302, 307, 308})
MAX_REDIRECTS = 5
UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
"""The failures that prove nothing was sent."""


@dataclass(frozen=True, slots=True)
class _Call:
    """One request as it will be sent."""

    method: str
    url: httpx.URL
    accept: str = JSON_TYPE
    content: bytes | None = None
    max_bytes: int = MAX_JSON_BYTES
    timeout: float | None = None
    """Seconds for everything, waiting for a turn included; None takes the default."""
    archive: bool = False
    """May be answered by the host that serves archives, which is shown no credentials."""

    @property
    def write(self) -> bool:
        return self.method != "GET"


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

    async def _read(self, call: _Call, *, missing: bool = False) -> Answer:
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

    def _call(self, method: str, path: str, params: Params | None) -> _Call:
        url = httpx.URL(self._base + path)
        return _Call(method, url.copy_merge_params(dict(params)) if params else url)

    async def _once(self, call: _Call, *, missing: bool = False) -> Answer:
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

    async def _authorized(self, call: _Call) -> Answer:
        """Send with credentials, once more with fresh ones when GitHub refuses these."""
        header = await self._authorize(False)
        answer = await self._follow(call, header)
        if answer.status != 401 or header is None:
            return answer
        fresh = await self._authorize(True)
        return answer if fresh == header else await self._follow(call, fresh)

    async def _follow(self, call: _Call, header: str | None) -> Answer:
        """Follow a renamed repository, with the same verb, on the same host alone.

        https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api
        """
        for _ in range(MAX_REDIRECTS):
            answer = await self._exchange(call, header)
            if answer.status not in REDIRECTS:
                return answer
            url = call.url.join(answer.headers.get("location", ""))
            if (url.scheme, url.netloc) != (call.url.scheme, call.url.netloc):
                if call.archive and _serves_archives(url, call.url):
                    return await self._exchange(replace(call, url=url), None)
                raise PermanentError("GitHub redirected to another host; that is not followed.")
            call = replace(call, url=url)
        raise PermanentError("GitHub redirected in a circle.")

    async def _exchange(self, call: _Call, header: str | None) -> Answer:
        """Send one request and take its answer, never more than its cap."""
        headers = {
            "accept": call.accept,
            "accept-encoding": "gzip",
            "user-agent": USER_AGENT,
            "x-github-api-version": API_VERSION,
        }
        if header is not None:
            headers["authorization"] = header
        if call.content is not None:
            headers["content-type"] = "application/json"
        async with self._http.stream(
            call.method,
            call.url,
            headers=headers,
            content=call.content,
            timeout=httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS),
            follow_redirects=False,
        ) as response:
            body = await _capped(response, call.max_bytes)
            return Answer(response.status_code, response.headers, body)


def _serves_archives(url: httpx.URL, api: httpx.URL) -> bool:
    """Tell whether a host is the one beside this API that serves archives.

    https://docs.github.com/enterprise-server/admin/configuration/configuring-network-settings
    """
    host = api.host.removeprefix("api.")
    return url.scheme == api.scheme and url.host in {f"codeload.{host}", host}


def segment(text: str) -> str:
    """Quote one path segment; `/`, `%`, `?`, `#` and a dot or two in it lose their meaning."""
    return text.replace(".", "%2E") if text in {".", ".."} else quote(text, safe="")


async def _capped(response: httpx.Response, max_bytes: int) -> bytes:
    """Read a body up to its cap, counted after decompression.

    Only a single layer of gzip is taken: 64 KB on the wire then become 66 MB at most before
    they are counted, where layers would multiply.
    """
    if response.headers.get("content-encoding", "identity").lower() not in {"gzip", "identity"}:
        raise httpx.DecodingError("GitHub compressed its answer in a way nobody asked for.")
    body = bytearray()
    async for chunk in response.aiter_bytes():
        if len(body) + len(chunk) > max_bytes:
            raise TooLarge(f"GitHub's answer is larger than {max_bytes:,} bytes.")
        body += chunk
    return bytes(body)
