"""Pull requests in messages of anybody's: what people type, and what other apps send."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slack.named_pulls import MOST_CHARACTERS, MOST_FOUND, MOST_TRIED, pull_requests_in

WEB = "https://github.com"
ONE, OTHER = f"{WEB}/octo/shop/pull/7", f"{WEB}/octo/shop/pull/8"
EVIL = "https://evil.example/octo/shop/pull/7"


def found(message: Any) -> list[str]:
    return [str(ref) for ref in pull_requests_in(message, WEB)]


@pytest.mark.parametrize(
    "text",
    [
        ONE,
        f"please look: <{ONE}/files|this>, thanks",
        f"*<{ONE}|#7 Fix it>*",
        f"_<{ONE}|#7 Fix it>_ by mona",
        f"opened <{ONE}|#7 Fix it>.",
        f"(<{ONE}>)",
        f"&lt;{ONE}&gt;",
        f"<{ONE}?diff=split&amp;w=1|octo/shop#9 as they say>",
        f"[Fix it]({ONE})",
        f"> {ONE}",
        "octo/shop#7, please",
        f"<{ONE}> and once more <{WEB}/Octo/Shop/pull/7/files|here>",
    ],
)
def test_one_pull_request_in_words(text: str) -> None:
    assert [each.lower() for each in found({"text": text})] == ["octo/shop#7"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        EVIL,
        f"<{EVIL}|{ONE}>",
        f"<{EVIL}|octo/shop#7>",
        f"https://github.com.evil.example/octo/shop/pull/7?{ONE}",
        f"{WEB}/octo/shop/issues/7",
        "<@U1> <#C1|pull> <!here>",
    ],
)
def test_what_names_none(text: str) -> None:
    assert found({"text": text}) == []


GITHUBS_OWN = {
    "text": "",
    "attachments": [
        {
            "id": 1,
            "color": "36a64f",
            "fallback": "[octo/shop] #7 Fix it",
            "pretext": "Pull request opened by <https://github.com/mona|mona>",
            "title": f"<{ONE}|#7 Fix it>",
            "text": "It was broken.",
            "fields": [{"title": "Labels", "value": f"bug, after <{OTHER}|#8>", "short": True}],
            "footer": "<https://github.com/octo/shop|octo/shop>",
            "image_url": f"{WEB}/octo/shop/pull/99",
        }
    ],
}
"""As GitHub's app announces a pull request."""


def test_attachments_of_another_app() -> None:
    assert found(GITHUBS_OWN) == ["octo/shop#7", "octo/shop#8"]


@pytest.mark.parametrize("key", ["title_link", "from_url", "original_url"])
def test_address_that_slack_unfurled(key: str) -> None:
    assert found({"text": "look", "attachments": [{"title": "Fix it", key: ONE}]}) == [
        "octo/shop#7"
    ]


RICH = {
    "type": "rich_text",
    "elements": [
        {
            "type": "rich_text_section",
            "elements": [
                {"type": "text", "text": "this one: "},
                {"type": "link", "url": ONE, "text": "octo/other#3"},
            ],
        }
    ],
}


@pytest.mark.parametrize(
    "block",
    [
        RICH,
        {"type": "section", "text": {"type": "mrkdwn", "text": f"*<{ONE}|#7 Fix it>*"}},
        {"type": "section", "fields": [{"type": "mrkdwn", "text": f"<{ONE}>"}]},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": ONE}]},
        {"type": "markdown", "text": f"**[Fix it]({ONE})**"},
        {"type": "actions", "elements": [{"type": "button", "url": ONE, "value": "octo/shop#9"}]},
        {"type": "section", "accessory": {"type": "button", "url": ONE}},
    ],
)
def test_blocks_say_it_and_labels_do_not(block: dict[str, Any]) -> None:
    assert found({"text": "", "blocks": [block]}) == ["octo/shop#7"]
    assert found({"attachments": [{"blocks": [block]}]}) == ["octo/shop#7"]


def test_message_that_was_passed_on_holds_the_blocks_of_another() -> None:
    inner = {"team": "T1", "channel": "C1", "message": {"blocks": [RICH]}}
    assert found({"attachments": [{"message_blocks": [inner]}]}) == ["octo/shop#7"]


def test_what_cannot_be_seen_names_nothing() -> None:
    button = {"type": "button", "value": ONE, "action_id": ONE, "text": {"text": "Go"}}
    menu = {"type": "static_select", "options": [{"value": ONE, "text": {"text": ONE}}]}
    assert found({"blocks": [{"type": "actions", "elements": [button, menu]}]}) == []


def test_many_are_offered_up_to_a_number() -> None:
    text = " ".join(f"octo/shop#{number}" for number in range(1, 60))
    assert len(found({"text": text})) == MOST_FOUND


def test_deep_wide_and_long_messages_are_read_in_part() -> None:
    deep: Any = {"text": ONE}
    for _ in range(500):
        deep = {"elements": [deep]}
    assert found({"blocks": [deep]}) == []
    assert found({"blocks": [{}] * 100_000 + [RICH]}) == []
    long = "octo/shop#7 " + "word " * (MOST_CHARACTERS // 5)
    assert found({"text": ONE, "blocks": [{"text": long}, {"text": OTHER}]}) == ["octo/shop#7"]
    assert found({"text": "a#b " * MOST_TRIED + ONE}) == []


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.just(ONE),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(
            st.sampled_from(["text", "title", "url", "blocks", "attachments", "elements", "type"]),
            inner,
        )
    ),
)


@given(anything)
def test_message_of_any_form_is_read(message: Any) -> None:
    assert set(found(message)) <= {"octo/shop#7"}
