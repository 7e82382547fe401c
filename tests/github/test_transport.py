"""The pool gets its places back, however requests end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import httpx

from github.transport import GitHubTransport

ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"


@dataclass
class Server:
    """Answers once it is told to; counts the connections that are open."""

    url: str = ""
    answering: asyncio.Event = field(default_factory=asyncio.Event)
    open: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open += 1
        try:
            with suppress(asyncio.IncompleteReadError, ConnectionError):
                while await reader.readuntil(b"\r\n\r\n"):
                    await self.answering.wait()
                    writer.write(ANSWER)
                    await writer.drain()
        finally:
            self.open -= 1
            writer.close()


@asynccontextmanager
async def server() -> AsyncIterator[Server]:
    made = Server()
    listening = await asyncio.start_server(made.serve, "127.0.0.1", 0, backlog=500)
    made.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/"
    yield made
    made.answering.set()
    listening.close()
    await listening.wait_closed()


async def answers(client: httpx.AsyncClient, url: str, seconds: float) -> bool:
    """Read as the client does; False when it took too long."""
    try:
        async with asyncio.timeout(seconds), client.stream("GET", url) as response:
            await response.aread()
    except TimeoutError:
        return False
    return True


async def test_pool_recovers_from_a_stall_in_which_every_request_timed_out():
    async with (
        server() as stalled,
        httpx.AsyncClient(transport=GitHubTransport(max_connections=5, max_idle=2)) as client,
    ):
        for _ in range(3):
            late = await asyncio.gather(*(answers(client, stalled.url, 0.1) for _ in range(50)))
            assert not any(late)
        stalled.answering.set()
        assert all(await asyncio.gather(*(answers(client, stalled.url, 5) for _ in range(20))))


async def test_no_connection_of_a_cancelled_request_stays_open():
    async with (
        server() as stalled,
        httpx.AsyncClient(transport=GitHubTransport(max_connections=5, max_idle=2)) as client,
    ):
        await asyncio.gather(*(answers(client, stalled.url, 0.1) for _ in range(50)))
        stalled.answering.set()
        for _ in range(100):
            if stalled.open == 0:
                break
            await asyncio.sleep(0.02)
        assert stalled.open == 0


async def test_requests_that_are_answered_share_what_is_open():
    async with (
        server() as ready,
        httpx.AsyncClient(transport=GitHubTransport(max_connections=3, max_idle=3)) as client,
    ):
        ready.answering.set()
        assert all(await asyncio.gather(*(answers(client, ready.url, 5) for _ in range(30))))
        assert 1 <= ready.open <= 3
