"""Which model of which provider, where it is reached, and with which key.

The settings are read elsewhere; the key is bound to the one address it belongs to.
"""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from bot.addresses import stays_inside
from core.errors import UserError

PROVIDERS = ("openai", "anthropic", "ollama", "heroku")
RETIRED = (
    "github-models was retired by GitHub on 2026-07-30 and answers nothing any more: choose "
    f"another provider ({', '.join(PROVIDERS)})."
)

DEFAULT_URLS = {
    "openai": "https://api.openai.com/v1",
    "anthropic": "https://api.anthropic.com",
    "ollama": "http://127.0.0.1:11434",
    "heroku": "https://us.inference.heroku.com",
}

INPUT_TOKENS = {"openai": 100_000, "anthropic": 100_000, "heroku": 60_000, "ollama": 6_000}
"""Input that current models of each take; Ollama's own default context is 8,192 in all."""
COMPATIBLE_INPUT_TOKENS = 24_000
"""For an OpenAI-compatible server, which may hold a model of any size."""


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """One model of the chain."""

    provider: str
    model: str
    base_url: str = ""
    """Empty for the provider's own address."""
    key: str = field(default="", repr=False)
    input_tokens: int = 0
    """Tokens of input it takes; 0 for the provider's usual."""

    def __str__(self) -> str:
        return f"{self.provider}:{self.model}"

    @property
    def url(self) -> str:
        """The address, without a slash at its end."""
        return (self.base_url or DEFAULT_URLS[self.provider]).rstrip("/")

    @property
    def is_elsewhere(self) -> bool:
        """Tell whether another server than the provider's own answers."""
        return self.url != DEFAULT_URLS[self.provider]

    @property
    def context_tokens(self) -> int:
        """Tokens of input it takes."""
        if self.input_tokens:
            return self.input_tokens
        if self.provider == "openai" and self.is_elsewhere:
            return COMPATIBLE_INPUT_TOKENS
        return INPUT_TOKENS[self.provider]


def parse_spec(text: str, *, base_url: str = "", key: str = "") -> ModelSpec:
    """Read `provider:model`. Raises UserError, which never holds the key."""
    provider, _, model = text.strip().partition(":")
    if provider == "github-models":
        raise UserError(RETIRED)
    if provider not in PROVIDERS or not model:
        raise UserError(
            f"{text.strip()[:80]!r} names no model.",
            why=f"It has to be provider:model with one of {', '.join(PROVIDERS)}.",
            next_step="For example openai:gpt-5-mini or ollama:qwen3-coder.",
        )
    return ModelSpec(provider, model, checked_url(base_url), key)


def checked_url(url: str) -> str:
    """Return a base address that code and a key may be sent to.

    It is https, or http on this machine or the operator's own network. Raises UserError.
    """
    if not url:
        return ""
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.hostname and not parts.username:
        return url
    if parts.scheme == "http" and stays_inside(parts.hostname or "") and not parts.username:
        return url
    raise UserError(
        "The address of a model server is not usable.",
        why="It has to be https, or http within your own network, and hold no user name.",
        next_step="Correct the provider's …_BASE_URL.",
    )
