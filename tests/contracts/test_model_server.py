"""The providers' own clients understand the scripted model, and feel its faults."""

import json
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import openai
import pytest

from tests.fakes import model_server as fakes
from tests.fakes.model_answers import (
    Fails,
    HangsUp,
    Says,
    Silent,
    doubled,
    fenced,
    filtered,
    out_of_quota,
    overloaded,
    rate_limited,
    refuses,
    review,
    says,
    truncated,
    with_nan,
)
from tests.fakes.model_server import ModelServer, one_after_another

if TYPE_CHECKING:
    import anthropic  # takes seconds, which every process of the tests would spend

model = fakes.model_server

SCHEMA = {"type": "object", "properties": {"summary": {"type": "string"}}}
MESSAGES: list[Any] = [{"role": "user", "content": "Read this."}]
OPENAI_TOOL: Any = {"type": "function", "function": {"name": "reply", "parameters": SCHEMA}}
ANTHROPIC_TOOL: Any = {"name": "reply", "input_schema": SCHEMA}


@pytest.fixture
def gpt(model: ModelServer) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=model.openai_url, api_key="k", max_retries=0, timeout=2) as client:
        yield client


@pytest.fixture
def claude(model: ModelServer) -> Iterator["anthropic.Anthropic"]:
    import anthropic

    with anthropic.Anthropic(base_url=model.url, api_key="k", max_retries=0, timeout=2) as client:
        yield client


def streamed(gpt: openai.OpenAI, **more: Any) -> tuple[str, str | None]:
    """Return the arguments of the tool, or the content, and the reason to finish."""
    text, finish = "", None
    for chunk in gpt.chat.completions.create(
        model="m", messages=MESSAGES, stream=True, stream_options={"include_usage": True}, **more
    ):
        for choice in chunk.choices:
            calls = choice.delta.tool_calls or []
            text += "".join(call.function.arguments or "" for call in calls if call.function)
            text += choice.delta.content or ""
            finish = choice.finish_reason or finish
    return text, finish


def test_openai_streams_a_tool_call(model: ModelServer, gpt: openai.OpenAI) -> None:
    model.script = lambda _: review(summary="Fine")
    text, finish = streamed(gpt, tools=[OPENAI_TOOL])
    assert (json.loads(text)["summary"], finish) == ("Fine", "tool_calls")
    assert model.requests[0].schema == SCHEMA


def test_openai_answers_a_json_schema_in_the_content(
    model: ModelServer, gpt: openai.OpenAI
) -> None:
    model.script = lambda asked: says({"summary": asked.text})
    wanted: Any = {"type": "json_schema", "json_schema": {"name": "reply", "schema": SCHEMA}}
    text, finish = streamed(gpt, response_format=wanted)
    assert (json.loads(text), finish) == ({"summary": "Read this."}, "stop")
    assert model.requests[0].schema == SCHEMA


def test_openai_answers_at_once(model: ModelServer, gpt: openai.OpenAI) -> None:
    answer = gpt.chat.completions.create(model="m", messages=MESSAGES, tools=[OPENAI_TOOL])
    calls: Any = answer.choices[0].message.tool_calls
    assert json.loads(calls[0].function.arguments)["findings"] == []
    assert answer.usage is not None
    assert answer.usage.total_tokens == 1100


def test_openai_refuses_and_filters(model: ModelServer, gpt: openai.OpenAI) -> None:
    model.script = one_after_another(refuses("No."), filtered())
    refused = gpt.chat.completions.create(model="m", messages=MESSAGES)
    assert refused.choices[0].message.refusal == "No."
    assert streamed(gpt) == ("", "content_filter")


def test_models_are_listed(model: ModelServer, gpt: openai.OpenAI) -> None:
    assert [listed.id for listed in gpt.models.list()] == ["test-model"]


def test_anthropic_streams_a_tool_call(model: ModelServer, claude: "anthropic.Anthropic") -> None:
    model.script = lambda _: review(summary="Fine")
    with claude.messages.stream(
        model="m", max_tokens=99, messages=MESSAGES, tools=[ANTHROPIC_TOOL], system="Be brief."
    ) as stream:
        message = stream.get_final_message()
    block: Any = message.content[0]
    assert (block.input["summary"], message.stop_reason) == ("Fine", "tool_use")
    assert model.requests[0].text == "Be brief.\nRead this."


def test_anthropic_answers_at_once(model: ModelServer, claude: "anthropic.Anthropic") -> None:
    model.script = one_after_another(Says("plain"), refuses())
    ask: dict[str, Any] = {"model": "m", "max_tokens": 9, "messages": MESSAGES}
    plain: Any = claude.messages.create(**ask).content[0]
    assert plain.text == "plain"
    assert claude.messages.create(**ask).stop_reason == "refusal"


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (rate_limited(), openai.RateLimitError),
        (out_of_quota(), openai.RateLimitError),
        (Fails(500), openai.InternalServerError),
        (Fails(401), openai.AuthenticationError),
        (Fails(404), openai.NotFoundError),
        (Fails(410), openai.APIStatusError),
        (HangsUp(), openai.APIConnectionError),
    ],
)
def test_openai_feels_a_fault(
    model: ModelServer, gpt: openai.OpenAI, fault: Fails, error: type[Exception]
) -> None:
    model.script = lambda _: fault
    with pytest.raises(error):
        streamed(gpt)


def test_the_time_to_wait_is_said(model: ModelServer, gpt: openai.OpenAI) -> None:
    model.script = lambda _: rate_limited(7)
    with pytest.raises(openai.RateLimitError) as caught:
        streamed(gpt)
    assert caught.value.response.headers["retry-after"] == "7"


def test_anthropic_is_overloaded(model: ModelServer, claude: "anthropic.Anthropic") -> None:
    import anthropic

    model.script = lambda _: overloaded()
    with pytest.raises(anthropic.APIStatusError) as caught:
        claude.messages.create(model="m", max_tokens=9, messages=MESSAGES)
    assert caught.value.status_code == 529


@pytest.mark.parametrize("fault", [Silent(), Silent(headers_first=True)])
def test_silence_ends_with_the_callers_patience(model: ModelServer, fault: Silent) -> None:
    model.script = lambda _: fault
    client = openai.OpenAI(base_url=model.openai_url, api_key="k", max_retries=0, timeout=0.2)
    with client, pytest.raises(openai.APITimeoutError):
        streamed(client)


def test_a_drip_is_slow(model: ModelServer, gpt: openai.OpenAI) -> None:
    model.script = lambda _: Says("{}", pieces=1, drip=0.0005)
    started = time.monotonic()
    assert streamed(gpt)[0] == "{}"
    assert time.monotonic() - started > 0.2


def test_an_error_event_follows_a_good_status(model: ModelServer, gpt: openai.OpenAI) -> None:
    model.script = lambda _: Says("x" * 40, error_after=2)
    with pytest.raises(openai.APIError, match="server had an error"):
        streamed(gpt)


def test_a_cut_stream_is_felt(model: ModelServer, gpt: openai.OpenAI) -> None:
    model.script = lambda _: Says("x" * 40, cut_after=2)
    with pytest.raises(openai.APIConnectionError):
        streamed(gpt)


def test_a_stream_without_its_end_has_no_usage(model: ModelServer, gpt: openai.OpenAI) -> None:
    model.script = lambda _: Says("x" * 40, done=False)
    assert streamed(gpt) == ("x" * 40, "stop")


def test_a_wrong_key_is_refused() -> None:
    with ModelServer(key="right") as server:
        client = openai.OpenAI(base_url=server.openai_url, api_key="wrong", max_retries=0)
        with client, pytest.raises(openai.AuthenticationError):
            streamed(client)
        assert server.requests == []


@pytest.mark.parametrize("spoiled", [truncated, fenced, doubled, with_nan])
def test_spoiled_answers_are_not_strict_json(spoiled: Any) -> None:
    def no_nan(name: str) -> None:
        raise ValueError(name)

    with pytest.raises(ValueError, match=r"."):
        json.loads(spoiled(review()).content, parse_constant=no_nan)
