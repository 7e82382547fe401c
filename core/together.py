"""Awaits several reads at once, never more than a number of them.

The first error is raised as it is, after what was still under way has been cancelled.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


async def together(reads: Sequence[Callable[[], Awaitable[T]]], at_once: int) -> list[T]:
    """Return the results in the order of the reads."""
    slots = asyncio.Semaphore(at_once)

    async def with_slot(read: Callable[[], Awaitable[T]]) -> T:
        async with slots:
            return await read()

    tasks = [asyncio.create_task(with_slot(read)) for read in reads]
    try:
        return list(await asyncio.gather(*tasks))
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
