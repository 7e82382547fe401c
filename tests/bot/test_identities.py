"""Linked accounts and sign-ins in Redis: sealed, bound to their names, and never forever."""

import asyncio
from typing import Any

import pytest
from redis.asyncio import Redis

from bot.adapters import keys
from bot.adapters.ledger.identities import (
    AFTERLIFE,
    SIGN_IN_SECONDS,
    Identities,
    SignIns,
    SignInUnderWay,
)
from github.people import Link
from slack.replies import Reply

NOW = 1_000_000.0
KEYS = ("first-key", "second-key")
REPLY = Reply(channel="C1", user="U1", response_url="https://hooks.slack.com/commands/T1/1/x")


def a_link(person: str = "U1", **changes: Any) -> Link:
    values = {"person": person, "account_id": 7, "login": "mona", "access": "ghu_secret"}
    return Link.model_validate(values | changes)


def a_sign_in(ticket: str = "t1", **changes: Any) -> SignInUnderWay:
    values = {"ticket": ticket, "team": "T1", "reply": REPLY}
    return SignInUnderWay.model_validate(values | changes)


@pytest.fixture
def identities(redis: Redis) -> Identities:
    return Identities(redis, KEYS, clock=lambda: NOW)


@pytest.fixture
def sign_ins(redis: Redis) -> SignIns:
    return SignIns(redis, KEYS)


async def test_a_link_is_kept_until_it_is_dropped(identities: Identities) -> None:
    assert await identities.get("U1") is None
    await identities.put(a_link())
    await identities.put(a_link(login="renamed"))
    assert await identities.get("U1") == a_link(login="renamed")
    await identities.drop("U1")
    assert await identities.get("U1") is None


async def test_nothing_of_a_link_lies_open(identities: Identities, redis: Redis) -> None:
    await identities.put(a_link(refresh="ghr_secret"))
    kept = await redis.get(keys.lasting("identity", "U1"))
    assert not any(word in kept for word in (b"ghu_", b"ghr_", b"mona", b"secret"))
    assert "secret" not in repr(a_link(refresh="ghr_secret"))


async def test_a_row_that_was_moved_to_somebody_else_opens_for_nobody(
    identities: Identities, redis: Redis
) -> None:
    await identities.put(a_link())
    await redis.copy(keys.lasting("identity", "U1"), keys.lasting("identity", "U2"))
    assert await identities.get("U2") is None


async def test_keys_are_rotated_and_a_key_that_is_gone_ends_the_link(redis: Redis) -> None:
    await Identities(redis, KEYS[1:]).put(a_link())
    assert await Identities(redis, KEYS).get("U1") == a_link()
    assert await Identities(redis, KEYS[:1]).get("U1") is None


@pytest.mark.parametrize(
    ("times", "seconds"),
    [
        ({"expires_at": NOW + 10, "refresh": "r", "refresh_expires_at": NOW + 500}, 500),
        ({"expires_at": NOW + 10}, 10),
        ({}, None),
        ({"refresh": "r"}, None),
        ({"expires_at": NOW - 10}, 1),
    ],
)
async def test_a_link_is_kept_as_long_as_it_can_be_renewed(
    identities: Identities, redis: Redis, times: dict[str, Any], seconds: int | None
) -> None:
    await identities.put(a_link(**times))
    left = await redis.ttl(keys.lasting("identity", "U1"))
    assert left == (-1 if seconds is None else pytest.approx(seconds + AFTERLIFE, abs=2))


async def test_one_at_a_time_changes_a_link(redis: Redis) -> None:
    first, second = Identities(redis, KEYS), Identities(redis, KEYS)
    order: list[str] = []

    async def turn(identities: Identities, name: str) -> None:
        async with identities.alone("U1"):
            order.append(name)
            await asyncio.sleep(0.05)
            order.append(name)

    await asyncio.gather(turn(first, "a"), turn(second, "b"))

    assert order in (["a", "a", "b", "b"], ["b", "b", "a", "a"])


async def test_other_links_are_changed_meanwhile(identities: Identities) -> None:
    async with identities.alone("U1"), identities.alone("U2"):
        pass


async def test_a_failure_within_a_turn_ends_the_turn(identities: Identities) -> None:
    with pytest.raises(ZeroDivisionError):
        async with identities.alone("U1"):
            raise ZeroDivisionError
    async with asyncio.timeout(2), identities.alone("U1"):
        pass


async def test_a_sign_in_is_taken_once(sign_ins: SignIns) -> None:
    await sign_ins.open(a_sign_in())
    assert await sign_ins.look("t1") == a_sign_in()
    taken = await asyncio.gather(*(sign_ins.take("t1") for _ in range(5)))
    assert [each for each in taken if each] == [a_sign_in()]
    assert await sign_ins.look("t1") is None


async def test_a_sign_in_changes_within_its_time_and_not_after(
    sign_ins: SignIns, redis: Redis
) -> None:
    await sign_ins.open(a_sign_in())
    name = keys.lasting("sign_in", "t1")
    assert await redis.ttl(name) == pytest.approx(SIGN_IN_SECONDS, abs=2)
    await redis.expire(name, 100)

    assert await sign_ins.change(a_sign_in(state="s"))
    assert (await sign_ins.look("t1")) == a_sign_in(state="s")
    assert await redis.ttl(name) == pytest.approx(100, abs=2)

    await sign_ins.take("t1")
    assert not await sign_ins.change(a_sign_in(state="s2"))
    assert await sign_ins.look("t1") is None


async def test_a_sign_in_lies_sealed_under_its_own_name(sign_ins: SignIns, redis: Redis) -> None:
    await sign_ins.open(a_sign_in(state="the-state", granted=a_link()))
    kept = await redis.get(keys.lasting("sign_in", "t1"))
    assert not any(word in kept for word in (b"the-state", b"hooks.slack.com", b"ghu_"))
    await redis.rename(keys.lasting("sign_in", "t1"), keys.lasting("sign_in", "t2"))
    assert await sign_ins.look("t2") is None
