"""Which models the settings name, or which one is found when they name none."""

from collections.abc import Mapping

from bot.adapters.models import ModelSpec, ollama_model, parse_spec
from bot.settings import Settings, split

USUAL_MODELS: Mapping[str, str] = {"openai": "gpt-6-sol", "anthropic": "claude-sonnet-5-5"}
"""Taken where only a key is given; ARGUS_MODEL chooses another."""


async def chosen_models(settings: Settings) -> tuple[ModelSpec, ...]:
    """Return the models in order of preference, none when nothing is configured or found.

    Raises UserError for a name that is no model.
    """
    named = split(settings.argus_model)
    if named:
        return tuple(_spec(text, settings) for text in named)
    if settings.inference_url and settings.inference_model_id:
        return (_spec(f"heroku:{settings.inference_model_id}", settings),)
    if settings.openai_api_key.get_secret_value():
        return (_spec(f"openai:{USUAL_MODELS['openai']}", settings),)
    if settings.anthropic_api_key.get_secret_value():
        return (_spec(f"anthropic:{USUAL_MODELS['anthropic']}", settings),)
    local = await ollama_model(settings.ollama_base_url)
    return (_spec(f"ollama:{local}", settings),) if local else ()


def verifying_models(settings: Settings, reading: tuple[ModelSpec, ...]) -> tuple[ModelSpec, ...]:
    """Return the models that look a second time: those that read, unless others are named.

    Raises UserError for a name that is no model.
    """
    named = split(settings.argus_verify_model)
    return tuple(_spec(text, settings) for text in named) or reading


def _spec(text: str, settings: Settings) -> ModelSpec:
    provider = text.partition(":")[0].strip()
    reached = {
        "openai": (settings.openai_base_url, settings.openai_api_key.get_secret_value()),
        "anthropic": (settings.anthropic_base_url, settings.anthropic_api_key.get_secret_value()),
        "heroku": (settings.inference_url, settings.inference_key.get_secret_value()),
        "ollama": (settings.ollama_base_url, ""),
    }
    base_url, key = reached.get(provider, ("", ""))
    return parse_spec(text, base_url=base_url, key=key)
