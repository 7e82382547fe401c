"""One message a request: posted, edited, and where the channel is out of reach told aside."""

import json
from collections.abc import AsyncIterator

import pytest

from core.errors import PermanentError, TransientError
from core.models import Stage
from slack.client import SlackClient
from slack.errors import SlackRefused
from slack.notifications import SlackDeliverer
from slack.replies import Reply
from slack.seal import Seal
from tests.slack.delivering import ThreadNotes, delivered
from tests.slack.samples import REVIEW_URL, a_delivery, a_done_delivery, a_reply
from tests.slack.wire import CHANNEL, SEAL, USER, WEB, Answer, RecordingSlack


def no(code: str) -> Answer:
    return Answer(body={"ok": False, "error": code})


@pytest.fixture
async def deliverer(slack_api: RecordingSlack) -> AsyncIterator[SlackDeliverer]:
    client = SlackClient("xoxb-of-this-test", slack_api.api_url)
    yield SlackDeliverer(client, SEAL, ThreadNotes(), web_url=WEB)
    await client.close()


@pytest.fixture
def reply(slack_api: RecordingSlack) -> Reply:
    return a_reply(response_url=slack_api.response_url)


async def test_a_request_has_one_message_from_queued_to_done(
    slack_api: RecordingSlack, deliverer: SlackDeliverer
) -> None:
    receipt = await delivered(deliverer, a_delivery(ahead=2))
    assert receipt.startswith(f"{CHANNEL}:17.000001 ")
    receipt = await delivered(deliverer, a_delivery(receipt=receipt, stage=Stage.RUNNING))
    await delivered(deliverer, a_done_delivery(receipt=receipt, findings=()))
    (posted,) = slack_api.made("chat.postMessage")
    first, last = slack_api.made("chat.update")
    assert "2 reviews before it" in posted["text"]
    assert "reading" in first["text"]
    assert "no findings" in last["text"].lower()
    assert REVIEW_URL in json.dumps(last["blocks"])
    assert {first["ts"], last["ts"]} == {"17.000001"}


async def test_a_state_that_looks_the_same_is_not_edited(
    slack_api: RecordingSlack, deliverer: SlackDeliverer
) -> None:
    receipt = await delivered(deliverer, a_done_delivery())
    assert await delivered(deliverer, a_done_delivery(receipt=receipt)) == receipt
    assert slack_api.made("chat.update") == []


async def test_messages_fetch_no_previews_and_name_nobody(
    slack_api: RecordingSlack, deliverer: SlackDeliverer
) -> None:
    await deliverer.deliver(a_delivery())
    (posted,) = slack_api.made("chat.postMessage")
    asked = {key: posted[key] for key in ("unfurl_links", "unfurl_media", "link_names", "parse")}
    assert [str(value) for value in asked.values()] == ["False", "False", "False", "none"]


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("not_in_channel", "/invite @Argus"),
        ("channel_not_found", "/invite @Argus"),
        ("is_archived", "This channel is archived"),
        ("restricted_action_read_only_channel", "may not write here"),
    ],
)
async def test_out_of_the_channel_the_asker_alone_learns_why_and_the_end(
    slack_api: RecordingSlack, deliverer: SlackDeliverer, reply: Reply, code: str, words: str
) -> None:
    slack_api.will("chat.postMessage", no(code), no(code))
    receipt = await delivered(deliverer, a_delivery(reply=reply))
    running = a_delivery(reply=reply, receipt=receipt, stage=Stage.RUNNING)
    assert await delivered(deliverer, running) == receipt
    receipt = await delivered(deliverer, a_done_delivery(reply=reply, receipt=receipt))
    hint, end = slack_api.made("hook")
    for answer in (hint, end):
        assert words in json.dumps(answer["blocks"])
        assert answer["response_type"] == "ephemeral"
    assert "is under way" in hint["text"]
    assert "1 important finding" in end["text"]
    assert len(slack_api.made("chat.postMessage")) == 2
    assert await delivered(deliverer, a_done_delivery(reply=reply, receipt=receipt)) == receipt
    assert len(slack_api.calls) == 4


async def test_bot_that_was_let_in_meanwhile_shows_the_end_in_the_channel(
    slack_api: RecordingSlack, deliverer: SlackDeliverer, reply: Reply
) -> None:
    slack_api.will("chat.postMessage", no("not_in_channel"))
    receipt = await delivered(deliverer, a_delivery(reply=reply))
    receipt = await delivered(deliverer, a_done_delivery(reply=reply, receipt=receipt))
    _, card, finding = slack_api.made("chat.postMessage")
    assert "1 important finding" in card["text"]
    assert finding["thread_ts"] == receipt.partition(" ")[0].partition(":")[2]
    assert len(slack_api.made("hook")) == 1


async def test_direct_message_without_the_bot_is_no_channel_to_invite_it_to(
    slack_api: RecordingSlack, deliverer: SlackDeliverer
) -> None:
    slack_api.will("chat.postMessage", no("channel_not_found"))
    reply = a_reply(response_url=slack_api.response_url, channel="D0MONA")
    await delivered(deliverer, a_delivery(reply=reply))
    (hint,) = slack_api.made("hook")
    assert "/invite" not in json.dumps(hint)
    assert "may not write here" in json.dumps(hint)


async def test_a_spent_address_gives_way_to_a_whisper(
    slack_api: RecordingSlack, deliverer: SlackDeliverer, reply: Reply
) -> None:
    slack_api.will("hook", Answer(status=404, body="used_url"))
    await deliverer.deliver(a_done_delivery(reply=reply, receipt="aside:"))
    (whispered,) = slack_api.made("chat.postEphemeral")
    assert (whispered["channel"], whispered["user"]) == (CHANNEL, USER)


@pytest.mark.parametrize("kept", ["", "aside:", "aside:0"])
async def test_the_end_is_told_once_and_what_comes_later_is_not(
    slack_api: RecordingSlack, deliverer: SlackDeliverer, kept: str
) -> None:
    aside = a_reply(response_url=slack_api.response_url, aside=True)
    for _ in range(3):
        kept = await delivered(deliverer, a_done_delivery(reply=aside, receipt=kept))
    assert [name for name, _ in slack_api.calls] == ["hook"]


async def test_an_answer_that_was_lost_is_tried_again(
    slack_api: RecordingSlack, deliverer: SlackDeliverer, reply: Reply
) -> None:
    slack_api.will("hook", Answer(500, "oops"))
    with pytest.raises(TransientError):
        await deliverer.deliver(a_done_delivery(reply=reply, receipt="aside:"))
    await delivered(deliverer, a_done_delivery(reply=reply, receipt="aside:"))
    assert len(slack_api.made("hook")) == 2


async def test_what_others_may_not_see_never_reaches_the_channel(
    slack_api: RecordingSlack, deliverer: SlackDeliverer
) -> None:
    aside = a_reply(response_url=slack_api.response_url, aside=True)
    receipt = await delivered(deliverer, a_delivery(reply=aside))
    await delivered(deliverer, a_done_delivery(reply=aside, receipt=receipt))
    assert [name for name, _ in slack_api.calls] == ["hook"]


@pytest.mark.parametrize("code", ["not_in_channel", "channel_not_found", "user_not_in_channel"])
async def test_where_a_whisper_cannot_reach_the_asker_gets_a_direct_message(
    slack_api: RecordingSlack, deliverer: SlackDeliverer, reply: Reply, code: str
) -> None:
    slack_api.will("hook", Answer(status=404, body="expired_url"))
    slack_api.will("chat.postEphemeral", no(code))
    await delivered(deliverer, a_done_delivery(reply=reply, receipt="aside:"))
    (posted,) = slack_api.made("chat.postMessage")
    assert posted["channel"] == USER
    assert "1 important finding" in posted["text"]


async def test_nobody_left_to_tell_is_the_end_of_the_row(
    slack_api: RecordingSlack, deliverer: SlackDeliverer, reply: Reply
) -> None:
    slack_api.will("hook", Answer(status=404, body="expired_url"))
    slack_api.will("chat.postEphemeral", no("user_not_in_channel"))
    slack_api.will("chat.postMessage", no("channel_not_found"))
    with pytest.raises(SlackRefused):
        await deliverer.deliver(a_done_delivery(reply=reply, receipt="aside:"))


async def test_a_deleted_message_is_posted_anew(
    slack_api: RecordingSlack, deliverer: SlackDeliverer
) -> None:
    slack_api.will("chat.update", no("message_not_found"))
    receipt = await delivered(deliverer, a_done_delivery(receipt=f"{CHANNEL}:1.1", findings=()))
    assert receipt.startswith(f"{CHANNEL}:17.000001 ")


@pytest.mark.parametrize("code", ["invalid_blocks", "msg_blocks_too_long"])
async def test_refused_blocks_give_way_to_words_once(
    slack_api: RecordingSlack, deliverer: SlackDeliverer, code: str
) -> None:
    slack_api.will("chat.postMessage", no(code))
    await deliverer.deliver(a_done_delivery())
    first, second = slack_api.made("chat.postMessage")
    assert "blocks" in first
    assert "blocks" not in second
    assert REVIEW_URL in second["text"]


async def test_an_edit_to_words_takes_the_old_blocks_away(
    slack_api: RecordingSlack, deliverer: SlackDeliverer
) -> None:
    slack_api.will("chat.update", no("invalid_blocks"))
    await deliverer.deliver(a_done_delivery(receipt=f"{CHANNEL}:17.000001"))
    _, second = slack_api.made("chat.update")
    assert second["blocks"] == []


async def test_words_refused_too_are_the_end_of_the_row(
    slack_api: RecordingSlack, deliverer: SlackDeliverer
) -> None:
    slack_api.will("chat.postMessage", no("invalid_blocks"), no("invalid_blocks"))
    with pytest.raises(PermanentError, match="invalid_blocks"):
        await deliverer.deliver(a_done_delivery())
    assert len(slack_api.made("chat.postMessage")) == 2


async def test_a_rate_limit_is_waited_for_as_long_as_slack_says(
    slack_api: RecordingSlack, deliverer: SlackDeliverer
) -> None:
    limit = Answer(429, {"ok": False, "error": "ratelimited"}, headers={"Retry-After": "30"})
    slack_api.will("chat.postMessage", limit)
    with pytest.raises(TransientError) as waiting:
        await deliverer.deliver(a_delivery())
    assert waiting.value.retry_after == 30
    assert len(slack_api.calls) == 1


@pytest.mark.parametrize(
    "answer",
    [
        Answer(500, {"ok": False}),
        Answer(503, "<html>away</html>"),
        Answer(200, "<html>a proxy</html>"),
        Answer(200, {"ok": False, "error": "internal_error"}),
        Answer(200, {"ok": False, "error": "service_unavailable"}),
        Answer(200, ["no object"]),
        Answer(200, {}),
        Answer(502, "bad gateway", {"content-type": "text/plain"}),
    ],
)
async def test_a_troubled_slack_is_tried_again_later(
    slack_api: RecordingSlack, deliverer: SlackDeliverer, answer: Answer
) -> None:
    slack_api.will("chat.postMessage", answer)
    with pytest.raises(TransientError):
        await deliverer.deliver(a_delivery())
    assert len(slack_api.calls) == 1


@pytest.mark.parametrize("code", ["invalid_auth", "account_inactive", "token_revoked"])
async def test_a_refused_bot_answers_through_the_address_of_the_command(
    slack_api: RecordingSlack, deliverer: SlackDeliverer, reply: Reply, code: str
) -> None:
    slack_api.will("chat.postMessage", no(code), no(code))
    receipt = await delivered(deliverer, a_delivery(reply=reply))
    await delivered(deliverer, a_done_delivery(reply=reply, receipt=receipt))
    assert len(slack_api.made("hook")) == 2


@pytest.mark.parametrize("code", ["invalid_auth", "account_inactive", "token_revoked"])
async def test_a_refused_bot_without_such_an_address_is_the_end_of_the_row(
    slack_api: RecordingSlack, deliverer: SlackDeliverer, code: str
) -> None:
    slack_api.will("chat.postMessage", no(code))
    slack_api.will("chat.postEphemeral", no(code))
    with pytest.raises(PermanentError, match=code):
        await deliverer.deliver(a_delivery(reply=a_reply(response_url="")))
    assert len(slack_api.calls) == 2


async def test_a_card_that_is_taken_away_again_is_left_alone(
    slack_api: RecordingSlack, deliverer: SlackDeliverer, reply: Reply
) -> None:
    receipt = await delivered(deliverer, a_delivery(reply=reply))
    slack_api.will("chat.update", *[no("message_not_found")] * 3)
    running = a_delivery(reply=reply, receipt=receipt, stage=Stage.RUNNING)
    receipt = await delivered(deliverer, running)
    receipt = await delivered(deliverer, a_done_delivery(reply=reply, receipt=receipt))
    assert len(slack_api.made("chat.postMessage")) == 2
    (told,) = slack_api.made("hook")
    assert "1 important finding" in told["text"]


async def test_a_card_in_a_thread_that_is_gone_is_told_aside(
    slack_api: RecordingSlack, deliverer: SlackDeliverer
) -> None:
    reply = a_reply(response_url=slack_api.response_url, thread="16.5")
    slack_api.will("chat.postMessage", *[no("thread_not_found")] * 9)
    receipt = await delivered(deliverer, a_delivery(reply=reply))
    await delivered(deliverer, a_done_delivery(reply=reply, receipt=receipt))
    assert len(slack_api.made("chat.postMessage")) == 2
    (told,) = slack_api.made("hook")
    assert "1 important finding" in told["text"]
    assert told["thread_ts"] == "16.5"


async def test_an_absent_slack_is_tried_again_later() -> None:
    client = SlackClient("xoxb-of-this-test", "http://127.0.0.1:1/api/")
    with pytest.raises(TransientError):
        await SlackDeliverer(client, SEAL, ThreadNotes(), web_url=WEB).deliver(a_delivery())
    await client.close()


async def test_a_redirect_is_not_followed(
    slack_api: RecordingSlack, deliverer: SlackDeliverer, reply: Reply
) -> None:
    away = Answer(302, "", {"location": f"{slack_api.url}/elsewhere"})
    slack_api.will("hook", away)
    with pytest.raises(TransientError):
        await deliverer.deliver(a_done_delivery(reply=reply, receipt="aside:"))
    assert slack_api.made("elsewhere") == []


async def test_a_foreign_answer_address_is_never_called(
    slack_api: RecordingSlack, deliverer: SlackDeliverer
) -> None:
    foreign = a_reply(response_url="http://127.0.0.1:1/hook")
    await deliverer.deliver(a_done_delivery(reply=foreign, receipt="aside:"))
    assert [name for name, _ in slack_api.calls] == ["chat.postEphemeral"]


async def test_a_row_without_an_opened_seal_is_dropped(
    slack_api: RecordingSlack, deliverer: SlackDeliverer
) -> None:
    with pytest.raises(PermanentError):
        await deliverer.deliver(a_delivery(origin=None))
    client = SlackClient("t", slack_api.api_url)
    other = SlackDeliverer(client, Seal(["other"]), ThreadNotes(), web_url=WEB)
    with pytest.raises(PermanentError):
        await other.deliver(a_delivery())
    assert slack_api.calls == []
