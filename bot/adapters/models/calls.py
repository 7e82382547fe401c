"""One streamed call to one model, with its timeouts; a finished answer or a named failure.

Nothing of an unfinished stream is used: https://platform.openai.com/docs/api-reference/chat-streaming
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic_ai.direct import model_request_stream
from pydantic_ai.exceptions import AgentRunError, UserError
from pydantic_ai.messages import (
    ModelMessage,
    ModelRequest,
    ModelResponse,
    TextPart,
    ToolCallPart,
    ToolReturnPart,
    UserPromptPart,
)
from pydantic_ai.models import ModelRequestParameters
from pydantic_ai.output import OutputObjectDefinition
from pydantic_ai.tools import ToolDefinition

from bot.adapters.models.failures import CallFailed, Failure, Kind, classify
from bot.adapters.models.forms import Form, R
from bot.adapters.models.prices import priced
from bot.adapters.models.providers import Mode, Opened
from bot.adapters.models.spec import ModelSpec
from bot.adapters.models.timeouts import Timeouts
from core.models import Prompt, Usage

T = TypeVar("T")

_ENDS = frozenset({"stop", "tool_call"})


@dataclass(frozen=True, slots=True)
class Answer:
    """A finished answer: its text, and the conversation so far for a repair."""

    text: str
    usage: Usage
    messages: tuple[ModelMessage, ...]


def opening(prompt: Prompt) -> tuple[ModelMessage, ...]:
    """Return the conversation that asks for an answer."""
    parts = [UserPromptPart(content=prompt.material)]
    return (ModelRequest(parts=parts, instructions=prompt.instructions),)


def repair(
    form: Form[R], answer: Answer, problems: Sequence[str], prompt: Prompt
) -> tuple[ModelMessage, ...]:
    """Return the conversation that asks once for the same answer in the right form."""
    words = (
        "Your answer could not be used: " + "; ".join(problems) + ". Give the whole answer again "
        f"as one JSON object that fits the schema, with the same {form.items}, nothing around it."
    )
    response = answer.messages[-1]
    returned = [
        ToolReturnPart(tool_name=part.tool_name, content=words, tool_call_id=part.tool_call_id)
        for part in (response.parts if isinstance(response, ModelResponse) else ())
        if isinstance(part, ToolCallPart)
    ]
    asked: list[Any] = [*returned, *([] if returned else [UserPromptPart(content=words)])]
    request = ModelRequest(parts=asked, instructions=prompt.instructions)
    return (*answer.messages, request)


async def ask(
    form: Form[R],
    spec: ModelSpec,
    opened: Opened,
    messages: Sequence[ModelMessage],
    timeouts: Timeouts,
) -> Answer:
    """Return a finished answer. Raises CallFailed."""
    streamed = _streamed(form, opened, messages, timeouts)
    try:
        response = await _within(timeouts.total, streamed, "it took longer than {:g} s")
    except AgentRunError as error:
        raise CallFailed(classify(error)) from error
    except UserError as error:
        raise CallFailed(Failure(Kind.REJECTED, "it cannot be asked in this form")) from error
    return _finished(spec, response, messages)


async def _streamed(
    form: Form[R], opened: Opened, messages: Sequence[ModelMessage], timeouts: Timeouts
) -> ModelResponse:
    """Read the stream to its end, each event within its time."""
    request = model_request_stream(
        opened.model,
        list(messages),
        model_settings=opened.settings,
        model_request_parameters=_parameters(form, opened.mode),
    )
    async with AsyncExitStack() as stack:
        opening_it = stack.enter_async_context(request)
        late = "it did not begin to answer within {:g} s"
        stream = await _within(timeouts.first_byte, opening_it, late)
        events = aiter(stream)
        while await _within(timeouts.idle, _advance(events), "it fell silent for {:g} s"):
            pass
        return stream.get()


async def _within(seconds: float, step: Awaitable[T], words: str) -> T:
    try:
        async with asyncio.timeout(seconds):
            return await step
    except TimeoutError as error:
        raise CallFailed(Failure(Kind.SLOW, words.format(seconds))) from error


async def _advance(events: AsyncIterator[object]) -> bool:
    """Read one event, and tell whether there was one."""
    return await anext(events, None) is not None


def _parameters(form: Form[R], mode: Mode) -> ModelRequestParameters:
    """Send the contract's schema as the model takes it."""
    schema = form.reply.model_json_schema()
    if mode == "native":
        return ModelRequestParameters(
            output_mode="native", output_object=OutputObjectDefinition(schema, name=form.name)
        )
    tool = ToolDefinition(
        name=form.name, description=form.description, parameters_json_schema=schema
    )
    return ModelRequestParameters(output_mode="tool", output_tools=[tool], allow_text_output=False)


def _finished(spec: ModelSpec, response: ModelResponse, messages: Sequence[ModelMessage]) -> Answer:
    """Return the answer of a response that ended as it should."""
    usage = priced(spec, response.usage.input_tokens, response.usage.output_tokens)
    text = _text(response)
    failure = _unusable(response, text)
    if failure is not None:
        raise CallFailed(failure, usage)
    return Answer(text, usage, (*messages, response))


def _unusable(response: ModelResponse, text: str) -> Failure | None:
    if response.finish_reason == "length":
        return Failure(Kind.TOO_LARGE, "its answer was cut at its limit of tokens")
    if response.finish_reason == "content_filter":
        return Failure(Kind.UNANSWERED, "it refused, or a content filter stopped it")
    if response.finish_reason not in _ENDS:
        return Failure(Kind.TRANSIENT, "its answer broke off")
    if not text.strip():
        return Failure(Kind.UNANSWERED, "its answer was empty")
    return None


def _text(response: ModelResponse) -> str:
    """Return the arguments of the tool call, else what was said as text."""
    for part in response.parts:
        if isinstance(part, ToolCallPart):
            return part.args_as_json_str() if isinstance(part.args, dict) else part.args or ""
    return "".join(part.content for part in response.parts if isinstance(part, TextPart))
