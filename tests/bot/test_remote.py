"""When duties at GitHub are done, and by whom; what each does on the local GitHub."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Collection
from dataclasses import dataclass, field

import httpx
import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from bot.adapters.figures import Figures
from bot.adapters.ledger import Policy, RedisLedger
from bot.adapters.ledger.marks import Doubt, Marks
from bot.worker import Pace
from bot.worker.remote import FailedDeliveries, NotedPublisher, Remote, ReviewRepairs, Sweep, Turn
from bot.worker.remote.watch import Over
from core.errors import PermanentError, TransientError
from core.intake import Intake
from core.models import (
    OriginKind,
    Outcome,
    OutcomeKind,
    PostedReview,
    PullRequest,
    PullRequestRef,
    ReviewDraft,
)
from core.ports import Fence
from github.app_auth import AppAuth
from github.client import GitHubClient
from github.connect import Connections
from github.deliveries import Deliveries
from github.identity import Identity
from github.markers import MarkerKind, Markers, review_id
from github.open_pulls import OpenPull
from github.triggers import Rules
from tests.bot.asking import push
from tests.fakes.github import SLUG, FakeGitHub, Opened
from tests.github.reviews_api import FakeFence, a_draft

PACE = Pace(tick=0.03, soon=0.05, term=5.0, retry=0.1)
RULES = Rules(
    enabled=frozenset({"pull_request.opened", "pull_request.synchronize"}),
    own_login=f"{SLUG}[bot]",
)
NOWHERE = "http://127.0.0.1:9/webhooks/github"
BASE, CHANGE = {"a.py": "a = 1\n"}, {"a.py": "a = 1\nb = 2\n"}
MARKERS = Markers(["key"])
FETCHED = r"^/app/hook/deliveries/\d+$"


class Silence:
    """A bell that counts."""

    def __init__(self) -> None:
        self.rings = 0

    async def ring(self, job_id: str) -> None:
        self.rings += 1


@dataclass
class Chore:
    """A duty that a test watches."""

    name: str = "chore"
    every: float = 300.0
    eager: bool = False
    errors: list[Exception] = field(default_factory=list)
    looks: int = 0
    steps: int = 1

    async def look(self, turn: Turn) -> None:
        self.looks += 1
        for _ in range(self.steps):
            await turn.step()
        if self.errors:
            raise self.errors.pop(0)


@pytest.fixture
def marks(redis: Redis) -> Marks:
    return Marks(redis, Policy(lease=0.3))


@contextlib.asynccontextmanager
async def serving(ledger: RedisLedger, marks: Marks, *chores: Chore) -> AsyncIterator[None]:
    stop = asyncio.Event()
    served = asyncio.create_task(Remote(ledger.presence, marks, chores, pace=PACE).serve(stop))
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait_for(served, 5)


async def until(ready: Callable[[], object]) -> None:
    async with asyncio.timeout(5):
        while not ready():
            await asyncio.sleep(0.01)


async def test_a_duty_without_a_mark_is_done_once_and_not_again(
    ledger: RedisLedger, marks: Marks
) -> None:
    chore = Chore()
    async with serving(ledger, marks, chore):
        await until(lambda: chore.looks)
        await asyncio.sleep(0.2)
    assert chore.looks == 1


async def test_only_an_eager_duty_is_done_after_a_start(ledger: RedisLedger, marks: Marks) -> None:
    eager, calm = Chore("eager", eager=True), Chore("calm")
    for name in ("eager", "calm"):
        await marks.postpone(name, 300)
    async with serving(ledger, marks, eager, calm):
        await until(lambda: eager.looks)
        await asyncio.sleep(0.15)
    assert (eager.looks, calm.looks) == (1, 0)


async def test_an_eager_duty_is_done_after_web_had_to_refuse_deliveries(
    ledger: RedisLedger, marks: Marks
) -> None:
    eager, calm = Chore("eager", eager=True), Chore("calm")
    async with serving(ledger, marks, eager, calm):
        await until(lambda: eager.looks and calm.looks)
        await asyncio.sleep(3 * PACE.tick)
        figures = Figures()
        figures.count("deliveries:503")
        await figures.store(ledger.health)
        await until(lambda: eager.looks == 2)
        await asyncio.sleep(0.15)
    assert (eager.looks, calm.looks) == (2, 1)


async def test_one_of_two_workers_leads_and_the_other_follows_when_it_stops(
    ledger: RedisLedger, marks: Marks
) -> None:
    first, second = Chore(every=0.05), Chore(every=0.05)
    async with serving(ledger, marks, first):
        await until(lambda: first.looks)
        async with serving(ledger, marks, second):
            await asyncio.sleep(0.2)
            assert second.looks == 0
    async with serving(ledger, marks, second):
        await until(lambda: second.looks)


async def test_a_look_ends_when_another_worker_leads(ledger: RedisLedger, redis: Redis) -> None:
    leads = [True, False]

    async def lead() -> bool:
        return leads.pop(0)

    turn = Turn(lead, asyncio.Event(), set())
    await turn.step()
    with pytest.raises(Over):
        await turn.step()


async def test_steps_keep_their_distance_and_end_with_the_process() -> None:
    async def lead() -> bool:
        return True

    stop = asyncio.Event()
    turn, began = Turn(lead, stop, set()), time.monotonic()
    for _ in range(4):
        await turn.step(0.1)
    assert time.monotonic() - began >= 0.3
    asyncio.get_running_loop().call_later(0.05, stop.set)
    with pytest.raises(Over):
        await turn.step(60)


async def test_a_refusal_is_said_once_and_stops_no_other_duty(
    ledger: RedisLedger, marks: Marks
) -> None:
    refused = Chore("refused", every=0.02, errors=[PermanentError("No such endpoint.")] * 3)
    other = Chore("other", every=0.02)
    with capture_logs() as logs:
        async with serving(ledger, marks, refused, other):
            await until(lambda: refused.looks > 3 and other.looks > 3)
    said = [entry for entry in logs if entry["event"] == "remote.not_possible"]
    assert [(entry["duty"], entry["reason"]) for entry in said] == [
        ("refused", "No such endpoint.")
    ]


async def test_trouble_and_mistakes_are_tried_again(ledger: RedisLedger, marks: Marks) -> None:
    troubled = Chore("troubled", errors=[TransientError("GitHub is away.")])
    broken = Chore("broken", every=0.05, errors=[RuntimeError("a mistake")])
    async with serving(ledger, marks, troubled, broken):
        await until(lambda: troubled.looks >= 2 and broken.looks >= 2)


async def test_after_the_ledger_was_away_an_eager_duty_is_done_again(
    ledger: RedisLedger, marks: Marks
) -> None:
    chore = Chore(eager=True)
    away = [True]

    class Leads:
        async def lead(self, duty: str, worker: str, term: float) -> bool:
            if chore.looks == 1 and away:
                away.pop()
                raise TransientError("Redis did not answer.")
            return await ledger.presence.lead(duty, worker, term)

        async def leave(self, worker: str, duties: Collection[str]) -> None:
            await ledger.presence.leave(worker, duties)

    stop = asyncio.Event()
    served = asyncio.create_task(Remote(Leads(), marks, [chore], pace=PACE).serve(stop))
    await until(lambda: chore.looks == 2)
    stop.set()
    await served


@dataclass
class Desk:
    """The duties on the local GitHub, with a real ledger that nobody works on."""

    github: FakeGitHub
    ledger: RedisLedger
    marks: Marks
    http: httpx.AsyncClient
    turn: Turn
    bell: Silence
    ahead: float = 0.0
    """Seconds that the clock of GitHub, and ours, were moved."""

    def __post_init__(self) -> None:
        self.auth = AppAuth(self.github.app_id, self.github.private_key, self.http, self.github.url)
        self.connections = Connections(self.auth, self.http, self.github.url)
        self.intake = Intake(self.ledger, self.bell)

    @property
    def deliveries(self) -> FailedDeliveries:
        listed = Deliveries(self.auth)
        return FailedDeliveries(listed, self.intake, RULES, self.marks, 300, spacing=0.0)

    @property
    def sweep(self) -> Sweep:
        survey = self.connections.survey
        return Sweep(
            self.auth, survey, self.connect, self.intake, RULES, self.marks, 600, self.clock
        )

    def clock(self) -> float:
        return time.time() + self.ahead

    def advance(self, seconds: float) -> None:
        self.ahead += seconds
        self.github.advance_clock(seconds)

    @property
    def repairs(self) -> ReviewRepairs:
        identity = Identity(self.github.app_id, SLUG)
        return ReviewRepairs(self.connect, MARKERS, identity, self.marks, lease=0.3, every=5)

    async def connect(self, at: Doubt | OpenPull) -> GitHubClient:
        return await self.connections.client(at.ref, at.repo_id, at.installation_id)

    async def jobs(self) -> list[str]:
        return sorted(entry.id for entry in await self.ledger.desk.list())


@pytest.fixture
async def desk(github: FakeGitHub, ledger: RedisLedger, marks: Marks) -> AsyncIterator[Desk]:
    async def lead() -> bool:
        return True

    github.set_webhook(NOWHERE, "secret")
    async with httpx.AsyncClient(trust_env=False, verify=github.no_tls) as http:
        turn = Turn(lead, asyncio.Event(), set())
        yield Desk(github, ledger, marks, http, turn, Silence())


def job_id(opened: Opened) -> str:
    return f"{opened.repo_id}:{opened.number}"


async def test_a_storm_of_failed_deliveries_comes_in_once_each(desk: Desk) -> None:
    opened = desk.github.open(BASE, CHANGE)
    for n in range(30):
        desk.github.push(opened.repo, "change", {"a.py": f"a = {n}\nb = 2\n"})
    await desk.github.delivered(len(desk.github.deliveries()))
    await desk.deliveries.look(desk.turn)
    await desk.deliveries.look(desk.turn)
    assert len(desk.github.requests("GET", FETCHED)) == 31
    assert await desk.jobs() == [job_id(opened)]
    assert desk.bell.rings > 0


async def test_a_closing_that_was_lost_ends_the_job(desk: Desk) -> None:
    opened = desk.github.open(BASE, CHANGE)
    await desk.github.delivered(2)
    await desk.deliveries.look(desk.turn)
    await asyncio.sleep(1.1)  # GitHub tells in whole seconds when it was closed
    desk.github.act(opened.repo, opened.number, "close")
    await desk.github.delivered(3)
    await desk.deliveries.look(desk.turn)
    assert (await desk.ledger.desk.counts()).due == 0


async def test_one_that_github_does_not_show_is_left_for_the_next_look(desk: Desk) -> None:
    first = desk.github.open(BASE, CHANGE, repo="octo/one")
    second = desk.github.open(BASE, CHANGE, repo="octo/two")
    await desk.github.delivered(len(desk.github.deliveries()))
    desk.github.fault("GET", FETCHED, status=500, times=3)
    await desk.deliveries.look(desk.turn)
    assert await desk.jobs() == [job_id(second)]
    await desk.deliveries.look(desk.turn)
    assert await desk.jobs() == sorted([job_id(first), job_id(second)])


async def test_a_sweep_ends_the_check_of_a_request_that_was_lost(desk: Desk) -> None:
    opened = desk.github.open(BASE, CHANGE)
    runs = f"/repos/{opened.repo}/check-runs"
    with desk.github.api(desk.github.installation_token(opened.installation)) as api:
        for status in ({"status": "in_progress"}, {"conclusion": "success"}):
            made = api.post(runs, json={"name": "Argus", "head_sha": opened.head, **status})
            made.raise_for_status()
    await desk.sweep.look(desk.turn)
    lost, ended = desk.github.snapshot(opened.repo, opened.number)["checks"]
    assert (lost["status"], lost["conclusion"]) == ("completed", "neutral")
    assert "lost" in lost["output"]["title"]
    assert ended["conclusion"] == "success"
    assert await desk.jobs() == [job_id(opened)]


async def test_a_sweep_admits_even_where_checks_cannot_be_ended(desk: Desk) -> None:
    opened = desk.github.open(BASE, CHANGE)
    desk.github.fault("GET", r"/check-runs$", status=403, body={"message": "No."}, times=9)
    await desk.sweep.look(desk.turn)
    assert await desk.jobs() == [job_id(opened)]


async def test_a_sweep_admits_what_no_event_told_of(desk: Desk) -> None:
    desk.github.set_knobs(hooks=False)
    opened = desk.github.open(BASE, CHANGE)
    await desk.sweep.look(desk.turn)
    await desk.sweep.look(desk.turn)
    job = await desk.ledger.claim("w")
    assert job is not None
    assert (job.id, job.head) == (job_id(opened), opened.head)
    assert [origin.kind for origin in job.origins] == [OriginKind.SWEEP]
    assert desk.bell.rings == 1


async def test_a_sweep_takes_no_backlog(desk: Desk) -> None:
    opened = desk.github.open(BASE, CHANGE)
    desk.advance(3 * 86_400)
    desk.github.comment(opened.repo, opened.number, "still there?")
    await desk.sweep.look(desk.turn)
    assert await desk.jobs() == []


async def test_what_was_open_before_the_installation_is_left_alone(desk: Desk) -> None:
    desk.github.create_repo("octo/shop", BASE)
    desk.github.push("octo/shop", "change", CHANGE)
    desk.github.open_pull("octo/shop", "change")
    desk.advance(3600)
    desk.github.install("octo", ["octo/shop"])
    desk.github.comment("octo/shop", 1, "look, a bot")
    await desk.sweep.look(desk.turn)
    assert await desk.jobs() == []


async def test_installations_that_cannot_be_read_stop_no_other(desk: Desk) -> None:
    desk.github.set_knobs(hooks=False)
    asleep = desk.github.open(BASE, CHANGE, repo="asleep/shop")
    lacking = desk.github.open(BASE, CHANGE, repo="lacking/shop")
    fine = desk.github.open(BASE, CHANGE, repo="fine/shop")
    desk.github.suspend(asleep.installation)
    desk.github.grant(lacking.installation, {"contents": "read"})
    with capture_logs() as logs:
        for _ in range(2):
            await desk.sweep.look(desk.turn)
    assert await desk.jobs() == [job_id(fine)]
    (said,) = [entry for entry in logs if entry["event"] == "sweep.passed_over"]
    assert (said["account"], "has to accept" in said["reason"]) == ("lacking", True)


class DyingPublisher:
    """Dies while it posts."""

    async def publish(self, draft: ReviewDraft, fence: Fence) -> PostedReview:
        raise RuntimeError("killed")

    async def find_posted(self, pull: PullRequest, fence: Fence) -> PostedReview | None:
        return POSTED


POSTED = PostedReview(id=5, url="https://github.test/5", adopted=True)


async def test_a_posting_is_noted_before_anything_is_written(
    marks: Marks, ledger: RedisLedger
) -> None:
    await ledger.admit(push())
    job = await ledger.claim("w")
    assert job is not None
    publisher = NotedPublisher(DyingPublisher(), marks, job, delay=0)
    draft, fence = a_draft(), FakeFence()
    assert await publisher.find_posted(draft.pull, fence) is POSTED
    assert await marks.take_doubts(9, rest=-1, again=0) == []
    with pytest.raises(RuntimeError):
        await publisher.publish(draft, fence)
    (taken,) = await marks.take_doubts(9, rest=-1, again=0)
    assert (taken.doubt.job_id, taken.doubt.ref) == (job.id, job.ref)


def post(desk: Desk, opened: Opened, event: str = "COMMENT") -> int:
    """Post a review as a run of ours would."""
    name = review_id(opened.repo_id, opened.number, opened.head, 0)
    wanted = {"body": f"1 finding.\n\n{MARKERS.make(MarkerKind.REVIEW, name)}"}
    if event:
        wanted["event"] = event
    with desk.github.api(desk.github.installation_token(opened.installation)) as api:
        answer = api.post(f"/repos/{opened.repo}/pulls/{opened.number}/reviews", json=wanted)
    return int(answer.raise_for_status().json()["id"])


async def doubt(desk: Desk, opened: Opened) -> None:
    owner, _, name = opened.repo.partition("/")
    ref = PullRequestRef(owner=owner, repo=name, number=opened.number)
    noted = Doubt(
        job_id=job_id(opened),
        ref=ref,
        repo_id=opened.repo_id,
        installation_id=opened.installation,
    )
    await desk.marks.doubt(noted, 0)


async def test_a_double_is_repaired_with_an_alarm_even_where_it_cannot_be_folded(
    desk: Desk,
) -> None:
    opened = desk.github.open(BASE, CHANGE)
    first, second = post(desk, opened), post(desk, opened)
    desk.github.set_knobs(may_minimize=False)
    await doubt(desk, opened)
    with capture_logs() as logs:
        await desk.repairs.look(desk.turn)
    (alarm,) = [entry for entry in logs if entry["event"] == "alarm.double_review"]
    assert (alarm["kept"], alarm["repaired"], alarm["log_level"]) == (first, [second], "error")
    shown = desk.github.snapshot(opened.repo, opened.number)["reviews"]
    assert f"pullrequestreview-{first}" in shown[1]["body"]
    assert await desk.marks.take_doubts(9, rest=0, again=0) == []


async def test_a_young_draft_is_looked_at_again(desk: Desk) -> None:
    opened = desk.github.open(BASE, CHANGE)
    await desk.github.delivered(2)
    await desk.deliveries.look(desk.turn)
    job = await desk.ledger.claim("w")
    assert job is not None
    await desk.ledger.commit(job, Outcome(kind=OutcomeKind.FAILED, head=job.head, reason="no"))
    post(desk, opened, event="")
    await doubt(desk, opened)
    await asyncio.sleep(0.4)
    await desk.repairs.look(desk.turn)
    assert len(desk.github.snapshot(opened.repo, opened.number)["reviews"]) == 1
    await asyncio.sleep(1.3)
    await desk.repairs.look(desk.turn)
    assert desk.github.snapshot(opened.repo, opened.number)["reviews"] == []


async def test_a_place_out_of_reach_is_given_up_and_others_are_looked_at(desk: Desk) -> None:
    gone = desk.github.open(BASE, CHANGE, repo="gone/shop")
    opened = desk.github.open(BASE, CHANGE)
    post(desk, opened)
    post(desk, opened)
    for each in (gone, opened):
        await doubt(desk, each)
    desk.github.uninstall(gone.installation)
    await desk.repairs.look(desk.turn)
    shown = desk.github.snapshot(opened.repo, opened.number)["reviews"]
    assert [bool(review["minimized"]) for review in shown] == [False, True]
    assert await desk.marks.take_doubts(9, rest=0, again=0) == []
