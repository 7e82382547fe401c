"""What people say of findings: kept apart from runs, held against later rounds, shown at once."""

from collections.abc import Mapping

import pytest
from redis.asyncio import Redis

from bot.adapters import keys
from bot.adapters.ledger import RedisLedger
from bot.adapters.ledger.dismissals import MOST_RULES
from core.models import (
    Category,
    Coverage,
    Dismiss,
    Dismissal,
    DismissalScope,
    Dismissed,
    FindingState,
    Job,
    Outcome,
    OutcomeKind,
    Place,
    PullMemory,
    RecordedFinding,
    Refused,
    RememberedFinding,
    ReviewRecord,
    Round,
    RowKind,
    Severity,
)
from core.ports import Dismissals
from tests.bot.asking import A, B, push

ADA = "ada"
STATIC = "static:python-eval"
TITLES = {
    "f1": "An empty cart divides by zero",
    "f2": "The password is logged",
    "f3": "eval runs what a visitor typed",
    "f4": "eval runs what a file holds",
}
PULL = Dismiss(job_id="7:1", who=ADA, scope=DismissalScope.PULL_REQUEST)
OPEN_AGAIN = {"state": FindingState.OPEN}


def found(name: str) -> RecordedFinding:
    return RecordedFinding(
        id=name,
        fingerprint=f"{name}-print",
        path="shop/cart.py",
        line=3,
        severity=Severity.IMPORTANT,
        category=Category.BUG,
        title=TITLES[name],
        body="It was found.",
        source=STATIC if name in {"f3", "f4"} else "model",
        place=Place.INLINE,
        url=f"https://github.test/r/{name}",
    )


FOUND = tuple(found(name) for name in TITLES)


def memory_of(*findings: RecordedFinding, state: FindingState = FindingState.OPEN) -> PullMemory:
    known = (RememberedFinding(finding=f, lineage=f.path, state=state) for f in findings)
    return PullMemory(round=1, head=A, findings=tuple(known))


def one(name: str = "f1", **changes: object) -> Dismiss:
    return Dismiss(job_id="7:1", who=ADA, finding_id=name).model_copy(update=changes)


def rule(name: str) -> Dismiss:
    return one(name, scope=DismissalScope.RULE)


async def run(ledger: RedisLedger, head: str, *, number: int = 1) -> Job:
    await ledger.admit(push(head, number=number))
    job = await ledger.claim("w")
    assert job is not None
    return job


async def end(ledger: RedisLedger, job: Job, memory: PullMemory) -> None:
    record = ReviewRecord(
        head=job.head,
        base="0" * 40,
        coverage=Coverage(files_total=1, files_read=1),
        findings=FOUND,
        round=Round(number=1, new=len(FOUND)),
    )
    outcome = Outcome(kind=OutcomeKind.REVIEWED, head=job.head, record=record, memory=memory)
    await ledger.commit(job, outcome, {RowKind.SUMMARY})


@pytest.fixture
async def reviewed(ledger: RedisLedger) -> RedisLedger:
    """A ledger with one review of four findings, whose rows were sent."""
    await end(ledger, await run(ledger, A), memory_of(*FOUND))
    for row in await ledger.outbox.claim(9):
        await ledger.outbox.done(row, "1")
    return ledger


async def states(ledger: RedisLedger, job_id: str = "7:1") -> dict[str, FindingState]:
    memory = await ledger.memory.of(job_id)
    return {each.finding.id: each.state for each in memory.findings}


async def dismissed(ledger: RedisLedger, request: Dismiss) -> set[str]:
    """Ids of the findings whose state a request changed."""
    answer = await ledger.dismissals.dismiss(request)
    assert isinstance(answer, Dismissed)
    return {each.id for each in answer.findings}


async def shown(ledger: RedisLedger) -> Mapping[RowKind, ReviewRecord]:
    """What the rows that are due show, by their kind; they are sent by that."""
    records = {}
    for row in await ledger.outbox.claim(9):
        outcome = row.delivery.outcome
        assert outcome is not None
        assert outcome.record is not None
        records[row.delivery.row.kind] = outcome.record
        await ledger.outbox.done(row, row.delivery.row.receipt)
    return records


async def test_a_finding_is_dismissed_by_a_person_with_a_reason(reviewed: RedisLedger) -> None:
    desk: Dismissals = reviewed.dismissals
    answer = await desk.dismiss(one(reason="an empty cart cannot be paid"))
    assert isinstance(answer, Dismissed)
    assert answer.findings == (found("f1"),)
    [known, *others] = (await reviewed.memory.of("7:1")).findings
    assert (known.state, known.who) == (FindingState.DISMISSED, ADA)
    assert known.reason == "an empty cart cannot be paid"
    assert {each.state for each in others} == {FindingState.OPEN}


async def test_a_dismissal_shows_at_once_and_without_a_run(reviewed: RedisLedger) -> None:
    await reviewed.dismissals.dismiss(one(reason="by design"))
    records = await shown(reviewed)
    shows = {RowKind.SUMMARY, RowKind.CHECK, RowKind.FINDINGS}
    assert set(records) == shows | {RowKind.FEEDBACK}
    for record in records.values():
        assert [each.id for each in record.findings] == ["f2", "f3", "f4"]
        [quiet] = record.quiet
        assert (quiet.finding.id, quiet.who, quiet.reason) == ("f1", ADA, "by design")
    round_ = records[RowKind.FINDINGS].round
    assert round_ is not None
    told = {each.finding_id: (each.state, each.who) for each in round_.comments}
    assert told["f1"] == (FindingState.DISMISSED, ADA)
    assert told["f2"] == (FindingState.OPEN, "")


async def test_saying_it_twice_changes_nothing_more(reviewed: RedisLedger, redis: Redis) -> None:
    assert await dismissed(reviewed, one()) == {"f1"}
    await shown(reviewed)
    before = await redis.hgetall(keys.lasting("words", "7:1"))
    assert await dismissed(reviewed, one()) == set()
    assert await shown(reviewed) == {}
    assert await redis.hgetall(keys.lasting("words", "7:1")) == before


async def test_a_word_taken_back_shows_the_finding_as_open(reviewed: RedisLedger) -> None:
    await reviewed.dismissals.dismiss(one())
    await shown(reviewed)
    assert await dismissed(reviewed, one(**OPEN_AGAIN)) == {"f1"}
    record = (await shown(reviewed))[RowKind.SUMMARY]
    assert [each.id for each in record.findings] == list(TITLES)
    assert record.quiet == ()
    assert (await states(reviewed))["f1"] is FindingState.OPEN


async def test_an_accepted_finding_is_no_longer_open(reviewed: RedisLedger) -> None:
    await reviewed.dismissals.dismiss(one(state=FindingState.ACCEPTED))
    record = (await shown(reviewed))[RowKind.SUMMARY]
    [quiet] = record.quiet
    assert quiet.state is FindingState.ACCEPTED
    assert (await states(reviewed))["f1"] is FindingState.ACCEPTED


async def test_a_run_that_began_before_cannot_undo_a_dismissal(ledger: RedisLedger) -> None:
    await end(ledger, await run(ledger, A), memory_of(*FOUND))
    job = await run(ledger, B)
    recalled = await ledger.memory.recall(job)
    await ledger.dismissals.dismiss(one())
    await end(ledger, job, recalled)
    assert (await states(ledger))["f1"] is FindingState.DISMISSED
    record = (await shown(ledger))[RowKind.SUMMARY]
    assert record.head == B
    assert [each.id for each in record.findings] == ["f2", "f3", "f4"]


async def test_a_word_is_taken_back_after_a_round_that_heeded_it(reviewed: RedisLedger) -> None:
    await reviewed.dismissals.dismiss(PULL)
    job = await run(reviewed, B)
    await end(reviewed, job, await reviewed.memory.recall(job))
    await reviewed.dismissals.dismiss(PULL.model_copy(update=OPEN_AGAIN))
    assert set((await states(reviewed)).values()) == {FindingState.OPEN}


async def test_all_that_is_open_is_dismissed_but_not_what_is_found_later(
    reviewed: RedisLedger,
) -> None:
    job = await run(reviewed, B)
    await end(reviewed, job, memory_of(*FOUND[:3]))
    assert await dismissed(reviewed, PULL) == {"f1", "f2", "f3"}
    job = await run(reviewed, "c" * 40)
    await end(reviewed, job, memory_of(*FOUND))
    assert (await states(reviewed))["f4"] is FindingState.OPEN
    assert await dismissed(reviewed, PULL) == {"f4"}
    assert set((await states(reviewed)).values()) == {FindingState.DISMISSED}


async def test_one_of_all_can_be_spoken_of_again_until_all_is_dismissed_once_more(
    reviewed: RedisLedger,
) -> None:
    await reviewed.dismissals.dismiss(PULL)
    assert await dismissed(reviewed, one("f2", **OPEN_AGAIN)) == {"f2"}
    assert (await states(reviewed))["f1"] is FindingState.DISMISSED
    assert await dismissed(reviewed, PULL) == {"f2"}


async def test_a_rule_is_dismissed_in_all_pull_requests_of_its_repository(
    reviewed: RedisLedger,
) -> None:
    await end(reviewed, await run(reviewed, A, number=2), memory_of(*FOUND))
    assert await dismissed(reviewed, rule("f3")) == {"f3", "f4"}
    assert (await states(reviewed, "7:2"))["f4"] is FindingState.DISMISSED
    [word] = await reviewed.dismissals.rules(7)
    assert (word.source, word.who, word.category) == (STATIC, ADA, None)
    assert word.at > 1.7e9
    assert (await reviewed.memory.of("7:2")).rules == (word,)


async def test_a_models_claim_is_dismissed_as_a_rule_with_its_kind(reviewed: RedisLedger) -> None:
    assert await dismissed(reviewed, rule("f1")) == {"f1"}
    [word] = await reviewed.dismissals.rules(7)
    assert (word.source, word.category, word.claim) == ("model", Category.BUG, TITLES["f1"])


@pytest.mark.parametrize("by_finding", [True, False])
async def test_a_rule_speaks_again_when_it_is_taken_back(
    reviewed: RedisLedger, by_finding: bool
) -> None:
    await reviewed.dismissals.dismiss(rule("f3"))
    if by_finding:
        assert await dismissed(reviewed, rule("f4").model_copy(update=OPEN_AGAIN)) == {"f3", "f4"}
    else:
        [word] = await reviewed.dismissals.rules(7)
        await reviewed.dismissals.take_back(7, word)
    assert await reviewed.dismissals.rules(7) == ()
    assert set((await states(reviewed)).values()) == {FindingState.OPEN}


@pytest.mark.parametrize(
    "request_", [one("f9"), rule("f9"), PULL.model_copy(update={"job_id": "9:9"})]
)
async def test_what_is_not_known_cannot_be_dismissed(
    reviewed: RedisLedger, request_: Dismiss
) -> None:
    answer = await reviewed.dismissals.dismiss(request_)
    assert isinstance(answer, Refused)
    assert "knows no such finding" in answer.reason
    assert await shown(reviewed) == {}


async def test_rules_of_a_repository_are_bounded(reviewed: RedisLedger, redis: Redis) -> None:
    word = Dismissal(
        scope=DismissalScope.RULE, state=FindingState.DISMISSED, who=ADA, source="static:x"
    ).model_dump_json()
    stored = {f"rule:{number}": f"1\n{word}" for number in range(MOST_RULES)}
    await redis.hset(keys.lasting("words", "7"), mapping=stored)
    answer = await reviewed.dismissals.dismiss(rule("f3"))
    assert isinstance(answer, Refused)
    assert "Take some of it back" in answer.reason


async def test_words_on_a_pull_request_pass_with_it_and_rules_stay(
    reviewed: RedisLedger, redis: Redis
) -> None:
    await reviewed.dismissals.dismiss(one())
    await reviewed.dismissals.dismiss(rule("f3"))
    lifetime = await redis.ttl(keys.lasting("job", "7:1"))
    assert abs(await redis.ttl(keys.lasting("words", "7:1")) - lifetime) < 5
    assert await redis.ttl(keys.lasting("words", "7")) == -1


async def test_a_word_of_another_form_is_passed_over(reviewed: RedisLedger, redis: Redis) -> None:
    await redis.hset(keys.lasting("words", "7:1"), "thread:1", '1\n{"scope": "thread"}')
    assert await dismissed(reviewed, one()) == {"f1"}
    assert [each.id for each in (await shown(reviewed))[RowKind.SUMMARY].findings] == [
        "f2",
        "f3",
        "f4",
    ]
