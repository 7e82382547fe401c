"""Alarms: raised once, kept where every process sees them, and cleared when it is over."""

import asyncio
from collections.abc import Sequence

import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from bot.adapters.broker_view import Rings, view_of
from bot.adapters.ledger import Alarm, RedisLedger
from bot.adapters.limits import Limits
from bot.sight import Away, Lookout, Sight
from bot.worker.alarms import NAMES, Alarms, judge
from tests.bot.asking import A, push
from tests.bot.sights import ledger_sight, seen, sight
from tests.bot.working import until


@pytest.mark.parametrize(
    ("looked", "names"),
    [
        (sight(), []),
        (sight(ledger_sight(counts={"dead": 1})), ["dead_letters"]),
        (sight(rings=Rings(waiting=9, dead=1)), ["dead_rings"]),
        (sight(rings=Away("It does not answer.")), ["broker_away"]),
        (sight(ledger_sight(workers=())), ["no_worker"]),
        (sight(ledger_sight(failing_rows=1)), ["outbox_failing"]),
        (sight(ledger_sight(counts={"due": 1, "oldest_due_age": 31.0})), ["queue_stuck"]),
        (sight(ledger_sight(counts={"due": 1, "oldest_due_age": 29.0})), []),
        (sight(ledger_sight(workers=[seen(unrung=50.0, ago=5.0)])), ["bell_unheard"]),
        (sight(ledger_sight(workers=[seen(unrung=50.0, ago=11.0)])), []),
    ],
)
def test_each_trouble_has_its_alarm(looked: Sight, names: list[str]) -> None:
    assert not isinstance(looked.ledger, Away)
    found = list(judge(looked.ledger, looked))

    assert [alarm.name for alarm in found] == names
    assert set(names) <= set(NAMES)
    assert all(alarm.words and alarm.next_step for alarm in found)


def test_a_long_queue_before_busy_workers_is_no_alarm() -> None:
    ledger = ledger_sight(counts={"due": 9, "oldest_due_age": 600.0}, workers=[seen(busy=4)])

    assert list(judge(ledger, sight(ledger))) == []


class Watch:
    """Sees what a test says, with the alarms that are really raised."""

    def __init__(self, ledger: RedisLedger, **seen: object) -> None:
        self._ledger = ledger
        self.seen = seen

    async def look(self) -> Sight:
        raised = await self._ledger.health.raised()
        alarms = [each.alarm for each in raised.values()]
        return sight(ledger_sight(**self.seen, alarms=alarms))  # type: ignore[arg-type]


async def events(alarms: Alarms) -> list[tuple[str, str]]:
    """Return what a look logs."""
    with capture_logs() as logs:
        await alarms.look()
    return [(entry["log_level"], entry["event"]) for entry in logs]


async def test_alarm_is_said_once_and_once_when_it_is_over(ledger: RedisLedger) -> None:
    watch = Watch(ledger, counts={"dead": 1})
    alarms = Alarms(ledger, watch, me="w-1")

    assert await events(alarms) == [("error", "alarm.dead_letters")]
    assert await events(alarms) == []
    assert await events(Alarms(ledger, watch, me="w-2")) == []
    watch.seen = {"counts": {"dead": 0}}
    assert await events(alarms) == [("info", "alarm.dead_letters.over")]
    assert await events(alarms) == []
    assert await ledger.health.raised() == {}
    assert await ledger.health.figures() == {"alarm:dead_letters": 1}


async def test_alarm_that_grows_is_said_again_and_one_that_shrinks_is_not(
    ledger: RedisLedger,
) -> None:
    watch = Watch(ledger)
    alarms = Alarms(ledger, watch, me="w-1")
    said = []
    for dead in (2, 3, 1, 2):
        watch.seen = {"counts": {"dead": dead}}
        said.append(len(await events(alarms)))

    assert said == [1, 1, 0, 1]
    assert (await ledger.health.raised())["dead_letters"].alarm.size == 2


async def test_missing_worker_is_an_alarm_only_when_it_lasts(ledger: RedisLedger) -> None:
    watch = Watch(ledger, workers=())
    patient = Alarms(ledger, watch, me="w-1")
    hasty = Alarms(ledger, watch, me="w-2", lasts={"no_worker": 0.02})

    assert await events(patient) == []
    assert await events(hasty) == []
    await asyncio.sleep(0.03)
    assert await events(hasty) == [("error", "alarm.no_worker")]
    assert await events(patient) == []  # raised already: the next leader does not end it


async def test_without_redis_nothing_is_judged(ledger: RedisLedger) -> None:
    class Blind:
        async def look(self) -> Sight:
            return sight(Away("It is away."))

    assert await events(Alarms(ledger, Blind(), me="w-1")) == []


async def test_one_of_many_processes_watches_what_is_really_there(
    ledger: RedisLedger, redis: Redis
) -> None:
    await ledger.admit(push(A))
    for _ in range(6):
        job = await ledger.claim("w-1")
        assert job is not None
        await ledger.release(job, reason="No model answered.")
    lookout = Lookout(ledger, view_of("", ledger.health), Limits(redis))
    stop = asyncio.Event()
    with capture_logs() as logs:
        crowd = [Alarms(ledger, lookout, me=str(n), every=0.05) for n in range(3)]
        serving = [asyncio.create_task(alarms.serve(stop)) for alarms in crowd]
        await until(lambda: raised(logs) == ["alarm.dead_letters"])
        assert await ledger.desk.discard("7:1")
        await until(lambda: raised(logs)[1:] == ["alarm.dead_letters.over"])
        stop.set()
        await asyncio.gather(*serving)


def raised(logs: Sequence[object]) -> list[str]:
    return [str(entry["event"]) for entry in logs if "alarm." in str(entry)]  # type: ignore[index]


async def test_alarms_of_another_version_are_read(ledger: RedisLedger) -> None:
    await ledger.health.raise_alarm(Alarm("from_the_future", "It is odd.", "Look."))

    assert await events(Alarms(ledger, Watch(ledger), me="w-1")) == [
        ("info", "alarm.from_the_future.over")
    ]
