"""What a person types becomes what Slack keeps: mentions, links and escapes, and nothing lost."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.playground.page.typed import command_in, kept

PARTS = (
    "@argus",
    "@Argus",
    "https://x.test/a?b=1&c=2",
    "<@U1>",
    "&",
    "<",
    ">",
    "|",
    " ",
    "\n",
    "x",
)


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("/argus", ""),
        ("/argus  help ", "help"),
        ("/argusx", None),
        ("argus help", None),
        ("/Argus help", None),
        (" /argus", None),
    ],
)
def test_command_is_arguss_own_or_none(line: str, command: str | None) -> None:
    assert command_in(line) == command


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("@Argus explain", "<@U9> explain"),
        ("hey @argus, look", "hey <@U9>, look"),
        ("me@argus @argusx @@argus", "me@argus @argusx @@argus"),
        ("see https://x.test/?a=1&b=2", "see <https://x.test/?a=1&amp;b=2>"),
        ("https://x.test/@argus", "<https://x.test/@argus>"),
        ("<@U1> <!channel>", "&lt;@U1&gt; &lt;!channel&gt;"),
    ],
)
def test_mentions_and_links_are_marked_up(line: str, text: str) -> None:
    assert kept(line, "U9") == text


def test_without_an_app_nobody_is_mentioned() -> None:
    assert kept("@argus help", "") == "@argus help"


@given(st.lists(st.sampled_from(PARTS) | st.text(max_size=4), max_size=20).map("".join))
def test_nothing_typed_is_markup_by_itself_and_nothing_is_lost(line: str) -> None:
    text = kept(line, "U9")
    assert set(re.findall(r"<[^<>]*>?", text)) <= {"<@U9>", *re.findall(r"<https?://[^<>]*>", text)}
    plain = re.sub(r"<(https?://[^<>]*)>", r"\1", text).replace("<@U9>", "@argus")
    for entity, character in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        plain = plain.replace(entity, character)
    assert plain.casefold() == line.casefold()
