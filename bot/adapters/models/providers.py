"""Builds the client of one provider, and imports no more than that one needs.

Imports take seconds and some 100 MB, so this module is imported with the first call, in a
thread. The SDKs' own retries are off: the chain decides what is tried again.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from pydantic_ai.models import Model
from pydantic_ai.settings import ModelSettings

from bot.adapters.models.spec import ModelSpec
from bot.adapters.models.transport import open_http

if TYPE_CHECKING:
    from openai import AsyncOpenAI
    from pydantic_ai.providers import Provider

Mode = Literal["native", "tool"]

_MODES: tuple[Mode, Mode] = ("native", "tool")

OUTPUT_TOKENS = 8_000
"""Asked of Anthropic, which wants a bound; a hundred findings take about as much."""


@dataclass(frozen=True)
class Opened:
    """A model ready to be asked."""

    model: Model
    mode: Mode
    """How it takes the schema: as a response format, or as a tool."""
    other_mode: Mode | None
    """How a server may take it that rejects the first."""
    settings: ModelSettings
    close: Callable[[], Awaitable[None]]


def open_model(spec: ModelSpec, *, connect: float, read: float) -> Opened:
    """Return the model of a spec with a client of its own."""
    if spec.provider == "anthropic":
        return _anthropic(spec, connect, read)
    return _openai(spec, connect, read)


def _anthropic(spec: ModelSpec, connect: float, read: float) -> Opened:
    from anthropic import AsyncAnthropic
    from pydantic_ai.models.anthropic import AnthropicModel
    from pydantic_ai.providers.anthropic import AnthropicProvider

    http = open_http(connect=connect, read=read)
    client = AsyncAnthropic(
        api_key=spec.key or "none", base_url=spec.url, http_client=http, max_retries=0
    )
    model = AnthropicModel(spec.model, provider=AnthropicProvider(anthropic_client=client))
    return Opened(model, "tool", None, ModelSettings(max_tokens=OUTPUT_TOKENS), http.aclose)


def _openai(spec: ModelSpec, connect: float, read: float) -> Opened:
    """Return a model of OpenAI, or of a server that speaks its protocol."""
    from openai import AsyncOpenAI
    from pydantic_ai.models.openai import OpenAIChatModel, OpenAIChatModelSettings

    http = open_http(connect=connect, read=read)
    client = AsyncOpenAI(
        api_key=spec.key or "none", base_url=_api_url(spec), http_client=http, max_retries=0
    )
    model = OpenAIChatModel(spec.model, provider=_openai_provider(spec, client))
    ours = spec.provider == "openai" and not spec.is_elsewhere
    # the prompt holds other people's code: where it can be said, it is not to be stored
    settings = OpenAIChatModelSettings(openai_store=False) if ours else ModelSettings()
    if not model.profile.get("supports_json_schema_output"):
        return Opened(model, "tool", None, settings, http.aclose)
    first, other = _MODES if ours or spec.provider == "ollama" else _MODES[::-1]
    return Opened(model, first, other, settings, http.aclose)


def _openai_provider(spec: ModelSpec, client: "AsyncOpenAI") -> "Provider[AsyncOpenAI]":
    """Return the provider that knows the peculiarities of the server's models."""
    if spec.provider == "ollama":
        from pydantic_ai.providers.ollama import OllamaProvider

        return OllamaProvider(openai_client=client)
    if spec.provider == "heroku":
        from pydantic_ai.providers.heroku import HerokuProvider

        return HerokuProvider(openai_client=client)
    if spec.is_elsewhere:
        from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider

        return OpenAICompatibleProvider("openai-compatible", openai_client=client)
    from pydantic_ai.providers.openai import OpenAIProvider

    return OpenAIProvider(openai_client=client)


def _api_url(spec: ModelSpec) -> str:
    """Return the root of the chat API, which two of the providers keep under `/v1`."""
    adds_version = spec.provider in {"ollama", "heroku"} and not spec.url.endswith("/v1")
    return f"{spec.url}/v1" if adds_version else spec.url
