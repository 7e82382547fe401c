"""A person's wish for quiet on one pull request: what GitHub's events ask for is not reviewed.

Whoever asks in person still gets a review.
"""

from typing import Final

from core.models.value import Value

_IN_SLACK: Final = "slack:"
"""Before the ids of people who are known in Slack alone; the rest says nothing to readers."""


class Paused(Value):
    """Who paused the automatic reviews of a pull request, and since when."""

    who: str
    """Login, or a name from elsewhere, as in `slack:U1`."""
    at: float = 0.0
    """Seconds since 1970, on the ledger's clock."""

    @property
    def by(self) -> str:
        """Return who did it, for a sentence that is shown in every front end."""
        return "somebody in Slack" if self.who.startswith(_IN_SLACK) else f"`{self.who}`"
