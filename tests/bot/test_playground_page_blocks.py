"""Slack's messages are shown from their blocks, and what foreign text says stays text."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.playground.page import blocks
from bot.playground.page.blocks import Names
from tests.bot.page_html import Reader

NAMES = Names(lambda address: address if address.startswith("https://") else None, {"U1": "lena-k"})
AWAY = ' target="_blank" rel="noopener"'
PARTS = (
    *("*", "_", "~", "`", "```", ">", "<", "&lt;", "&amp;", "\n", "<@U1>", "<!here>", ":eyes:"),
    *("<https://x.test|a>", "<javascript:alert(1)|b>", "<script>", "</p>", "a b", "\x000\x00", "|"),
)


def mrkdwn(text: str) -> dict[str, str]:
    return {"type": "mrkdwn", "text": text}


def shown(*parts: dict[str, Any]) -> str:
    return blocks.message("fallback", parts, NAMES)


@given(st.lists(st.sampled_from(PARTS) | st.text(max_size=4), max_size=20).map("".join))
def test_nothing_gets_out_of_a_message(text: str) -> None:
    section = {"type": "section", "text": mrkdwn(text)}
    header = {"type": "header", "text": {"type": "plain_text", "text": text}}
    assert Reader(shown(section, header)).wrong == []


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("*bold* _soft_ ~gone~", "<strong>bold</strong> <em>soft</em> <s>gone</s>"),
        ("`a*b*`", "<code>a*b*</code>"),
        ("2*3*4 and snake_case_name", "2*3*4 and snake_case_name"),
        ("a &lt;b&gt; &amp;amp; &copy;", "a &lt;b&gt; &amp;amp; &amp;copy;"),
        (
            "<https://x.test/?a=1&amp;b=2|*there*>",
            f'<a href="https://x.test/?a=1&amp;b=2"{AWAY}><strong>there</strong></a>',
        ),
        ("<http://nowhere|words>", "<span>words</span>"),
        ("asked by <@U1>", 'asked by <span class="mention">@lena-k</span>'),
        ("<#C1|reviews>", '<span class="mention">#reviews</span>'),
        (":eyes: :no_such_thing:", "👀 :no_such_thing:"),
        ("one\ntwo", "one<br>two"),
        ("&gt; said\nrest", "<blockquote>said</blockquote>rest"),
        ("```a\nb```", "<pre><code>a\nb</code></pre>"),
    ],
)
def test_mark_up_is_slacks(text: str, html: str) -> None:
    assert blocks.mrkdwn(text, NAMES) == html


def test_buttons_lead_or_only_say_that_they_work_in_slack() -> None:
    text = {"type": "plain_text", "text": "Open <it>"}
    link = {"type": "button", "text": text, "url": "https://x.test", "style": "primary"}
    deed = {"type": "button", "text": text, "action_id": "retry"}
    assert shown({"type": "actions", "elements": [link, deed]}) == (
        '<div class="actions"><a class="button primary" href="https://x.test"'
        f"{AWAY}>Open &lt;it&gt;</a>"
        '<span class="button" title="Works in Slack">Open &lt;it&gt;</span></div>'
    )


def test_every_kind_of_block_that_argus_sends_is_drawn() -> None:
    drawn = shown(
        {"type": "header", "text": {"type": "plain_text", "text": "Title"}},
        {"type": "section", "text": mrkdwn("text"), "fields": [mrkdwn("left"), mrkdwn("right")]},
        {"type": "context", "elements": [mrkdwn("*small*")]},
        {"type": "divider"},
    )
    assert drawn == (
        '<h4>Title</h4><div class="section"><div><p>text</p><div class="fields"><p>left</p>'
        '<p>right</p></div></div></div><p class="context"><span><strong>small</strong></span></p>'
        "<hr>"
    )


def test_unknown_block_is_named() -> None:
    assert "A block of type &lt;video&gt;." in shown({"type": "<video>"})


def test_message_without_blocks_shows_its_text() -> None:
    assert blocks.message("*plain*", [], NAMES) == "<p><strong>plain</strong></p>"


def test_what_acts_is_a_form_that_presses_it() -> None:
    pressable = replace(NAMES, pressed="17.1")
    text = {"type": "plain_text", "text": "Explain"}
    option = {"text": {"type": "plain_text", "text": "It's <wrong>"}, "value": 'w"'}
    menu = {
        "type": "static_select",
        "action_id": "dismiss",
        "placeholder": {"type": "plain_text", "text": "Dismiss …"},
        "options": [option],
    }
    button = {"type": "button", "action_id": "explain", "text": text}
    drawn = blocks.message("", [{"type": "actions", "elements": [button, menu]}], pressable)
    assert drawn.count('action="/playground/press"') == 2
    assert '<input type="hidden" name="ts" value="17.1">' in drawn
    assert '<button class="button" type="submit">Explain</button>' in drawn
    assert '<option value="w&quot;">It\'s &lt;wrong&gt;</option>' in drawn


def test_emphasis_reaches_around_code_and_never_into_it() -> None:
    assert blocks.mrkdwn("*you are `a*b` there*", NAMES) == (
        "<strong>you are <code>a*b</code> there</strong>"
    )
    assert blocks.mrkdwn("`<https://x.test|a>`", NAMES) == ("<code>&lt;https://x.test|a&gt;</code>")
