"""Waiting that can be cut short; how long and for what is the caller's."""

import asyncio
import contextlib


async def pause(seconds: float, until: asyncio.Event) -> None:
    """Wait `seconds`, or less when the event is set."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await until.wait()
