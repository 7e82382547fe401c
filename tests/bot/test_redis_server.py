"""The embedded server: keeps what it should, and never outlives its parent."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import redis

from bot.adapters.redis_client import check_policy, connect
from bot.adapters.redis_server import NOTE, EmbeddedRedis
from core.errors import UserError

CHILD = """
import sys, time
from pathlib import Path
from bot.adapters.redis_server import EmbeddedRedis
if "--untied" in sys.argv:
    sys.platform = "elsewhere"  # once everything that looks at it is imported
server = EmbeddedRedis(Path(sys.argv[1]) if sys.argv[1:] else None)
print(server.start(), server.pid, flush=True)
time.sleep(60)
"""


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat")
    return not (state.exists() and state.read_text().rpartition(")")[2].split()[0] == "Z")


def gone(pid: int, within: float = 5.0) -> bool:
    deadline = time.monotonic() + within
    while alive(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not alive(pid)


def child(*arguments: str) -> tuple[subprocess.Popen[str], str, int]:
    """Start a process that embeds a server; return it with the server's address and id."""
    process = subprocess.Popen(
        [sys.executable, "-c", CHILD, *arguments], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    url, pid = process.stdout.readline().split()
    return process, url, int(pid)


def end(process: subprocess.Popen[str], number: signal.Signals) -> None:
    process.send_signal(number)
    process.wait(10)
    assert process.stdout is not None
    process.stdout.close()


def test_server_answers_and_stops() -> None:
    with EmbeddedRedis() as server:
        client = redis.Redis.from_url(server.url)
        assert client.ping()
        client.close()
        pid = server.pid
    assert gone(pid, within=0.1)
    assert server.pid == 0


def test_socket_is_private_and_there_is_no_port() -> None:
    with EmbeddedRedis() as server:
        path = Path(server.url.removeprefix("unix://").partition("?")[0])
        assert path.stat().st_mode & 0o077 == 0
        client = redis.Redis.from_url(server.url)
        assert client.config_get("port")["port"] == "0"
        client.close()


async def test_server_in_memory_refuses_to_evict_and_warns_about_durability() -> None:
    with EmbeddedRedis() as server:
        client = connect(server.url)
        report = await check_policy(client)
        await client.aclose()
    assert (report.problems, len(report.warnings)) == ((), 1)


async def test_server_with_data_keeps_it_and_needs_no_warning(tmp_path: Path) -> None:
    with EmbeddedRedis(tmp_path) as server:
        client = connect(server.url)
        await client.set("k", "v")
        report = await check_policy(client)
        await client.aclose()
    with EmbeddedRedis(tmp_path) as server:
        client = connect(server.url)
        assert await client.get("k") == b"v"
        assert (await client.config_get("appendfsync"))["appendfsync"] == "always"
        await client.aclose()
    assert (report.problems, report.warnings) == ((), ())
    assert not (tmp_path / NOTE).exists()


async def test_evicting_server_is_a_problem(redis_url: str) -> None:
    client = connect(redis_url)
    await client.config_set("maxmemory-policy", "allkeys-lru")
    try:
        report = await check_policy(client)
    finally:
        await client.config_set("maxmemory-policy", "noeviction")
        await client.aclose()
    assert len(report.problems) == 1
    assert "allkeys-lru" in report.problems[0]


async def test_server_that_forbids_config_is_judged_by_what_it_tells(redis_url: str) -> None:
    admin = connect(redis_url)
    await admin.execute_command("ACL", "SETUSER", "guest", "on", "nopass", "+@all", "-config", "~*")
    client = connect(redis_url.replace("unix://", "unix://guest:x@"))
    try:
        report = await check_policy(client)
    finally:
        await admin.execute_command("ACL", "DELUSER", "guest")
        await client.aclose()
        await admin.aclose()
    assert (report.problems, len(report.warnings)) == ((), 1)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ties a child to its parent")
def test_server_dies_with_a_parent_that_is_killed() -> None:
    process, _, pid = child()
    end(process, signal.SIGKILL)
    assert gone(pid)


def test_interrupt_of_the_terminal_does_not_reach_the_server() -> None:
    with EmbeddedRedis() as server:
        assert os.getsid(server.pid) != os.getsid(0)


def test_data_of_a_living_process_is_not_taken(tmp_path: Path) -> None:
    process, _, _ = child(str(tmp_path))
    try:
        with pytest.raises(UserError, match="already running"), EmbeddedRedis(tmp_path):
            pass
    finally:
        end(process, signal.SIGTERM)


def test_orphan_of_a_killed_parent_is_used_and_stopped(tmp_path: Path) -> None:
    process, url, pid = child(str(tmp_path), "--untied")
    end(process, signal.SIGKILL)
    assert alive(pid)
    with EmbeddedRedis(tmp_path) as server:
        assert (server.pid, server.url) == (pid, url)
    assert gone(pid)


def test_broken_note_is_ignored(tmp_path: Path) -> None:
    (tmp_path / NOTE).write_text("{")
    with EmbeddedRedis(tmp_path) as server:
        assert server.pid


async def test_url_serves_many_callers_at_once(redis_url: str) -> None:
    client = connect(redis_url, max_connections=3)
    await asyncio.gather(*(client.incr("n") for _ in range(200)))
    assert await client.get("n") == b"200"
    await client.aclose()
