"""What a scripted model is asked and what it does: answers, ways to spoil one, and faults.

How they look on the wire of a provider is in `model_dialects`.
"""

import json
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

Provider = Literal["openai", "anthropic"]
Finish = Literal["stop", "length", "content_filter", "refusal"]


@dataclass(frozen=True)
class Asked:
    """One request to the model."""

    provider: Provider
    body: Mapping[str, Any]
    headers: Mapping[str, str]
    at: float

    @property
    def model(self) -> str:
        """Return the model that was asked."""
        return str(self.body.get("model", ""))

    @property
    def streamed(self) -> bool:
        """Tell whether the answer is to be streamed."""
        return bool(self.body.get("stream"))

    @property
    def text(self) -> str:
        """Return all that was said to the model, instructions first."""
        system = self.body.get("system", "")
        parts = [_text(system), *(_text(m.get("content")) for m in self.body.get("messages", ()))]
        return "\n".join(part for part in parts if part)

    @property
    def tool(self) -> str | None:
        """Return the tool whose arguments are the structured output, if one is offered."""
        names = [_tool_name(tool) for tool in self.body.get("tools") or ()]
        choice = self.body.get("tool_choice")
        if isinstance(choice, Mapping):
            named = choice.get("name") or choice.get("function", {}).get("name")
            if named in names:
                return str(named)
        return names[0] if names else None

    @property
    def schema(self) -> Mapping[str, Any] | None:
        """Return the schema of the structured output, however it was sent."""
        for tool in self.body.get("tools") or ():
            if _tool_name(tool) == self.tool:
                return tool.get("input_schema") or tool.get("function", {}).get("parameters")
        wanted = self.body.get("response_format") or {}
        return wanted.get("json_schema", {}).get("schema")

    @property
    def verifies(self) -> bool:
        """Tell whether verdicts are asked for, and not a review."""
        return "verdicts" in (self.schema or {}).get("properties", {})

    @property
    def candidates(self) -> Mapping[str, str]:
        """Return what each candidate of a verification says, by its id."""
        _, *parts = re.split(r"(?m)^id: (\S+)$", self.text)
        return dict(zip(parts[::2], parts[1::2], strict=True))


@dataclass(frozen=True)
class Says:
    """An answer: the characters of the content or of the tool's arguments."""

    content: str
    finish: Finish = "stop"
    refusal: str = ""
    tokens_in: int = 1000
    tokens_out: int = 100
    pieces: int = 4
    """Into how many events the content is cut."""
    pause: float = 0.0
    """Seconds before each event."""
    cut_after: int | None = None
    """Disconnect after this many pieces."""
    error_after: int | None = None
    """Send an error event after this many pieces, though the status was 200."""
    drip: float = 0.0
    """Seconds between single bytes."""
    whole: bool = False
    """Answer in one piece although a stream was asked for, as some servers do."""
    done: bool = True
    """False leaves out the event that ends a stream, and closes orderly."""


@dataclass(frozen=True)
class Fails:
    """An error instead of an answer."""

    status: int
    message: str = "The server had an error"
    kind: str = "server_error"
    code: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Silent:
    """Accept the request and never answer; ends when the caller or the server leaves."""

    headers_first: bool = False
    """Send status and headers before the silence."""


@dataclass(frozen=True)
class HangsUp:
    """Close the connection without an answer."""


@dataclass(frozen=True)
class Held:
    """Think until somebody lets go, then answer; nothing is said meanwhile."""

    until: threading.Event
    then: "Answer"


Answer = Says | Fails | Silent | HangsUp | Held
Script = Callable[[Asked], Answer]


def says(value: Any, **traits: Any) -> Says:
    """Answer with a value as JSON."""
    return Says(json.dumps(value), **traits)


def review(*findings: Mapping[str, Any], summary: str = "Looks fine.") -> Says:
    """Answer with a review in the contract's property names."""
    return says({"summary": summary, "findings": list(findings), "resolved": []})


def verdicts(
    of: Callable[[str], str | None] = lambda _: "confirmed",
) -> Callable[[Asked], Says]:
    """Answer a verification: `of` gives the verdict on what a candidate says, None for none."""

    def script(asked: Asked) -> Says:
        said = {id_: of(claim) for id_, claim in asked.candidates.items()}
        return says(
            {
                "verdicts": [
                    {"id": id_, "verdict": word, "reason": "It was followed through the code."}
                    for id_, word in said.items()
                    if word is not None
                ]
            }
        )

    return script


def truncated(whole: Says, keep: float = 0.6) -> Says:
    """Stop in the middle, as a model at its limit of tokens does."""
    return replace(whole, content=whole.content[: int(len(whole.content) * keep)], finish="length")


def fenced(whole: Says) -> Says:
    """Wrap the JSON in a code fence with chatter around it."""
    return replace(whole, content=f"Here you go:\n```json\n{whole.content}\n```\nAnything else?")


def doubled(whole: Says) -> Says:
    """Say the same JSON twice in a row."""
    return replace(whole, content=f"{whole.content}\n{whole.content}")


def with_nan(whole: Says) -> Says:
    """Replace a number by NaN, which is no JSON."""
    return replace(whole, content=whole.content.replace("[]", "[NaN]", 1))


def empty() -> Says:
    """Answer with nothing at all."""
    return Says("", tokens_out=0)


def refuses(words: str = "I can't help with that.") -> Says:
    """Refuse in the provider's own way."""
    return Says("", finish="refusal", refusal=words)


def filtered() -> Says:
    """Be stopped by the provider's content filter."""
    return Says("", finish="content_filter")


def rate_limited(retry_after: float | None = None) -> Fails:
    """Refuse for the rate, with or without saying how long."""
    headers = {} if retry_after is None else {"retry-after": f"{retry_after:g}"}
    return Fails(429, "Rate limit reached", "rate_limit_error", "rate_limit_exceeded", headers)


def out_of_quota() -> Fails:
    """Refuse for money: waiting does not help."""
    return Fails(429, "You exceeded your current quota", "insufficient_quota", "insufficient_quota")


def overloaded() -> Fails:
    """Refuse as Anthropic does when it has too much to do."""
    return Fails(529, "Overloaded", "overloaded_error")


def context_exceeded() -> Fails:
    """Refuse a prompt that is too long."""
    return Fails(
        400,
        "This model's maximum context length is 8192 tokens.",
        "invalid_request_error",
        "context_length_exceeded",
    )


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    return "\n".join(str(part.get("text", "")) for part in content or ())


def _tool_name(tool: Mapping[str, Any]) -> str:
    return str(tool.get("name") or tool.get("function", {}).get("name", ""))
