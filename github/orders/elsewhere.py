"""Questions that were asked in another front end: answered from here, said by its own voice.

Whether the person may see the pull request was judged where it was asked.
"""

from dataclasses import dataclass

import structlog

from core.commands import Verb
from core.desk import Answer, AnswerVoice, Desk
from core.errors import ModelUnavailable, PermanentError, TransientError, UserError
from core.models import Order
from core.ports import Host
from github.orders.questions import Questions

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Answers the questions of one front end."""

    questions: Questions
    desk: Desk
    voice: AnswerVoice

    async def answer(self, order: Order, host: Host, *, last: bool) -> str:
        """Answer and return the voice's receipt; at the `last` attempt trouble is said, too.

        Raises TransientError, ModelUnavailable, PermanentError.
        """
        try:
            answer: Answer | UserError | None = await self._answer(order, host)
        except UserError as error:
            answer = error
        except (TransientError, ModelUnavailable) as trouble:
            if not last:
                raise
            log.warning("order.failed", reason=str(trouble))
            answer = UserError("That could not be answered.", next_step="Ask again in a while.")
        except PermanentError as failure:
            log.warning("order.failed", reason=failure.reason)
            answer = UserError("That could not be answered.", why=failure.reason)
        return await self.voice.say(order, answer) if answer is not None else ""

    async def _answer(self, order: Order, host: Host) -> Answer | None:
        finding = None
        if order.finding_id:
            finding = await self.desk.finding(order.job_id, order.finding_id)
        # Read by the grammar where it was asked: a name that the question begins with stays in it.
        verb, _, question = order.words.partition(" ")
        match verb:
            case Verb.ASK:
                return await self.questions.ask(order, host, question, finding)
            case Verb.EXPLAIN:
                return await self.questions.explain(order, host, finding)
            case _:
                raise UserError(f"`{verb}` is no question.", next_step="`ask` puts one.")
