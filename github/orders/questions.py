"""Questions about a change or a finding, within what one pull request may ask in an hour."""

from dataclasses import dataclass
from typing import Final

from core.desk import Answer, Answerer, Turn, Turns
from core.errors import UserError
from core.models import Order, RecordedFinding
from core.ports import Host

MOST_QUESTIONS: Final = 10
"""That are answered on one pull request in an hour: each costs a call of a model."""
HOUR: Final = 3_600.0


@dataclass(frozen=True, slots=True)
class Questions:
    """Has questions answered. None is returned where nothing more is to be said for a while."""

    answerer: Answerer
    turns: Turns

    async def explain(
        self, order: Order, host: Host, finding: RecordedFinding | None
    ) -> Answer | None:
        """Say more about a finding. Raises UserError, ModelUnavailable, TransientError."""
        if finding is None:
            raise UserError(
                "`explain` does not say which finding.",
                next_step="Reply with it in the thread of one, or use `ask` with a question.",
            )
        return await self.answerer.explain(host, finding) if await self._may(order) else None

    async def ask(
        self, order: Order, host: Host, question: str, finding: RecordedFinding | None
    ) -> Answer | None:
        """Answer a question. Raises UserError, ModelUnavailable, TransientError."""
        if not await self._may(order):
            return None
        return await self.answerer.ask(host, question, finding)

    async def _may(self, order: Order) -> bool:
        """Take one of the hour's questions; the first that is too many is told so."""
        of = f"questions:{order.job_id}"
        turn = await self.turns.take(of, order.origin.id, most=MOST_QUESTIONS, seconds=HOUR)
        if turn is Turn.TOLD:
            raise UserError(
                f"Argus has answered {MOST_QUESTIONS} questions about this pull request within an"
                " hour, which is as many as it may.",
                next_step="Ask again later; reviews and all other commands go on.",
            )
        return turn is Turn.GIVEN
