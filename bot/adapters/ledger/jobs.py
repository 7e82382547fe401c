"""Jobs: admitted, claimed, held, ended. Each method is one script, and each can be repeated.

The outbox, the operator's desk and the workers' presence have modules of their own.
"""

from collections.abc import Collection
from secrets import token_hex
from typing import Literal

from redis.asyncio import Redis

from bot.adapters.ledger.desk import Desk
from bot.adapters.ledger.dismissals import DismissalDesk
from bot.adapters.ledger.feedback import Feedback
from bot.adapters.ledger.files import JobFiles
from bot.adapters.ledger.health import Health
from bot.adapters.ledger.heard import HeardEvents
from bot.adapters.ledger.memory import Memories
from bot.adapters.ledger.mutes import MuteDesk
from bot.adapters.ledger.orders import OrderDesk
from bot.adapters.ledger.outbox import Outbox
from bot.adapters.ledger.pauses import PauseDesk
from bot.adapters.ledger.policy import SETTLED, SETTLED_FOR_SWEEP, HourlyLimits, Policy
from bot.adapters.ledger.presence import Presence
from bot.adapters.ledger.rows import job_from
from bot.adapters.ledger.scripts import Scripts, pairs
from bot.adapters.ledger.subscriptions import SubscriptionDesk
from bot.adapters.ledger.threads import ThreadBook
from bot.adapters.ledger.turns import TurnDesk
from bot.adapters.ledger.values import Ending, Hold, Move
from core.errors import TransientError
from core.models import (
    Accepted,
    Admission,
    Cancelled,
    Duplicate,
    DuplicateOf,
    Job,
    Limit,
    Order,
    OrderTaken,
    Origin,
    OriginKind,
    Outcome,
    PullRequestClosed,
    ReviewRequest,
    RowKind,
    Step,
)

SETTLED_BY_EVENT = dict.fromkeys(map(str, SETTLED), True)
SETTLED_BY_SWEEP = dict.fromkeys(map(str, SETTLED_FOR_SWEEP), True)
RETRY_NEWER = 60.0
"""Seconds after which a newer version may have taken over."""
ANSWERED_BY = {OriginKind.SLACK: "slack", OriginKind.COMMENT: "answer", OriginKind.API: "api"}
"""The outbox row that answers a person; callers of the API read the outcome themselves."""


class RedisLedger:
    """The ledger of one server. Every method raises TransientError when it is away."""

    def __init__(
        self,
        redis: Redis,
        *,
        lease_seconds: float = 60.0,
        limits: HourlyLimits | None = None,
        policy: Policy | None = None,
        scripts: Scripts | None = None,
    ) -> None:
        self.policy = policy or Policy(
            lease=lease_seconds, row_lease=lease_seconds, limits=limits or HourlyLimits()
        )
        self._scripts = scripts or Scripts(redis, self.policy)
        self.outbox = Outbox(self._scripts)
        self.orders = OrderDesk(self._scripts)
        self.desk = Desk(redis, self._scripts)
        self.presence = Presence(redis, self._scripts)
        self.memory = Memories(redis)
        self.dismissals = DismissalDesk(redis, self._scripts, self.memory)
        self.pauses = PauseDesk(redis, self._scripts, self.policy)
        self.files = JobFiles(redis, self.desk)
        self.turns = TurnDesk(self._scripts)
        self.feedback = Feedback(redis, self._scripts)
        self.subscriptions = SubscriptionDesk(redis, self._scripts)
        self.mutes = MuteDesk(redis, self._scripts)
        self.threads = ThreadBook(redis, self.policy)
        self.heard = HeardEvents(redis)
        self.health = Health(redis)

    async def admit(self, request: ReviewRequest) -> Admission:
        """Admit in one atomic step."""
        token = token_hex(8)
        swept = request.origin.kind is OriginKind.SWEEP
        reply = await self._scripts.call(
            "admit",
            token=token,
            event=request.delivery or token,
            job=f"{request.repo_id}:{request.ref.number}",
            ref=request.ref.model_dump_json(),
            repo_id=str(request.repo_id),
            owner=request.ref.owner.lower(),
            inst=str(request.installation_id or ""),
            head=request.head,
            focus=request.focus,
            full=request.full,
            settle=request.settle,
            person=request.origin.in_person,
            who=_who(request),
            cid=request.correlation_id,
            origin=_origin(request.origin),
            settled=SETTLED_BY_SWEEP if swept else SETTLED_BY_EVENT,
        )
        return _admission(request, reply.decode())

    async def cancel(self, closed: PullRequestClosed) -> Cancelled | None:
        """End the job of a closed pull request, and let its state pass in time."""
        job_id = f"{closed.repo_id}:{closed.ref.number}"
        reply = await self._scripts.call(
            "cancel",
            event=closed.delivery,
            job=job_id,
            closed_at=round(closed.closed_at * 1000),
            reason=closed.reason,
            ended="merged" if closed.merged else "closed",
        )
        return Cancelled(job_id=job_id) if reply == b"cancelled" else None

    async def take(self, order: Order) -> OrderTaken:
        """Keep what a person said until it is answered."""
        return await self.orders.take(order)

    async def claim(self, worker: str, token: str | None = None) -> Job | None:
        """Claim the fairest due job; a repeated call with the same token gets the same job."""
        found = await self._scripts.call("claim", token=token or token_hex(8), worker=worker)
        return _job(found) if found else None

    async def renew(self, job: Job, *, fence: bool = False) -> tuple[Hold, str]:
        """Extend the lease; with MOVED comes the head that is wanted.

        As a `fence`, before a write, the time is kept for whoever comes after a crash.
        """
        hold, head = await self._scripts.call(
            "renew", job=job.id, epoch=str(job.epoch), fence=fence
        )
        return Hold(hold.decode()), head.decode()

    async def peek(self, jobs: Collection[Job]) -> dict[str, tuple[Hold, str]]:
        """Return by id the jobs that are lost or moved; extends nothing."""
        if not jobs:
            return {}
        asked = {job.id: str(job.epoch) for job in jobs}
        found = await self._scripts.call("peek", jobs=asked)
        return {i.decode(): (Hold(hold.decode()), head.decode()) for i, hold, head in found}

    async def show(self, job: Job, step: Step) -> int:
        """Show how far a run got to those in Slack who follow it; return how many do.

        Less than 0 when another holds the job. Where nobody follows, nothing is written.
        """
        return int(
            await self._scripts.call(
                "progress", job=job.id, epoch=str(job.epoch), step=step.model_dump_json()
            )
        )

    async def remember_review(self, job: Job, review_id: int) -> bool:
        """Store a pending review's id; False when the lease is lost."""
        reply = await self._scripts.call(
            "remember_review", job=job.id, epoch=str(job.epoch), review_id=str(review_id)
        )
        return Hold(reply.decode()) is Hold.HELD

    async def commit(self, job: Job, outcome: Outcome, rows: Collection[RowKind] = ()) -> Ending:
        """End the run with its outcome.

        The check and everyone who asked are always told. The summary is put when `rows` has
        it, and brought up to date when there is one already and something to say.
        """
        reply = await self._scripts.call(
            "commit",
            job=job.id,
            epoch=str(job.epoch),
            kind=outcome.kind.value,
            outcome=outcome.model_dump_json(),
            url=outcome.review_url,
            summary=_summary_mode(outcome, rows),
            findings=_speaks_of_comments(outcome),
            listens=_has_comments(outcome),
            memory=outcome.memory.model_dump_json() if outcome.memory else "",
            counts=outcome.kind in SETTLED,
        )
        return Ending(reply.decode())

    async def release(
        self,
        job: Job,
        *,
        reason: str = "",
        delay: float = 0.0,
        counted: bool = True,
        binding: bool = False,
    ) -> Ending:
        """Give the job back for another attempt `delay` seconds from now.

        `counted` attempts end in the dead letters; a `binding` delay, one that a platform asked
        for, is not shortened by a person's request.
        """
        reply = await self._scripts.call(
            "release",
            job=job.id,
            epoch=str(job.epoch),
            reason=reason,
            delay=round(delay * 1000),
            counted=counted,
            binding=binding,
        )
        return Ending(reply.decode())

    async def retarget(self, job: Job, live_head: str) -> tuple[Move, Job | None]:
        """Act on a live head that is not the job's; with ADOPTED comes the job to go on with."""
        how, *found = await self._scripts.call(
            "move", job=job.id, epoch=str(job.epoch), live=live_head, settled=SETTLED_BY_EVENT
        )
        move = Move(how.decode())
        return move, _job(found) if move is Move.ADOPTED else None

    async def reconcile(self) -> tuple[int, float | None]:
        """Wake what is due and take back expired leases.

        Returns how many jobs need a ring, and the seconds until the next one will.
        """
        rings, later, lease = await self._scripts.call("reconcile")
        waits = [wait / 1000 for wait in (later, lease) if wait >= 0]
        return rings, min(waits, default=None)


def _job(found: list[list[bytes]]) -> Job:
    row, origins = found
    return job_from(pairs(row), [origin.decode() for origin in origins])


def _admission(request: ReviewRequest, reply: str) -> Admission:
    """Return what the lines of a reply mean. Raises TransientError."""
    status, ahead, wait, limit, url, ready = reply.split("\n")
    if status == "newer":
        raise TransientError("A newer version of Argus wrote this job.", retry_after=RETRY_NEWER)
    job_id = f"{request.repo_id}:{request.ref.number}"
    starts_in = int(wait) / 1000
    limited_by = Limit(limit) if limit else None
    if status == "accepted":
        return Accepted(
            job_id=job_id,
            correlation_id=request.correlation_id,
            ahead=int(ahead),
            starts_in=starts_in,
            limited_by=limited_by,
            ready_in=int(ready) / 1000,
        )
    return Duplicate(
        job_id=job_id,
        of=DuplicateOf(status),
        review_url=url,
        starts_in=starts_in,
        limited_by=limited_by,
        ready_in=int(ready) / 1000,
    )


def _who(request: ReviewRequest) -> str:
    """Return whose limit a request counts for: an asker's, or that of an event's author."""
    if request.origin.kind is OriginKind.SLACK:
        return f"slack:{request.origin.person}"
    login = request.origin.person or request.author
    return f"github:{login.lower()}" if login else ""


def _origin(origin: Origin) -> dict[str, str]:
    """Return an origin as it is kept: each person, but only the latest event."""
    kind = ANSWERED_BY.get(origin.kind, "")
    key = origin.id if kind else f"event:{origin.kind.value}"
    return {"id": key, "kind": kind, "json": origin.model_dump_json()}


def _speaks_of_comments(outcome: Outcome) -> bool:
    """Tell whether comments of earlier rounds have to say what became of their findings."""
    round_ = outcome.record.round if outcome.record else None
    return bool(round_ and round_.comments)


def _has_comments(outcome: Outcome) -> bool:
    """Tell whether people can react to comments of ours."""
    return bool(outcome.memory and any(each.finding.url for each in outcome.memory.findings))


def _summary_mode(outcome: Outcome, rows: Collection[RowKind]) -> Literal["put", "update", "none"]:
    if RowKind.SUMMARY in rows:
        return "put"
    return "update" if outcome.record else "none"
