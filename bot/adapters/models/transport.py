"""The HTTP under the providers' clients: no proxies, no redirects, no endless answers."""

from collections.abc import AsyncIterator

import httpx2

from bot.adapters.models.unstreamed import Unstreamed

MOST_BYTES = 16 << 20
"""Bytes of one answer; a long review is about 50 KB, and its events ten times that."""


class CappedTransport(httpx2.AsyncBaseTransport):
    """Ends an answer that is larger than any review."""

    def __init__(self, inner: httpx2.AsyncBaseTransport, most_bytes: int = MOST_BYTES) -> None:
        self._inner = inner
        self._most_bytes = most_bytes

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send the request; the answer's body counts its bytes while it is read."""
        response = await self._inner.handle_async_request(request)
        if isinstance(response.stream, httpx2.AsyncByteStream):
            response.stream = _Capped(response.stream, self._most_bytes)
        return response

    async def aclose(self) -> None:
        """Close the connections."""
        await self._inner.aclose()


class _Capped(httpx2.AsyncByteStream):
    def __init__(self, inner: httpx2.AsyncByteStream, most_bytes: int) -> None:
        self._inner = inner
        self._left = most_bytes

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for part in self._inner:
            self._left -= len(part)
            if self._left < 0:
                raise httpx2.ReadError("the answer is larger than any review")
            yield part

    async def aclose(self) -> None:
        await self._inner.aclose()


def open_http(*, connect: float, read: float) -> httpx2.AsyncClient:
    """Return a client that obeys its arguments alone; times are seconds."""
    return httpx2.AsyncClient(
        transport=Unstreamed(CappedTransport(httpx2.AsyncHTTPTransport(trust_env=False))),
        timeout=httpx2.Timeout(read, connect=connect),
        trust_env=False,
        follow_redirects=False,
    )
