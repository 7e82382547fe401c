"""`/readyz` in words: what stops work, what only degrades it, and no secret in either."""

import pytest

from bot.adapters.broker_view import Rings
from bot.adapters.ledger import Alarm
from bot.adapters.limits import BreakerState
from bot.components import Addresses, readiness, shown
from bot.sight import Away, LimitsSight, Sight
from tests.bot.sights import ledger_sight, seen, sight

ADDRESSES = Addresses(
    "redis://me:secret@redis.test:6379/0", "redis://cache.test", "amqp://u:p@b.test/"
)
OPEN = BreakerState("github", "3", open_for=12.3, failures=5, why="GitHub answered 502.")
CLOSED = BreakerState("model", "openai:gpt", open_for=0.0, failures=1, why="It was slow.")


def test_when_all_is_well_every_component_is_and_has_an_entry() -> None:
    found = readiness(sight(), ADDRESSES)

    assert (found.ready, found.degraded) == (True, [])
    assert list(found.components) == [
        "redis", "worker", "queue", "dead_letters", "outbox", "bell", "alarms", "cache", "broker",
        "models", "github",
    ]  # fmt: skip
    assert {entry["ok"] for entry in found.components.values()} == {True}


def test_components_that_are_not_configured_have_no_entry() -> None:
    found = readiness(sight(), Addresses("redis://redis.test"))

    assert {"cache", "broker"} & set(found.components) == set()


@pytest.mark.parametrize(
    ("looked", "component"),
    [
        (sight(Away("Redis did not answer.")), "redis"),
        (sight(ledger_sight(workers=())), "worker"),
    ],
)
def test_without_redis_or_a_worker_it_is_not_ready(looked: Sight, component: str) -> None:
    found = readiness(looked, ADDRESSES)

    assert not found.ready
    assert found.document()["status"] == "not ready"
    assert found.components[component]["ok"] is False
    assert found.components[component]["why"]


@pytest.mark.parametrize(
    ("looked", "component"),
    [
        (sight(ledger_sight(counts={"dead": 2})), "dead_letters"),
        (sight(rings=Rings(dead=1)), "dead_letters"),
        (sight(ledger_sight(failing_rows=1)), "outbox"),
        (sight(ledger_sight(alarms=[Alarm("queue_stuck", "Nobody works.", "Look.")])), "queue"),
        (sight(ledger_sight(alarms=[Alarm("bell_unheard", "It is silent.", "Look.")])), "bell"),
        (sight(rings=Away("RabbitMQ does not answer.")), "broker"),
        (sight(cache=Away("It does not answer.")), "cache"),
        (sight(limits=LimitsSight(breakers=(OPEN, CLOSED))), "github"),
        (sight(limits=Away("Redis did not answer.")), "models"),
    ],
)
def test_what_only_degrades_is_said_and_stays_ready(looked: Sight, component: str) -> None:
    found = readiness(looked, ADDRESSES)

    assert found.ready
    assert component in found.document()["degraded"]
    assert found.components[component]["ok"] is False


def test_open_breaker_is_shown_with_its_reason_and_a_closed_one_is_not() -> None:
    found = readiness(sight(limits=LimitsSight(breakers=(OPEN, CLOSED))), ADDRESSES)

    assert found.components["models"] == {"ok": True, "open": []}
    assert found.components["github"]["open"] == [
        {"name": "3", "seconds": 12.3, "failures": 5, "why": "GitHub answered 502."}
    ]


def test_worker_is_shown_with_its_heartbeat_and_the_last_ring_that_was_heard() -> None:
    workers = (seen(busy=3, heard=4.0, ago=2.5), seen(heard=None))
    found = readiness(sight(ledger_sight(workers=workers)), ADDRESSES)

    assert (found.components["worker"]["slots"], found.components["worker"]["busy"]) == (8, 3)
    assert found.components["worker"]["workers"][0] == {
        "id": "w-1",
        "slots": 4,
        "busy": 3,
        "heartbeat_seconds": 2.5,
        "version": "1",
        "started": 1000,
    }
    assert found.components["bell"]["seconds_since_heard"] == 6.5


def test_no_credentials_are_shown() -> None:
    text = str(readiness(sight(), ADDRESSES).document())

    assert [word for word in ("secret", "me:", "u:p") if word in text] == []


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("redis://:pw@h:6379/0", "redis://h:6379/0"),
        ("rediss://u:p%40w@h:1?ssl_cert_reqs=none", "rediss://h:1"),
        ("unix:///run/redis.sock?db=0&password=x", "unix:///run/redis.sock"),
        ("amqp://u:p@h/vhost", "amqp://h/vhost"),
    ],
)
def test_address_is_shown_without_user_password_and_options(url: str, address: str) -> None:
    assert shown(url) == address
