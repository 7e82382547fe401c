"""What knocks at the doors: forged, malformed, huge and slow requests, floods, bad settings, rows
of other versions, a clock that jumps.

Whatever comes, what is right is answered and reviewed, and what is not leaves no trace.
"""

import asyncio
import json
import secrets
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import httpx

from bot.adapters import keys
from bot.adapters.ledger.rows import SCHEMA
from bot.adapters.queue import QUEUE
from core.fault_points import FaultPoint
from core.models import OutcomeKind, Stage
from github.signature import sign
from tests.fakes.argus import ROOT, free_port
from tests.faults.audit import secrets_of
from tests.faults.case import Case, patience
from tests.faults.looks import answered, deliveries_of, wait_of
from tests.faults.scene import BASE, POLL_SECONDS, WORKERS, Pull, Scene

ANSWER_SECONDS = 5.0
"""For an answer in the middle of it; GitHub waits for ten."""
CHANNEL = "reviews"
HOOK = "/webhooks/github"
TOO_LARGE = 26 * 1024 * 1024
TRACES = ("event:", "job:", "asked:", "done:", "jobs", "later", "due", "totals")
"""Keys of the ledger that an admission, and nothing else, changes while all is at rest."""
SLOW_SENDERS = 30
SLOW_SECONDS = 25.0
"""Within which a request that does not arrive is given up; ten are promised."""
HOG, OTHERS = 12, 6
"""Pull requests of one repository, and of as many others."""
FIRST_REVIEW_SECONDS = 60.0
HOUR = 3600.0
BOOT_SECONDS = 20.0
"""Within which bad settings end a process; two on a machine that does nothing else."""
CLOCK = ROOT / "tests" / "faults" / "clock"
TIDY = {"app/store.py": "def find(db, name):\n    found = db.get(name)\n    return found\n"}
"""A change in which nothing is found."""

Headers = dict[str, str]


@dataclass(frozen=True, slots=True)
class Knock:
    """A request to the webhook's door, and what it is to be answered."""

    name: str
    status: int
    headers: Headers
    body: bytes | Callable[[], AsyncIterator[bytes]]


async def hostile_deliveries(scene: Scene, chance: Random) -> None:
    """Send what GitHub never would, all at once, while it sends what it always does."""
    pull = scene.open()
    await scene.settled(pull, seconds=patience(scene.lease))
    payload = deliveries_of(scene, pull)[0]["request"]["payload"]
    knocks = list(_knocks(payload, scene.argus.webhook_secret))
    chance.shuffle(knocks)
    before = _traces(scene)
    async with _client(scene) as client:
        wrong = await asyncio.gather(*(_knock(client, each) for each in knocks))
        assert not any(wrong), "; ".join(filter(None, wrong))
        assert _traces(scene) == before, "something of it stands in the ledger"
        flood = asyncio.gather(*(_knock(client, each) for each in knocks))
        scene.push(pull)
        row = (await answered(scene, pull, 2))[-1]
        await flood
    assert row["status_code"] == 202, f"the event was answered {row['status_code']}"
    assert row["duration"] <= ANSWER_SECONDS, f"its answer took {row['duration']} s"


def _knocks(payload: Mapping[str, Any], secret: str) -> Sequence[Knock]:
    """Return every kind of wrong request; each would be a wish of its own if it were taken."""

    def forged(**changes: Any) -> bytes:
        head = {**payload["pull_request"]["head"], "sha": secrets.token_hex(20)}
        whole = {**payload, "pull_request": {**payload["pull_request"], "head": head}}
        return json.dumps(whole | changes).encode()

    def proof(body: bytes, **more: str) -> Headers:
        return _headers("pull_request") | {"X-Hub-Signature-256": _sign(body, secret)} | more

    def signed(name: str, status: int, body: bytes, **more: str) -> Knock:
        return Knock(name, status, proof(body, **more), body)

    body = forged()
    unsigned = _headers("pull_request")
    right = proof(body)["X-Hub-Signature-256"]
    without_pull = {k: v for k, v in payload.items() if k != "pull_request"}
    another_app = {
        "X-GitHub-Hook-Installation-Target-Type": "integration",
        "X-GitHub-Hook-Installation-Target-ID": "1",
    }
    return (
        Knock("no signature", 401, unsigned, body),
        Knock("sha1 alone", 401, unsigned | {"X-Hub-Signature": f"sha1={'0' * 40}"}, body),
        Knock("a wrong secret", 401, proof(body) | _wrongly(body), body),
        Knock("an altered body", 401, proof(body), body + b" "),
        Knock("capitals", 401, proof(body) | {"X-Hub-Signature-256": right.upper()}, body),
        signed("another App's", 401, body, **another_app),
        signed("no JSON", 400, b"{not json"),
        signed("an array", 400, b"[1, 2]"),
        signed("NaN", 400, forged(number=float("nan"))),
        signed("no pull request", 400, json.dumps(without_pull).encode()),
        signed("a form", 400, body, **{"Content-Type": "application/x-www-form-urlencoded"}),
        signed("an unknown action", 204, forged(action="pondered")),
        signed("an unknown event", 204, body, **{"X-GitHub-Event": "pondering"}),
        signed("a ping", 204, b"{}", **{"X-GitHub-Event": "ping"}),
        Knock("26 MB", 413, unsigned, b" " * TOO_LARGE),
        Knock("26 MB without a length", 413, unsigned, _endless),
    )


async def _endless() -> AsyncIterator[bytes]:
    for _ in range(TOO_LARGE // 65_536 + 1):
        yield b" " * 65_536


def _headers(event: str) -> Headers:
    return {
        "Content-Type": "application/json",
        "X-GitHub-Event": event,
        "X-GitHub-Delivery": secrets.token_hex(16),
    }


def _sign(body: bytes, secret: str) -> str:
    return sign(body, secret.encode()).decode()


def _wrongly(body: bytes) -> Headers:
    return {"X-Hub-Signature-256": _sign(body, secrets.token_hex(16))}


def _client(scene: Scene) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=scene.argus.url, trust_env=False, timeout=SLOW_SECONDS)


async def _knock(client: httpx.AsyncClient, knock: Knock) -> str:
    """Send it; return what is wrong with the answer, empty when nothing is."""
    body = knock.body if isinstance(knock.body, bytes) else knock.body()
    try:
        answer = await client.post(HOOK, content=body, headers=knock.headers)
    except httpx.WriteError:
        # The door is shut before everything is sent, and the answer lost with the connection.
        return "" if knock.status == 413 else f"{knock.name} was cut off"
    if answer.status_code == knock.status:
        return ""
    return f"{knock.name} was answered {answer.status_code}"


def _traces(scene: Scene) -> dict[bytes, bytes | None]:
    """Return everything in the ledger that an admission would change."""
    with scene.redis.client() as client:
        found: list[bytes] = [
            key for name in TRACES for key in client.scan_iter(f"{keys.LASTING}{name}*", count=1000)
        ]
        return {key: client.dump(key) for key in found}


async def slow_senders(scene: Scene, chance: Random) -> None:
    """Hold connections open with bodies that never end: events are answered all the same."""
    senders = [asyncio.create_task(_dribble(scene, chance)) for _ in range(SLOW_SENDERS)]
    for _ in range(3):
        await asyncio.sleep(chance.uniform(0.0, 1.0))
        (row,) = await answered(scene, scene.open(), 1)
        assert row["status_code"] == 202, f"an event was answered {row['status_code']}"
        assert row["duration"] <= ANSWER_SECONDS, f"an answer took {row['duration']} s"
    lines = await asyncio.gather(*senders)
    assert set(lines) == {b"HTTP/1.1 408 Request Timeout"}, set(lines)


async def _dribble(scene: Scene, chance: Random) -> bytes:
    """Send a byte now and then until the other side has had enough; return its first line."""
    reader, writer = await asyncio.open_connection("127.0.0.1", scene.argus.port)
    try:
        writer.write(f"POST {HOOK} HTTP/1.1\r\nHost: argus\r\nContent-Length: 999\r\n\r\n".encode())
        line = asyncio.create_task(reader.readline())
        async with asyncio.timeout(SLOW_SECONDS):
            while not line.done():
                writer.write(b"x")
                await asyncio.wait({line}, timeout=chance.uniform(0.2, 1.0))
        return line.result().strip()
    finally:
        writer.close()


async def hostile_commands(scene: Scene, chance: Random) -> None:
    """Send a Slack command again and again, and others that prove nothing: one job comes of it."""
    channel = scene.slack.channel(CHANNEL)
    scene.github.set_knobs(hooks=False)
    pull, other = scene.open(), scene.open()
    before = await scene.ledger.desk.totals()
    sent = await _type(scene, channel, pull)
    again = (scene.slack.resend(sent["id"], wait=False) for _ in range(chance.randint(1, 3)))
    assert [row["id"] for row in again] != [], "nothing was sent again"
    await scene.settled(pull, seconds=patience(scene.lease))
    for skew in (-301, -HOUR, 301, HOUR):
        await _is_refused(scene, channel, other, skew=skew + chance.uniform(-0.5, 0.5))
    await _is_refused(scene, channel, other, secret=secrets.token_hex(16))
    foreign = await _type(scene, channel, other, changes={"team_id": "T0ELSEWHERE"})
    assert not foreign["error"], f"a foreign command was not acknowledged: {foreign['error']}"
    await asyncio.sleep(chance.uniform(0.5, 1.0))
    assert await scene.entry(other) is None, "a job came of what proved nothing"
    after = await scene.ledger.desk.totals()
    assert after["admitted"] - before.get("admitted", 0) == 1, "more than one job came of it"
    scene.github.set_knobs(hooks=True)
    scene.push(other)


async def _type(scene: Scene, channel: str, pull: Pull, **how: Any) -> dict[str, Any]:
    """Type a command that asks for a review, and return how it was answered."""
    text = f"review {scene.github.url}/{pull.repo}/pull/{pull.number}"
    return await asyncio.to_thread(scene.slack.slash, "mona", channel, text, **how)


async def _is_refused(scene: Scene, channel: str, pull: Pull, **how: Any) -> None:
    sent = await _type(scene, channel, pull, **how)
    assert sent["status"] == 401, f"{sorted(how)} was answered {sent['status']}"


async def flood(scene: Scene, chance: Random) -> None:
    """One repository asks for much at once, others for a little; workers have few slots."""
    async with _replaced_workers(scene, ARGUS_CONCURRENCY="1"):
        first = scene.open(TIDY)
        hog = [first, *(_open_beside(scene, first, n) for n in range(1, HOG))]
        others = [scene.open(TIDY) for _ in range(OTHERS)]
        for pull in scene.pulls:
            pull.expected = frozenset({OutcomeKind.CLEAN})
        await asyncio.sleep(chance.uniform(0.0, 2.0))
        scene.kill(chance.choice(scene.workers))
        scene.spawn(ARGUS_CONCURRENCY="1")
        await scene.settled(*scene.pulls, seconds=2 * patience(scene.lease))
    waits = sorted(wait_of(scene, pull) for pull in others)
    assert waits[-1] <= FIRST_REVIEW_SECONDS, f"a repository waited for {waits[-1]:.0f} s"
    longest = max(wait_of(scene, pull) for pull in hog)
    assert waits[-2] < longest, f"others waited {waits}, the one that asks for much {longest}"


def _open_beside(scene: Scene, first: Pull, number: int) -> Pull:
    """Open another pull request in the same repository."""
    branch = f"change-{number}"
    head = scene.github.push(first.repo, branch, {f"app/store_{number}.py": BASE["app/store.py"]})
    made = scene.github.open_pull(first.repo, branch)
    return scene.watch(Pull(first.repo, first.repo_id, made["number"], head, first.installation))


@asynccontextmanager
async def _replaced_workers(scene: Scene, **environment: str) -> AsyncIterator[None]:
    """Let workers with this environment do the work while the block runs."""
    await _replace(scene, **environment)
    yield
    await _replace(scene)


async def _replace(scene: Scene, **environment: str) -> None:
    old = scene.workers
    for _ in range(WORKERS):
        scene.spawn(**environment)
    for pid in old:
        scene.terminate(pid)
    await scene.gone(old)
    await scene.ready()


async def clock_jumps(scene: Scene, chance: Random) -> None:
    """Set the clock of all workers an hour forward or back in the middle of a run, and again."""
    clock = scene.folder / "moved-by"
    clock.unlink(missing_ok=True)
    environment = {"PYTHONPATH": str(CLOCK), "ARGUS_TEST_CLOCK": str(clock.absolute())}
    async with _replaced_workers(scene, **environment):
        for _ in range(2):
            points = (FaultPoint.CLAIMED, FaultPoint.MODEL_ASKED, FaultPoint.SUBMITTING)
            scene.arm(f"{chance.choice(points)}:hang:{chance.uniform(0.1, 1.0):.2f}")
            scene.open()
            await scene.fired()
            clock.write_text(str(chance.choice((-HOUR, HOUR))))
            scene.open()
            await scene.settled(*scene.pulls, seconds=patience(scene.lease))


async def bad_settings(scene: Scene, chance: Random) -> None:
    """Start new processes with settings that cannot be right, beside those that work."""
    wrong = chance.sample(_wrong_settings(scene.argus.environment), k=3)
    ended = await asyncio.gather(
        *(asyncio.to_thread(_boot, scene, chance.choice(each.of), each.changes) for each in wrong)
    )
    for each, process in zip(wrong, ended, strict=True):
        said = process.stdout + process.stderr
        assert process.returncode != 0, f"{each.name}: the process ended well"
        assert each.variable in said, f"{each.name}: {each.variable} is not named"
        _says_no_secret(said, scene, each.changes)
    good = await asyncio.to_thread(_boot, scene, "check", chance.choice(_good_keys(scene)))
    assert good.returncode == 0, good.stdout + good.stderr
    await _wrong_app_is_told(scene)
    scene.open()


@dataclass(frozen=True, slots=True)
class Wrong:
    """Settings that must end a process, and the variable that it must name."""

    name: str
    variable: str
    changes: Mapping[str, str]
    """Of the right environment; what is empty is unset."""
    of: Sequence[str] = ("web", "worker", "check")


def _wrong_settings(right: Mapping[str, str]) -> Sequence[Wrong]:
    pem, hook = right["GITHUB_APP_PRIVATE_KEY"], right["GITHUB_WEBHOOK_SECRET"]
    lines = pem.splitlines()
    garbled = "\n".join([*lines[:3], lines[3][::-1], *lines[4:]])
    served = ("web", "worker")
    return (
        Wrong("no key", "GITHUB_APP_PRIVATE_KEY", {"GITHUB_APP_PRIVATE_KEY": ""}),
        Wrong("half a key", "GITHUB_APP_PRIVATE_KEY", {"GITHUB_APP_PRIVATE_KEY": pem[:400]}),
        Wrong("garbled key", "GITHUB_APP_PRIVATE_KEY", {"GITHUB_APP_PRIVATE_KEY": garbled}),
        Wrong("no App", "GITHUB_APP_ID", {"GITHUB_APP_ID": ""}),
        Wrong("App by name", "GITHUB_APP_ID", {"GITHUB_APP_ID": "argus"}),
        Wrong("no secret", "GITHUB_WEBHOOK_SECRET", {"GITHUB_WEBHOOK_SECRET": ""}),
        Wrong(
            "one secret twice",
            "GITHUB_WEBHOOK_SECRET_PREVIOUS",
            {"GITHUB_WEBHOOK_SECRET_PREVIOUS": hook},
        ),
        Wrong("nothing to sign with", "SECRET_KEY", {"SECRET_KEY": ""}),
        Wrong("half of Slack", "SLACK_SIGNING_SECRET", {"SLACK_SIGNING_SECRET": ""}),
        Wrong("no server", "REDIS_URL", {"REDIS_URL": ""}, served),
        Wrong("a strange server", "REDIS_URL", {"REDIS_URL": "http://127.0.0.1"}, served),
        Wrong("a lease in words", "ARGUS_LEASE_SECONDS", {"ARGUS_LEASE_SECONDS": "a minute"}),
        Wrong("a retired model", "ARGUS_MODEL", {"ARGUS_MODEL": "github-models:gpt-5"}),
    )


def _good_keys(scene: Scene) -> Sequence[Mapping[str, str]]:
    pem = scene.argus.environment["GITHUB_APP_PRIVATE_KEY"]
    return ({"GITHUB_APP_PRIVATE_KEY": pem.replace("\n", "\\n")}, {"GITHUB_APP_PRIVATE_KEY": pem})


def _boot(
    scene: Scene, process: str, changes: Mapping[str, str]
) -> "subprocess.CompletedProcess[str]":
    """Start a process that is to end by itself. Raises subprocess.TimeoutExpired."""
    whole = {**scene.argus.environment, "PORT": str(free_port()), **changes}
    return subprocess.run(
        [sys.executable, "-m", "bot", process],
        cwd=ROOT,
        env={name: value for name, value in whole.items() if value},
        capture_output=True,
        text=True,
        timeout=BOOT_SECONDS,
        check=False,
    )


def _says_no_secret(said: str, scene: Scene, changes: Mapping[str, str]) -> None:
    for name, secret in secrets_of({**scene.argus.environment, **changes}).items():
        assert secret not in said, f"{name} was printed"


async def _wrong_app_is_told(scene: Scene) -> None:
    """Start web as an App that the key does not belong to: only GitHub can know."""
    log, port = scene.logs / "web-of-another-app.log", str(free_port())
    started = scene.argus.start("web", log.stem, GITHUB_APP_ID="999999", PORT=port)
    try:
        async with asyncio.timeout(BOOT_SECONDS):
            while "GITHUB_APP_ID" not in _text(log):
                await asyncio.sleep(POLL_SECONDS)
    finally:
        started.kill()
        started.wait()


def _text(log: Path) -> str:
    return log.read_text() if log.exists() else ""


async def other_versions(scene: Scene, chance: Random) -> None:
    """Leave jobs as the version before wrote them, and one as a later one does; then start."""
    scene.arm(f"{chance.choice((FaultPoint.CLAIMED, FaultPoint.POSTED))}:kill")
    scene.open()
    await scene.fired()
    for pid in scene.workers:
        scene.kill(pid)
    for _ in range(chance.randint(1, 3)):
        await answered(scene, scene.open(), 1)
    newer = scene.open()
    await answered(scene, newer, 1)
    for pull in scene.pulls:
        _write_as_before(scene, pull)
    _set_version(scene, newer, SCHEMA + 1)
    _ring_as_nobody_does(scene)
    scene.fill()
    while not await _is_aside(scene, newer):
        await asyncio.sleep(POLL_SECONDS)
    with scene.redis.client() as client:
        _set_version(scene, newer, SCHEMA)
        client.zadd(keys.lasting("aside"), {newer.job: SCHEMA})
    scene.trouble_at = time.time()


def _write_as_before(scene: Scene, pull: Pull) -> None:
    """Turn a job and what belongs to it into what the first version would have written."""
    with scene.redis.client() as client:
        client.hdel(keys.lasting("job", pull.job), "owner", "asked_at")
        for name in ("job", "row", "done"):
            for key in client.scan_iter(f"{keys.lasting(name, pull.job)}*", count=1000):
                client.hset(key, "v", SCHEMA - 1)


def _set_version(scene: Scene, pull: Pull, version: int) -> None:
    with scene.redis.client() as client:
        client.hset(keys.lasting("job", pull.job), "v", version)


def _ring_as_nobody_does(scene: Scene) -> None:
    """Leave a message for an actor that this version does not have."""
    name = secrets.token_hex(8)
    message = {
        "queue_name": QUEUE,
        "actor_name": "review",
        "args": [],
        "kwargs": {},
        "options": {"redis_message_id": name},
        "message_id": name,
        "message_timestamp": round(time.time() * 1000),
    }
    queue = keys.of_dramatiq(QUEUE)
    with scene.redis.client() as client:
        client.hset(f"{queue}.msgs", name, json.dumps(message))
        client.rpush(queue, name)


async def _is_aside(scene: Scene, pull: Pull) -> bool:
    """Tell whether operators see that only a newer version can read a job."""
    dead = await scene.ledger.desk.list(Stage.DEAD)
    return any(entry.id == pull.job and "newer version" in entry.reason for entry in dead)


CASES = [
    Case("40", "Slack commands twice, late, early, forged, foreign", hostile_commands, leases=13.0),
    Case("42", "Webhooks forged, malformed, huge", hostile_deliveries, leases=13.0),
    Case("42b", "Bodies that never end", slow_senders, quick=False),
    Case("49", "One repository floods the queue", flood, seconds=240.0, leases=25.0, quick=False),
    Case(
        "50",
        "The workers' clocks jump an hour",
        clock_jumps,
        quick=False,
        seconds=240.0,
        leases=25.0,
    ),
    Case("52", "Processes started with bad settings", bad_settings, seconds=120.0, quick=False),
    Case(
        "53",
        "Rows and messages of other versions",
        other_versions,
        leases=2.0,
        seconds=120.0,
        quick=False,
    ),
]
