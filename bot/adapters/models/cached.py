"""Complete model answers for an hour, so that a crashed run does not pay twice.

The key covers which review asked what of which model, so that a review asked for anew is one;
parts of an answer are never kept.
"""

import hashlib
import json
from typing import Protocol

from pydantic import ValidationError

from bot.adapters.models.forms import Form, R
from bot.adapters.models.spec import ModelSpec
from core.models import Prompt

HOUR = 3600
VERSION = "1"
"""Grows when the meaning of a kept answer changes."""


class Bytes(Protocol):
    """Evictable bytes by key."""

    async def get(self, key: str) -> bytes | None:
        """Return an entry, None when there is none."""
        ...

    async def put(self, key: str, value: bytes, ttl: int) -> None:
        """Keep an entry for `ttl` seconds."""
        ...


class CachedReplies:
    """Looks answers up and keeps them."""

    def __init__(self, store: Bytes | None) -> None:
        self._store = store

    async def get(self, form: Form[R], spec: ModelSpec, prompt: Prompt) -> R | None:
        """Return the answer that this model gave to this prompt."""
        raw = await self._store.get(_key(form.name, spec, prompt)) if self._store else None
        if raw is None:
            return None
        try:
            return form.reply.model_validate_json(raw)
        except ValidationError:
            return None

    async def put(self, form: Form[R], spec: ModelSpec, prompt: Prompt, reply: R) -> None:
        """Keep a complete answer."""
        if self._store:
            key = _key(form.name, spec, prompt)
            await self._store.put(key, reply.model_dump_json().encode(), HOUR)


def _key(form: str, spec: ModelSpec, prompt: Prompt) -> str:
    asked = [VERSION, form, str(spec), spec.url, prompt.run, prompt.instructions, prompt.material]
    return "reply:" + hashlib.sha256(json.dumps(asked).encode()).hexdigest()
