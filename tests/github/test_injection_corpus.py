"""A fully compromised model says its worst; what is posted obeys the output policy all the same."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from github.render.words import BODY_LIMIT
from github.sanitise import inline, markdown
from tests.github.injection_corpus import BREAKOUTS, INSTRUCTIONS, PAYLOADS, SUGGESTIONS
from tests.github.output_policy import breaches, plain_breaches, slack_breaches
from tests.github.render_samples import HOME
from tests.github.sanitise_corpus import EXFILTRATION
from tests.github.worst_case import MARKERS, WEB, Said, said_after
from tests.slack.wire import USER

OWN = frozenset({f"@{USER}"})
"""The asker, whom the card mentions itself."""


def violations(said: Said) -> list[str]:
    """Return what breaks the policy anywhere in what people would read."""
    found = [b for c in said.comments for b in breaches(c, HOME, MARKERS, suggestion=True)]
    found += [breach for body in said.bodies for breach in breaches(body, HOME, MARKERS)]
    found += [breach for line in said.lines for breach in plain_breaches(line)]
    found += [each for text in said.slack for each in slack_breaches(text, OWN, WEB)]
    found += ["too long"] * any(len(body) > BODY_LIMIT for body in said.bodies)
    return found


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_a_compromised_model_says_breaks_the_output_policy(payload: str) -> None:
    said = said_after(payload)

    assert violations(said) == []


@pytest.mark.parametrize("suggestion", SUGGESTIONS)
def test_no_suggestion_is_offered_that_does_more_than_change_its_lines(suggestion: str) -> None:
    said = said_after("The discount is taken twice.", suggestion)

    assert violations(said) == []
    assert not any("```suggestion" in comment for comment in said.comments)


@pytest.mark.parametrize("end", ["```", "````\n</details>", "`````\n@octocat\n`````suggestion"])
def test_a_suggestion_with_fences_stays_inside_its_own(end: str) -> None:
    said = said_after("The discount is taken twice.", f"    total = 1\n{end}")

    assert violations(said) == []
    (ticks,) = set(re.findall("`{3,}(?=suggestion\n    total)", said.comments[0]))
    assert said.comments[0].count(f"\n{ticks}") == 2


def test_a_sound_suggestion_is_still_offered() -> None:
    said = said_after("The discount is taken twice.", "    total -= coupon.left")
    assert "```suggestion\n    total -= coupon.left\n```" in said.comments[0]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(PAYLOADS) | st.text(max_size=30), max_size=4).map("\n".join))
def test_payloads_that_are_put_together_are_no_stronger(payload: str) -> None:
    said = said_after(payload[:4_000] or "x")

    assert violations(said) == []


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_second_pass_changes_nothing_and_a_limit_holds(payload: str) -> None:
    for limit in (4_000, 40):
        safe = markdown(payload, HOME, limit=limit)
        assert len(safe) <= limit
        assert markdown(safe, HOME, limit=limit) == safe
        line = inline(payload, HOME, limit=limit)
        assert len(line) <= limit
        assert inline(line, HOME, limit=limit) == line


@pytest.mark.parametrize(
    "body",
    [
        "hi @octocat",
        "Fixes #1",
        "![x](https://evil.example)",
        "<img src=x>",
        "[x](https://evil.example)",
        "https://evil.example",
        "<!-- argus:v1:review:a:b -->",
        "</details>",
        "<details><summary>a</summary>",
        "/close",
        "`@dependabot rebase`",
        "a\u202eb",
        "```mermaid\nx\n```",
        "```suggestion\nx\n```",
        "# Approved",
        "> [!CAUTION]\n> no",
        "$x$",
        "| a |\n|---|\n| b |",
    ],
)
def test_the_judge_of_this_corpus_sees_what_is_wrong(body: str) -> None:
    assert breaches(body, HOME, MARKERS)


def test_what_a_compromised_model_says_is_posted_not_lost() -> None:
    posted = sum(bool(said_after(payload).comments) for payload in INSTRUCTIONS)
    assert posted == len(INSTRUCTIONS)


def test_the_corpus_keeps_its_size() -> None:
    assert len(PAYLOADS) >= 280
    assert len(set(INSTRUCTIONS)) >= 40
    assert len(set(BREAKOUTS)) >= 120
    assert len(set(EXFILTRATION)) >= 60
    assert len(set(SUGGESTIONS)) >= 30
