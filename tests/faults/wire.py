"""A wire between a server and its clients on which replies get lost after they were earned.

The server and its clients know nothing of it: it takes the server's place at its socket, and
everybody connects anew. What comes of a lost reply is the cases' to look at.
"""

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum

from tests.faults.redis import DurableRedis

CHUNK = 1 << 16
"""Bytes; a call and its reply fit, so that each is seen in one piece."""


class Loss(StrEnum):
    """What the client sees instead of the reply."""

    CUT = "cut"
    """The connection ends."""
    SILENCE = "silence"
    """Nothing, until it gives up waiting."""


@dataclass(slots=True)
class Lost:
    """A reply to lose: the first that has `told` in it, to a call that has `asked` in it."""

    asked: bytes
    told: bytes
    how: Loss
    _happened: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def is_open(self) -> bool:
        """Tell whether it is still to happen."""
        return not self._happened.is_set()

    def happen(self) -> None:
        """Note that it was lost."""
        self._happened.set()

    async def wait(self, seconds: float) -> None:
        """Wait until it was lost. Raises TimeoutError."""
        async with asyncio.timeout(seconds):
            await self._happened.wait()


class Wire:
    """Carries connections until it is closed."""

    def __init__(self, behind: str) -> None:
        self._behind = behind
        self._losses: list[Lost] = []
        self._carried: set[asyncio.Task[None]] = set()

    def lose(self, asked: bytes, told: bytes = b"", how: Loss = Loss.CUT) -> Lost:
        """Lose the next such reply, on whichever connection it comes."""
        self._losses.append(lost := Lost(asked, told, how))
        return lost

    async def carry(self, reader: StreamReader, writer: StreamWriter) -> None:
        """Carry one connection to its end."""
        task = asyncio.current_task()
        assert task is not None
        self._carried.add(task)
        try:
            there, back = await asyncio.open_unix_connection(self._behind)
            try:
                await self._both_ways(reader, writer, there, back)
            finally:
                back.close()
        except (OSError, asyncio.CancelledError):
            pass  # whatever ended it, the client sees its connection end
        finally:
            self._carried.discard(task)
            writer.close()

    async def hang_up(self) -> None:
        """End every connection."""
        carried = tuple(self._carried)
        for task in carried:
            task.cancel()
        await asyncio.gather(*carried, return_exceptions=True)

    async def _both_ways(
        self, reader: StreamReader, writer: StreamWriter, there: StreamReader, back: StreamWriter
    ) -> None:
        asked: list[Lost] = []
        directions = {
            asyncio.create_task(self._ask(reader, back, asked)),
            asyncio.create_task(self._tell(there, writer, asked)),
        }
        try:
            await asyncio.wait(directions, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for direction in directions:
                direction.cancel()
            await asyncio.gather(*directions, return_exceptions=True)

    async def _ask(self, reader: StreamReader, back: StreamWriter, asked: list[Lost]) -> None:
        while chunk := await reader.read(CHUNK):
            asked[:] = [lost for lost in self._losses if lost.is_open and lost.asked in chunk]
            back.write(chunk)
            await back.drain()

    async def _tell(self, there: StreamReader, writer: StreamWriter, asked: list[Lost]) -> None:
        while chunk := await there.read(CHUNK):
            lost = next((each for each in asked if each.is_open and each.told in chunk), None)
            if lost is not None:
                lost.happen()
                if lost.how is Loss.SILENCE:
                    await there.read(-1)
                return
            writer.write(chunk)
            await writer.drain()


@asynccontextmanager
async def wire_to(server: DurableRedis) -> AsyncIterator[Wire]:
    """Put a wire before a server while the block runs; connections are cut at both ends of it."""
    behind = server.socket.with_name("behind.sock")
    server.socket.rename(behind)
    wire = Wire(str(behind))
    listening = await asyncio.start_unix_server(wire.carry, server.socket)
    try:
        await _hang_up(str(behind))
        yield wire
    finally:
        listening.close()
        behind.rename(server.socket)
        await wire.hang_up()


async def _hang_up(socket: str) -> None:
    """End every connection that goes straight to the server, this one included."""
    reader, writer = await asyncio.open_unix_connection(socket)
    writer.write(b"CLIENT KILL TYPE normal SKIPME no\r\n")
    with suppress(OSError):
        await reader.read(-1)
    writer.close()
