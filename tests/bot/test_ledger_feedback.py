"""What became of findings is counted once, by rule and repository, however often it is read."""

from bot.adapters.ledger import RedisLedger
from core.models import Received, Reception

LIKED, DISMISSED, ADDRESSED = Reception.LIKED, Reception.DISMISSED, Reception.ADDRESSED
RULE = "static:python-eval"


def one(*words: Reception, name: str = "f1", rule: str = RULE) -> Received:
    return Received(finding_id=name, rule=rule, words=words)


async def test_reading_the_same_again_counts_nothing_twice(ledger: RedisLedger) -> None:
    for _ in range(3):
        await ledger.feedback.receive("7:1", [one(DISMISSED, LIKED)])
    assert await ledger.feedback.counts(7) == {RULE: {DISMISSED: 1, LIKED: 1}}


async def test_what_changed_is_counted_in_place_of_what_was(ledger: RedisLedger) -> None:
    await ledger.feedback.receive("7:1", [one(DISMISSED, LIKED)])
    await ledger.feedback.receive("7:1", [one(ADDRESSED)])
    assert await ledger.feedback.counts(7) == {RULE: {ADDRESSED: 1}}
    assert (await ledger.desk.totals())["findings:addressed"] == 1


async def test_pull_requests_add_up_and_repositories_stay_apart(ledger: RedisLedger) -> None:
    await ledger.feedback.receive("7:1", [one(DISMISSED), one(DISMISSED, name="f2")])
    await ledger.feedback.receive("7:2", [one(DISMISSED), one(LIKED, name="f2", rule="model:bug")])
    await ledger.feedback.receive("8:1", [one(ADDRESSED)])
    assert await ledger.feedback.counts(7) == {RULE: {DISMISSED: 3}, "model:bug": {LIKED: 1}}
    assert await ledger.feedback.counts(8) == {RULE: {ADDRESSED: 1}}
    assert await ledger.feedback.counts(9) == {}
    all_of_them = {RULE: {DISMISSED: 3, ADDRESSED: 1}, "model:bug": {LIKED: 1}}
    assert await ledger.feedback.all_counts() == all_of_them


async def test_nothing_found_is_nothing_counted(ledger: RedisLedger) -> None:
    await ledger.feedback.receive("7:1", [])
    await ledger.feedback.receive("7:1", [one()])
    assert await ledger.feedback.counts(7) == {}
