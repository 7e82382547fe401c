"""A breaker that processes share: it opens for all, one call tries, and a success closes it."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
from redis.asyncio import Redis

from bot.adapters import keys
from bot.adapters.limits import BreakerState, Limits, PaceState
from bot.adapters.limits.breaker import FRESH, Refusal, Rules, SharedBreaker
from bot.adapters.limits.line import Line
from bot.adapters.models import parse_spec
from bot.adapters.models.breaker import LONG_PAUSE
from bot.adapters.models.failures import Failure, Kind
from bot.adapters.redis_client import connect
from core.errors import TransientError
from github.errors import RateLimited

RULES = Rules(failures=3, pause=0.3, longest=1.0, probe=0.5)
NOBODY = "redis://127.0.0.1:1/0"
OVERLOADED = Failure(Kind.TRANSIENT, "it is overloaded (529)")
REFUSED = Failure(Kind.PERMANENT, "the key was refused (401)")
TOO_LARGE = Failure(Kind.TOO_LARGE, "the prompt is over its context window")


class Clock:
    """A process's own time, which decides only for how long it believes what it saw."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


class Process:
    """One process with a breaker of its own connection."""

    def __init__(self, redis: Redis, under: str) -> None:
        self._clock = Clock()
        self.breaker = SharedBreaker(
            Line(redis),
            "model",
            "p:m",
            RULES,
            under=under,
            clock=self._clock,
            jitter=lambda: 0.0,
        )

    async def refusal(self) -> Refusal | None:
        """Look with fresh eyes."""
        self._clock.now += FRESH
        return await self.breaker.refusal()


Start = Callable[..., Process]


@pytest.fixture
async def process(redis_url: str) -> AsyncIterator[Start]:
    opened: list[Redis] = []

    def start(under: str = "key") -> Process:
        opened.append(connect(redis_url))
        return Process(opened[-1], under)

    yield start
    for client in opened:
        await client.aclose()


async def fail(*processes: Process) -> None:
    for process in processes:
        await process.breaker.failed("it is overloaded (529)")


async def test_failures_in_a_row_of_several_processes_open_it_for_all(process: Start):
    first, second = process(), process()
    await fail(first, second)
    assert await first.refusal() is None
    await fail(first)
    for one in (first, second, process()):
        refusal = await one.refusal()
        assert refusal is not None
        assert refusal.why == "it is overloaded (529)"


async def test_a_success_anywhere_forgets_the_failures_before_it(process: Start):
    first, second = process(), process()
    await fail(first, first)
    assert await second.refusal() is None
    await second.breaker.succeeded()
    await fail(first, first)
    assert await second.refusal() is None


async def opened_and_over(*processes: Process) -> None:
    await fail(*processes[:1] * RULES.failures)
    await asyncio.sleep(RULES.pause)


async def test_after_the_pause_exactly_one_call_of_all_processes_passes(process: Start):
    processes = [process() for _ in range(3)]
    await opened_and_over(*processes)
    seen = await asyncio.gather(*(one.refusal() for one in processes * 4))
    assert seen.count(None) == 1


async def test_the_call_that_tried_closes_it_for_all(process: Start):
    first, second = process(), process()
    await opened_and_over(first)
    assert await first.refusal() is None
    assert await second.refusal() is not None
    await first.breaker.succeeded()
    assert await second.refusal() is None


async def test_a_call_that_tried_in_vain_opens_it_for_twice_as_long_up_to_a_cap(process: Start):
    one, waits = process(), []
    for _ in range(3):
        await fail(*[one] * RULES.failures)
        refusal = await one.refusal()
        assert refusal is not None
        waits.append(refusal.wait)
        await asyncio.sleep(refusal.wait)
        assert await one.refusal() is None
    assert waits == pytest.approx([0.3, 0.6, 1.0], abs=0.15)


async def test_a_call_that_tried_and_never_told_is_given_up_for_lost(process: Start):
    first, second = process(), process()
    await opened_and_over(first)
    assert await first.refusal() is None
    assert await second.refusal() is not None
    await asyncio.sleep(RULES.probe)
    assert await second.refusal() is None


async def test_an_answer_from_before_it_opened_does_not_close_it(process: Start):
    first, second = process(), process()
    await fail(first, first)
    assert await second.refusal() is None
    await fail(first)
    await second.breaker.succeeded()
    assert await first.refusal() is not None


async def test_a_wait_that_was_asked_for_opens_at_once_and_is_never_shortened(process: Start):
    one = process()
    await one.breaker.failed("limited", wait=5.0)
    await fail(*[one] * RULES.failures)
    refusal = await process().refusal()
    assert refusal is not None
    assert refusal.wait == pytest.approx(5.0, abs=0.3)


async def test_other_credentials_are_another_story(process: Start):
    before, after = process("old key"), process("new key")
    await before.breaker.failed("the key was refused (401)", wait=600)
    assert await after.refusal() is None
    await after.breaker.succeeded()
    assert await before.refusal() is None


async def test_it_is_looked_at_once_a_second_at_most(process: Start, redis: Redis):
    one = process()
    await one.refusal()
    before = (await redis.info("commandstats")).get("cmdstat_evalsha", {"calls": 0})["calls"]
    for _ in range(50):
        await one.breaker.refusal()
        await one.breaker.succeeded()
    after = (await redis.info("commandstats")).get("cmdstat_evalsha", {"calls": 0})["calls"]
    assert after == before


async def test_a_model_that_a_person_has_to_mend_is_left_alone_for_long_by_all(
    redis: Redis, redis_url: str
):
    spec, other = parse_spec("openai:gpt-x", key="k"), connect(redis_url)
    await Limits(redis).model(spec).failed(REFUSED)
    pause = await Limits(other).model(spec).pause()
    assert pause == "the key was refused (401); it is asked again later"
    (state,) = await Limits(redis).report()
    assert (state.kind, state.name, state.failures) == ("model", "openai:gpt-x", 1)
    assert LONG_PAUSE - 1 < state.open_for <= LONG_PAUSE * 1.2
    await other.aclose()


async def test_what_concerns_one_prompt_alone_does_not_count(redis: Redis):
    breaker = Limits(redis).model(parse_spec("openai:gpt-x"))
    for _ in range(5):
        await breaker.failed(TOO_LARGE)
    assert await breaker.pause() == ""
    assert await Limits(redis).report() == ()


async def test_no_key_lies_in_redis(redis: Redis):
    await Limits(redis).model(parse_spec("openai:gpt-x", key="a-made-up-key")).failed(REFUSED)
    stored = await redis.hgetall(keys.lasting("breaker", "model", "openai:gpt-x"))
    assert not any(b"a-made-up-key" in value for value in stored.values())


async def test_without_redis_a_process_judges_by_what_it_saw_itself():
    client = connect(NOBODY, timeout=1)
    breaker = Limits(client).model(parse_spec("openai:gpt-x"))
    for _ in range(3):
        assert await breaker.pause() == ""
        await breaker.failed(OVERLOADED)
    assert await breaker.pause() == "it is overloaded (529); it is asked again later"
    await breaker.succeeded()
    assert await breaker.pause() == ""
    await client.aclose()


async def test_the_report_shows_failures_and_limits_models_first(redis: Redis):
    limits = Limits(redis)
    for _ in range(3):
        await limits.model(parse_spec("openai:gpt-x")).failed(OVERLOADED)
    pace = limits.installation(99)
    await pace.failed(TransientError("HTTP 502"))
    await pace.failed(RateLimited("GitHub limits our requests", retry_after=30))
    await limits.app().failed(TransientError("GitHub could not be reached."))
    model, installation, app = await limits.report()
    assert model.open_for > 59
    assert installation == BreakerState(
        "github", "99", installation.open_for, 0, "GitHub limits our requests"
    )
    assert 29 < installation.open_for <= 30
    assert app == BreakerState("github", "app", 0.0, 1, "GitHub could not be reached.")


async def test_the_report_shows_how_far_a_pace_is_used_up(redis: Redis):
    limits = Limits(redis)
    for _ in range(3):
        await limits.installation(99).enter(write=True)
    await limits.app().enter(write=True)
    await limits.installation(100).enter(write=False)
    assert set(await limits.paces()) == {PaceState("99", 3, 3), PaceState("app", 1, 1)}


async def test_nothing_to_report_is_reported_as_nothing(redis: Redis):
    assert await Limits(redis).report() == ()
    assert await Limits(redis).paces() == ()


async def test_a_report_without_redis_says_so():
    client = connect(NOBODY, timeout=1)
    with pytest.raises(TransientError):
        await Limits(client).report()
    await client.aclose()
