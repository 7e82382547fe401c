"""The world of a fault case: Redis, GitHub, a model, Argus as processes, all real, all its own.

A scene outlives many runs, because its start costs more than most runs; `begin` makes it whole
again before each. What a case does to it is the case's; what must hold afterwards is `audit`'s.
"""

import asyncio
import contextlib
import json
import os
import secrets
import signal
import subprocess
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from bot.adapters import keys
from bot.adapters.ledger import RedisLedger
from bot.adapters.ledger.scripts import answer
from bot.adapters.ledger.values import JobEntry
from bot.adapters.limits.breaker import FRESH
from bot.adapters.limits.models import KIND as MODEL
from bot.adapters.redis_client import connect
from bot.fault_injection import TAKEN, Order
from core.errors import TransientError
from core.fault_points import FaultPoint
from core.models import OutcomeKind, Stage
from tests.fakes.argus import Argus
from tests.fakes.github import FakeGitHub
from tests.fakes.model_answers import review
from tests.fakes.model_server import ModelServer
from tests.fakes.slack import FakeSlack
from tests.faults.audit import Audit, Leaks, judge, secrets_of
from tests.faults.redis import DurableRedis

WORKERS = 2
"""Kept alive: one for the fault, one to take over."""
PIDS = "pids"
"""The file in a scene's folder that names every process of Argus it started."""
READY_SECONDS = 120.0
"""Three processes start at once, beside other scenes on the same cores."""
MODEL_SECONDS = 18.0
"""For the longest call to a model, a tenth of the default: a third of it until it begins to answer,
a sixth for a silence."""
POLL_SECONDS = 0.03
BASE = {"app/store.py": "def find(db, name):\n    return db.get(name)\n"}
SQL = "def find(db, name):\n    return db.execute(f\"SELECT * FROM items WHERE n = '{name}'\")\n"
"""What the analyzers find something in, so that every review has something to post."""
QUOTE = SQL.splitlines()[1].strip()
FINDING = {
    "path": "app/store.py",
    "line": 2,
    "severity": "important",
    "category": "security",
    "title": "A name can end the statement",
    "body": "A name with a quote in it changes what is executed.",
    "quote": QUOTE,
    "confidence": 0.9,
}
REVIEWED = frozenset({OutcomeKind.REVIEWED})


@dataclass(slots=True)
class Pull:
    """A pull request of the current run; its head follows what the case pushes."""

    repo: str
    repo_id: int
    number: int
    head: str
    installation: int
    expected: frozenset[OutcomeKind] = REVIEWED
    """How it may end; a case that expects another end says so."""
    closed: bool = False
    muted: bool = False
    """Nothing can be written on it any more, so that the ledger alone tells how it ended."""
    last_shown: Mapping[str, Any] | None = None
    """What stood on it when it was deleted; None while it is there."""

    @property
    def job(self) -> str:
        """Return the id of its job."""
        return f"{self.repo_id}:{self.number}"


@dataclass(frozen=True, slots=True)
class Fired:
    """An order that was carried out."""

    pid: int
    at: float
    """Seconds since 1970."""


class Scene:
    """Use as `async with open_scene(...)`; kills only what it started itself."""

    def __init__(self, folder: Path, *, lease: float, model: bool, **environment: str) -> None:
        self.folder, self.lease = folder, lease
        self.logs = folder / "logs"
        self.logs.mkdir(parents=True)
        self.redis = DurableRedis(folder / "redis")
        self.github = FakeGitHub.start(folder / "github")
        self.github.set_knobs(requests_per_hour=1_000_000)
        self.slack = FakeSlack.start()
        key = secrets.token_hex(16)
        self.model = ModelServer(lambda _: review(FINDING), key=key) if model else None
        self._order = folder / "order"
        self._environment = {
            "ARGUS_LEASE_SECONDS": f"{lease:g}",
            "ARGUS_FAULT": str(self._order.absolute()),
            "SLACK_BOT_TOKEN": self.slack.bot_token,
            "SLACK_SIGNING_SECRET": self.slack.signing_secret,
            "SLACK_API_URL": self.slack.api_url,
            **environment,
        }
        self._key = key
        self._owners = count(1)
        self._named = count(1)
        self._workers: dict[int, subprocess.Popen[bytes]] = {}
        self._group = 0
        self._all: list[Pull] = []
        self.pulls: list[Pull] = []
        """Those of the current run."""
        self.trouble_at: float | None = None
        """When the fault happened or the outage ended, in seconds since 1970."""

    async def start(self) -> None:
        """Start everything and wait until it is ready."""
        self.redis.start()
        if self.model is not None:
            self.model.__enter__()
            self._environment |= {
                "ARGUS_MODEL": "openai:test-model",
                "ARGUS_MODEL_SECONDS": f"{MODEL_SECONDS:g}",
                "OPENAI_API_KEY": self._key,
                "OPENAI_BASE_URL": self.model.openai_url,
            }
        self.argus = Argus(self.github, self.redis.url, self.logs, **self._environment)
        self.slack.set_request_url(f"{self.argus.url}/slack/events")
        self.leaks = Leaks(secrets_of(self.argus.environment))
        self._client = connect(self.redis.url)
        self.ledger = RedisLedger(self._client, lease_seconds=self.lease)
        self.start_web()
        self.fill()
        await asyncio.to_thread(self.argus.until_ready, READY_SECONDS)

    async def close(self) -> None:
        """End everything that was started."""
        self.heal()
        for worker in self._workers.values():
            worker.kill()
            worker.wait()
        await asyncio.to_thread(self.argus.stop)
        await self._client.aclose()
        if self.model is not None:
            self.model.__exit__()
        self.github.stop()
        self.slack.stop()
        self.redis.stop()

    async def begin(self) -> None:
        """Make the scene whole for another run: all faults gone, all workers there."""
        self.heal()
        self.pulls = []
        self.trouble_at = None
        if not self.argus.runs("web"):
            self.start_web()
        self.fill()
        await self.ready()
        await self._trust_models()

    def heal(self) -> None:
        """Take back every fault that is still on."""
        self._order.unlink(missing_ok=True)
        for pid in self.workers:
            self.cont(pid)
        if self.argus.runs("web"):
            self.argus.signal("web", signal.SIGCONT)
        self.redis.heal()
        self.github.clear_faults()
        self.slack.clear_faults()
        self.github.set_knobs(hooks=True, list_lag=0.0)
        if self.model is not None:
            self.model.script = lambda _: review(FINDING)

    # What a case does with pull requests.

    def open(self, change: Mapping[str, str] | None = None, *, owner: str = "") -> Pull:
        """Open a pull request in a repository of its own; its webhook is on the way.

        Without `owner` it has an installation of its own too, so that no run slows another down
        by GitHub's limits on writes.
        """
        repo = self.own_name(owner)
        made = self.github.open(BASE, change or {"app/store.py": SQL}, repo=repo)
        return self.watch(Pull(made.repo, made.repo_id, made.number, made.head, made.installation))

    async def open_held(self, point: FaultPoint, seconds: float = 1.0) -> Pull:
        """Open a pull request whose run is held up at a point, and meets what is ordered next."""
        self.arm(f"{point}:hang:{seconds}")
        pull = self.open()
        await self.fired()
        return pull

    def own_name(self, owner: str = "") -> str:
        """Return the name of a repository that is not there yet, its owner's only one."""
        number = next(self._owners)
        return f"{owner or f'octo-{number}'}/shop-{number}"

    def watch(self, pull: Pull) -> Pull:
        """Hold a pull request that a case opened itself against the promises too."""
        self.pulls.append(pull)
        self._all.append(pull)
        return pull

    def push(self, pull: Pull, files: Mapping[str, str] | None = None, **how: Any) -> str:
        """Push a commit and return it; without `files` it changes the line that is found."""
        changed = SQL.replace("items", f"items_{secrets.token_hex(3)}")
        pull.head = self.github.push(pull.repo, "change", files or {"app/store.py": changed}, **how)
        return pull.head

    def end(self, pull: Pull) -> None:
        """Close a pull request: its job may end as cancelled, or have ended before."""
        self.github.act(pull.repo, pull.number, "close")
        pull.closed = True
        pull.expected |= {OutcomeKind.CANCELLED, OutcomeKind.SUPERSEDED}

    def shown(self, pull: Pull) -> Mapping[str, Any]:
        """Return everything that stands on a pull request."""
        return pull.last_shown or self.github.snapshot(pull.repo, pull.number)

    # What a case does to processes.

    @property
    def workers(self) -> list[int]:
        """Return the process ids of the workers that live, stopped ones included."""
        return [pid for pid, worker in self._workers.items() if worker.poll() is None]

    def arm(self, order: str) -> None:
        """Order a fault of whichever process comes to its point first; see `fault_injection`."""
        Order.parse(order)
        taken = self._order.with_name(self._order.name + TAKEN)
        taken.unlink(missing_ok=True)
        draft = self._order.with_name("draft")
        draft.write_text(order)
        draft.rename(self._order)

    async def fired(self, seconds: float = 20.0) -> Fired:
        """Wait until the order was carried out; the trouble begins with it."""
        taken = self._order.with_name(self._order.name + TAKEN)
        async with asyncio.timeout(seconds):
            while not taken.exists():
                await asyncio.sleep(POLL_SECONDS / 3)
        found = Fired(**json.loads(taken.read_text()))
        self.trouble_at = found.at
        return found

    def kill(self, pid: int) -> None:
        """Send SIGKILL to a worker; the trouble begins."""
        self._workers[pid].kill()
        self._workers[pid].wait()
        self.trouble_at = time.time()

    def stop(self, pid: int) -> None:
        """Send SIGSTOP to a worker: it holds still, its connections stay."""
        self._signal(pid, signal.SIGSTOP)

    def cont(self, pid: int) -> None:
        """Send SIGCONT to a worker."""
        self._signal(pid, signal.SIGCONT)

    def terminate(self, pid: int) -> None:
        """Send SIGTERM to a worker; the trouble begins."""
        self._signal(pid, signal.SIGTERM)
        self.trouble_at = time.time()

    def leave_group(self) -> int:
        """Return the process group of all workers; those that are started now make another."""
        group, self._group = self._group, 0
        assert group, "no worker was started"
        return group

    def terminate_group(self, group: int) -> None:
        """Send SIGTERM to each process of a group, as a platform does; the trouble begins."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(group, signal.SIGTERM)
        self.trouble_at = time.time()

    async def gone(self, pids: list[int], seconds: float = 25.0) -> float:
        """Wait until workers have ended; return the seconds. Raises TimeoutError."""
        began = time.monotonic()
        async with asyncio.timeout(seconds):
            while set(pids) & set(self.workers):
                await asyncio.sleep(POLL_SECONDS)
        return time.monotonic() - began

    def is_empty(self, group: int) -> bool:
        """Tell whether no process of a group is left, children of workers included."""
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        return False

    def start_web(self) -> None:
        """Start the web process, at the address it had; returns at once."""
        self._note(self.argus.start("web").pid)

    def fill(self, workers: int = WORKERS) -> None:
        """Start workers until so many live; returns at once."""
        while len(self.workers) < workers:
            self.spawn()

    def spawn(self, **environment: str) -> int:
        """Start one more worker, in the group of those that live; returns its process id."""
        name = f"worker-{next(self._named)}"
        self._group = self._group if self.workers else 0
        try:
            started = self.argus.start("worker", name, group=self._group, **environment)
        except PermissionError:  # the group's last process ended just now
            started = self.argus.start("worker", name, group=0, **environment)
            self._group = started.pid
        self._group = self._group or started.pid
        self._workers[started.pid] = started
        self._note(started.pid)
        return started.pid

    async def ready(self, seconds: float = READY_SECONDS) -> None:
        """Wait until every worker that lives has said so to the ledger."""
        async with asyncio.timeout(seconds):
            while True:
                try:
                    beats = await self.ledger.presence.workers()
                except TransientError:
                    beats = ()
                if set(self.workers) <= {int(beat.worker.split(":")[1]) for beat in beats}:
                    return
                await asyncio.sleep(POLL_SECONDS)

    async def holder(self, pull: Pull, seconds: float = 20.0) -> int:
        """Return the process id of the worker that runs a pull request's job, once one does."""
        async with asyncio.timeout(seconds):
            while True:
                entry = await self.entry(pull)
                if entry is not None and entry.stage is Stage.RUNNING:
                    return int(entry.worker.split(":")[1])
                await asyncio.sleep(POLL_SECONDS)

    # What stands afterwards.

    async def entry(self, pull: Pull) -> JobEntry | None:
        """Return the ledger's entry, None when there is none or the ledger is away."""
        try:
            return await self.ledger.desk.show(pull.job)
        except TransientError:
            return None

    async def settled(self, *pulls: Pull, seconds: float) -> None:
        """Wait until nothing more will happen to pull requests. Raises TimeoutError."""
        async with asyncio.timeout(seconds):
            for pull in pulls:
                while not await self._rests(pull):
                    await asyncio.sleep(POLL_SECONDS)

    def submitted_at(self, pull: Pull) -> float | None:
        """Return when the newest review was submitted, in seconds since 1970."""
        path = rf"^/repos/{pull.repo}/pulls/{pull.number}/reviews/\d+/events$"
        times = [r["at"] for r in self.github.requests("POST", path) if r["status"] in {0, 200}]
        return max(times, default=None)

    async def audit(self) -> Audit:
        """Hold every pull request of this run against the promises, and look for secrets."""
        found = Audit()
        for pull in self.pulls:
            found += await self._judged(pull)
        found += Audit(violations=self._leaked())
        self.github.clear_requests()
        return found

    async def audit_all(self) -> Audit:
        """Hold every pull request of the scene against the promises: what came late shows here."""
        found = Audit()
        for pull in self._all:
            found += await self._judged(pull)
        return found

    def forget(self) -> None:
        """Leave this run's pull requests out of `audit_all`: what was wrong with them is told."""
        self._all = [pull for pull in self._all if pull not in self.pulls]

    async def _judged(self, pull: Pull) -> Audit:
        return judge(
            pull.repo, self.shown(pull), await self.entry(pull), pull.expected, muted=pull.muted
        )

    def _leaked(self) -> tuple[str, ...]:
        bodies = [json.dumps(row["body"]) for row in self.github.requests()]
        asked = self.model.requests if self.model else []
        written = [*self.logs.glob("*.log"), *self.redis.data.glob("appendonlydir/*")]
        return (
            *self.leaks.in_files(written),
            *self.leaks.in_texts("a request to GitHub", bodies),
            *self.leaks.in_texts("a request to the model", (each.text for each in asked)),
        )

    async def _rests(self, pull: Pull) -> bool:
        entry = await self.entry(pull)
        if entry is None or entry.stage not in {Stage.IDLE, Stage.DEAD}:
            return False
        return (pull.closed or entry.head == pull.head) and not await self._rows(pull)

    async def _trust_models(self) -> None:
        """Forget that models failed in an earlier run, and wait until every worker has."""
        names = await answer(self._client.zrange(keys.lasting("breakers"), 0, -1))
        failed = [name for name in names if name.startswith(f"{MODEL}:".encode())]
        for name in failed:
            await answer(self._client.delete(keys.lasting("breaker", name.decode())))
            await answer(self._client.zrem(keys.lasting("breakers"), name))
        await asyncio.sleep(FRESH if failed else 0.0)

    async def _rows(self, pull: Pull) -> bool:
        """Tell whether the outbox still has something to say about it."""
        try:
            rows = await answer(self._client.zrange(keys.lasting("rows"), 0, -1))
        except TransientError:
            return True
        return any(row.decode().startswith(f"{pull.job}|") for row in rows)

    def _note(self, pid: int) -> None:
        with (self.folder / PIDS).open("a") as pids:
            pids.write(f"{pid}\n")

    def _signal(self, pid: int, number: signal.Signals) -> None:
        worker = self._workers[pid]
        if worker.poll() is None:
            worker.send_signal(number)


@asynccontextmanager
async def open_scene(
    folder: Path, *, lease: float, model: bool = False, **environment: str
) -> AsyncIterator[Scene]:
    """Open a scene in a new folder, with a model or with the analyzers alone."""
    scene = Scene(folder, lease=lease, model=model, **environment)
    try:
        await scene.start()
        yield scene
    finally:
        await scene.close()
