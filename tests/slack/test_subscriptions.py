"""What a channel that follows is shown, and when it is pinged."""

import json
from collections.abc import AsyncIterator

import pytest

from core.errors import PermanentError, TransientError
from core.following import Talk
from core.models import (
    Delivery,
    OutcomeKind,
    RowKind,
    Severity,
    Stage,
    Unfinished,
)
from slack.client import SlackClient
from slack.replies import Reply
from slack.subscriptions import ChannelDeliverer, Standing
from slack.workspace import Workspace
from tests.slack.samples import REF, a_delivery, a_finding, a_reply, an_outcome
from tests.slack.wire import CHANNEL, SEAL, WEB, Answer, RecordingSlack


class Book:
    """Remembers threads in memory."""

    def __init__(self) -> None:
        self.talks: dict[tuple[str, str], Talk] = {}

    async def remember(self, channel: str, ts: str, talk: Talk) -> None:
        self.talks[channel, ts] = talk


class Channel:
    """One row of a channel, delivered again and again with what the last time left."""

    def __init__(self, slack: RecordingSlack) -> None:
        self.client = SlackClient("xoxb-of-this-test", slack.api_url)
        self.book = Book()
        self.slack = slack
        self.receipt = ""
        self.generation = 0
        self._deliverer = ChannelDeliverer(
            self.client, SEAL, Workspace(self.client), self.book, web_url=WEB
        )

    async def show(self, reply: Reply | None = None, **changes: object) -> None:
        """Bring the row to a state, until nothing is left to do."""
        self.generation += 1
        delivery = self._delivery(reply or a_reply(user="", response_url=""), changes)
        for _ in range(3):
            done = await self._deliverer.deliver(delivery)
            self.receipt = done.receipt if isinstance(done, Unfinished) else done
            if not isinstance(done, Unfinished):
                return
            delivery = self._delivery(reply or a_reply(user="", response_url=""), changes)
        raise AssertionError("it never ends")

    def _delivery(self, reply: Reply, changes: dict[str, object]) -> Delivery:
        delivery = a_delivery(reply=reply, **changes)
        row = delivery.row.model_copy(
            update={
                "kind": RowKind.CHANNEL,
                "target": f"channel:{CHANNEL}",
                "generation": self.generation,
                "receipt": self.receipt,
            }
        )
        return delivery.model_copy(update={"row": row})

    @property
    def cards(self) -> list[dict[str, object]]:
        return [m for m in self.slack.made("chat.postMessage") if not m.get("thread_ts")]

    @property
    def pings(self) -> list[str]:
        posted = self.slack.made("chat.postMessage")
        return [str(m["text"]) for m in posted if m.get("thread_ts")]


@pytest.fixture
async def channel(slack_api: RecordingSlack) -> AsyncIterator[Channel]:
    made = Channel(slack_api)
    yield made
    await made.client.close()


def done(*findings: object, **changes: object) -> dict[str, object]:
    outcome = an_outcome(findings=findings)
    return {"stage": Stage.IDLE, "outcome": outcome, **changes}


NIT = a_finding(id="n1", severity=Severity.NIT)


async def test_card_is_edited_through_pushes_and_pinged_once(channel: Channel) -> None:
    await channel.show(stage=Stage.RUNNING)
    await channel.show(**done(a_finding()))
    await channel.show(stage=Stage.RUNNING)
    await channel.show(**done(a_finding()))

    assert len(channel.cards) == 1
    assert len(channel.slack.made("chat.update")) == 3
    (ping,) = channel.pings
    assert "1 new important finding" in ping


async def test_new_important_finding_and_the_end_of_the_last_are_pinged(channel: Channel) -> None:
    await channel.show(**done(a_finding()))
    await channel.show(**done(a_finding(), a_finding(id="f2")))
    await channel.show(**done())
    await channel.show(**done())

    assert ["finding" in ping for ping in channel.pings] == [True, True, False]
    assert "Nothing is open any more" in channel.pings[-1]


async def test_what_is_clean_or_minor_from_the_first_pings_nobody(channel: Channel) -> None:
    await channel.show(**done())
    await channel.show(**done(NIT))
    assert channel.pings == []


async def test_channel_with_a_minimum_waits_for_a_finding_that_reaches_it(
    channel: Channel,
) -> None:
    waits = a_reply(user="", response_url="", minimum=Severity.IMPORTANT)
    await channel.show(waits, stage=Stage.RUNNING)
    await channel.show(waits, **done(NIT))
    assert channel.cards == []

    await channel.show(waits, **done(a_finding()))
    await channel.show(waits, **done())
    assert len(channel.cards) == 1
    assert len(channel.pings) == 2


async def test_muted_channel_is_kept_true_without_a_ping(channel: Channel) -> None:
    await channel.show(**done(NIT))
    await channel.show(a_reply(muted=True), **done(a_finding()))
    assert len(channel.slack.made("chat.update")) == 1
    assert channel.pings == []


async def test_muted_channel_gets_no_first_card(channel: Channel) -> None:
    await channel.show(a_reply(muted=True), **done(a_finding()))
    assert channel.slack.calls == []


@pytest.mark.parametrize(("ended", "word"), [("merged", "Merged"), ("closed", "Closed")])
async def test_end_of_the_pull_request_marks_the_card(
    channel: Channel, ended: str, word: str
) -> None:
    await channel.show(**done(NIT))
    await channel.show(**done(NIT, ended=ended))
    assert word in json.dumps(channel.slack.made("chat.update")[-1], ensure_ascii=False)
    assert channel.pings == []


async def test_thread_of_the_card_is_remembered(channel: Channel) -> None:
    await channel.show(stage=Stage.RUNNING)
    assert list(channel.book.talks.values()) == [Talk(ref=REF, repo_id=7)]


async def test_private_repository_is_not_shown_where_another_company_reads(
    channel: Channel,
) -> None:
    shared = {"id": CHANNEL, "is_ext_shared": True}
    channel.slack.will("conversations.info", Answer(body={"ok": True, "channel": shared}))
    with pytest.raises(PermanentError, match="Another company"):
        await channel.show(a_reply(private=True), **done(a_finding()))
    assert channel.cards == []


async def test_card_that_was_deleted_comes_back_without_old_news(channel: Channel) -> None:
    await channel.show(**done(a_finding()))
    channel.slack.will("chat.update", Answer(body={"ok": False, "error": "message_not_found"}))
    await channel.show(**done(a_finding()))
    assert len(channel.cards) == 2
    assert len(channel.pings) == 1


async def test_limit_between_card_and_ping_posts_no_second_card(channel: Channel) -> None:
    ok = {"ok": True, "channel": CHANNEL, "ts": "17.000001"}
    slow = Answer(429, {"ok": False, "error": "ratelimited"}, {"retry-after": "2"})
    channel.slack.will("chat.postMessage", Answer(body=ok), slow)
    with pytest.raises(TransientError):
        await channel.show(**done(a_finding()))
    channel.generation -= 1
    await channel.show(**done(a_finding()))
    assert len(channel.cards) == 1
    assert Standing.model_validate_json(channel.receipt).important == ("f1",)


async def test_skipped_review_begins_no_card(channel: Channel) -> None:
    await channel.show(stage=Stage.IDLE, outcome=an_outcome(OutcomeKind.SKIPPED))
    assert channel.cards == []
