"""What a channel that follows is shown, and when it is pinged."""

import json
from collections.abc import AsyncIterator

import pytest

from core.errors import PermanentError, TransientError
from core.following import Talk
from core.models import (
    Coverage,
    Delivery,
    FindingState,
    Omission,
    OmissionReason,
    OutcomeKind,
    QuietFinding,
    RowKind,
    Severity,
    Stage,
    Unfinished,
)
from slack.blocks.controls import DISMISS, EXPLAIN
from slack.client import SlackClient
from slack.replies import Reply
from slack.subscribers import Subscribers
from slack.subscriptions import ChannelDeliverer
from slack.workspace import Workspace
from tests.slack.delivering import MOST_CALLS, Follows, Sight, ThreadNotes
from tests.slack.samples import REF, a_delivery, a_finding, a_reply, an_outcome
from tests.slack.wire import CHANNEL, SEAL, WEB, Answer, RecordingSlack


class Channel:
    """One row of a channel, delivered again and again with what the last time left."""

    def __init__(self, slack: RecordingSlack) -> None:
        self.client = SlackClient("xoxb-of-this-test", slack.api_url)
        self.notes = ThreadNotes()
        self.slack = slack
        self.receipt = ""
        self.generation = 0
        self.eyes, self.follows, self.now = Sight(), Follows(), 0.0
        self._deliverer = ChannelDeliverer(
            self.client,
            SEAL,
            Workspace(self.client),
            self.notes,
            Subscribers(self.eyes, self.follows, clock=lambda: self.now),
            web_url=WEB,
        )

    async def show(self, reply: Reply | None = None, **changes: object) -> None:
        """Bring the row to a state, until nothing is left to do."""
        self.generation += 1
        for _ in range(MOST_CALLS):
            delivery = self._delivery(reply or a_reply(user="", response_url=""), changes)
            done = await self._deliverer.deliver(delivery)
            self.receipt = done.receipt if isinstance(done, Unfinished) else done
            if not isinstance(done, Unfinished):
                return
        raise AssertionError("it never ends")

    async def steps(self, **changes: object) -> list[str]:
        """Bring the row to a state, and return what its receipt was after each message."""
        receipts = []
        while True:
            delivery = self._delivery(a_reply(user="", response_url=""), changes)
            done = await self._deliverer.deliver(delivery)
            self.receipt = done.receipt if isinstance(done, Unfinished) else done
            receipts.append(self.receipt)
            if not isinstance(done, Unfinished):
                return receipts

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
    def edits(self) -> list[str]:
        return [str(m["text"]) for m in self.slack.made("chat.update")]

    @property
    def pings(self) -> list[str]:
        """Return what was said in a thread and shown in the channel."""
        posted = self.slack.made("chat.postMessage")
        return [str(m["text"]) for m in posted if m.get("reply_broadcast")]

    @property
    def replies(self) -> list[str]:
        """Return what was said in a thread alone."""
        posted = self.slack.made("chat.postMessage")
        quiet = [m for m in posted if m.get("thread_ts") and not m.get("reply_broadcast")]
        return [str(m["text"]) for m in quiet]


@pytest.fixture
async def channel(slack_api: RecordingSlack) -> AsyncIterator[Channel]:
    made = Channel(slack_api)
    yield made
    await made.client.close()


def done(*findings: object, **changes: object) -> dict[str, object]:
    outcome = an_outcome(findings=findings)
    return {"stage": Stage.IDLE, "outcome": outcome, **changes}


GONE = Answer(body={"ok": False, "error": "message_not_found"})
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
    assert channel.replies == ["🔴 Important: The retry charges the card twice"]


async def test_new_important_finding_and_the_end_of_the_last_are_pinged(channel: Channel) -> None:
    await channel.show(stage=Stage.RUNNING)
    await channel.show(**done(a_finding()))
    await channel.show(**done(a_finding(), a_finding(id="f2")))
    await channel.show(**done())
    await channel.show(**done())

    assert ["finding" in ping for ping in channel.pings] == [True, True, False]
    assert "✅ Nothing is open any more" in channel.pings[-1]


async def test_what_a_new_card_shows_is_shown_once_in_the_channel(channel: Channel) -> None:
    await channel.show(**done(a_finding()))
    assert len(channel.cards) == 1
    assert "1 new important finding" in channel.replies[-1]
    assert channel.pings == []

    await channel.show(**done(a_finding(), a_finding(id="f2")))
    assert len(channel.pings) == 1


async def test_nothing_open_is_not_green_where_not_everything_was_read(channel: Channel) -> None:
    await channel.show(**done(a_finding()))
    left_out = Omission(path="big.py", reason=OmissionReason.OVER_BUDGET)
    coverage = Coverage(files_total=4, files_read=3, omitted=(left_out,))
    await channel.show(stage=Stage.IDLE, outcome=an_outcome(findings=(), coverage=coverage))
    (ping,) = channel.slack.made("chat.postMessage")[-1:]
    assert ping["text"].startswith("🟡 Nothing is open any more")
    assert "3 of 4 files read" in json.dumps(ping["blocks"])


async def test_channel_that_shows_no_replies_is_told_in_the_thread(channel: Channel) -> None:
    await channel.show(stage=Stage.RUNNING)
    answers = [Answer(body={"ok": True, "channel": CHANNEL, "ts": "17.5"})]
    answers += [Answer(body={"ok": False, "error": "cant_broadcast_message"})]
    channel.slack.will("chat.postMessage", *answers)
    await channel.show(**done(a_finding()))
    assert "1 new important finding" in channel.replies[-1]


async def test_findings_stand_in_the_thread_with_what_can_be_done(channel: Channel) -> None:
    found = [a_finding(id=f"f{n}", title=f"Claim {n}") for n in range(8)]
    await channel.show(**done(*found))
    await channel.show(**done(*found))
    assert [reply[-1] for reply in channel.replies[:-1]] == ["0", "1", "2", "3", "4"]
    card, reply, *_ = channel.slack.made("chat.postMessage")
    assert "5 findings in the thread" in json.dumps(card["blocks"])
    assert "3 more in the review" in json.dumps(card["blocks"])
    ids = {element["action_id"] for element in reply["blocks"][-1]["elements"]}
    assert ids == {EXPLAIN, DISMISS}
    talks = set(channel.notes.notes.values())
    assert talks >= {Talk(ref=REF, repo_id=7), Talk(ref=REF, repo_id=7, finding_id="f4")}


async def test_dismissed_finding_is_edited_and_is_back_when_that_is_undone(
    channel: Channel,
) -> None:
    await channel.show(**done(a_finding(), NIT))
    quiet = QuietFinding(finding=a_finding(), state=FindingState.DISMISSED, who="slack:U0ASKER")
    await channel.show(stage=Stage.IDLE, outcome=an_outcome(findings=(NIT,), quiet=(quiet,)))
    assert channel.edits[-1] == "🔕 Dismissed: The retry charges the card twice"
    await channel.show(**done(a_finding(), NIT))
    assert channel.edits[-1] == "🔴 Important: The retry charges the card twice"
    assert len(channel.replies) == 3
    assert channel.pings == []


async def test_each_message_is_sent_once_whenever_the_process_ends(channel: Channel) -> None:
    """What was said up to a receipt is not said again by whoever goes on from there."""
    found = (a_finding(), a_finding(id="f2", title="Another claim"))
    await channel.show(stage=Stage.RUNNING)
    receipts = await channel.steps(**done(*found))
    said = len(channel.slack.made("chat.postMessage"))
    for number, receipt in enumerate(receipts):
        channel.receipt = receipt
        before = len(channel.slack.made("chat.postMessage"))
        await channel.show(**done(*found))
        again = len(channel.slack.made("chat.postMessage")) - before
        assert again == said - 1 - number


async def test_minimum_holds_for_the_thread_as_well(channel: Channel) -> None:
    waits = a_reply(user="", response_url="", minimum=Severity.IMPORTANT)
    await channel.show(waits, **done(a_finding(), NIT))
    assert [reply.partition(":")[0] for reply in channel.replies[:-1]] == ["🔴 Important"]
    card = json.dumps(channel.slack.made("chat.postMessage")[0]["blocks"])
    assert "1 finding in the thread" in card
    assert "1 more in the review" in card


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
    assert len(channel.pings) == 1


async def test_muted_channel_is_kept_true_without_a_ping(channel: Channel) -> None:
    await channel.show(**done(NIT))
    await channel.show(a_reply(muted=True), **done(a_finding()))
    assert channel.edits == ["octo/shop#7: 1 important finding", "✅ Not open any more."]
    assert channel.pings == []
    assert len(channel.replies) == 1


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
    assert list(channel.notes.notes.values()) == [Talk(ref=REF, repo_id=7)]


async def test_private_repository_is_not_shown_where_another_company_reads(
    channel: Channel,
) -> None:
    shared = {"id": CHANNEL, "is_ext_shared": True}
    channel.slack.will("conversations.info", Answer(body={"ok": True, "channel": shared}))
    with pytest.raises(PermanentError, match="Another company"):
        await channel.show(a_reply(private=True), **done(a_finding()))
    assert channel.cards == []


async def test_card_that_was_deleted_comes_back_without_old_news(channel: Channel) -> None:
    await channel.show(stage=Stage.RUNNING)
    await channel.show(**done(a_finding()))
    channel.slack.will("chat.update", GONE)
    await channel.show(stage=Stage.RUNNING)
    await channel.show(**done(a_finding()))
    assert len(channel.cards) == 2
    assert len(channel.pings) == 1


async def test_card_that_is_deleted_again_stays_away_until_the_next_commit(
    channel: Channel,
) -> None:
    await channel.show(stage=Stage.RUNNING)
    channel.slack.will("chat.update", GONE, GONE, GONE)
    for _ in range(2):
        await channel.show(**done(a_finding()))
        await channel.show(stage=Stage.RUNNING)
    assert len(channel.cards) == 2
    channel.slack.will("chat.update", GONE)
    await channel.show(stage=Stage.RUNNING, head="f" * 40)
    assert len(channel.cards) == 3


async def test_muted_card_that_was_deleted_does_not_come_back(channel: Channel) -> None:
    await channel.show(**done(NIT))
    channel.slack.will("chat.update", GONE)
    await channel.show(a_reply(muted=True), **done(a_finding()))
    assert len(channel.cards) == 1


async def test_limit_between_card_and_ping_posts_no_second_card(channel: Channel) -> None:
    ok = {"ok": True, "channel": CHANNEL, "ts": "17.000001"}
    slow = Answer(429, {"ok": False, "error": "ratelimited"}, {"retry-after": "2"})
    await channel.show(stage=Stage.RUNNING)
    channel.slack.will("chat.postMessage", Answer(body=ok), slow)
    with pytest.raises(TransientError):
        await channel.show(**done(a_finding()))
    await channel.show(**done(a_finding()))
    assert len(channel.cards) == 1
    assert len(set(channel.pings)) == 1
    assert len(channel.replies) == 1


@pytest.mark.parametrize(
    "code", ["not_in_channel", "channel_not_found", "is_archived", "invalid_auth"]
)
async def test_channel_out_of_reach_ends_the_row_after_one_call(
    channel: Channel, code: str
) -> None:
    channel.slack.will("chat.postMessage", Answer(body={"ok": False, "error": code}))
    with pytest.raises(PermanentError, match=code):
        await channel.show(**done(a_finding()))
    assert len(channel.slack.calls) == 1


async def test_skipped_review_begins_no_card(channel: Channel) -> None:
    await channel.show(stage=Stage.IDLE, outcome=an_outcome(OutcomeKind.SKIPPED))
    assert channel.cards == []
