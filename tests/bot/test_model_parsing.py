"""A model's text becomes the contract's reply whole, or finding by finding, and never crashes."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.models.json_text import Malformed
from bot.adapters.models.parsing import parse_reply, salvage
from core.models import ReviewReply


def a_finding(**changes: Any) -> dict[str, Any]:
    """Return one finding in the contract's property names."""
    finding = {
        "path": "shop/cart.py",
        "line": 12,
        "severity": "important",
        "category": "bug",
        "title": "Divides by zero",
        "body": 'An empty cart gives {"items": []}, and the mean has no items.',
        "quote": "return total / len(items)  # } ] \\",
        "confidence": 0.9,
    }
    return {**finding, **changes}


def a_reply(*findings: Any, **changes: Any) -> str:
    return json.dumps({"summary": "Takes payments.", "findings": findings, **changes})


def whole(text: str) -> ReviewReply:
    reply = parse_reply(text)
    assert isinstance(reply, ReviewReply)
    return reply


TWO = a_reply(a_finding(), a_finding(line=30))


@pytest.mark.parametrize(
    "text",
    [
        TWO,
        f"```json\n{TWO}\n```",
        f"Here is my review:\n\n{TWO}\n\nLet me know!",
        f"{TWO}\n{TWO}",
        TWO.replace('"important"', '"Important"'),
        TWO.replace('"important"', '"critical"'),
        TWO.replace('"line": 12', '"line": "12"'),
        TWO.replace('"confidence": 0.9', '"confidence": null'),
    ],
)
def test_forgivable_form_loses_nothing(text: str) -> None:
    reply = whole(text)
    assert [finding.line for finding in reply.findings] == [12, 30]
    assert {finding.severity for finding in reply.findings} == {"important"}
    assert reply.summary == "Takes payments."


def test_no_findings_is_a_whole_reply() -> None:
    assert whole('{"summary": "", "findings": []}').findings == ()
    assert whole("{}").findings == ()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "the answer is not one complete JSON object"),
        ("I found no problems.", "the answer is not one complete JSON object"),
        (TWO[:-40], "the answer is not one complete JSON object"),
        ("[" * 100_000, "the answer is not one complete JSON object"),
        ('{"a":' * 100_000, "the answer is not one complete JSON object"),
        ('{"findings": {"path": "a"}}', "`findings` is not a list"),
        (a_reply(a_finding(line=None)), "findings[0]: line: Input should be a valid integer"),
        (a_reply("text"), "findings[0]: not an object"),
        (
            a_reply(a_finding(), a_finding(severity="awful")),
            "findings[1]: severity: Input should be 'important', 'nit' or 'pre_existing'",
        ),
    ],
)
def test_malformed_answer_names_its_problem(text: str, problem: str) -> None:
    reply = parse_reply(text)
    assert isinstance(reply, Malformed)
    assert reply.problems[0] == problem


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (TWO[:-40], [12]),
        (TWO[:-3], [12]),
        (TWO[:-2], [12, 30]),
        (TWO.replace("}, {", "}, , {"), [12, 30]),
        (TWO.replace(', "confidence": 0.9}', ', "confidence": 0.9,}'), [12, 30]),
        (TWO.replace("Takes", 'Takes "quoted'), [12, 30]),
        (a_reply(a_finding(), a_finding(line=30), a_finding(severity="awful")), [12, 30]),
        (a_reply(a_finding(), a_finding(line=30), None, "text", 5, [], {}), [12, 30]),
        (f"Here: {TWO[:-3]} and {TWO[:-3]}", [12]),
        (json.dumps(a_finding()) + json.dumps(a_finding(line=30)), [12, 30]),
    ],
)
def test_every_complete_finding_is_salvaged_once(text: str, lines: list[int]) -> None:
    reply = salvage(text)
    assert reply is not None
    assert [finding.line for finding in reply.findings] == lines


def test_nan_and_lone_surrogates_do_not_crash() -> None:
    text = TWO.replace("0.9", "NaN").replace("Divides", "\\ud800")
    reply = parse_reply(text)
    assert isinstance(reply, ReviewReply | Malformed)
    salvage(text)


def test_number_of_five_thousand_digits_is_no_line() -> None:
    text = TWO.replace('"line": 12', '"line": ' + "9" * 5_000)
    reply = parse_reply(text)
    assert isinstance(reply, ReviewReply | Malformed)
    salvaged = salvage(text)
    assert salvaged is not None
    assert 30 in {finding.line for finding in salvaged.findings}


def test_nothing_to_salvage_is_none() -> None:
    assert salvage("I found no problems in {this} change.") is None
    assert salvage("{" * 50_000 + "}" * 50_000) is None


@given(st.text())
def test_any_text_is_taken(text: str) -> None:
    assert isinstance(parse_reply(text), ReviewReply | Malformed)
    salvage(text)


@given(st.integers(0, len(TWO)), st.text(max_size=5))
def test_any_damage_is_survived(at: int, noise: str) -> None:
    damaged = TWO[:at] + noise + TWO[at + 1 :]
    parse_reply(damaged)
    reply = salvage(damaged)
    assert reply is None or len(reply.findings) <= 2
