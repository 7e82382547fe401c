"""The ledger under any sequence of events, people, crashes and operators: nothing is lost.

After every step the indexes agree with the jobs; in the end every admitted head has an outcome
and every person an answer.
"""

import asyncio
from typing import Any

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from redis.asyncio import Redis

from bot.adapters import keys
from bot.adapters.ledger import Hold, HourlyLimits, Move, Policy, RedisLedger
from bot.adapters.redis_client import connect
from bot.adapters.redis_server import EmbeddedRedis
from core.models import (
    Duplicate,
    DuplicateOf,
    Job,
    OriginKind,
    Outcome,
    OutcomeKind,
    PullRequestClosed,
    RowKind,
)
from tests.bot.asking import A, B, C, ask, push
from tests.bot.test_ledger_repeats import Repeating

LIMITS = HourlyLimits(repository=6, organisation=0, person=3)
"""So low that some requests are over them."""
POLICY = Policy(lease=3600, quiet=3600, patience=7200, doubt=0.0, limits=LIMITS)
"""Nothing happens by the clock; the machine makes time pass."""

heads = st.sampled_from([A, B, C])
numbers = st.integers(1, 3)


class LedgerMachine(RuleBasedStateMachine):
    """Drives a real ledger; `url` is set by the test."""

    url = ""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.redis = connect(self.url)
        self.ledger = self.open(self.redis)
        self.held: dict[str, Job] = {}
        self.admitted: set[tuple[str, str]] = set()
        self.people: set[tuple[str, str]] = set()
        self.count = 0
        self.do(self.redis.flushall())

    def open(self, redis: Redis) -> RedisLedger:
        """Return the ledger that is driven."""
        return RedisLedger(redis, policy=POLICY)

    def do(self, step: Any) -> Any:
        return self.runner.run(step)

    @rule(head=heads, number=numbers, settle=st.booleans(), inst=st.sampled_from([1, 2]))
    def push(self, head: str, number: int, *, settle: bool, inst: int) -> None:
        self.count += 1
        request = push(
            head, number=number, settle=settle, inst=inst, delivery=f"d{self.count}"
        ).model_copy(update={"author": ("ada", "bob")[number % 2]})
        admission = self.do(self.ledger.admit(request))
        if not (isinstance(admission, Duplicate) and admission.of is DuplicateOf.REVIEWED):
            self.admitted.add((f"7:{number}", head))

    @rule(head=heads, person=st.sampled_from(["ada", "bob"]), full=st.booleans())
    def person(self, head: str, person: str, *, full: bool) -> None:
        self.count += 1
        request = ask(head, person=f"{person}{self.count}", kind=OriginKind.SLACK, full=full)
        request = request.model_copy(update={"delivery": f"d{self.count}"})
        admission = self.do(self.ledger.admit(request))
        if not (isinstance(admission, Duplicate) and admission.of is DuplicateOf.REVIEWED):
            self.admitted.add(("7:1", head))
            self.people.add(("7:1", request.origin.id))

    @rule()
    def claim(self) -> None:
        job = self.do(self.ledger.claim("w"))
        if job is not None:
            assert job.id not in self.held
            self.held[job.id] = job

    @precondition(lambda self: self.held)
    @rule(data=st.data(), kind=st.sampled_from(list(OutcomeKind)))
    def commit(self, data: st.DataObject, kind: OutcomeKind) -> None:
        job = self.take(data)
        self.do(self.ledger.commit(job, Outcome(kind=kind, head=job.head)))

    @precondition(lambda self: self.held)
    @rule(data=st.data(), counted=st.booleans(), delay=st.sampled_from([0.0, 60.0]))
    def release(self, data: st.DataObject, *, counted: bool, delay: float) -> None:
        job = self.take(data)
        self.do(self.ledger.release(job, reason="no", counted=counted, delay=delay))

    @precondition(lambda self: self.held)
    @rule(data=st.data(), live=heads)
    def move(self, data: st.DataObject, live: str) -> None:
        job = self.take(data)
        move, adopted = self.do(self.ledger.retarget(job, live))
        if move is Move.ADOPTED:
            self.held[job.id] = adopted
        elif move is Move.DOUBTFUL:
            self.held[job.id] = job

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def crash(self, data: st.DataObject) -> None:
        job = self.take(data)
        self.do(self.redis.zadd(keys.lasting("leases"), {job.id: 0}))
        self.do(self.ledger.reconcile())
        assert self.do(self.ledger.renew(job))[0] is Hold.LOST

    @rule()
    def time_passes(self) -> None:
        """What waits becomes due, and every bucket is full again."""
        self.do(self.redis.delete(keys.lasting("limits")))
        later = keys.lasting("later")
        for job_id in self.do(self.redis.zrange(later, 0, -1)):
            self.do(self.redis.zadd(later, {job_id: 0}))
            job = keys.lasting("job", job_id.decode())
            self.do(self.redis.hset(job, mapping={"due_at": 1, "limited_until": 1}))
        self.do(self.ledger.reconcile())

    @rule(number=numbers, retry=st.booleans())
    def operate(self, number: int, *, retry: bool) -> None:
        job_id = f"7:{number}"
        if retry:
            self.do(self.ledger.desk.retry(job_id))
        elif self.do(self.ledger.desk.discard(job_id)):
            self.held.pop(job_id, None)

    @rule(number=numbers, late=st.booleans())
    def close(self, number: int, *, late: bool) -> None:
        """A closing before everything that was asked for, or after it."""
        self.count += 1
        closed = PullRequestClosed(
            ref=push(number=number).ref,
            repo_id=7,
            closed_at=1.0 if late else 4e9,
            delivery=f"d{self.count}",
        )
        if self.do(self.ledger.cancel(closed)):
            assert not late
            self.held.pop(f"7:{number}", None)

    @rule()
    def send(self) -> None:
        for row in self.do(self.ledger.outbox.claim(5)):
            self.do(self.ledger.outbox.done(row, "r"))

    @invariant()
    def indexes_agree_with_jobs(self) -> None:
        found = {
            name: {i.decode() for i in self.do(self.redis.zrange(keys.lasting(name), 0, -1))}
            for name in ("due", "later", "leases", "dead", "jobs")
        }
        stages: dict[str, set[str]] = {}
        for job_id in found["jobs"]:
            stage = self.do(self.redis.hget(keys.lasting("job", job_id), "stage")).decode()
            stages.setdefault(stage, set()).add(job_id)
        assert found["due"] | found["later"] == stages.get("waiting", set())
        assert not found["due"] & found["later"]
        assert found["leases"] == stages.get("running", set()) == set(self.held)
        assert found["dead"] == stages.get("dead", set())
        for job_id in stages.get("idle", set()) | stages.get("dead", set()):
            bags = (keys.lasting("asked", job_id), keys.lasting("run", job_id))
            assert self.do(self.redis.exists(*bags)) == 0

    @invariant()
    def rings_hold_exactly_what_is_due(self) -> None:
        due = set(self.do(self.redis.zrange(keys.lasting("due"), 0, -1)))
        ringed: list[bytes] = []
        for inst in self.do(self.redis.zrange(keys.lasting("ring"), 0, -1)):
            repos = self.do(self.redis.zrange(keys.lasting("ring_inst", inst.decode()), 0, -1))
            assert repos
        for repo in self.do(self.redis.keys(keys.lasting("ring_repo", "*"))):
            ringed += self.do(self.redis.zrange(repo, 0, -1))
        assert sorted(ringed) == sorted(due)

    def take(self, data: st.DataObject) -> Job:
        return self.held.pop(data.draw(st.sampled_from(sorted(self.held))))

    def teardown(self) -> None:
        try:
            self.finish_everything()
            self.everyone_is_answered()
        finally:
            self.do(self.redis.aclose())
            self.runner.close()

    def finish_everything(self) -> None:
        for job in self.held.values():
            self.do(self.ledger.commit(job, Outcome(kind=OutcomeKind.CLEAN, head=job.head)))
        self.time_passes()
        while job := self.do(self.ledger.claim("w")):
            self.do(self.ledger.commit(job, Outcome(kind=OutcomeKind.CLEAN, head=job.head)))
            self.time_passes()

    def everyone_is_answered(self) -> None:
        for job_id, head in self.admitted:
            assert self.do(self.redis.hlen(keys.lasting("done", job_id, head))) > 0
        for job_id, person in self.people:
            row = keys.lasting("row", f"{job_id}|{RowKind.SLACK.value}|{person}")
            assert self.do(self.redis.hget(row, "state")).startswith(b"done:")
        for row in self.do(self.redis.keys(keys.lasting("row", "*|check|*"))):
            assert self.do(self.redis.hget(row, "state")).startswith(b"done:")


class RepeatingMachine(LedgerMachine):
    """The same where every reply is lost once: each call is made twice and compared."""

    def open(self, redis: Redis) -> RedisLedger:
        return RedisLedger(redis, policy=POLICY, scripts=Repeating(redis, POLICY))


@pytest.mark.parametrize(
    ("machine", "examples"), [(LedgerMachine, 10), (RepeatingMachine, 5)], ids=["once", "twice"]
)
def test_ledger_loses_nothing_whatever_happens(
    redis_server: EmbeddedRedis, machine: type[LedgerMachine], examples: int
) -> None:
    run_state_machine_as_test(
        type("Machine", (machine,), {"url": redis_server.url}),
        settings=settings(
            max_examples=examples,
            stateful_step_count=25,
            deadline=None,
            phases=[Phase.reuse, Phase.generate],
        ),
    )
