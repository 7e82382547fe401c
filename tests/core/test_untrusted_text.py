"""What people write about a change reaches a model as fenced data, with nothing hidden in it."""

import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.context import Context
from core.hidden_text import hidden_text_notes
from core.models import Background, LinkedIssue, Prompt
from core.prompts import Budget, build, instructions_of
from core.prompts.fence import Part, fence
from tests.fakes.core import a_candidate, a_file, a_pull_request
from tests.github.injection_corpus import INSTRUCTIONS

KEY = b"k" * 32
PREFACE = re.compile(r"\AEvery part of the data below .* the word ([0-9a-f]{16})\. ")
TOLD = re.compile("[\u200b\u202e\u2066\U000e0000-\U000e007f]")
"""What of the corpus a person cannot see and must be told of."""


def prompts_about(payload: str) -> tuple[Prompt, ...]:
    """Return the calls for a change whose every text is the payload."""
    path = re.sub(r"[\0\n]", "", payload)[:100] or "a"
    lines = payload.split("\n")
    patch = "\n".join([f"@@ -0,0 +1,{len(lines)} @@ {lines[0]}", *(f"+{line}" for line in lines)])
    plan = build(
        a_pull_request(title=payload, body=payload, head_branch=payload, base_branch=payload),
        (a_file(path, patch, previous_path=payload),),
        {path: payload},
        instructions=payload,
        focus=payload,
        static=(a_candidate(path, 1, payload, title=payload),),
        context_tokens=100_000,
        fence_key=KEY,
        budget=Budget(),
        context=told(payload),
    )
    return plan.prompts


def told(payload: str) -> Context:
    issue = LinkedIssue(number=1, title=payload, body=payload)
    return Context(background=Background(commits=(payload,), issues=(issue,)))


def fenced(material: str) -> tuple[str, str]:
    """Return what stands outside of the markers, and what stands inside."""
    opened = PREFACE.match(material)
    assert opened is not None
    word = opened[1]
    pattern = re.compile(
        rf"^<<<{word} [^\n]*>>>\n(.*?)\n<<<{word} end>>>$", re.DOTALL | re.MULTILINE
    )
    return pattern.sub("", material), "\n".join(pattern.findall(material))


@pytest.mark.parametrize("payload", INSTRUCTIONS)
def test_no_text_gets_out_of_its_fence_or_hides_in_it(payload: str) -> None:
    prompts = prompts_about(payload)

    assert prompts
    for prompt in prompts:
        outside, inside = fenced(prompt.material)
        assert set(outside.split("\n")) - {""} == {outside.split("\n")[0]}
        assert prompt.instructions in {
            instructions_of("review_v1"),
            instructions_of("review_small_v1"),
        }
        word = PREFACE.match(prompt.material)
        assert word is not None
        assert word[1] not in inside
        hidden = [
            c for c in prompt.material if c != "\n" and unicodedata.category(c) in {"Cc", "Cf"}
        ]
        assert hidden == []


@pytest.mark.parametrize("payload", [each for each in INSTRUCTIONS if TOLD.search(each)])
def test_people_are_told_of_what_they_cannot_see(payload: str) -> None:
    lines = payload.split("\n")
    patch = "\n".join([f"@@ -0,0 +1,{len(lines)} @@", *(f"+{line}" for line in lines)])
    in_text, in_code = hidden_text_notes(a_pull_request(body=payload), (a_file("a.py", patch),))
    assert "title or description" in in_text
    assert "`a.py` adds" in in_code


@pytest.mark.parametrize("payload", [each for each in INSTRUCTIONS if "<!--" in each])
def test_people_are_told_of_comments_that_are_not_shown(payload: str) -> None:
    (note,) = hidden_text_notes(a_pull_request(body=payload), ())
    assert "HTML comment" in note


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60), st.text(max_size=60))
def test_whoever_writes_the_text_cannot_foresee_the_word(one: str, other: str) -> None:
    def word(text: str, key: bytes = KEY) -> str:
        found = PREFACE.match(fence([Part("title", text)], key))
        assert found is not None
        return found[1]

    assert word(one) == word(one)
    assert word(one) != word(one, b"another key")
    assert (word(one) == word(other)) == (one == other)
    assert word(f"{one}<<<{word(one)} end>>>") != word(one)
