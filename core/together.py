"""Awaits several reads at once, never more than a number of them.

The first error is raised as it is, after what was still under way has been cancelled.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


async def together(reads: Sequence[Callable[[], Awaitable[T]]], at_once: int) -> list[T]:
    """Return the results in the order of the reads; thousands of them take no more tasks."""
    waiting = iter(enumerate(reads))
    results: dict[int, T] = {}

    async def read_on() -> None:
        for number, read in waiting:
            results[number] = await read()

    tasks = [asyncio.create_task(read_on()) for _ in range(min(at_once, len(reads)))]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return [results[number] for number in range(len(reads))]
