"""A few connections to Redis that all callers of a process share, in batches: lines.

A pool costs each call more than the call itself: a connection is borrowed, probed and given
back. Here a call goes out at once while a line is free; what is asked while all lines wait for
answers travels together on the next. Only what may be repeated belongs here, because a broken
line fails every call on it, carried out or not.
"""

import asyncio
from collections.abc import Sequence
from typing import Any, cast

from redis.asyncio import Redis
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError, ResponseError

LINES = 2
"""One is written to while the server works for the other; more make batches smaller."""
AT_ONCE = 64
"""Calls in a batch, which bounds how many one broken connection leaves in doubt."""

Command = tuple[str | bytes | int, ...]


class Lines:
    """Asks one server; connects on first use, and again after a failure."""

    def __init__(self, redis: Redis, lines: int = LINES) -> None:
        """Take connections of this client for good; closing the client closes them."""
        self._pool = redis.connection_pool
        self._free: list[AbstractConnection | None] = [None] * lines
        self._waiting: list[_Call] = []
        self._carriers: set[asyncio.Task[None]] = set()

    async def ask(self, *command: str | bytes | int) -> Any:
        """Return the reply. Raises RedisError or OSError, within the client's timeout.

        A caller that is cancelled takes nothing back: its command may be carried out.
        """
        call = _Call(command, asyncio.get_running_loop().create_future())
        self._waiting.append(call)
        if self._free:
            carrier = asyncio.create_task(self._carry_all(self._free.pop()))
            self._carriers.add(carrier)
            carrier.add_done_callback(self._carriers.discard)
        return await call.reply

    async def _carry_all(self, connection: AbstractConnection | None) -> None:
        """Carry what waits; a failure fails it all, so that nobody waits twice for a timeout."""
        batch: list[_Call] = []
        failure: Exception = RedisConnectionError("The line to Redis was cut.")
        try:
            connection = await self._connected(connection)
            while self._waiting:
                batch, self._waiting = self._waiting[:AT_ONCE], self._waiting[AT_ONCE:]
                await _carry(connection, batch)
                batch = []
        except (RedisError, OSError) as error:
            failure = error
        finally:
            self._free.append(connection)
            stranded, self._waiting = [*batch, *self._waiting], []
            for call in stranded:
                call.fail(failure)

    async def _connected(self, connection: AbstractConnection | None) -> AbstractConnection:
        """Connect, anew where the server hung up in the meantime."""
        if connection is None:
            taken = await self._pool.get_connection()  # type: ignore[no-untyped-call] # redis-py
            return cast("AbstractConnection", taken)
        await self._pool.ensure_connection(connection)
        return connection


async def _carry(connection: AbstractConnection, batch: Sequence["_Call"]) -> None:
    await connection.send_packed_command(connection.pack_commands([c.command for c in batch]))
    for call in batch:
        try:
            call.answer(await connection.read_response())
        except ResponseError as refusal:
            call.fail(refusal)


class _Call:
    """A command, and the reply that its caller waits for, if it still does."""

    __slots__ = ("command", "reply")

    def __init__(self, command: Command, reply: asyncio.Future[Any]) -> None:
        self.command = command
        self.reply = reply

    def answer(self, value: object) -> None:
        if not self.reply.done():
            self.reply.set_result(value)

    def fail(self, error: Exception) -> None:
        if not self.reply.done():
            self.reply.set_exception(error)
