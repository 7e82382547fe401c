"""Slack's Block Kit as HTML, for the blocks that Argus sends; the rest is named, never guessed.

https://docs.slack.dev/reference/block-kit/blocks
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Final

Json = Mapping[str, Any]

_CODE: Final = re.compile(r"```(.+?)```|`([^`\n]+)`", re.DOTALL)
_REFERENCE: Final = re.compile(r"<([^<>|]+)(?:\|([^<>]*))?>")
_EMPHASIS: Final = (
    (re.compile(r"(?<![\w*])\*(?=\S)([^*\n]+?)(?<=\S)\*(?![\w*])"), "strong"),
    (re.compile(r"(?<![\w_])_(?=\S)([^_\n]+?)(?<=\S)_(?![\w_])"), "em"),
    (re.compile(r"(?<![\w~])~(?=\S)([^~\n]+?)(?<=\S)~(?![\w~])"), "s"),
)
_EMOJI: Final = {
    "eyes": "👀",
    "white_check_mark": "✅",
    "warning": "⚠️",
    "x": "❌",
    "hourglass_flowing_sand": "⏳",
    "mag": "🔍",
    "rotating_light": "🚨",
    "large_green_circle": "🟢",
    "large_yellow_circle": "🟡",
    "large_orange_circle": "🟠",
    "red_circle": "🔴",
    "white_circle": "⚪",
    "speech_balloon": "💬",
    "no_entry": "⛔",
}
_SHORTCODE: Final = re.compile(r":([a-z0-9_+-]+):")
_STYLES: Final = frozenset({"primary", "danger"})


@dataclass(frozen=True, slots=True)
class Names:
    """What the names and addresses in a message stand for."""

    resolve: Callable[[str], str | None]
    """Address → where the page shows it; None takes the link away and leaves its words."""
    people: Mapping[str, str]
    """User id → name."""
    pressed: str = ""
    """The message whose elements are drawn, by its ts; without one nothing can be pressed."""


def message(text: str, blocks: Sequence[Json], names: Names) -> str:
    """Return a message's safe HTML: its blocks, or its text where it has none."""
    if not blocks:
        return f"<p>{mrkdwn(text, names)}</p>"
    return "".join(_block(block, names) for block in blocks)


def mrkdwn(text: str, names: Names) -> str:
    """Return Slack's mark-up as safe HTML.

    Code and references are put back last: emphasis reaches around them and never into them.
    https://docs.slack.dev/messaging/formatting-message-text
    """
    kept: list[str] = []

    def keep(html: str) -> str:
        kept.append(html)
        return f"\x00{len(kept) - 1}\x00"

    shown = _CODE.sub(lambda found: keep(_code(found[1], found[2])), text.replace("\x00", ""))
    shown = _REFERENCE.sub(lambda found: keep(_reference(found[1], found[2], names)), shown)
    lines = [_quoted(_emphasised(line)) for line in _escaped(shown).split("\n")]
    joined = "<br>".join(lines).replace("</blockquote><br>", "</blockquote>")
    return re.sub(r"\x00(\d+)\x00", lambda found: kept[int(found[1])], joined)


def _code(block: str | None, word: str | None) -> str:
    tag = ("<pre><code>", "</code></pre>") if block else ("<code>", "</code>")
    return f"{tag[0]}{_escaped((block or word or '').strip(chr(10)))}{tag[1]}"


def _emphasised(line: str) -> str:
    for pattern, tag in _EMPHASIS:
        line = pattern.sub(rf"<{tag}>\1</{tag}>", line)
    return _SHORTCODE.sub(lambda found: _EMOJI.get(found[1], found[0]), line)


def _quoted(line: str) -> str:
    if not line.startswith("&gt;"):
        return line
    return f"<blockquote>{line.removeprefix('&gt;').strip()}</blockquote>"


def _reference(target: str, label: str | None, names: Names) -> str:
    """Return a link, a mention or a date."""
    if target[:1] in {"@", "#"}:
        said = label or names.people.get(target[1:], target[1:])
        return f'<span class="mention">{target[0]}{_escaped(said)}</span>'
    if target[:1] == "!":
        words = label or f"@{target[1:].partition('^')[0]}"
        return f'<span class="mention">{_escaped(words)}</span>'
    return _link(_unescaped(target), _emphasised(_escaped(label or target)), names)


def _link(address: str, words: str, names: Names, css: str = "") -> str:
    target = names.resolve(address)
    if target is None:
        return f"<span{css}>{words}</span>"
    # What leads away from the page leaves it open, as Slack leaves itself open.
    away = "" if target.startswith("#") else ' target="_blank" rel="noopener"'
    return f'<a{css} href="{escape(target)}"{away}>{words}</a>'


def _escaped(text: str) -> str:
    """Escape; Slack's own three entities stand for the characters they name."""
    return escape(_unescaped(text), quote=False)


def _unescaped(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _block(block: Json, names: Names) -> str:
    draw = _BLOCKS.get(str(block.get("type")))
    if draw is None:
        return f'<p class="unknown">A block of type {escape(str(block.get("type")))}.</p>'
    return draw(block, names)


def _header(block: Json, _: Names) -> str:
    return f"<h4>{_words(block.get('text'))}</h4>"


def _section(block: Json, names: Names) -> str:
    shown = [f"<p>{_text(block['text'], names)}</p>"] if block.get("text") else []
    fields = [f"<p>{_text(field, names)}</p>" for field in block.get("fields", ())]
    if fields:
        shown.append(f'<div class="fields">{"".join(fields)}</div>')
    beside = _element(block["accessory"], names) if block.get("accessory") else ""
    return f'<div class="section"><div>{"".join(shown)}</div>{beside}</div>'


def _context(block: Json, names: Names) -> str:
    words = [
        f"<span>{_text(element, names)}</span>"
        for element in block.get("elements", ())
        if element.get("type") in {"mrkdwn", "plain_text"}
    ]
    return f'<p class="context">{" ".join(words)}</p>'


def _actions(block: Json, names: Names) -> str:
    shown = "".join(_element(element, names) for element in block.get("elements", ()))
    return f'<div class="actions">{shown}</div>'


def _divider(_block: Json, _: Names) -> str:
    return "<hr>"


def _markdown(block: Json, names: Names) -> str:
    return f"<p>{mrkdwn(str(block.get('text', '')), names)}</p>"


def _element(element: Json, names: Names) -> str:
    """Return a button or a menu; what acts is a form that presses it."""
    if element.get("type") == "static_select":
        return _press(element, names, _options(element))
    words = _words(element.get("text"))
    if element.get("type") != "button":
        return f'<span class="unknown">{escape(str(element.get("type")))}</span>'
    style = element.get("style")
    css = f' class="button {style}"' if style in _STYLES else ' class="button"'
    if element.get("url"):
        return _link(str(element["url"]), words, names, css)
    if not names.pressed:
        return f'<span{css} title="Works in Slack">{words}</span>'
    return _press(element, names, f'<button{css} type="submit">{words}</button>')


def _press(element: Json, names: Names, inside: str) -> str:
    # A field named `action` would hide the form's own address from the page's script.
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{escape(value)}">'
        for name, value in (("ts", names.pressed), ("button", str(element.get("action_id"))))
    )
    start = '<form class="press" method="post" action="/playground/press" data-act>'
    return f"{start}{hidden}{inside}</form>"


def _options(element: Json) -> str:
    """Return a menu, which acts at once where scripts run, and by its button where they do not."""
    title = _words(element.get("placeholder"))
    options = "".join(
        f'<option value="{escape(str(option.get("value")))}">{_words(option.get("text"))}</option>'
        for option in element.get("options", ())
    )
    return (
        f'<select class="button" name="option" aria-label="{title}" data-choose>'
        f'<option value="">{title}</option>{options}</select>'
        '<button class="button chosen" type="submit">Do</button>'
    )


def _text(value: Any, names: Names) -> str:
    if isinstance(value, Mapping) and value.get("type") == "mrkdwn":
        return mrkdwn(str(value.get("text", "")), names)
    return _words(value)


def _words(value: Any) -> str:
    """Return plain text; emoji shortcodes are all that is read in it."""
    text = str(value.get("text", "")) if isinstance(value, Mapping) else ""
    shown = _SHORTCODE.sub(lambda found: _EMOJI.get(found[1], found[0]), text)
    return escape(shown, quote=False).replace("\n", "<br>")


_BLOCKS: Final[Mapping[str, Callable[[Json, Names], str]]] = {
    "header": _header,
    "section": _section,
    "context": _context,
    "actions": _actions,
    "divider": _divider,
    "markdown": _markdown,
}
