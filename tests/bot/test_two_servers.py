"""What must last and what may be evicted can live in two servers; the second is never missed."""

from collections.abc import Iterator

import pytest

from bot.adapters import keys
from bot.adapters.cache import ReplyCache
from bot.adapters.ledger import Beat
from bot.adapters.redis_client import connect
from bot.adapters.redis_server import EmbeddedRedis
from bot.parts.ledger import open_cache, open_intake, open_ledger
from bot.settings import Settings, load_settings
from core.models import RowKind
from tests.bot.asking import A, ask, push, reviewed


@pytest.fixture
def second() -> Iterator[EmbeddedRedis]:
    """A server for what may be evicted, which a test may stop."""
    with EmbeddedRedis() as server:
        yield server


@pytest.fixture
def settings(redis_url: str, second: EmbeddedRedis) -> Settings:
    return load_settings({"REDIS_URL": redis_url, "REDIS_CACHE_URL": second.url})


async def names_in(url: str) -> set[str]:
    client = connect(url)
    names = {key.decode() for key in await client.keys("*")}
    await client.aclose()
    return names


async def live(settings: Settings) -> None:
    """A review from its request to its rows, with a model's reply kept on the way."""
    async with (
        open_ledger(settings) as (redis, ledger),
        open_intake(settings, ledger) as intake,
        open_cache(settings, redis) as cached,
    ):
        replies = ReplyCache(cached)
        await intake.ring(await intake.accept(push(A).model_copy(update={"author": "ada"})))
        await intake.accept(ask(A))
        await ledger.presence.beat(Beat(worker="w", slots=1, busy=0, started=0.0))
        job = await ledger.claim("w")
        assert job is not None
        await replies.put("prompt", b"reply", ttl=60)
        await ledger.commit(job, reviewed(A), {RowKind.SUMMARY})
        for row in await ledger.outbox.claim(9):
            await ledger.outbox.done(row, "r")
        await ledger.reconcile()


async def test_each_server_has_its_own_kind_of_keys(
    settings: Settings, redis_url: str, second: EmbeddedRedis
) -> None:
    await live(settings)
    lasting, evictable = await names_in(redis_url), await names_in(second.url)
    assert lasting
    assert {name for name in lasting if not name.startswith((keys.LASTING, keys.DRAMATIQ))} == set()
    assert evictable == {keys.cached("prompt")}


async def test_flushed_cache_costs_nothing_but_time(
    settings: Settings, redis_url: str, second: EmbeddedRedis
) -> None:
    await live(settings)
    lasting = await names_in(redis_url)
    flushed = connect(second.url)
    await flushed.flushall()
    assert await ReplyCache(flushed).get("prompt") is None
    await flushed.aclose()
    assert await names_in(redis_url) == lasting


async def test_review_goes_on_without_the_second_server(
    settings: Settings, second: EmbeddedRedis
) -> None:
    second.stop()
    await live(settings)
