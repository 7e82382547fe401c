"""Answers on the wire: OpenAI's chat completions and Anthropic's messages, whole or streamed.

https://platform.openai.com/docs/api-reference/chat and
https://docs.anthropic.com/en/api/messages-streaming
"""

import json
from collections.abc import Iterator
from typing import Any, Protocol

from tests.fakes.model_answers import Asked, Fails, Says

CREATED = 1_790_000_000


class Dialect(Protocol):
    """How a provider writes."""

    def whole(self, asked: Asked, answer: Says) -> dict[str, Any]:
        """Return the answer as one JSON object."""
        ...

    def opening(self, asked: Asked, answer: Says) -> Iterator[bytes]:
        """Yield the events before the content."""
        ...

    def piece(self, asked: Asked, text: str) -> bytes:
        """Return one event of content."""
        ...

    def closing(self, asked: Asked, answer: Says) -> Iterator[bytes]:
        """Yield the events after the content; the last one ends the stream."""
        ...

    def failure(self, answer: Fails) -> dict[str, Any]:
        """Return the body of an error."""
        ...

    def error_event(self) -> bytes:
        """Return an error in the middle of a stream."""
        ...


class OpenAI:
    """Chat completions; structured output is the arguments of a tool, or the content."""

    def whole(self, asked: Asked, answer: Says) -> dict[str, Any]:
        """Return a `chat.completion`."""
        message: dict[str, Any] = {"role": "assistant", "content": answer.content}
        if answer.refusal:
            message |= {"content": None, "refusal": answer.refusal}
        elif asked.tool and answer.content:
            function = {"name": asked.tool, "arguments": answer.content}
            calls = [{"id": "call_1", "type": "function", "function": function}]
            message |= {"content": None, "tool_calls": calls}
        choice = {"index": 0, "message": message, "finish_reason": self._finish(asked, answer)}
        return {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": CREATED,
            "model": asked.model,
            "choices": [choice],
            "usage": self._usage(answer),
        }

    def opening(self, asked: Asked, answer: Says) -> Iterator[bytes]:
        """Yield the role, and the tool's name."""
        delta: dict[str, Any] = {"role": "assistant", "content": None if asked.tool else ""}
        if answer.refusal:
            delta["refusal"] = answer.refusal
        elif asked.tool and answer.content:
            function = {"name": asked.tool, "arguments": ""}
            delta["tool_calls"] = [
                {"index": 0, "id": "call_1", "type": "function", "function": function}
            ]
        yield self._event(asked, delta)

    def piece(self, asked: Asked, text: str) -> bytes:
        """Return one delta."""
        if asked.tool is None:
            return self._event(asked, {"content": text})
        return self._event(asked, {"tool_calls": [{"index": 0, "function": {"arguments": text}}]})

    def closing(self, asked: Asked, answer: Says) -> Iterator[bytes]:
        """Yield the reason to finish, the usage if it was asked for, and [DONE]."""
        yield self._event(asked, {}, self._finish(asked, answer))
        if (asked.body.get("stream_options") or {}).get("include_usage"):
            yield _data({**self._chunk(asked), "choices": [], "usage": self._usage(answer)})
        yield b"data: [DONE]\n\n"

    def failure(self, answer: Fails) -> dict[str, Any]:
        """Return an error object."""
        error = {"message": answer.message, "type": answer.kind, "param": None, "code": answer.code}
        return {"error": error}

    def error_event(self) -> bytes:
        """Return an event without choices."""
        return _data(self.failure(Fails(500)))

    @staticmethod
    def _finish(asked: Asked, answer: Says) -> str:
        if answer.finish != "stop":
            return "stop" if answer.finish == "refusal" else answer.finish
        return "tool_calls" if asked.tool and answer.content else "stop"

    @staticmethod
    def _usage(answer: Says) -> dict[str, int]:
        total = answer.tokens_in + answer.tokens_out
        return {
            "prompt_tokens": answer.tokens_in,
            "completion_tokens": answer.tokens_out,
            "total_tokens": total,
        }

    @staticmethod
    def _chunk(asked: Asked) -> dict[str, Any]:
        return {
            "id": "chatcmpl-1",
            "object": "chat.completion.chunk",
            "created": CREATED,
            "model": asked.model,
        }

    def _event(self, asked: Asked, delta: dict[str, Any], finish: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return _data({**self._chunk(asked), "choices": [choice]})


class Anthropic:
    """Messages; structured output is the input of a tool, or a text block."""

    def whole(self, asked: Asked, answer: Says) -> dict[str, Any]:
        """Return a `message`."""
        blocks: list[dict[str, Any]] = []
        if answer.content:
            block = self._block(asked)
            key, value = ("input", json.loads) if asked.tool else ("text", str)
            blocks = [block | {key: value(answer.content)}]
        return self._message(asked, answer) | {
            "content": blocks,
            "stop_reason": self._reason(asked, answer),
            "usage": {"input_tokens": answer.tokens_in, "output_tokens": answer.tokens_out},
        }

    def opening(self, asked: Asked, answer: Says) -> Iterator[bytes]:
        """Yield the start of the message and of its block."""
        yield self._event("message_start", message=self._message(asked, answer))
        yield self._event("ping")
        if answer.content:
            yield self._event("content_block_start", index=0, content_block=self._block(asked))

    def piece(self, asked: Asked, text: str) -> bytes:
        """Return one delta."""
        delta = (
            {"type": "input_json_delta", "partial_json": text}
            if asked.tool
            else {"type": "text_delta", "text": text}
        )
        return self._event("content_block_delta", index=0, delta=delta)

    def closing(self, asked: Asked, answer: Says) -> Iterator[bytes]:
        """Yield the end of the block, the reason to stop, and the end of the message."""
        if answer.content:
            yield self._event("content_block_stop", index=0)
        delta = {"stop_reason": self._reason(asked, answer), "stop_sequence": None}
        usage = {"output_tokens": answer.tokens_out}
        yield self._event("message_delta", delta=delta, usage=usage)
        yield self._event("message_stop")

    def failure(self, answer: Fails) -> dict[str, Any]:
        """Return an error object."""
        return {"type": "error", "error": {"type": answer.kind, "message": answer.message}}

    def error_event(self) -> bytes:
        """Return an event of the type error."""
        return self._event("error", error={"type": "overloaded_error", "message": "Overloaded"})

    @staticmethod
    def _block(asked: Asked) -> dict[str, Any]:
        if asked.tool:
            return {"type": "tool_use", "id": "toolu_1", "name": asked.tool, "input": {}}
        return {"type": "text", "text": ""}

    @staticmethod
    def _message(asked: Asked, answer: Says) -> dict[str, Any]:
        return {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "model": asked.model,
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "usage": {"input_tokens": answer.tokens_in, "output_tokens": 1},
        }

    @staticmethod
    def _reason(asked: Asked, answer: Says) -> str:
        usual = "tool_use" if asked.tool and answer.content else "end_turn"
        special = {"length": "max_tokens", "refusal": "refusal", "content_filter": "refusal"}
        return special.get(answer.finish, usual)

    @staticmethod
    def _event(kind: str, **fields: Any) -> bytes:
        return f"event: {kind}\n".encode() + _data({"type": kind, **fields})


def _data(value: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(value).encode() + b"\n\n"
