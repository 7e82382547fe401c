"""Faults on order: strict to read, carried out once, refused near a real GitHub, free unarmed."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.fault_injection import (
    EXIT_CODE,
    TAKEN,
    Action,
    FaultHandler,
    Order,
    Standing,
    Watched,
    arm_faults,
)
from bot.settings import SettingsError, load_settings
from core.errors import TransientError
from core.fault_points import FaultPoint, arm, reach

ROOT = Path(__file__).parent.parent.parent
DIES = """
import asyncio, sys
from bot.fault_injection import arm_faults
from core.fault_points import FaultPoint, reach
arm_faults(sys.argv[1])
asyncio.run(reach(FaultPoint.CLAIMED))
"""
ROUNDS = 20_000
MOST_SECONDS = 2e-6
"""For one unarmed point, an empty coroutine's time included; a review passes about a dozen."""


@pytest.fixture(autouse=True)
def _disarmed() -> Iterator[None]:
    yield
    arm(None)


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("claimed:kill", Order(FaultPoint.CLAIMED, Action.KILL)),
        ("posted:error:2", Order(FaultPoint.POSTED, Action.ERROR, nth=2)),
        ("sent:hang:1.5", Order(FaultPoint.SENT, Action.HANG, seconds=1.5)),
        ("sent:hang:3:2", Order(FaultPoint.SENT, Action.HANG, nth=2, seconds=3)),
        ("claimed@7:12:exit:3", Order(FaultPoint.CLAIMED, Action.EXIT, nth=3, job="7:12")),
    ],
)
def test_an_order_says_where_what_and_which_time(text: str, order: Order) -> None:
    assert Order.parse(text) == order


@pytest.mark.parametrize(
    "text", ["", "claimed", "claimed:explode", "claimed:kill:0", "claimed:hang", "nowhere:kill"]
)
def test_what_is_no_order_is_refused_in_words(text: str) -> None:
    with pytest.raises(ValueError, match=r"wants|names no fault point"):
        Order.parse(text)


async def test_only_the_named_time_at_the_named_point_is_hit_and_only_once() -> None:
    arm_faults("claimed:error:2")

    await reach(FaultPoint.CLAIMED)
    await reach(FaultPoint.POSTED)
    with pytest.raises(TransientError):
        await reach(FaultPoint.CLAIMED)
    await reach(FaultPoint.CLAIMED)
    await reach(FaultPoint.CLAIMED)


async def test_an_order_for_one_job_leaves_others_alone() -> None:
    running = {"job": "7:1"}
    handler = FaultHandler(Standing("claimed@7:2:error"), context=lambda: running)

    await handler(FaultPoint.CLAIMED)
    running["job"] = "7:2"
    with pytest.raises(TransientError):
        await handler(FaultPoint.CLAIMED)


async def test_of_two_processes_that_watch_a_file_the_first_one_takes_the_order(
    tmp_path: Path,
) -> None:
    path = tmp_path / "order"
    first, second = FaultHandler(Watched(path)), FaultHandler(Watched(path))
    await first(FaultPoint.CLAIMED)
    path.write_text("claimed:error")

    with pytest.raises(TransientError):
        await first(FaultPoint.CLAIMED)
    await second(FaultPoint.CLAIMED)

    taken = json.loads((tmp_path / f"order{TAKEN}").read_text())
    assert taken["pid"] == os.getpid()
    assert abs(taken["at"] - time.time()) < 5
    assert not path.exists()


async def test_the_same_order_given_again_is_another_one(tmp_path: Path) -> None:
    path = tmp_path / "order"
    handler = FaultHandler(Watched(path))

    for _ in range(2):
        path.write_text("claimed:error")
        with pytest.raises(TransientError):
            await handler(FaultPoint.CLAIMED)


async def test_a_hang_takes_its_time_and_lets_others_go_on() -> None:
    arm_faults("claimed:hang:0.05")
    began = time.monotonic()

    hanging = asyncio.create_task(reach(FaultPoint.CLAIMED))
    await asyncio.sleep(0.01)
    assert not hanging.done()
    await hanging

    assert time.monotonic() - began >= 0.05


@pytest.mark.parametrize(("action", "code"), [("kill", -signal.SIGKILL), ("exit", EXIT_CODE)])
def test_kill_and_exit_end_the_process(action: str, code: int) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", DIES, f"claimed:{action}"], cwd=ROOT, timeout=30, check=False
    )

    assert ended.returncode == code


def test_stop_holds_the_process_still_until_it_is_continued() -> None:
    process = subprocess.Popen([sys.executable, "-c", DIES, "claimed:stop"], cwd=ROOT)
    try:
        _, status = os.waitpid(process.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status)
        process.send_signal(signal.SIGCONT)
        assert process.wait(30) == 0
    finally:
        process.kill()


@pytest.mark.parametrize("url", ["", "https://github.example"])
def test_a_start_near_a_real_github_refuses_faults(url: str) -> None:
    environment = {"ARGUS_FAULT": "claimed:kill"} | ({"GITHUB_API_URL": url} if url else {})

    with pytest.raises(SettingsError, match=r"ARGUS_FAULT .* on this machine"):
        load_settings(environment)


def test_a_start_with_an_order_that_makes_no_sense_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"ARGUS_FAULT names no fault point"):
        load_settings({"ARGUS_FAULT": "x:kill", "GITHUB_API_URL": "http://127.0.0.1:1"})


def test_faults_are_taken_beside_a_local_github() -> None:
    settings = load_settings({"ARGUS_FAULT": "/tmp/order", "GITHUB_API_URL": "http://127.0.0.1:1"})

    assert settings.argus_fault == "/tmp/order"


async def test_a_point_costs_next_to_nothing_when_nothing_is_armed() -> None:
    async def nothing(_: FaultPoint) -> None:
        return

    empty, point = [], []
    for _ in range(5):
        began = time.perf_counter()
        for _ in range(ROUNDS):
            await nothing(FaultPoint.CLAIMED)
        between = time.perf_counter()
        for _ in range(ROUNDS):
            await reach(FaultPoint.CLAIMED)
        empty.append(between - began)
        point.append(time.perf_counter() - between)

    assert min(point) / ROUNDS < MOST_SECONDS
    assert min(point) < 3 * min(empty)
