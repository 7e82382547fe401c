"""What `stats` shows in Slack: figures, money, and what became of findings, within its limits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.models import Reception
from core.statistics import Purpose, Spent, Statistics
from slack.blocks import Message, stats
from slack.blocks.instance import MOST_RULES
from tests.slack.soundness import require_sound

RULES = {
    "model:bug": {Reception.FOUND: 12, Reception.ADDRESSED: 9, Reception.LIKED: 3},
    "static:python-eval": {Reception.FOUND: 4, Reception.DISMISSED: 4, Reception.IGNORED: 1},
}
SPENT = Spent(calls=3, input_tokens=12_000, output_tokens=345, usd=0.25)


def text_of(message: Message) -> str:
    return "\n".join(
        block["text"]["text"] for block in message.blocks if block["type"] == "section"
    )


def table_of(message: Message) -> list[list[str]]:
    _, table, _ = text_of(message).split("```")
    return [line.split() for line in table.strip().splitlines()]


def test_rules_are_a_table_those_first_that_found_most() -> None:
    shown = stats(Statistics({"admitted": 2}, {}, RULES))
    head, first, second = table_of(shown)
    assert head == ["rule", "found", "fixed", "dismissed", "ignored", "+1", "-1"]
    assert first == ["model:bug", "12", "9", "0", "0", "3", "0"]
    assert second == ["static:python-eval", "4", "0", "4", "1", "0", "0"]


@pytest.mark.parametrize(
    ("spent", "words"),
    [
        (SPENT, "3 calls of models, 12,000 tokens in, 345 out, $0.25"),
        (Spent(calls=3, usd=0.25, unpriced=1), "$0.25 and 1 at an unknown price"),
        (Spent(calls=3, unpriced=3), "out, at an unknown price"),
    ],
)
def test_what_models_cost_is_told_for_each_purpose(spent: Spent, words: str) -> None:
    said = text_of(stats(Statistics({}, {Purpose.ANSWERS: spent}, {})))
    assert "Answers: 3 calls" in said
    assert words in said
    assert "Reviews:" not in said


def test_nothing_is_said_of_what_never_happened() -> None:
    said = text_of(stats(Statistics({}, {}, {})))
    assert "Nothing happened yet." in said
    assert "```" not in said


@given(
    st.dictionaries(
        st.text("model:static-bug<@U1>`_*", min_size=1, max_size=80),
        st.dictionaries(st.sampled_from(Reception), st.integers(0, 10**9)),
    )
)
def test_table_keeps_its_form_and_slacks_limits_whatever_was_counted(
    rules: dict[str, dict[Reception, int]],
) -> None:
    shown = stats(Statistics({}, dict.fromkeys(Purpose, SPENT), rules))
    require_sound(shown)
    if len(rules) > MOST_RULES:
        assert f"… and {len(rules) - MOST_RULES:,} more" in text_of(shown)
    assert text_of(shown).count("```") == (2 if rules else 0)
