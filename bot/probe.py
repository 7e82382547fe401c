"""`/readyz` and `/metrics`: a look, and the words or numbers for it."""

from collections.abc import Callable
from typing import Any

from bot.components import Addresses, Readiness, readiness
from bot.metrics import render
from bot.worker.alarms import Watch


class LedgerProbe:
    """Answers probes from what can be seen now; never raises."""

    def __init__(self, watch: Watch, addresses: Addresses, *, redact: Callable[[Any], Any]) -> None:
        self._watch = watch
        self._addresses = addresses
        self._redact = redact

    async def readiness(self) -> Readiness:
        """Return one entry a component, without secrets: reasons may quote other systems."""
        found = readiness(await self._watch.look(), self._addresses)
        return Readiness(self._redact(found.components))

    async def metrics(self) -> bytes:
        """Return the figures in Prometheus' text format."""
        return render(await self._watch.look())
