"""Answers who asked for a review on the pull request; implements `core.ports.Deliverer`.

Until the review has ended the check run tells its progress, and 👀 stand on the comment that
asked. A button was pressed on the check run, which says everything itself.
"""

from dataclasses import dataclass

from core.errors import PermanentError
from core.models import Delivery
from github.checks import Connect
from github.identity import Identity
from github.markers import Markers
from github.orders.talk import Spot, Talk
from github.render import answers
from github.sanitise import Home


@dataclass(frozen=True, slots=True)
class OutcomeDeliverer:
    """Delivers answer rows; the receipt is the answer's comment, empty before there is one."""

    connect: Connect
    markers: Markers
    identity: Identity
    web_url: str

    async def deliver(self, delivery: Delivery) -> str:
        """Say how it ended, or edit what was said. Raises TransientError, PermanentError."""
        if delivery.origin is None:
            raise PermanentError("The row does not say who asked.")
        spot = Spot.of_origin(delivery.origin, delivery.ref, delivery.repo_id)
        if delivery.outcome is None or not spot.comment_id:
            return delivery.row.receipt
        client = await self.connect(delivery)
        talk = Talk(client, spot, self.markers, self.identity)
        home = Home(delivery.ref, self.web_url)
        said = await talk.say(answers.concluded(delivery.outcome, home), delivery.row.receipt)
        await talk.look_away()
        return said
