"""Block Kit at the local Slack: every limit at its edge, and a sentence for each refusal."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.playground.slack.content import content_of
from bot.playground.slack.wire import Refused
from tests.fakes.slack import FakeSlack

Json = dict[str, Any]
LINK = "https://example.org/"


@pytest.fixture
def post(slack_server: FakeSlack) -> Iterator[Any]:
    channel = slack_server.channel("reviews")
    slack_server.set_knobs(messages_per_second=0)
    with slack_server.api() as api:

        def posted(*blocks: Any) -> Json:
            message = {"channel": channel, "text": "fallback", "blocks": list(blocks)}
            return dict(api.post("chat.postMessage", json=message).json())

        yield posted


def plain(text: Any = "x", **more: Any) -> Json:
    return {"type": "plain_text", "text": text, **more}


def mrkdwn(text: Any = "x", **more: Any) -> Json:
    return {"type": "mrkdwn", "text": text, **more}


def section(**parts: Any) -> Json:
    return {"type": "section", **(parts or {"text": mrkdwn()})}


def button(**parts: Any) -> Json:
    return {"type": "button", "text": plain(), **parts}


def actions(*elements: Any, **parts: Any) -> Json:
    return {"type": "actions", "elements": list(elements), **parts}


def context(*elements: Any) -> Json:
    return {"type": "context", "elements": list(elements)}


def image(**parts: Any) -> Json:
    return {"type": "image", "image_url": LINK, "alt_text": "x", **parts}


CONFIRM = {"title": plain(), "text": mrkdwn(), "confirm": plain(), "deny": plain()}
OPTION = {"text": plain(), "value": "v"}
TAKEN = {
    "section text": section(text=mrkdwn("x" * 3000, verbatim=True)),
    "section fields": section(fields=[mrkdwn("x" * 1300)] * 10),
    "section field": section(fields=[plain("x" * 2000, emoji=True)]),
    "accessory": section(text=plain(), accessory=button(value="v" * 2000)),
    "header": {"type": "header", "text": plain("x" * 150)},
    "divider": {"type": "divider", "block_id": "b" * 255},
    "context": context(*[mrkdwn()] * 9, image()),
    "actions": actions(*[button() for _ in range(25)]),
    "button": actions(
        button(text=plain("x" * 75), url=LINK.ljust(3000, "x"), style="danger", confirm=CONFIRM)
    ),
    "overflow": actions({"type": "overflow", "options": [OPTION] * 5}),
    "select": actions({"type": "static_select", "options": [OPTION], "placeholder": plain()}),
    "image": image(title=plain()),
    "markdown": {"type": "markdown", "text": "x" * 12_000},
}
REFUSED = {
    "section text": (
        section(text=mrkdwn("x" * 3001)),
        "must be less than 3001 characters [json-pointer:/blocks/0/text/text]",
    ),
    "empty text": (
        section(text=mrkdwn("")),
        "must be more than 0 characters [json-pointer:/blocks/0/text/text]",
    ),
    "bare text": (section(text="x"), "must be an object [json-pointer:/blocks/0/text]"),
    "empty section": (
        section(block_id="b"),
        "must define either `text` or `fields` [json-pointer:/blocks/0]",
    ),
    "field": (
        section(fields=[mrkdwn("x" * 2001)]),
        "must be less than 2001 characters [json-pointer:/blocks/0/fields/0/text]",
    ),
    "fields": (
        section(fields=[mrkdwn()] * 11),
        "no more than 10 items allowed [json-pointer:/blocks/0/fields]",
    ),
    "header length": (
        {"type": "header", "text": plain("x" * 151)},
        "must be less than 151 characters [json-pointer:/blocks/0/text/text]",
    ),
    "header markup": (
        {"type": "header", "text": mrkdwn()},
        "unsupported type: mrkdwn [json-pointer:/blocks/0/text/type]",
    ),
    "button markup": (
        actions(button(text=mrkdwn())),
        "unsupported type: mrkdwn [json-pointer:/blocks/0/elements/0/text/type]",
    ),
    "button text": (
        actions(button(text=plain("x" * 76))),
        "must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]",
    ),
    "button value": (
        actions(button(value="v" * 2001)),
        "must be less than 2001 characters [json-pointer:/blocks/0/elements/0/value]",
    ),
    "button url": (
        actions(button(url=LINK.ljust(3001, "x"))),
        "must be less than 3001 characters [json-pointer:/blocks/0/elements/0/url]",
    ),
    "button scheme": (
        actions(button(url="javascript:alert(1)")),
        "invalid url [json-pointer:/blocks/0/elements/0/url]",
    ),
    "button style": (
        actions(button(style="default")),
        "must be one of: primary, danger [json-pointer:/blocks/0/elements/0/style]",
    ),
    "action_id": (
        actions(button(action_id="a" * 256)),
        "must be less than 256 characters [json-pointer:/blocks/0/elements/0/action_id]",
    ),
    "block_id": (
        {"type": "divider", "block_id": "b" * 256},
        "must be less than 256 characters [json-pointer:/blocks/0/block_id]",
    ),
    "actions": (
        actions(*[button() for _ in range(26)]),
        "no more than 25 items allowed [json-pointer:/blocks/0/elements]",
    ),
    "no actions": (actions(), "no fewer than 1 items allowed [json-pointer:/blocks/0/elements]"),
    "repeated action": (
        actions(button(action_id="a"), button(action_id="a")),
        "`action_id` already exists [json-pointer:/blocks/0/elements]",
    ),
    "context": (
        context(*[mrkdwn()] * 11),
        "no more than 10 items allowed [json-pointer:/blocks/0/elements]",
    ),
    "button in context": (
        context(button()),
        "unsupported type: button [json-pointer:/blocks/0/elements/0/type]",
    ),
    "emoji in markup": (
        section(text=mrkdwn(emoji=True)),
        "invalid additional property: emoji [json-pointer:/blocks/0/text]",
    ),
    "unknown property": (
        section(text=mrkdwn(), colour="red"),
        "invalid additional property: colour [json-pointer:/blocks/0]",
    ),
    "typed option": (
        actions({"type": "overflow", "options": [{**OPTION, "type": "option"}]}),
        "invalid additional property: type [json-pointer:/blocks/0/elements/0/options/0]",
    ),
    "missing property": (
        {"type": "image", "image_url": LINK},
        "missing required field: alt_text [json-pointer:/blocks/0]",
    ),
    "number": (section(text=mrkdwn(7)), "must be a string [json-pointer:/blocks/0/text/text]"),
    "flag": (
        section(text=mrkdwn(verbatim="yes")),
        "must be a boolean [json-pointer:/blocks/0/text/verbatim]",
    ),
    "unknown block": ({"type": "poster"}, "unsupported type: poster [json-pointer:/blocks/0/type]"),
    "no type": ({"text": mrkdwn()}, "missing required field: type [json-pointer:/blocks/0]"),
    "no object": ("divider", "must be an object [json-pointer:/blocks/0]"),
}


@pytest.mark.parametrize("name", TAKEN)
def test_what_is_within_the_limits_is_taken(post: Any, name: str) -> None:
    assert post(TAKEN[name])["ok"] is True


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_beyond_is_refused_with_its_place(
    slack_server: FakeSlack, post: Any, name: str
) -> None:
    block, sentence = REFUSED[name]
    answer = post(block)
    assert (answer["error"], answer["errors"]) == ("invalid_blocks", [sentence])
    assert answer["response_metadata"]["messages"] == [f"[ERROR] {sentence}"]
    assert slack_server.messages("reviews") == []


def test_fifty_blocks_are_the_most(post: Any) -> None:
    assert post(*[{"type": "divider"}] * 50)["ok"] is True
    sentence = "no more than 50 items allowed [json-pointer:/blocks]"
    assert post(*[{"type": "divider"}] * 51)["errors"] == [sentence]


def test_all_blocks_together_are_bounded(post: Any) -> None:
    texts = [section(text=mrkdwn("x" * 2640)) for _ in range(5)]
    assert post(*texts)["ok"] is True
    assert post(*texts, section(text=mrkdwn("x")))["error"] == "msg_blocks_too_long"


def test_blocks_get_ids_of_their_own_and_none_twice(post: Any) -> None:
    first, second = post(section(), actions(button()))["message"]["blocks"]
    assert first["block_id"] != second["block_id"]
    assert second["elements"][0]["action_id"]
    twice = post({"type": "divider", "block_id": "b"}, {"type": "divider", "block_id": "b"})
    assert twice["errors"] == ["`block_id` already exists [json-pointer:/blocks/1/block_id]"]


def test_every_fault_of_a_message_is_told(post: Any) -> None:
    wrong = actions(button(style="loud", url="x"), {"type": "knob"})
    assert len(post(wrong, section(text=plain("")))["errors"]) == 4


WORDS = st.sampled_from(
    [*"abx", "type", "text", "elements", "fields", "section", "actions", "button", "plain_text"]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | WORDS,
    lambda part: st.lists(part, max_size=4) | st.dictionaries(WORDS, part, max_size=4),
    max_leaves=20,
)


def outcome_of(blocks: Any) -> str:
    """Return Slack's word, empty when the blocks are taken and have their ids."""
    try:
        taken = content_of({"text": "fallback", "blocks": blocks}).blocks or []
    except Refused as refused:
        return refused.error
    return "" if all(block["block_id"] for block in taken) else "taken without an id"


@given(JSON)
def test_whatever_is_sent_as_blocks_is_taken_or_refused(blocks: Any) -> None:
    assert outcome_of(blocks) in {"", "invalid_blocks", "invalid_blocks_format"}
