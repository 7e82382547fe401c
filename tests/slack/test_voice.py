"""Answers to questions of people in Slack: where they are said, and that they are only words."""

import json
from collections.abc import AsyncIterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.desk import Answer
from core.errors import PermanentError, TransientError, UserError, Withheld
from core.models import Order, Origin, OriginKind
from slack.blocks.prose import prose
from slack.blocks.replies import PART, answered
from slack.client import SlackClient
from slack.replies import Reply, sealed
from slack.seal import Seal
from slack.voice import SlackVoice
from tests.slack.samples import REF, a_reply
from tests.slack.soundness import HOSTILE, require_inert, require_sound
from tests.slack.wire import CHANNEL, SEAL, USER, WEB, RecordingSlack
from tests.slack.wire import Answer as Said

EXPLAINED = Answer(
    "Because **two** requests may come at once.\n\n- first\n- second", "openai:gpt-5"
)
MARKDOWN = "# Why\n\nIt *races*:\n\n```python\ndef f(x):\n    return x < 1\n```\n\n> quoted\n"


@pytest.fixture
async def voice(slack_api: RecordingSlack) -> AsyncIterator[SlackVoice]:
    client = SlackClient("xoxb-of-this-test", slack_api.api_url)
    yield SlackVoice(client, SEAL, web_url=WEB)
    await client.close()


def an_order(reply: Reply, words: str = "ask why is it locked?") -> Order:
    origin = Origin(kind=OriginKind.SLACK, id="o-1", person=USER, reply=sealed(reply, SEAL))
    return Order(ref=REF, repo_id=7, origin=origin, words=words, correlation_id="req-9")


async def test_an_answer_stands_in_the_thread_where_it_was_asked(
    slack_api: RecordingSlack, voice: SlackVoice
) -> None:
    receipt = await voice.say(an_order(a_reply(thread="17.5")), EXPLAINED)
    (posted,) = slack_api.made("chat.postMessage")
    said = json.dumps(posted["blocks"], ensure_ascii=False)
    assert (posted["channel"], posted["thread_ts"]) == (CHANNEL, "17.5")
    assert "Because two requests may come at once.\\n\\n• first\\n• second" in said
    assert f"<@{USER}>" in said
    assert "openai:gpt-5" in said
    assert receipt.startswith(CHANNEL)


async def test_what_others_may_not_read_is_for_the_asker_alone(
    slack_api: RecordingSlack, voice: SlackVoice
) -> None:
    reply = a_reply(aside=True, response_url=slack_api.response_url)
    await voice.say(an_order(reply), EXPLAINED)
    assert [name for name, _ in slack_api.calls] == ["hook"]


async def test_a_mention_has_no_address_and_is_answered_by_a_whisper(
    slack_api: RecordingSlack, voice: SlackVoice
) -> None:
    reply = a_reply(aside=True, response_url="", thread="17.5")
    await voice.say(an_order(reply), EXPLAINED)
    (whispered,) = slack_api.made("chat.postEphemeral")
    assert (whispered["user"], whispered["thread_ts"]) == (USER, "17.5")


async def test_a_failure_concerns_nobody_but_the_asker(
    slack_api: RecordingSlack, voice: SlackVoice
) -> None:
    reply = a_reply(response_url=slack_api.response_url)
    trouble = UserError("That could not be answered.", next_step="Ask again in a while.")
    await voice.say(an_order(reply), trouble)
    (answer,) = slack_api.made("hook")
    assert "Ask again in a while." in answer["text"]
    assert "req-9" in json.dumps(answer["blocks"])


@pytest.mark.parametrize("code", ["not_in_channel", "thread_not_found", "is_archived"])
async def test_out_of_the_channel_the_asker_is_told(
    slack_api: RecordingSlack, voice: SlackVoice, code: str
) -> None:
    slack_api.will("chat.postMessage", Said(body={"ok": False, "error": code}))
    await voice.say(an_order(a_reply(response_url=slack_api.response_url)), EXPLAINED)
    assert len(slack_api.made("hook")) == 1


async def test_a_limit_is_waited_for_and_costs_no_attempt(
    slack_api: RecordingSlack, voice: SlackVoice
) -> None:
    limit = Said(429, {"ok": False, "error": "ratelimited"}, headers={"Retry-After": "7"})
    slack_api.will("chat.postMessage", limit)
    with pytest.raises(Withheld) as waiting:
        await voice.say(an_order(a_reply()), EXPLAINED)
    assert waiting.value.retry_after == 7


async def test_a_troubled_slack_is_tried_again(
    slack_api: RecordingSlack, voice: SlackVoice
) -> None:
    slack_api.will("chat.postMessage", Said(500, "oops"))
    with pytest.raises(TransientError):
        await voice.say(an_order(a_reply()), EXPLAINED)


async def test_a_foreign_seal_is_the_end_of_it(
    slack_api: RecordingSlack, voice: SlackVoice
) -> None:
    order = an_order(a_reply())
    foreign = order.origin.model_copy(update={"reply": Seal(["other"]).close("{}")})
    with pytest.raises(PermanentError):
        await voice.say(order.model_copy(update={"origin": foreign}), EXPLAINED)
    assert slack_api.calls == []


texts = st.one_of(st.sampled_from([*HOSTILE, MARKDOWN]), st.text(max_size=2_000))


@settings(max_examples=100, deadline=None)
@given(texts, texts, st.text(max_size=80))
def test_every_answer_is_sound(text: str, question: str, model: str) -> None:
    answer = Answer(text, model)
    require_sound(answered(REF, question, answer, user=USER, url=f"{WEB}/x", web_url=WEB))


@settings(max_examples=150, deadline=None)
@given(texts, st.integers(10, 4_000))
def test_prose_is_inert_and_fits(text: str, limit: int) -> None:
    said = prose(text, limit)
    assert len(said) <= limit
    require_inert(said)
    assert said.count("```") % 2 == 0


def test_markdown_reads_as_it_was_meant() -> None:
    assert prose(MARKDOWN, 500) == (
        "Why\n\nIt ∗races∗:\n\n```\ndef f(x):\n    return x &lt; 1\n```\n\nquoted"
    )


def test_a_fence_that_is_never_closed_is_closed() -> None:
    assert prose("before\n```\ncode", 100) == "before\n```\ncode\n```"


def test_long_answers_are_cut_between_lines_and_whole_in_each_part() -> None:
    code = "```\n" + "\n".join(f"line {n} of the code" for n in range(250)) + "\n```"
    said = answered(REF, "?", Answer(f"Look:\n{code}\nThat is all."), user="", url="", web_url=WEB)
    require_sound(said)
    parts = [block["text"]["text"] for block in said.blocks if block["type"] == "section"]
    assert len(parts) > 1
    assert all(part.count("```") % 2 == 0 and len(part) <= PART for part in parts)


def test_an_empty_answer_says_that_there_is_none() -> None:
    said = answered(REF, "?", Answer(" \u200b "), user="", url="", web_url=WEB)
    assert said.text == "Argus has no answer to that."
