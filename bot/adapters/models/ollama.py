"""Asks a local Ollama which model it has, quickly: most machines have none."""

import asyncio

import httpx
from pydantic import BaseModel, ConfigDict, ValidationError

SECONDS = 0.3
"""A local server answers in a few milliseconds."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="ignore")
    name: str


class _Tags(BaseModel):
    """https://docs.ollama.com/api/tags"""

    model_config = ConfigDict(extra="ignore")
    models: tuple[_Model, ...] = ()


async def ollama_model(base_url: str, *, seconds: float = SECONDS) -> str | None:
    """Return the model to use: one made for code if there is one, never one for embeddings."""
    try:
        async with asyncio.timeout(seconds), httpx.AsyncClient(trust_env=False) as http:
            answer = await http.get(f"{base_url.rstrip('/')}/api/tags")
            tags = _Tags.model_validate_json(answer.content)
    except (TimeoutError, httpx.HTTPError, httpx.InvalidURL, ValidationError):
        return None
    names = [model.name for model in tags.models if "embed" not in model.name.lower()]
    return next((name for name in names if "code" in name.lower()), names[0] if names else None)
