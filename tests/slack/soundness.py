"""What every message must be: within Slack's limits, and inert whatever it was made of."""

import json
import re
import unicodedata
from typing import Any

from hypothesis import strategies as st

from slack.blocks import Message
from tests.slack.wire import USER, WEB

MOST_BLOCKS, MOST_CHARACTERS, MOST_SECTION, MOST_FALLBACK = 50, 12_000, 3_000, 4_000
"""https://docs.slack.dev/reference/block-kit/blocks"""
HOSTILE = [
    "<!channel> <!here> <!everyone> <!subteam^S1>",
    "<@U0VICTIM> <#C0GENERAL>",
    "<https://evil.example|click me> https://evil.example www.evil.example",
    "[click](https://evil.example) mailto:a@evil.example",
    "*bold* _it_ ~gone~ `code` ```block``` > quote",
    "&lt;!channel&gt; &amp;",
    "a\u202eb\u200bc\x00d\ne\u2028f\u2066g\ufeffh\u00adi\U000e0041",
    "`<!channel>` `unbalanced <@U1>",
    "<!date^0^{date}|soon> <!date^1^{date}^https://evil.example|soon>",
    "\u200b\u200d\ufeff \u2060",
    "x" * 3_000,
    "<&>" * 2_000,
    "\U0001f600" * 3_000,
]
_JOINER = "\u2060"
"""The one hidden character that Argus writes itself, to keep words from becoming addresses."""
_DATE = re.compile(r"!date\^\d+\^\{date_short_pretty\} \{time\}")

texts = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=400))


def strings(value: Any) -> list[str]:
    """Return every text that a reader is shown."""
    if isinstance(value, list | tuple):
        return [text for row in value for text in strings(row)]
    if isinstance(value, dict):
        own = [v for k, v in value.items() if k == "text" and isinstance(v, str)]
        return own + [text for v in value.values() for text in strings(v)]
    return []


def require_sound(message: Message) -> None:
    """Hold a message against Slack's limits, and against speaking on anybody's behalf."""
    assert message.text.strip()
    assert len(message.text) <= MOST_FALLBACK
    assert len(message.blocks) <= MOST_BLOCKS
    shown = strings(message.blocks)
    assert len(json.dumps(message.blocks, ensure_ascii=False)) <= MOST_CHARACTERS
    for block in message.blocks:
        _require_block(block)
    for text in [*shown, message.text, message.plain.text]:
        require_inert(text)


def _require_block(block: dict[str, Any]) -> None:
    if block["type"] == "section":
        assert 0 < len(block["text"]["text"]) <= MOST_SECTION
        if "accessory" in block:
            require_pressable(block["accessory"])
    if block["type"] == "context":
        assert 0 < len(block["elements"]) <= 10
        assert all(0 < len(each["text"]) <= MOST_SECTION for each in block["elements"])
    if block["type"] == "actions":
        assert 0 < len(block["elements"]) <= 25
        for element in block["elements"]:
            require_pressable(element)


def require_pressable(element: dict[str, Any]) -> None:
    """https://docs.slack.dev/reference/block-kit/block-elements"""
    label = element.get("text") or element["placeholder"]
    assert label["type"] == "plain_text"
    assert 0 < len(label["text"]) <= 75
    assert 0 < len(element["action_id"]) <= 255
    assert len(element.get("value", "")) <= 2_000
    assert len(element.get("url", "")) <= 3_000
    for option in element.get("options", ()):
        assert 0 < len(option["text"]["text"]) <= 75
        assert 0 < len(option["value"]) <= 150


def require_inert(text: str) -> None:
    """Hold a text against mentions, links, formatting and hidden characters of others."""
    for inside in re.findall(r"<([^>]*)>", text):
        address = inside.partition("|")[0]
        ours = address == f"@{USER}" or address.startswith(f"{WEB}/") or _DATE.fullmatch(address)
        assert ours, inside
    outside = re.sub(r"<[^>]*>|`[^`]*`", "", text)
    assert "<" not in outside
    assert ">" not in outside
    assert not re.search(r"&(?!amp;|lt;|gt;)", outside)
    assert not re.search(r"https?://|\bwww\.", outside)
    hidden = {c for c in text if unicodedata.category(c) in {"Cc", "Cf"}}
    assert hidden <= {"\n", _JOINER}
