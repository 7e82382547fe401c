"""What was told lately is believed for a while, and asked for once by all who want it."""

import asyncio
from dataclasses import dataclass, field

import pytest

from core.lately import Lately

SECONDS, MOST = 60.0, 3


@dataclass
class Oracle:
    """Answers with the number of the question, or fails; may be held."""

    failing: bool = False
    held: asyncio.Event | None = None
    asked: list[str] = field(default_factory=list)
    now: float = 0.0

    async def ask(self, name: str) -> int:
        self.asked.append(name)
        number = len(self.asked)
        if self.held is not None:
            await self.held.wait()
        if self.failing:
            raise ValueError(name)
        return number


@pytest.fixture
def oracle() -> Oracle:
    return Oracle()


@pytest.fixture
def lately(oracle: Oracle) -> Lately[int]:
    return Lately(seconds=SECONDS, most=MOST, clock=lambda: oracle.now)


async def recalled(lately: Lately[int], oracle: Oracle, name: str) -> int:
    return await lately.recall(name, lambda: oracle.ask(name))


async def test_answer_is_believed_until_its_time_is_over(
    lately: Lately[int], oracle: Oracle
) -> None:
    assert await recalled(lately, oracle, "a") == 1
    oracle.now = SECONDS - 1
    assert lately.knows("a")
    assert await recalled(lately, oracle, "a") == 1
    oracle.now = SECONDS
    assert not lately.knows("a")
    assert await recalled(lately, oracle, "a") == 2


async def test_failure_is_not_remembered(lately: Lately[int], oracle: Oracle) -> None:
    oracle.failing = True
    with pytest.raises(ValueError, match="a"):
        await recalled(lately, oracle, "a")
    assert not lately.knows("a")
    oracle.failing = False
    assert await recalled(lately, oracle, "a") == 2


async def test_eldest_goes_first(lately: Lately[int], oracle: Oracle) -> None:
    for name in ("a", "b", "c", "d"):
        await recalled(lately, oracle, name)
    assert [name for name in "abcd" if lately.knows(name)] == ["b", "c", "d"]


@pytest.mark.parametrize("failing", [False, True])
async def test_those_who_ask_together_share_one_question(
    lately: Lately[int], oracle: Oracle, failing: bool
) -> None:
    oracle.held, oracle.failing = asyncio.Event(), failing
    together = [asyncio.create_task(recalled(lately, oracle, "a")) for _ in range(3)]
    await asyncio.sleep(0)
    assert lately.knows("a")
    await asyncio.sleep(0)
    oracle.held.set()
    answers = await asyncio.gather(*together, return_exceptions=True)
    assert oracle.asked == ["a"]
    assert all(isinstance(each, ValueError) if failing else each == 1 for each in answers)


async def test_whoever_gives_up_takes_the_answer_from_nobody_else(
    lately: Lately[int], oracle: Oracle
) -> None:
    oracle.held = asyncio.Event()
    first = asyncio.create_task(recalled(lately, oracle, "a"))
    await asyncio.sleep(0)
    second = asyncio.create_task(recalled(lately, oracle, "a"))
    await asyncio.sleep(0)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    oracle.held.set()
    assert await second == 1
    assert oracle.asked == ["a"]
