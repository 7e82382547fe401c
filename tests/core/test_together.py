"""Reads run side by side, boundedly, and leave nothing behind when one fails."""

import asyncio

import pytest

from core.errors import TransientError
from core.together import together


async def test_results_come_in_the_order_of_the_reads():
    async def after(turns: int) -> int:
        for _ in range(turns):
            await asyncio.sleep(0)
        return turns

    assert await together([lambda n=n: after(n) for n in (5, 1, 3)], 2) == [5, 1, 3]
    assert await together([], 4) == []


async def test_the_first_error_is_raised_as_it_is_and_the_rest_is_cancelled():
    cancelled: list[int] = []

    async def endless(number: int) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.append(number)

    async def failing() -> None:
        await asyncio.sleep(0)
        raise TransientError("away")

    with pytest.raises(TransientError):
        await together([lambda: endless(1), failing, lambda: endless(2)], 3)
    assert sorted(cancelled) == [1, 2]
    assert len(asyncio.all_tasks()) == 1


async def test_no_more_reads_than_allowed_are_under_way():
    under_way, most = 0, 0

    async def read() -> None:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0)
        under_way -= 1

    await together([read] * 20, 3)
    assert most == 3


async def test_thousands_of_reads_take_few_tasks():
    most = 0

    async def read() -> None:
        nonlocal most
        most = max(most, len(asyncio.all_tasks()))
        await asyncio.sleep(0)

    await together([read] * 3_000, 8)
    assert most <= 10
