"""How writes are spaced out, and how a limit keeps everything back."""

import asyncio

import pytest

from core.errors import TransientError
from github.errors import RateLimited
from github.pace import CONTENT, KeptBack, Limits, WritePace
from tests.github.wire import Clock


def pace(clock: Clock, limits: Limits = CONTENT) -> WritePace:
    return WritePace(limits, clock=clock, sleep=clock.sleep)


async def moments(writes: int, clock: Clock, subject: WritePace) -> list[float]:
    """Return when each of so many writes went, from the first."""
    start, went = clock.now, []
    for _ in range(writes):
        await subject.enter(write=True, patience=10_000)
        went.append(clock.now - start)
    return went


async def test_six_go_at_once_and_then_one_a_second():
    clock = Clock()
    assert await moments(9, clock, pace(clock)) == [0, 0, 0, 0, 0, 0, 1, 2, 3]


async def test_quiet_time_earns_a_new_burst_but_no_larger_one():
    clock = Clock()
    subject = pace(clock)
    await moments(10, clock, subject)
    clock.now += 500
    assert await moments(8, clock, subject) == [0, 0, 0, 0, 0, 0, 1, 2]


async def test_never_more_than_sixty_within_a_minute():
    clock = Clock()
    went = await moments(200, clock, pace(clock))
    assert all(later - earlier >= 60 for earlier, later in zip(went, went[60:], strict=False))


async def test_never_more_than_450_within_an_hour():
    clock = Clock()
    went = await moments(950, clock, pace(clock))
    assert all(later - earlier >= 3600 for earlier, later in zip(went, went[450:], strict=False))


async def test_concurrent_writes_keep_the_pace_too():
    subject = WritePace(Limits(burst=2, per_second=50))
    loop = asyncio.get_running_loop()
    started = loop.time()
    await asyncio.gather(*(subject.enter(write=True) for _ in range(7)))
    assert loop.time() - started >= 5 / 50 * 0.9


async def test_a_turn_too_far_away_is_told_and_takes_no_place():
    clock = Clock()
    subject = pace(clock)
    await moments(6, clock, subject)
    for _ in range(20):
        with pytest.raises(RateLimited) as told:
            await subject.enter(write=True, patience=0.5)
        assert told.value.retry_after == 1
    assert await moments(1, clock, subject) == [1]


async def test_reads_are_not_spaced_out():
    clock = Clock()
    subject = pace(clock)
    for _ in range(1_000):
        await subject.enter(write=False)
    assert clock.now == 1_000


async def limit(subject: WritePace, seconds: float, *, told: bool = True) -> float:
    """Let GitHub limit us, and return the wait that then holds."""
    held = await subject.failed(RateLimited("limited", retry_after=seconds, told=told))
    assert isinstance(held, RateLimited)
    return held.retry_after


async def test_a_limit_keeps_reads_and_writes_back_until_its_time():
    clock = Clock()
    subject = pace(clock)
    await limit(subject, 30)
    clock.now += 29
    for write in (True, False):
        with pytest.raises(KeptBack) as told:
            await subject.enter(write=write)
        assert told.value.retry_after == 1
    clock.now += 1
    await subject.enter(write=False)


async def test_a_limit_that_arrives_while_a_write_waits_keeps_it_back():
    clock = Clock()

    async def limit_arrives(seconds: float) -> None:
        clock.now += seconds
        await limit(subject, 30)

    subject = WritePace(clock=clock, sleep=limit_arrives)
    await moments(6, clock, subject)
    with pytest.raises(KeptBack):
        await subject.enter(write=True)


async def test_without_a_named_time_the_wait_doubles_until_it_works_again():
    clock = Clock()
    subject = pace(clock)
    waits = []
    for _ in range(6):
        waits.append(await limit(subject, 60, told=False))
        clock.now += waits[-1]
    assert waits == [60, 120, 240, 480, 960, 960]
    await subject.succeeded()
    assert await limit(subject, 60, told=False) == 60


async def test_requests_under_way_together_make_one_guess():
    clock = Clock()
    subject = pace(clock)
    assert await limit(subject, 60, told=False) == 60
    clock.now += 2
    await subject.succeeded()
    assert await limit(subject, 60, told=False) == 58
    clock.now += 58
    assert await limit(subject, 60, told=False) == 120


async def test_a_shorter_limit_does_not_open_what_a_longer_one_closed():
    clock = Clock()
    subject = pace(clock)
    await limit(subject, 600)
    assert await limit(subject, 5) == 600
    clock.now += 10
    with pytest.raises(KeptBack):
        await subject.enter(write=False)


async def test_an_error_that_is_no_limit_keeps_nothing_back():
    subject = pace(Clock())
    error = TransientError("HTTP 502")
    assert await subject.failed(error) is error
    await subject.enter(write=True)


async def test_turns_that_somebody_else_gave_count_too():
    clock = Clock()
    subject = pace(clock)
    for _ in range(6):
        subject.count(ahead=0)
    with pytest.raises(KeptBack):
        await subject.enter(write=True, patience=0.5)
