"""Answers of servers that do not stream, as the stream that was asked for.

Some servers that speak OpenAI's protocol ignore `stream` and send one `chat.completion`. What it
means is left to the client: https://platform.openai.com/docs/api-reference/chat/object
"""

import json
from typing import Any

import httpx2

STREAM_HEADERS = {"content-type": "text/event-stream"}


class Unstreamed(httpx2.AsyncBaseTransport):
    """Turns a whole chat completion into a stream of one event; all else passes untouched."""

    def __init__(self, inner: httpx2.AsyncBaseTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send the request."""
        response = await self._inner.handle_async_request(request)
        if not _is_whole(request, response):
            return response
        body = await response.aread()
        event = as_event(body)
        if event is None:
            kind = {"content-type": "application/json"}
            return httpx2.Response(response.status_code, headers=kind, content=body)
        return httpx2.Response(response.status_code, headers=STREAM_HEADERS, content=event)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._inner.aclose()


def as_event(body: bytes) -> bytes | None:
    """Return a chat completion as the events of a stream, None when the body is none."""
    try:
        whole = json.loads(body)
        choices = [_choice(choice) for choice in whole["choices"]]
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError):
        return None
    chunk = {**whole, "object": "chat.completion.chunk", "choices": choices}
    return b"data: " + json.dumps(chunk).encode() + b"\n\ndata: [DONE]\n\n"


def _choice(choice: dict[str, Any]) -> dict[str, Any]:
    """Return a choice with its message as the one delta, its tool calls numbered."""
    delta = dict(choice["message"])
    if calls := delta.get("tool_calls"):
        delta["tool_calls"] = [{**call, "index": index} for index, call in enumerate(calls)]
    rest = {key: value for key, value in choice.items() if key != "message"}
    return {"index": 0, **rest, "delta": delta}


def _is_whole(request: httpx2.Request, response: httpx2.Response) -> bool:
    """Tell a good answer in one piece from a stream and from an error."""
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    asked = request.url.path.endswith("/chat/completions")
    return asked and response.status_code == httpx2.codes.OK and kind == "application/json"
