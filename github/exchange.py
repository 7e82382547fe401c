"""One request to GitHub and its answer: where it may be redirected, how much of it is taken.

When it may be sent, with whose credentials, and what is tried again is the client's.
"""

from dataclasses import dataclass, replace

import httpx

from core.errors import PermanentError
from github.answers import Answer
from github.errors import TooLarge

HttpClient = httpx.AsyncClient
"""Shared connections; built once, with `trust_env=False`."""

API_VERSION = "2022-11-28"
"""The one that GitHub Enterprise Server knows too; supported until March 2028 at least.

https://github.blog/changelog/2026-03-12-rest-api-version-2026-03-10-is-now-available
"""
USER_AGENT = "argus-reviewer"
JSON_TYPE = "application/vnd.github+json"
MAX_JSON_BYTES = 25 * 1024 * 1024
READ_SECONDS = 20.0
CONNECT_SECONDS = 5.0
REDIRECTS = frozenset({301, 302, 307, 308})
MAX_REDIRECTS = 5


@dataclass(frozen=True, slots=True)
class Call:
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


async def follow(http: HttpClient, call: Call, header: str | None) -> Answer:
    """Follow a renamed repository, with the same verb, on the same host alone.

    https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api
    """
    for _ in range(MAX_REDIRECTS):
        answer = await _exchange(http, call, header)
        if answer.status not in REDIRECTS:
            return answer
        url = call.url.join(answer.headers.get("location", ""))
        if (url.scheme, url.netloc) != (call.url.scheme, call.url.netloc):
            if call.archive and _serves_archives(url, call.url):
                return await _exchange(http, replace(call, url=url), None)
            raise PermanentError("GitHub redirected to another host; that is not followed.")
        call = replace(call, url=url)
    raise PermanentError("GitHub redirected in a circle.")


async def _exchange(http: HttpClient, call: Call, header: str | None) -> Answer:
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
    async with http.stream(
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
