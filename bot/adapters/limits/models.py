"""The breaker of a model that all processes share: `bot.adapters.models.breaker` over Redis.

While Redis is away a process judges by the failures that it saw itself.
"""

import hashlib
import time
from contextlib import suppress

from bot.adapters.limits.breaker import Rules, SharedBreaker
from bot.adapters.limits.line import Away
from bot.adapters.models.breaker import FAILURES, PAUSE, LocalBreaker, paused, wait_after
from bot.adapters.models.failures import Failure
from bot.adapters.models.spec import ModelSpec

KIND = "model"
RULES = Rules(failures=FAILURES, pause=PAUSE, longest=600.0, probe=90.0)
"""An answer that takes longer than the probe is rare; a second call then does no harm."""


class ModelBreaker:
    """The breaker of one model."""

    def __init__(self, shared: SharedBreaker) -> None:
        self._shared = shared
        self._alone = LocalBreaker(time.monotonic)

    async def pause(self) -> str:
        """Return why the model is left alone now, empty when it may be asked."""
        try:
            refusal = await self._shared.refusal()
        except Away:
            return await self._alone.pause()
        return paused(refusal.why) if refusal else ""

    async def succeeded(self) -> None:
        """Note an answer of any kind."""
        await self._alone.succeeded()
        with suppress(Away):
            await self._shared.succeeded()

    async def failed(self, failure: Failure) -> None:
        """Note a failed call; what concerns one prompt alone does not count."""
        await self._alone.failed(failure)
        wait = wait_after(failure)
        if wait is not None:
            with suppress(Away):
                await self._shared.failed(failure.words, wait=wait)


def credentials(spec: ModelSpec) -> str:
    """Name where a model is asked and with which key, so that neither can be read from it.

    Whoever mends a refused key does not wait until the old one's pause is over.
    """
    return hashlib.sha256(f"{spec.url} {spec.key}".encode()).hexdigest()[:12]
