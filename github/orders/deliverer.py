"""One order from the words to the answer; implements `core.ports.Deliverer`.

Every step may be repeated: what was done before changes nothing, and an answer that stands is
found by its marker. A person is never left without a word: what keeps failing is said.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import structlog

from core.commands import parse
from core.desk import AnswerVoice, Turn, Turns
from core.errors import ModelUnavailable, PermanentError, TransientError, UserError
from core.models import Delivery, Order, OriginKind, Right
from github.checks import Connect
from github.identity import Identity
from github.markers import Markers
from github.orders.clerk import Case, Clerk
from github.orders.elsewhere import Elsewhere
from github.orders.permitted import Permitted
from github.orders.talk import Spot, Talk
from github.pull_requests import GitHubPullRequest
from github.render import answers
from github.sanitise import Home

MOST_ATTEMPTS: Final = 5
"""At an order that cannot be carried out, before the person is told so."""
TOLD_AGAIN: Final = 24 * 3_600.0
"""Seconds until somebody who may not is told so again."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class OrderDeliverer:
    """Delivers order rows; the receipt is the answer's comment, empty where none is due."""

    connect: Connect
    clerk: Clerk
    permitted: Permitted
    turns: Turns
    markers: Markers
    identity: Identity
    web_url: str
    voices: Mapping[OriginKind, AnswerVoice]
    """Of the other front ends, whose questions are answered there."""

    async def deliver(self, delivery: Delivery) -> str:
        """Carry the order out and answer it. Raises TransientError, PermanentError."""
        order = delivery.order
        if order is None:
            raise PermanentError("The row holds no order.")
        client = await self.connect(delivery)
        host = GitHubPullRequest(client, order.ref, self.markers, self.identity, follow_base=True)
        last = delivery.row.attempts + 1 >= MOST_ATTEMPTS
        voice = self.voices.get(order.origin.kind)
        if voice is not None:
            elsewhere = Elsewhere(self.clerk.questions, self.clerk.desk, voice)
            return await elsewhere.answer(order, host, last=last)
        talk = Talk(client, Spot.of_order(order), self.markers, self.identity)
        lacking = await self.permitted.lacks(order, host)
        if lacking is not None:
            return await self._refuse(order, talk, lacking)
        return await self._answer(order, host, talk, last=last)

    async def _refuse(self, order: Order, talk: Talk, lacking: Right) -> str:
        """Say it once a day to each person: who may not must not make Argus talk."""
        of = f"refused:{order.job_id}:{order.origin.person.lower()}"
        turn = await self.turns.take(of, order.origin.id, most=0, seconds=TOLD_AGAIN)
        log.info("order.not_allowed", person=order.origin.person, lacking=lacking.value)
        if turn is not Turn.TOLD:
            return ""
        return await talk.say(answers.not_allowed(order.origin.person, lacking.value))

    async def _answer(
        self, order: Order, host: GitHubPullRequest, talk: Talk, *, last: bool
    ) -> str:
        if standing := await talk.answered():
            await talk.look_away()
            return standing
        await talk.look()
        body = await self._body(order, host, talk, last=last)
        if body is None:  # the outcome is the answer, and takes the 👀 away
            return ""
        said = await talk.say(body) if body else ""
        await talk.look_away()
        return said

    async def _body(
        self, order: Order, host: GitHubPullRequest, talk: Talk, *, last: bool
    ) -> str | None:
        """Return what is to be said, empty for nothing, None for what the outcome will say.

        Raises TransientError while another attempt is worth it.
        """
        home = Home(order.ref, self.web_url)
        try:
            command = parse(order.words, web_url=self.web_url)
            said = await self.clerk.carry_out(Case(order, command, host, talk, home))
        except UserError as error:
            return answers.problem(error, order.correlation_id, home)
        except (TransientError, ModelUnavailable) as trouble:
            if not last:
                raise
            log.warning("order.failed", reason=str(trouble))
            reason = _reason(trouble)
        except PermanentError as failure:
            log.warning("order.failed", reason=failure.reason)
            reason = failure.reason
        else:  # what a button of the check did is shown by the check
            return said if order.comment_id else ""
        return answers.failure(reason, order.correlation_id, home)


def _reason(trouble: TransientError | ModelUnavailable) -> str:
    """Return why it failed, without what only an operator should read."""
    if isinstance(trouble, TransientError):
        return trouble.reason
    return "No model gave a usable answer."
