"""The pace that processes share: never too much together, and a limit holds for all of them.

Each client below has a connection and a memory of its own, as a process has.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from redis.asyncio import Redis
from structlog.testing import capture_logs

from bot.adapters import keys
from bot.adapters.limits.breaker import SharedBreaker
from bot.adapters.limits.line import Line
from bot.adapters.limits.pace import KIND, RULES, SharedPace
from bot.adapters.redis_client import connect
from bot.adapters.redis_server import EmbeddedRedis
from core.errors import TransientError, Withheld
from github.errors import NotFound, RateLimited
from github.pace import CONTENT, KeptBack, Limits

INSTALLATION = "99"
QUICK = Limits(burst=2, per_second=50, per_minute=1_000, per_hour=1_000)
NOBODY = "redis://127.0.0.1:1/0"
"""Nothing listens there."""
TOLD = RateLimited("GitHub limits our requests", retry_after=30)
UNTOLD = RateLimited("GitHub limits our requests", retry_after=60, told=False)
AWAY = TransientError("GitHub could not be reached.")

Process = Callable[..., SharedPace]


@pytest.fixture
async def process(redis_url: str) -> AsyncIterator[Process]:
    """Make the pace of one more process."""
    opened: list[Redis] = []

    def start(limits: Limits = CONTENT, *, url: str = redis_url, scope: str = INSTALLATION):
        opened.append(connect(url, timeout=1))
        return paced(opened[-1], limits, scope)

    yield start
    for client in opened:
        await client.aclose()


def paced(client: Redis, limits: Limits, scope: str = INSTALLATION) -> SharedPace:
    line = Line(client)
    return SharedPace(
        line, scope, limits, SharedBreaker(line, KIND, scope, RULES, jitter=lambda: 0.0)
    )


async def refusal(pace: SharedPace, *, write: bool = False) -> KeptBack:
    with pytest.raises(KeptBack) as told:
        await pace.enter(write=write, patience=0.5)
    return told.value


async def pass_time(redis: Redis, seconds: float) -> int:
    """Let everything that Redis remembers of the pace be so much older; return the ms."""
    turns, pace = keys.lasting("turns", INSTALLATION), keys.lasting("pace", INSTALLATION)
    older = round(seconds * 1000)
    scores = dict(await redis.zrange(turns, 0, -1, withscores=True))
    if scores:
        await redis.zadd(turns, {turn: score - older for turn, score in scores.items()})
    for field in ("even", "closed", "went"):
        if at := await redis.hget(pace, field):
            await redis.hset(pace, field, str(int(at) - older))
    return older


async def test_two_processes_share_one_burst(process: Process):
    first, second = process(), process()
    for pace in (first, second) * 3:
        await pace.enter(write=True, patience=0)
    for pace in (first, second):
        assert (await refusal(pace, write=True)).retry_after == pytest.approx(1, abs=0.3)


async def test_reads_take_no_turn(process: Process):
    first, second = process(), process()
    for _ in range(50):
        await first.enter(write=False)
    await second.enter(write=True, patience=0)


async def test_installations_have_paces_of_their_own(process: Process):
    first, other = process(), process(scope="100")
    for _ in range(6):
        await first.enter(write=True, patience=0)
    await other.enter(write=True, patience=0)


async def test_three_processes_together_keep_the_even_pace_in_real_time(process: Process):
    paces, loop = [process(QUICK) for _ in range(3)], asyncio.get_running_loop()
    started = loop.time()
    await asyncio.gather(*(pace.enter(write=True) for pace in paces * 8))
    # Of 24 writes 2 make the burst, the others follow 20 ms apart; waits are told in whole ms.
    assert loop.time() - started >= 22 * 0.020 - 0.001


GAPS = (0.0,) * 8 + (0.3, 1.0, 7.0, 59.0, 1_800.0)
STEPS = st.tuples(st.integers(0, 2), st.sampled_from(GAPS))
"""Who wants to write, and how many seconds after the one before."""


@settings(max_examples=20, deadline=None)
@given(schedule=st.lists(STEPS, min_size=30, max_size=50))
def test_whoever_writes_when_no_span_has_more_turns_than_it_may(
    redis_server: EmbeddedRedis, schedule: list[tuple[int, float]]
):
    limits = Limits(burst=3, per_second=1, per_minute=10, per_hour=25)
    went = sorted(asyncio.run(turns_of(redis_server.url, limits, schedule)))
    for count, span in ((limits.per_minute, 60_000), (limits.per_hour, 3_600_000)):
        assert all(b - a >= span for a, b in zip(went, went[count:], strict=False))
    for count in range(limits.burst, len(went)):
        spans = [b - a for a, b in zip(went, went[count:], strict=False)]
        assert min(spans) >= 1_000 * (count - limits.burst + 1)


async def turns_of(url: str, limits: Limits, schedule: list[tuple[int, float]]) -> list[int]:
    """Play a schedule with three processes; return when each write goes, in simulated ms."""
    clients = [connect(url) for _ in range(3)]
    await clients[0].flushall()
    paces = [paced(client, limits) for client in clients]
    passed, went = 0, []
    for number, (who, gap) in enumerate(schedule):
        passed += await pass_time(clients[0], gap)
        await paces[who]._turn(str(number), True, 100_000)
        turn = await clients[0].zscore(keys.lasting("turns", INSTALLATION), str(number))
        went.append(int(turn) + passed)
    for client in clients:
        await client.aclose()
    return went


async def test_quiet_time_earns_a_new_burst_but_no_larger_one(process: Process, redis: Redis):
    pace = process()
    for _ in range(6):
        await pace.enter(write=True, patience=0)
    await pass_time(redis, 500)
    for _ in range(6):
        await pace.enter(write=True, patience=0)
    await refusal(pace, write=True)


async def test_a_turn_too_far_away_takes_no_place(process: Process, redis: Redis):
    pace = process()
    for _ in range(6):
        await pace.enter(write=True, patience=0)
    for _ in range(20):
        await refusal(pace, write=True)
    assert await redis.zcard(keys.lasting("turns", INSTALLATION)) == 6


async def test_a_repeated_call_finds_the_turn_it_has(process: Process, redis: Redis):
    pace = process()
    for _ in range(3):
        await pace._turn("one token", True, 0)
    assert await redis.zcard(keys.lasting("turns", INSTALLATION)) == 1


async def test_a_limit_that_one_process_met_keeps_all_back_reads_and_writes(process: Process):
    first, second = process(), process()
    await first.failed(TOLD)
    for pace in (first, second):
        for write in (True, False):
            held = await refusal(pace, write=write)
            assert held.retry_after == pytest.approx(30, abs=0.5)
            assert isinstance(held, Withheld)


async def test_the_longest_wait_that_anyone_was_told_wins(process: Process):
    first, second = process(), process()
    await first.failed(RateLimited("limited", retry_after=600))
    held = await second.failed(RateLimited("limited", retry_after=5))
    assert isinstance(held, RateLimited)
    assert held.retry_after == pytest.approx(600, abs=0.5)


async def test_a_limit_that_arrives_while_a_write_of_another_process_waits_keeps_it_back(
    process: Process,
):
    first, second = process(Limits(burst=1, per_second=2)), process()
    await first.enter(write=True)
    waiting = asyncio.create_task(first.enter(write=True))
    await asyncio.sleep(0.1)
    await second.failed(TOLD)
    with pytest.raises(KeptBack):
        await waiting


async def test_guesses_double_over_all_processes_until_github_answers(
    process: Process, redis: Redis
):
    first, second = process(), process()
    waits = []
    for pace in (first, second, first):
        held = await pace.failed(UNTOLD)
        assert isinstance(held, RateLimited)
        waits.append(round(held.retry_after))
        await pass_time(redis, held.retry_after + 1)
        await pace.enter(write=False)
    assert waits == [60, 120, 240]
    await second.enter(write=False)
    await second.succeeded()
    held = await first.failed(UNTOLD)
    assert isinstance(held, RateLimited)
    assert round(held.retry_after) == 60


async def test_processes_limited_together_make_one_guess(process: Process):
    paces = [process() for _ in range(3)]
    held = await asyncio.gather(*(pace.failed(UNTOLD) for pace in paces * 3))
    assert max(h.retry_after for h in held if isinstance(h, RateLimited)) <= 60


async def test_what_is_remembered_passes_with_time(process: Process, redis: Redis):
    pace = process()
    await pace.enter(write=True)
    await pace.failed(TOLD)
    await pace.failed(AWAY)
    found = await redis.keys("*")
    passing = {keys.lasting("paces"), keys.lasting("breakers")}
    for name in {key.decode() for key in found} - passing:
        assert 0 < await redis.pttl(name) <= 2 * 3_600_000, name


async def test_turns_of_more_than_an_hour_ago_are_forgotten(process: Process, redis: Redis):
    pace = process()
    for _ in range(5):
        await pace.enter(write=True)
    await pass_time(redis, 3_601)
    await pace.enter(write=True)
    assert await redis.zcard(keys.lasting("turns", INSTALLATION)) == 1


async def test_trouble_in_a_row_keeps_everyone_back_before_anything_is_sent(process: Process):
    first, second = process(), process()
    for pace in (first, second, first, second):
        await pace.enter(write=False)
        assert await pace.failed(AWAY) is AWAY
    await first.failed(AWAY)
    held = await refusal(process())
    assert held.reason == "GitHub could not be reached. Argus leaves GitHub alone for now."
    assert held.retry_after == pytest.approx(RULES.pause, abs=0.5)


async def test_an_answer_in_between_or_a_plain_refusal_is_no_trouble(process: Process):
    pace = process()
    for answer in (None, NotFound("not there")):
        for _ in range(RULES.failures - 1):
            await pace.failed(AWAY)
        await (pace.failed(answer) if answer else pace.succeeded())
    await pace.failed(AWAY)
    await process().enter(write=False)


async def test_trouble_for_which_github_names_a_time_keeps_everyone_back_at_once(process: Process):
    await process().failed(TransientError("GitHub is in trouble (HTTP 503)", retry_after=90))
    assert (await refusal(process())).retry_after == pytest.approx(90, abs=0.5)


async def test_without_redis_a_process_keeps_its_own_pace_and_says_so_once(process: Process):
    pace = process(url=NOBODY)
    with capture_logs() as logs:
        for _ in range(6):
            await pace.enter(write=True, patience=0)
        await refusal(pace, write=True)
        await pace.failed(TOLD)
        held = await refusal(pace)
        await pace.succeeded()
    assert held.retry_after == pytest.approx(30, abs=1)
    assert [entry["event"] for entry in logs] == ["limits.alone"]


async def test_a_process_on_its_own_knows_what_it_did_together_with_others(process: Process):
    with EmbeddedRedis() as server:
        pace = process(url=server.url)
        for _ in range(6):
            await pace.enter(write=True, patience=0)
    assert (await refusal(pace, write=True)).retry_after == pytest.approx(1, abs=0.5)


async def test_a_stalled_redis_costs_one_wait_and_no_more(process: Process):
    async def swallow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while await reader.read(1 << 16):
                pass
        writer.close()

    silent = await asyncio.start_server(swallow, "127.0.0.1", 0)
    port = silent.sockets[0].getsockname()[1]
    pace, loop = process(url=f"redis://127.0.0.1:{port}/0"), asyncio.get_running_loop()
    started = loop.time()
    for _ in range(20):
        await pace.enter(write=False)
    assert loop.time() - started < 4
    silent.close()
