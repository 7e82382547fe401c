"""Which model is meant, where it is, and what a key may be sent to."""

import pytest

from bot.adapters.models import ModelSpec, checked_url, ollama_model, parse_spec
from bot.adapters.models.breaker import FAILURES, LONG_PAUSE, PAUSE, LocalBreaker
from bot.adapters.models.failures import Failure, Kind
from bot.adapters.models.prices import priced
from core.errors import UserError
from tests.fakes.model_server import ModelServer


def test_provider_and_model_are_read() -> None:
    spec = parse_spec(" ollama:qwen3-coder:30b ")
    assert (spec.provider, spec.model) == ("ollama", "qwen3-coder:30b")
    assert str(spec) == "ollama:qwen3-coder:30b"
    assert spec.url == "http://127.0.0.1:11434"


def test_github_models_is_refused_with_the_day_it_ended() -> None:
    with pytest.raises(UserError, match="retired by GitHub on 2026-07-30"):
        parse_spec("github-models:gpt-5")


@pytest.mark.parametrize("text", ["", "gpt-5", "openai:", "google:gemini", ":x"])
def test_unknown_models_are_refused_in_words(text: str) -> None:
    with pytest.raises(UserError, match="provider:model"):
        parse_spec(text)


def test_key_is_in_no_text_of_a_spec() -> None:
    assert "hidden" not in repr(parse_spec("openai:gpt-5", key="hidden"))


@pytest.mark.parametrize(
    "url",
    [
        "https://llm.example.com/v1",
        "http://localhost:1234",
        "http://127.0.0.1:1/v1",
        "http://[::1]:2",
    ],
)
def test_key_goes_to_https_or_this_machine(url: str) -> None:
    assert checked_url(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "http://llm.example.com/v1",
        "http://127.0.0.1.example.com",
        "https://user:pass@example.com",
        "http://localhost@example.com",
        "ftp://localhost",
        "//localhost",
        "https://",
    ],
)
def test_key_goes_nowhere_else(url: str) -> None:
    with pytest.raises(UserError):
        checked_url(url)


def test_smaller_servers_get_smaller_prompts() -> None:
    local = parse_spec("openai:anything", base_url="http://localhost:1234/v1")
    assert local.context_tokens < parse_spec("openai:gpt-5").context_tokens
    assert parse_spec("ollama:llama3").context_tokens < 8_192
    assert ModelSpec("openai", "x", input_tokens=7).context_tokens == 7


def test_price_is_known_for_the_providers_own_models_alone() -> None:
    usage = priced(parse_spec("openai:gpt-5-mini"), 1_000_000, 0)
    assert usage.usd is not None
    assert usage.usd > 0
    assert priced(parse_spec("openai:no-such-model"), 10, 10).usd is None
    elsewhere = parse_spec("openai:gpt-5-mini", base_url="http://localhost:1/v1")
    assert priced(elsewhere, 10, 10).usd is None
    assert priced(parse_spec("ollama:llama3"), 10, 10).usd == 0.0


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


TRANSIENT = Failure(Kind.TRANSIENT, "it is overloaded (529)")


async def test_failures_in_a_row_pause_a_model_for_a_while() -> None:
    clock = Clock()
    breaker = LocalBreaker(clock)
    for _ in range(FAILURES - 1):
        await breaker.failed(TRANSIENT)
    assert await breaker.pause() == ""
    await breaker.failed(TRANSIENT)
    assert await breaker.pause() == "it is overloaded (529); it is asked again later"
    clock.now = PAUSE + 1
    assert await breaker.pause() == ""


async def test_an_answer_forgets_the_failures_before_it() -> None:
    breaker = LocalBreaker(Clock())
    for _ in range(FAILURES * 2):
        await breaker.failed(TRANSIENT)
        await breaker.succeeded()
    assert await breaker.pause() == ""


async def test_refused_key_pauses_at_once_and_for_longer() -> None:
    clock = Clock()
    breaker = LocalBreaker(clock)
    await breaker.failed(Failure(Kind.PERMANENT, "the key was refused (401)"))
    clock.now = LONG_PAUSE - 1
    assert await breaker.pause()
    clock.now = LONG_PAUSE + 1
    assert await breaker.pause() == ""


async def test_what_concerns_one_prompt_does_not_pause_a_model() -> None:
    breaker = LocalBreaker(Clock())
    for _ in range(10):
        await breaker.failed(Failure(Kind.TOO_LARGE, "the prompt is over its context window"))
        await breaker.failed(Failure(Kind.UNANSWERED, "its answer was empty"))
    assert await breaker.pause() == ""


async def test_local_ollama_names_its_model_for_code() -> None:
    models = ("nomic-embed-text", "llama3", "qwen3-coder")
    with ModelServer(models=models) as server:
        assert await ollama_model(server.url, seconds=5) == "qwen3-coder"
    with ModelServer(models=("nomic-embed-text",)) as server:
        assert await ollama_model(server.url, seconds=5) is None


async def test_no_ollama_is_found_out_quickly() -> None:
    assert await ollama_model("http://127.0.0.1:9", seconds=5) is None
    assert await ollama_model("not an address", seconds=5) is None
