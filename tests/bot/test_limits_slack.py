"""The pace of messages in Slack, as all processes keep it together."""

import asyncio
from dataclasses import replace

import pytest
from redis.asyncio import Redis

from bot.adapters.limits import Limits
from slack.pace import APART, EDITS, Lane, NotYet, one_message, posts

LANE = Lane("posts:C1", burst=2, per_second=5.0, per_minute=60)


async def wait_of(limits: Limits, turn: str, lane: Lane = LANE) -> float:
    """Return the seconds until a turn, 0 where its time has come."""
    try:
        await limits.slack().enter(lane, turn)
    except NotYet as not_yet:
        return not_yet.retry_after
    return 0.0


async def test_after_a_burst_turns_are_spread_over_all_processes(redis: Redis) -> None:
    one, two = Limits(redis), Limits(redis)
    slow = replace(LANE, per_second=0.1)
    waits = [await wait_of(each, f"t{n}", slow) for n, each in enumerate((one, two, one, two, one))]
    assert waits == [0.0, 0.0, *(pytest.approx(10 * n, abs=5) for n in (1, 2, 3))]


async def test_a_turn_is_found_again_when_its_time_has_come(redis: Redis) -> None:
    limits = Limits(redis)
    waits = [await wait_of(limits, f"t{n}") for n in range(3)]
    await asyncio.sleep(waits[2] + 0.02)
    assert await wait_of(limits, "t2") == 0.0


async def test_turns_that_all_were_missed_do_not_come_at_once(redis: Redis) -> None:
    limits, slow = Limits(redis), replace(LANE, per_second=2.0)
    waits = [await wait_of(limits, f"t{n}", slow) for n in range(6)]
    await asyncio.sleep(waits[-1])
    # The burst that was earned meanwhile; all others get turns that lie apart.
    late = [await wait_of(Limits(redis), f"t{n}", slow) for n in range(2, 6)]
    assert late.count(0.0) == LANE.burst
    assert late[-1] - late[-2] == pytest.approx(0.5, abs=0.2)


async def test_a_missed_turn_is_used_late_where_that_is_not_too_much(redis: Redis) -> None:
    limits = Limits(redis)
    waits = [await wait_of(limits, f"t{n}") for n in range(4)]
    await asyncio.sleep(waits[3] + 0.1)
    assert [await wait_of(limits, f"t{n}") for n in (2, 3)] == [0.0, 0.0]


async def test_who_asks_again_before_it_went_does_not_wait_for_itself(redis: Redis) -> None:
    limits, card = Limits(redis), one_message("C1", "1.0")
    assert [await wait_of(limits, "edit", card) for _ in range(3)] == [0.0, 0.0, 0.0]
    assert await wait_of(limits, "next edit", card) == pytest.approx(APART, abs=1.0)


async def test_after_a_refusal_the_last_minute_still_counts(redis: Redis) -> None:
    limits, few = Limits(redis), replace(LANE, burst=4, per_minute=4)
    for n in range(4):
        assert await wait_of(limits, f"t{n}", few) == 0.0
    await limits.slack().close(few, 0.1)
    await asyncio.sleep(0.15)
    assert await wait_of(limits, "t4", few) > 50.0


async def test_lanes_do_not_wait_for_each_other(redis: Redis) -> None:
    limits = Limits(redis)
    for n in range(4):
        await wait_of(limits, f"t{n}")
    assert await wait_of(limits, "other", posts("C2")) == 0.0
    assert await wait_of(limits, "edit", EDITS) == 0.0


async def test_a_wait_that_slack_asked_for_holds_for_everybody(redis: Redis) -> None:
    limits = Limits(redis)
    await limits.slack().close(LANE, 30.0)
    assert await wait_of(Limits(redis), "t1") > 25.0


async def test_after_such_a_wait_not_all_come_at_once(redis: Redis) -> None:
    limits = Limits(redis)
    for n in range(6):
        await wait_of(limits, f"t{n}")
    await limits.slack().close(LANE, 0.1)
    await asyncio.sleep(0.15)
    waits = [await wait_of(limits, f"t{n}") for n in range(6)]
    assert waits.count(0.0) <= LANE.burst
    assert len(set(waits)) >= 5


async def test_the_pace_at_slack_is_no_trouble_to_report(redis: Redis) -> None:
    limits = Limits(redis)
    await limits.slack().close(LANE, 30.0)
    assert (await limits.report(), await limits.paces()) == ((), ())


async def test_nobody_goes_while_redis_does_not_say_whose_turn_it_is() -> None:
    nowhere = Redis(port=9, socket_timeout=0.2, socket_connect_timeout=0.2)
    assert await wait_of(Limits(nowhere), "t") > 0.0
    await nowhere.aclose()
