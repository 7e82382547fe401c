"""A model's answer to a person, read from whatever form it came in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.models.answers import parse_answer
from bot.adapters.models.json_text import Malformed
from core.models import AnswerReply


@pytest.mark.parametrize(
    "text",
    [
        '{"answer": "Yes."}',
        'Here it is:\n```json\n{"answer": "Yes."}\n```',
        '{"answer": "Yes.", "confidence": 1}',
        '{"answer": "Yes.",}',
        "Yes.",
    ],
)
def test_answer_is_read_in_any_form_that_is_whole(text: str) -> None:
    assert parse_answer(text) == AnswerReply(answer="Yes.")


@pytest.mark.parametrize(
    "text", ['{"answer": "Ye', '{"answer": ""}', "{}", '{"words": "Yes."}', "[]"]
)
def test_half_an_answer_is_none(text: str) -> None:
    assert isinstance(parse_answer(text), Malformed)


@given(st.text())
def test_no_text_breaks_the_reader(text: str) -> None:
    read = parse_answer(text)
    assert isinstance(read, Malformed) or read.answer.strip()
