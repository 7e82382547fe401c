"""Many reviews that end at once: Slack is never asked faster than it takes, and all catch up."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from redis.asyncio import Redis

from bot.adapters.ledger import Policy, RedisLedger
from bot.adapters.limits import Limits
from bot.worker import Pace
from bot.worker.sender import Sender
from core.models import Origin, OriginKind, RowKind
from slack.client import SlackClient
from slack.notifications import SlackDeliverer
from slack.pace import APART, EDITS
from slack.replies import Reply, sealed
from slack.seal import Seal
from tests.bot.asking import A, ask, push, reviewed
from tests.fakes.slack import FakeSlack

CHANNELS = ("reviews", "payments", "mobile")
CARDS = 15
SEAL = Seal(["a key of this test"])
WEB = "https://github.test"
SECONDS = 90.0


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    fake = FakeSlack.start()
    try:
        yield fake
    finally:
        fake.stop()


async def asked_for(ledger: RedisLedger, slack: FakeSlack) -> None:
    """Ask for as many reviews, in a few channels."""
    ids = [slack.channel(name) for name in CHANNELS]
    for number in range(1, CARDS + 1):
        reply = Reply(channel=ids[number % len(ids)], user="U1", response_url="")
        origin = Origin(
            kind=OriginKind.SLACK, id=f"s-{number}", person="U1", reply=sealed(reply, SEAL)
        )
        wish = push(number=number)
        await ledger.admit(
            ask(A).model_copy(update={"ref": wish.ref, "origin": origin, "delivery": f"d-{number}"})
        )


def shown(slack: FakeSlack) -> list[str]:
    return [m["text"] for name in CHANNELS for m in slack.messages(name)]


async def until_all_show(slack: FakeSlack, words: str) -> None:
    async with asyncio.timeout(SECONDS):
        while sum(words in text for text in await asyncio.to_thread(shown, slack)) < CARDS:
            await asyncio.sleep(0.2)


def times(calls: list[dict[str, Any]], key: str) -> dict[str, list[float]]:
    found: dict[str, list[float]] = defaultdict(list)
    for call in calls:
        found[str(call["arguments"][key])].append(float(call["at"]))
    return found


async def test_reviews_that_end_together_keep_slacks_pace_and_all_are_shown(
    redis: Redis, slack: FakeSlack
) -> None:
    ledger = RedisLedger(redis, policy=Policy(row_lease=30.0))
    client = SlackClient(slack.bot_token, slack.api_url)
    senders = [
        Sender(
            ledger.outbox,
            {
                RowKind.SLACK: SlackDeliverer(
                    client, SEAL, ledger.threads, web_url=WEB, pace=Limits(redis).slack()
                ),
                RowKind.CHECK: Told(),
            },
            lease=30.0,
            pace=Pace(row_poll=0.05),
        )
        for _ in range(2)
    ]
    stop = asyncio.Event()
    await asked_for(ledger, slack)
    serving = [asyncio.create_task(sender.serve(stop)) for sender in senders]
    try:
        await until_all_show(slack, "queued")
        while (job := await ledger.claim("w")) is not None:
            await ledger.commit(job, reviewed(A))
        await until_all_show(slack, "o findings")
    finally:
        stop.set()
        for sender in senders:
            sender.poke()
        await asyncio.gather(*serving)
        await client.close()

    calls = slack.calls()
    assert [call for call in calls if call["status"] == 429] == []
    edits = slack.calls("chat.update")
    assert all(
        late - early > APART * 0.9
        for at in times(edits, "ts").values()
        for early, late in pairwise(at)
    )
    assert len(slack.calls("chat.postMessage")) == CARDS
    assert len(edits) >= CARDS
    span = max(call["at"] for call in edits) - min(call["at"] for call in edits)
    assert len(edits) <= EDITS.burst + span * EDITS.per_second + 1


class Told:
    """Takes what goes to GitHub."""

    async def deliver(self, delivery: object) -> str:
        return "told"
