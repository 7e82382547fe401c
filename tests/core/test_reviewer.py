"""How the change is read: by the chain, by a fallback, in part, or by static analysis alone."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ModelUnavailable, PromptTooLarge
from core.models import (
    Category,
    FileChange,
    OmissionReason,
    Prompt,
    Reading,
    ReplyFinding,
    ReviewReply,
    Severity,
    Side,
    Strength,
    Usage,
)
from core.prompts import Budget, call_tokens
from core.replies import convert
from core.reviewer import ReadResult, Reviewer
from tests.fakes.core import a_candidate, a_new_file, a_pull_request

FIRST, SECOND = "openai:one", "anthropic:two"
STATIC = a_candidate("f0.py", 1, "line 0", source="static:python/x")


def a_finding(path: str = "f0.py", **changes: object) -> ReplyFinding:
    """Return a finding as a model claims it."""
    given = {
        "path": path,
        "line": 1,
        "severity": "important",
        "category": "bug",
        "title": "It breaks",
        "body": "With an empty cart it divides by zero.",
        "quote": "line 0",
        "confidence": 0.9,
    }
    return ReplyFinding.model_validate({**given, **changes})


def a_reading(*findings: ReplyFinding, model: str = FIRST, **changes: object) -> Reading:
    """Return a model's answer that cost something."""
    return Reading(
        reply=ReviewReply(summary="Takes payments.", findings=findings),
        model=model,
        first_choice=model == FIRST,
        usage=Usage(input_tokens=100, output_tokens=10, calls=1, usd=0.01),
        **changes,  # type: ignore[arg-type]  # test builder
    )


@dataclass
class FakeChain:
    """Answers by a function of the prompt, and remembers what it was asked."""

    answer: Callable[[Prompt], Reading]
    context_tokens: int = 8_000
    names: tuple[str, ...] = (FIRST, SECOND)
    asked: list[Prompt] = field(default_factory=list)
    busy: int = 0
    busiest: int = 0

    async def read(self, prompt: Prompt) -> Reading:
        self.asked.append(prompt)
        self.busy += 1
        self.busiest = max(self.busiest, self.busy)
        await asyncio.sleep(0.001)
        self.busy -= 1
        return self.answer(prompt)


def some_files(count: int, lines: int = 300) -> list[FileChange]:
    return [
        a_new_file(f"f{n}.py", "".join(f"line {i} of file {n}\n" for i in range(lines)))
        for n in range(count)
    ]


async def read(chain: FakeChain | None, files: list[FileChange], **changes: object) -> ReadResult:
    reviewer = Reviewer(chain, fence_key=b"key", **changes)  # type: ignore[arg-type]
    return await reviewer.read(
        a_pull_request(), files, {}, instructions="", focus="", static=[STATIC]
    )


def unavailable(_prompt: Prompt) -> Reading:
    raise ModelUnavailable((f"{FIRST}: it is overloaded (529)",), usage=Usage(calls=1, usd=0.5))


async def test_without_a_model_static_analysis_is_the_review() -> None:
    result = await read(None, some_files(1))
    assert result == ReadResult(
        candidates=(STATIC,),
        strength=Strength.STATIC,
        notes=("static analysis only: no model is configured",),
    )


async def test_first_model_that_reads_everything_is_full_strength() -> None:
    chain = FakeChain(lambda _: a_reading(a_finding()))
    result = await read(chain, some_files(1, 20))
    assert result.strength is Strength.FULL
    assert result.notes == ()
    assert result.unread == ()
    assert result.models == (FIRST,)
    assert result.summary == "Takes payments."
    assert [c.source for c in result.candidates] == ["static:python/x", "model"]


async def test_chunks_are_read_three_at_a_time_and_added_up() -> None:
    chain = FakeChain(lambda prompt: a_reading(a_finding(prompt.paths[0])))
    result = await read(chain, some_files(9, 400))
    assert len(chain.asked) > 3
    assert chain.busiest == 3
    assert result.usage.calls == len(chain.asked)
    assert result.usage.usd == pytest.approx(0.01 * len(chain.asked))
    assert len(result.candidates) == 1 + len(chain.asked)


async def test_fallback_counts_as_degraded_and_is_named() -> None:
    result = await read(FakeChain(lambda _: a_reading(model=SECOND)), some_files(1, 20))
    assert result.strength is Strength.DEGRADED
    assert result.notes == (f"{FIRST} was unavailable; read by {SECOND} instead",)


async def test_salvaged_answer_counts_as_degraded() -> None:
    result = await read(FakeChain(lambda _: a_reading(salvaged=True)), some_files(1, 20))
    assert result.strength is Strength.DEGRADED
    assert result.notes == ("a part of the model's answer was malformed and could not be used",)


async def test_failed_chunk_leaves_its_files_unread_with_the_reason() -> None:
    def answer(prompt: Prompt) -> Reading:
        return unavailable(prompt) if "f3.py" in prompt.paths else a_reading()

    result = await read(FakeChain(answer), some_files(6, 400))
    assert result.strength is Strength.DEGRADED
    lost = {omission.path for omission in result.unread}
    assert "f3.py" in lost
    assert len(lost) < 6
    assert {omission.reason for omission in result.unread} == {OmissionReason.MODEL_FAILED}
    assert result.notes == (
        f"the model could not read a part of the change: {FIRST}: it is overloaded (529)",
    )
    assert STATIC in result.candidates


async def test_when_every_chunk_fails_static_analysis_is_the_review_and_says_why() -> None:
    result = await read(FakeChain(unavailable), some_files(1, 20))
    assert result.strength is Strength.STATIC
    assert result.candidates == (STATIC,)
    assert result.notes == (
        f"static analysis only: the model is unavailable: {FIRST}: it is overloaded (529)",
    )
    assert result.usage == Usage(calls=1, usd=0.5)


async def test_prompt_too_large_is_cut_smaller() -> None:
    def answer(prompt: Prompt) -> Reading:
        if call_tokens(prompt) > 6_000:
            raise PromptTooLarge(f"{FIRST}: too long", usage=Usage(calls=1, usd=0.5))
        return a_reading(a_finding(prompt.paths[0]))

    chain = FakeChain(answer, context_tokens=10_000)
    result = await read(chain, some_files(1, 700))
    assert result.strength is Strength.FULL
    assert result.unread == ()
    assert result.usage.usd == pytest.approx(0.5 + 0.01 * (len(chain.asked) - 1))


async def test_prompt_is_cut_smaller_at_most_twice() -> None:
    def answer(prompt: Prompt) -> Reading:
        raise PromptTooLarge(f"{FIRST}: too long")

    chain = FakeChain(answer, context_tokens=20_000)
    result = await read(chain, some_files(1, 1_500))
    sizes = sorted({len(prompt.material) for prompt in chain.asked}, reverse=True)
    assert sizes[0] > 2 * sizes[-1]
    assert len(chain.asked) < 30
    assert result.strength is Strength.STATIC
    assert "too long" in result.notes[0]


async def test_what_is_over_the_budget_is_unread_at_full_strength() -> None:
    result = await read(
        FakeChain(lambda _: a_reading()), some_files(6, 400), budget=Budget(calls=1)
    )
    assert result.strength is Strength.FULL
    assert {omission.reason for omission in result.unread} == {OmissionReason.OVER_BUDGET}


async def test_nothing_to_read_asks_nobody() -> None:
    chain = FakeChain(lambda _: a_reading())
    result = await read(chain, [])
    assert chain.asked == []
    assert result.strength is Strength.FULL


async def test_unusable_findings_are_dropped_and_counted() -> None:
    bad = a_finding(title=" "), a_finding(line=-3), a_finding(line=10**12)
    result = await read(FakeChain(lambda _: a_reading(*bad, a_finding())), some_files(1, 20))
    assert len(result.candidates) == 2
    assert result.notes == ("3 findings of the model had no usable place or text",)


def converted(**changes: object) -> object:
    (candidate,) = convert(ReviewReply(findings=(a_finding(**changes),)), ("f0.py",)).candidates
    return candidate


@pytest.mark.parametrize(
    ("word", "category"),
    [
        ("security", Category.SECURITY),
        ("Correctness", Category.BUG),
        ("perf", Category.PERFORMANCE),
        ("test coverage", Category.TESTS),
        ("banana", Category.BUG),
    ],
)
def test_other_words_for_a_category_are_understood(word: str, category: Category) -> None:
    assert converted(category=word).category is category  # type: ignore[attr-defined]


def test_values_of_a_finding_are_cleaned_and_bounded() -> None:
    candidate = converted(
        path="b/f0.py",
        end_line=0,
        side="LEFT",
        severity="nit",
        title="**Bad\x00 \ud800 title**",
        quote="a = '⟦U+202E⟧'",
        suggestion="x" * 9_000,
        confidence=float("nan"),
    )
    assert candidate == a_candidate(
        "f0.py",
        1,
        "a = '\u202e'",
        side=Side.LEFT,
        severity=Severity.NIT,
        title="Bad title",
        body="With an empty cart it divides by zero.",
        confidence=0.5,
    )


def test_ten_thousand_findings_are_bounded() -> None:
    reply = ReviewReply(findings=tuple(a_finding() for _ in range(10_000)))
    result = convert(reply, ("f0.py",))
    assert len(result.candidates) == 100
    assert result.dropped == 9_900


@given(st.text(), st.text(), st.text(), st.integers(), st.floats())
def test_any_finding_is_taken_and_can_be_sent(
    title: str, body: str, quote: str, line: int, confidence: float
) -> None:
    finding = a_finding().model_copy(
        update={
            "title": title,
            "body": body,
            "quote": quote,
            "line": line,
            "confidence": confidence,
        }
    )
    for candidate in convert(ReviewReply(findings=(finding,)), ()).candidates:
        json.dumps([candidate.title, candidate.body]).encode()
        assert candidate.title.encode()
        assert 0 <= candidate.confidence <= 1
