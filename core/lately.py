"""Remembers what was told lately: for a while, up to a number of things, asked once at a time.

Failures are not remembered, because the next who asks may be told. For how long something is to
be believed is for whoever remembers it to say.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

Told = TypeVar("Told")


class Lately(Generic[Told]):
    """What was told lately, by name; the eldest goes first where there is too much of it."""

    def __init__(
        self, *, seconds: float, most: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._seconds = seconds
        self._most = most
        self._clock = clock
        self._told: dict[Hashable, tuple[float, Told]] = {}
        self._asking: dict[Hashable, asyncio.Task[Told]] = {}

    def knows(self, name: Hashable) -> bool:
        """Tell whether `recall` would return without a question of its own."""
        return name in self._asking or self._fresh(name) is not None

    async def recall(self, name: Hashable, ask: Callable[[], Awaitable[Told]]) -> Told:
        """Return what was told, or ask; whoever comes meanwhile waits for the same answer.

        Raises what `ask` raises, for all who wait.
        """
        told = self._fresh(name)
        if told is not None:
            return told[1]
        asking = self._asking.get(name)
        if asking is None:
            asking = self._asking[name] = asyncio.create_task(self._answer(name, ask))
        # Whoever gives up takes the answer from nobody else.
        return await asyncio.shield(asking)

    async def _answer(self, name: Hashable, ask: Callable[[], Awaitable[Told]]) -> Told:
        try:
            fresh = await ask()
        finally:
            del self._asking[name]
        self._told.pop(name, None)
        while len(self._told) >= self._most:
            del self._told[next(iter(self._told))]
        self._told[name] = (self._clock(), fresh)
        return fresh

    def _fresh(self, name: Hashable) -> tuple[float, Told] | None:
        told = self._told.get(name)
        return told if told is not None and self._clock() - told[0] < self._seconds else None
