"""Ways in which models spoil an answer, and how much of it is still to be had.

Each spoils the JSON of three items, and tells how many survive and how many calls that may take:
one where the damage is forgiven, two where the model is asked once to repair it.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Items = list[dict[str, Any]]


@dataclass(frozen=True)
class Spoilt:
    """One kind of damage."""

    name: str
    damage: Callable[[str, Items], str]
    """From the good text and its items to the bad text."""
    survive: int = 3
    calls: int = 1


def _on_text(damage: Callable[[str], str]) -> Callable[[str, Items], str]:
    return lambda text, _: damage(text)


def _with(change: Callable[[Items], Any]) -> Callable[[str, Items], str]:
    """Replace the list of items by something else."""

    def damage(text: str, items: Items) -> str:
        whole = json.loads(text)
        key = next(key for key in ("findings", "verdicts") if key in whole)
        return json.dumps(whole | {key: change(items)})

    return damage


def _first(**changes: Any) -> Callable[[str, Items], str]:
    return _with(lambda items: [items[0] | changes, *items[1:]])


def _without(key: str) -> Callable[[str, Items], str]:
    return _with(lambda items: [{k: v for k, v in items[0].items() if k != key}, *items[1:]])


def _in_first(old: str, new: str) -> Callable[[str, Items], str]:
    """Replace raw characters in the first item."""
    return lambda text, _: text.replace(old, new, 1)


def _cut_in(item: int) -> Callable[[str, Items], str]:
    """Cut in the middle of an item, counted from 0."""

    def damage(text: str, items: Items) -> str:
        start = text.index(json.dumps(items[item]))
        return text[: start + len(json.dumps(items[item])) // 2]

    return damage


def _comma_after(closing: str) -> Callable[[str, Items], str]:
    return lambda text, _: text.replace(closing, f",{closing}")


def _deep(levels: int) -> Callable[[str, Items], str]:
    nested = "[" * levels + "]" * levels
    return lambda text, _: text.replace('{"', '{"extra": ' + nested + ', "', 1)


def _deep_in_item(levels: int) -> Callable[[str, Items], str]:
    return _opening('"extra": ' + '{"a":' * levels + "1" + "}" * levels + ", ")


def _opening(fields: str) -> Callable[[str, Items], str]:
    """Write raw fields at the beginning of the first item."""

    def damage(text: str, items: Items) -> str:
        item = json.dumps(items[0])
        return text.replace(item, "{" + fields + item[1:], 1)

    return damage


CASES = (
    # around the answer
    Spoilt("as asked", _on_text(str)),
    Spoilt("fence with a language", _on_text(lambda t: f"```json\n{t}\n```")),
    Spoilt("fence without", _on_text(lambda t: f"```\n{t}\n```")),
    Spoilt("fence that does not end", _on_text(lambda t: f"```json\n{t}")),
    Spoilt("words before", _on_text(lambda t: f"Here is what I found:\n{t}")),
    Spoilt("words after", _on_text(lambda t: f"{t}\nLet me know!")),
    Spoilt("words with braces", _on_text(lambda t: f"For {{x}} in {{'a': 1}}:\n{t}")),
    Spoilt("an object before", _on_text(lambda t: f'{{"thought": "hm"}}\n{t}')),
    Spoilt(
        "an example before", _on_text(lambda t: f'Like {{"findings": [], "verdicts": []}}: {t}')
    ),
    Spoilt("thoughts", _on_text(lambda t: f"<think>Is it {{...}}?</think>{t}")),
    Spoilt("tags of a tool", _on_text(lambda t: f"<tool_call>{t}</tool_call>")),
    Spoilt("a tool's envelope", _on_text(lambda t: f'{{"name": "hand_in", "arguments": {t}}}')),
    Spoilt("an envelope", _on_text(lambda t: f'{{"result": {t}}}')),
    Spoilt("JSON in a string", _on_text(json.dumps)),
    Spoilt("byte order mark", _on_text(lambda t: f"\ufeff{t}")),
    Spoilt("blank around", _on_text(lambda t: f"\r\n\t {t} \r\n")),
    Spoilt(
        "indented with CRLF", lambda t, _: json.dumps(json.loads(t), indent=2).replace("\n", "\r\n")
    ),
    Spoilt("indented with tabs", lambda t, _: json.dumps(json.loads(t), indent="\t")),
    Spoilt("twice", _on_text(lambda t: t + t)),
    Spoilt("twice on two lines", _on_text(lambda t: f"{t}\n{t}")),
    Spoilt("begun, then whole", _on_text(lambda t: t[:60] + "\n" + t)),
    Spoilt("whole, then begun", _on_text(lambda t: t + t[:60])),
    Spoilt("a bare list", lambda _, items: json.dumps(items)),
    Spoilt("items one after another", lambda _, items: "\n".join(map(json.dumps, items)), 3, 2),
    # commas, constants, escapes
    Spoilt("comma at the end of objects", _comma_after("}")),
    Spoilt("comma at the end of lists", _comma_after("]")),
    Spoilt("commas at the end of all", _on_text(lambda t: re.sub(r"([}\]])", r",\1", t))),
    Spoilt("two commas", _on_text(lambda t: t.replace("}, {", "}, , {")), 3, 2),
    Spoilt("no commas", _on_text(lambda t: t.replace("}, {", "} {")), 3, 2),
    Spoilt("constants of Python", _opening('"suggestion": None, "sure": True, ')),
    Spoilt("an escape that JSON lacks", _in_first("fails", "fails on \\d+ and \\x41")),
    Spoilt("half an escape of a code point", _in_first("fails", "fails on \\u12")),
    Spoilt("a line end in a string", _in_first("fails", "fails\nthere")),
    Spoilt("a tab in a string", _in_first("fails", "fails\tthere")),
    Spoilt("a control character in a string", _in_first("fails", "fails\x07there")),
    Spoilt("a quote in a string", _in_first("fails", 'fails "here" and'), 2, 2),
    Spoilt("comments", _on_text(lambda t: t.replace("}, {", "}, // next\n{")), 3, 2),
    Spoilt("single quotes", _on_text(lambda t: t.replace('"', "'")), 0, 2),
    Spoilt("keys without quotes", _on_text(lambda t: re.sub(r'"(\w+)":', r"\1:", t)), 0, 2),
    # cut
    Spoilt("cut in the first item", _cut_in(0), 0, 2),
    Spoilt("cut in the second item", _cut_in(1), 1, 2),
    Spoilt("cut in the third item", _cut_in(2), 2, 2),
    Spoilt("cut before the list's end", _on_text(lambda t: t[: t.rindex("]")]), 3, 2),
    Spoilt("cut before the end", _on_text(lambda t: t[:-1]), 3, 2),
    Spoilt("cut in a fence", lambda t, items: "```json\n" + _cut_in(2)(t, items), 2, 2),
    Spoilt("cut in an escape", lambda t, items: _cut_in(1)(t, items) + ', "note": "\\u00', 1, 2),
    Spoilt("prose alone", _on_text(lambda _: "I found no problems."), 0, 2),
    Spoilt("an error instead", _on_text(lambda _: '{"error": "overloaded"}'), 0, 2),
    # items of another kind
    Spoilt("null among items", _with(lambda items: [None, *items]), 3, 2),
    Spoilt("texts among items", _with(lambda items: ["text", *items, 5, []]), 3, 2),
    Spoilt("an empty item", _with(lambda items: [*items, {}]), 3, 2),
    Spoilt("a list of lists", _with(lambda items: [[item] for item in items]), 3, 2),
    Spoilt("items by number", _with(lambda items: {str(n): i for n, i in enumerate(items)}), 3, 2),
    Spoilt("one item, no list", _with(lambda items: items[0]), 1, 2),
    Spoilt("fields of nobody", _first(mood="good", owner={"name": "x"})),
    Spoilt("no text where one is due", _first(title=None, id=None), 2, 2),
    Spoilt("an object where a text is due", _first(title={"a": 1}, id={"a": 1}), 2, 2),
    Spoilt("a word that is none of ours", _first(severity="awful", verdict="perhaps"), 2, 2),
    Spoilt("words in capitals", _first(severity="IMPORTANT", verdict="Confirmed")),
    Spoilt("words of others", _first(severity="Critical", verdict="valid", side="right")),
    Spoilt("useless where optional", _first(suggestion=[1], reason=7, category=None, side=3)),
    Spoilt("a number as text", _first(line="12", end_line="14", confidence="0.9")),
    Spoilt("no end, no confidence", _first(end_line="x", confidence="high")),
    Spoilt("NaN", _first(confidence=float("nan"), weight=float("nan"))),
    Spoilt("Infinity", _first(confidence=float("inf"), weight=float("-inf"))),
    Spoilt("a number too large", _in_first('"confidence": 0.9', '"confidence": 1e999')),
    Spoilt("half a character", _first(body="\ud800 fails", reason="\ud800 fails")),
    Spoilt("halves the wrong way round", _first(body="\udc00\ud800", reason="\udc00\ud800")),
    Spoilt("NUL", _first(body="a\x00b", reason="a\x00b")),
    Spoilt("directions and tags", _first(body="\u202ea\U000e0041", reason="\u202ea\U000e0041")),
    Spoilt("the same again", _with(lambda items: items * 3), 3),
    # too much
    Spoilt("nested a little", _deep(50)),
    Spoilt("nested a hundred thousand times", _deep(100_000), 3, 2),
    Spoilt("an item nested without end", _deep_in_item(1_500), 2, 2),
    Spoilt("braces without end", _on_text(lambda t: "{" * 50_000 + t)),
    Spoilt("openings without end", _on_text(lambda t: t[:-2] + '{"a":' * 5_000), 3, 2),
)
