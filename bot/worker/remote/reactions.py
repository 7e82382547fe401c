"""Open pull requests to which nothing happens: what people make of the comments there is read.

GitHub tells nobody of reactions. The looks are rows of the outbox, which reads them as after a
review, with its pace and its patience; here is only when. Who has none costs nothing.
"""

from dataclasses import dataclass

import structlog

from bot.adapters.ledger.marks import Marks
from bot.worker.remote.watch import Turn

AT_ONCE = 20
"""Pull requests of one look: with two or three requests for each, a tenth of what an hour has."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class IdleReactions:
    """Has the comments of idle pull requests read again; implements `Duty`."""

    marks: Marks
    every: float
    name: str = "reactions"
    eager: bool = False

    async def look(self, turn: Turn) -> None:
        """Look once. Raises Over, TransientError."""
        await turn.step()
        if read := await self.marks.listen_again(AT_ONCE):
            log.info("reactions.read", pull_requests=read)
