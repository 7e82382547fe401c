"""`receive` on a real ledger: a payload from a file is admitted, joined, ignored or refused."""

import io
import json
from pathlib import Path

import pytest

from bot.adapters.ledger import RedisLedger
from bot.cli.exits import ExitCode, code_of
from bot.cli.receive import MAX_PAYLOAD_BYTES, read_payload, receive
from bot.cli.terminal import Terminal
from core.errors import UserError
from core.intake import Intake
from github.triggers import Rules
from tests.github.payloads import HEAD, closed_payload, pull_request_payload

RULES = Rules(frozenset({"pull_request.opened", "pull_request.synchronize"}))


class Bell:
    """Remembers for which jobs it was rung."""

    def __init__(self) -> None:
        self.rung: list[str] = []

    async def ring(self, job_id: str) -> None:
        self.rung.append(job_id)


class Door:
    """The command with a ledger and a bell behind it."""

    def __init__(self, ledger: RedisLedger) -> None:
        self.bell = Bell()
        self.out = io.StringIO()
        self._terminal = Terminal(self.out, io.StringIO())
        self._intake = Intake(ledger, self.bell)

    async def receive(
        self, payload: object, *, event: str = "pull_request", dry: bool = False, delivery: str = ""
    ) -> ExitCode:
        return await receive(
            event,
            json.dumps(payload).encode(),
            rules=RULES,
            door=None if dry else self._intake,
            terminal=self._terminal,
            delivery=delivery,
        )

    @property
    def lines(self) -> list[str]:
        return self.out.getvalue().splitlines()


@pytest.fixture
def door(ledger: RedisLedger) -> Door:
    return Door(ledger)


async def test_payload_becomes_a_job_and_wakes_a_worker(door: Door) -> None:
    assert await door.receive(pull_request_payload()) == ExitCode.CLEAN
    assert door.lines == [
        f"Accepted: acme/shop.api#7 at {HEAD[:7]} (opened) is job 4242:7; it is next."
    ]
    assert door.bell.rung == ["4242:7"]


async def test_same_file_can_be_received_again(door: Door) -> None:
    await door.receive(pull_request_payload())
    await door.receive(pull_request_payload())

    assert door.lines[1] == "Duplicate: job 4242:7; this head is waiting or being reviewed."


async def test_delivery_with_an_id_is_admitted_once(door: Door) -> None:
    await door.receive(pull_request_payload(), delivery="d-1")
    await door.receive(pull_request_payload(), delivery="d-1")

    assert door.lines[1] == "Duplicate: job 4242:7; this delivery was admitted before."


async def test_dry_run_tells_and_admits_nothing(door: Door) -> None:
    assert await door.receive(pull_request_payload(), dry=True) == ExitCode.CLEAN
    await door.receive(pull_request_payload())

    assert door.lines[0] == f"Would ask for a review of acme/shop.api#7 at {HEAD[:7]} (opened)."
    assert door.lines[1].startswith("Accepted: ")


async def test_what_the_route_ignores_is_ignored_with_the_reason(door: Door) -> None:
    await door.receive(pull_request_payload("labeled"))
    await door.receive({"zen": "Keep it logically awesome."}, event="ping")

    assert door.lines == [
        "Ignored: pull_request.labeled is not enabled.",
        "Ignored: ping events are not used.",
    ]
    assert door.bell.rung == []


async def test_closing_ends_the_job_and_says_so(door: Door) -> None:
    closing = closed_payload(merged=True)
    closing["pull_request"]["closed_at"] = "2099-01-01T00:00:00Z"
    await door.receive(closing, dry=True)
    await door.receive(closing)
    await door.receive(pull_request_payload())
    assert await door.receive(closing) == ExitCode.CLEAN

    assert [door.lines[i] for i in (0, 1, 3)] == [
        "Would end what is queued for acme/shop.api#7.",
        "Nothing to cancel: acme/shop.api#7 neither waits nor is being reviewed.",
        "Cancelled: job 4242:7 of acme/shop.api#7. It was merged.",
    ]


async def test_what_is_no_payload_is_a_usage_error(door: Door) -> None:
    with pytest.raises(UserError, match="no payload of the event “pull_request”") as refusal:
        await door.receive({"action": "opened"})

    assert code_of(refusal.value) == ExitCode.USAGE


def test_payload_has_to_be_a_file_that_github_could_deliver(tmp_path: Path) -> None:
    large = tmp_path / "large.json"
    with large.open("wb") as file:
        file.truncate(MAX_PAYLOAD_BYTES + 1)

    with pytest.raises(UserError, match="GitHub delivers at most"):
        read_payload(large)
    with pytest.raises(UserError, match="cannot be read"):
        read_payload(tmp_path / "missing.json")
